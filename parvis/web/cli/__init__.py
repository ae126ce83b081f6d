"""The `parvis` command. Each sub-command is a file here, named like it, with

    help = "One line for parvis --help."
    def add_arguments(parser: argparse.ArgumentParser) -> None: …
    def run(args: argparse.Namespace) -> int: …    # the exit code

and `uses_django = False` where it does without. A file is imported only when its command is called, after Django is set
up; for `--help` the constants are read from the source. (A name that Python keeps for itself takes an underscore: `import_`.)
"""

import argparse
import ast
import importlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from parvis import __version__
from parvis.core.runtime.env import BadSetting


@dataclass(frozen=True, slots=True)
class Command:
    """A sub-command as its source declares it, before it is imported."""

    name: str
    module: str
    help: str
    uses_django: bool


def commands() -> list[Command]:
    """Every sub-command, by name. Imports none."""
    found = [_read(path) for path in Path(__file__).parent.glob("[!_]*.py")]
    return sorted(found, key=lambda command: command.name)


def _read(path: Path) -> Command:
    constants = {
        statement.targets[0].id: statement.value.value
        for statement in ast.parse(path.read_text()).body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Constant)
    }
    return Command(
        name=path.stem.rstrip("_"),
        module=f"{__name__}.{path.stem}",
        help=str(constants.get("help", "")),
        uses_django=bool(constants.get("uses_django", True)),
    )


def main(arguments: list[str] | None = None) -> int:
    """Runs the command in `arguments` (by default the process's own) and returns its exit code."""
    os.umask(0o077)  # what an installation writes is its own: database, mails, index
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="parvis", description="Parvis, a self-hosted enterprise social network.")
    parser.add_argument("--version", action="version", version=f"Parvis {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    chosen = arguments[0] if arguments else ""
    for command in commands():
        subparser = subparsers.add_parser(command.name, help=command.help, description=command.help)
        if command.name == chosen:
            try:
                _load(command, subparser)
            except BadSetting as error:
                print(f"parvis: {error}", file=sys.stderr)
                return 2
    args = parser.parse_args(arguments)
    try:
        return int(args.run(args))
    except BadSetting as error:
        print(f"parvis: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        if error.filename is None:
            raise
        print(f"parvis: {error.filename}: {error.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _load(command: Command, parser: argparse.ArgumentParser) -> None:
    if command.uses_django:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parvis.web.settings")
        importlib.import_module("django").setup()
    module = importlib.import_module(command.module)
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
