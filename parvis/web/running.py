"""What the supervisor of an installation tells other commands: whether it runs, what it does now, on which code.

`PARVIS_DATA/run/supervisor.json`, and a lock that tells whether whoever wrote it still lives. Imports no Django.
"""

import contextlib
import fcntl
import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from parvis.core.runtime import env

State = Literal["preparing", "starting", "running", "paused", "stopping"]
ROOT = Path(__file__).resolve().parents[2]  # the checkout, or whatever folder the code lies in


@dataclass(frozen=True, slots=True)
class Running:
    """A supervisor.  host, port: where its pages answer.  commit: of its code, "" unknown.  database: see `database_mark`."""

    state: State
    pid: int
    host: str
    port: int
    commit: str
    database: str


def tell(folder: Path, told: Running) -> None:
    """Say it to whoever asks `running`."""
    fresh = folder / "supervisor.json.new"
    fresh.write_text(json.dumps(asdict(told)) + "\n")
    fresh.replace(folder / "supervisor.json")


def running(folder: Path) -> Running | None:
    """The supervisor of the installation whose `run` folder this is; None when there is none, or it says nothing yet.

    Not to be asked again and again: whoever starts in that instant would find the lock taken.
    """
    if not folder.exists():
        return None
    with lock(folder) as is_ours:
        return None if is_ours else told(folder)


def told(folder: Path) -> Running | None:
    """What a supervisor said last, whether or not it lives."""
    try:
        return Running(**json.loads((folder / "supervisor.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


@contextlib.contextmanager
def lock(folder: Path, name: str = "supervisor") -> Iterator[bool]:
    """Whether this process is the only one that has this lock of `folder`, for as long as it lasts."""
    with (folder / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def database_mark() -> str:
    """Tells one database from another without saying where it is or how one gets in."""
    return hashlib.sha256(repr(sorted(env.database(env.get("DATABASE_URL")).items(), key=str)).encode()).hexdigest()[
        :16
    ]


def commit_of(root: Path = ROOT) -> str:
    """The commit that a clone stands at, "" where the code is not in one or git is absent."""
    if not (root / ".git").exists():
        return ""
    try:
        command = ["git", "-C", str(root), "rev-parse", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
