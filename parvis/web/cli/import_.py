"""`parvis import`: the past of another product, brought along."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone, translation

from parvis.core.people.models import Network, Person
from parvis.exchange.imports import wording
from parvis.exchange.imports.destination import OVERTAKEN, Refused, system_network, system_owner
from parvis.exchange.imports.engine import Overtaken, Progress, import_archive, open_run
from parvis.exchange.imports.opening import groups_of, open_mbox, open_slack
from parvis.exchange.imports.records import Archive, ArchiveError, Problem

help = "Import an archive: mails (mbox) or a Slack export."

_SILENCE_S = 10  # between two lines of progress where there is no terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    formats = parser.add_subparsers(metavar="FORMAT", dest="format", required=True)
    mbox = formats.add_parser("mbox", help="a mail archive; it becomes one community")
    mbox.add_argument("archive", type=Path, metavar="FILE")
    mbox.add_argument("--community", required=True, metavar="NAME", help="name of the community that it becomes")
    readers = mbox.add_mutually_exclusive_group()
    readers.add_argument("--private", action="store_true", help="its owner reads, and whom they invite (default)")
    readers.add_argument("--public", action="store_true", help="everyone in the network reads")
    mbox.add_argument("--owner", metavar="ADDRESS", help="who owns the community (default: the first administrator)")
    slack = formats.add_parser("slack", help="a Slack export; channels and messages keep their readers")
    slack.add_argument("archive", type=Path, metavar="ZIP")
    for one in (mbox, slack):
        one.add_argument("--network", metavar="SLUG", help="into which network (default: the only one)")
        one.add_argument("--yes", action="store_true", help="do not ask before writing")


def run(args: argparse.Namespace) -> int:
    """0 when all was read; 1 when the archive or the command cannot be used; 3 when it was told not to write."""
    try:
        network = system_network(args.network)
    except Refused as error:
        with translation.override("en"):  # as the help of the command
            return _refuse(error)
    with translation.override(network.language):
        try:
            return _run(args, network)
        except (ArchiveError, Refused) as error:
            return _refuse(error)


def _refuse(error: ArchiveError | Refused) -> int:
    print(f"parvis import: {wording.of_error(error)}", file=sys.stderr)
    return 1


def _run(args: argparse.Namespace, network: Network) -> int:
    owner: Person | None = None
    options = {"format": args.format}
    if args.format == "mbox":
        owner = system_owner(network, args.owner, timezone.now())
        archive = open_mbox(args.archive, community=args.community, is_public=args.public)
        options |= {"community": args.community, "public": args.public, "owner": owner.key}
    else:
        archive = open_slack(args.archive)
    try:
        return _import(args, network, archive, owner, options)
    finally:
        archive.close()


def _import(
    args: argparse.Namespace, network: Network, archive: Archive, owner: Person | None, options: dict[str, object]
) -> int:
    for line in wording.of_readers(groups_of(archive), network.size, owner.name if owner else ""):
        print(line)
    if not args.yes:
        if not sys.stdin.isatty():
            print(f"parvis import: {wording.needs_yes()}", file=sys.stderr)
            return 3
        if not _agrees():
            return 3
    current = open_run(network, archive, args.archive, options, timezone.now())
    if current.position:
        print(wording.going_on())
    started = time.monotonic()
    try:
        import_archive(current, archive, timezone.now, owner=owner, tell_problem=_tell, tell_progress=_progress_line())
    except Overtaken:
        raise Refused(OVERTAKEN) from None
    if sys.stdout.isatty():
        print()
    for line in wording.of_run(current, time.monotonic() - started):
        print(line)
    return 0


def _agrees() -> bool:
    return input(wording.question()).strip().lower() in {"y", "yes", "o", "oui"}


def _tell(problem: Problem) -> None:
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
    print(wording.of_problem(problem), file=sys.stderr)


def _progress_line() -> Callable[[Progress], None]:
    """On a terminal one line that is written again; elsewhere a line now and then."""
    told_at = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal told_at
        if sys.stdout.isatty():
            print(f"\r\033[K{wording.of_progress(progress)}", end="", flush=True)
        elif time.monotonic() - told_at >= _SILENCE_S:
            told_at = time.monotonic()
            print(wording.of_progress(progress), flush=True)

    return show
