"""Processes that start others: none outlives the one that started it."""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # man 2 prctl


def dies_with_parent(death: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """What a child calls first (`preexec_fn`): the kernel sends it `death` when this process ends, even by SIGKILL.

    Linux only; elsewhere the child merely starts.
    """
    parent = os.getpid()
    # Loaded before the fork: between fork and exec a child had better load nothing.
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def in_child() -> None:
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, int(death), 0, 0, 0)
            if os.getppid() != parent:  # it ended just before
                os.kill(os.getpid(), death)

    return in_child


def describe_end(code: int) -> str:
    """How a process ended, in words, from its return code as `subprocess` gives it."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def kill_group(group: int) -> None:
    """Kills what is left of a process group; nothing happens where nothing is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def memory_bytes(group: int) -> int:
    """The memory of a process group: its own, and its share of what it shares with others (PSS). 0 where unknown."""
    return sum(_proportional_bytes(process) for process in _members(group))


def _members(group: int) -> Iterator[Path]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            # The name of the program, in brackets, may hold spaces and brackets.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                yield folder


def _proportional_bytes(process: Path) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in (process / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
