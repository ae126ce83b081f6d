"""Things noted while pages are served and written a second later, off the request's path.

A `Gathering` keeps what was noted in memory; one daemon thread of the process writes all gatherings once a second,
and once more as the process ends. What was noted in the last second may be lost in a crash.
"""

from __future__ import annotations

import atexit
import logging
import multiprocessing.util
import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import connection

logger = logging.getLogger("parvis.gather")

Key = TypeVar("Key")
Value = TypeVar("Value")

EVERY_S = 1.0
_MOST = 50_000  # notes kept while the database is away


class Gathering(Generic[Key, Value]):
    """Notes by key, of which a later one is merged into the former.

    write: takes all notes at once, in one transaction of its own.
    """

    def __init__(self, write: Callable[[dict[Key, Value]], None], merge: Callable[[Value, Value], Value]) -> None:
        self._write = write
        self._merge = merge
        self._notes: dict[Key, Value] = {}
        self._lock = threading.Lock()
        _all.append(self.flush)

    def note(self, key: Key, value: Value) -> None:
        """Keep a note until the next flush. Never blocks on the database."""
        with self._lock:
            if key in self._notes:
                self._notes[key] = self._merge(self._notes[key], value)
            elif len(self._notes) < _MOST:
                self._notes[key] = value
        _start_thread()

    def flush(self) -> int:
        """Write what was noted. Returns how many notes. What cannot be written is kept for the next time."""
        with self._lock:
            notes, self._notes = self._notes, {}
        if not notes:
            return 0
        try:
            self._write(notes)
        except BaseException:
            with self._lock:
                for key, value in self._notes.items():
                    notes[key] = self._merge(notes[key], value) if key in notes else value
                self._notes = notes
            raise
        return len(notes)

    def forget(self) -> None:
        """Drop what was noted."""
        with self._lock:
            self._notes.clear()


_all: list[Callable[[], object]] = []
_thread_of = 0  # the process whose thread runs
_guard = threading.Lock()
_ending = threading.Event()


def every_second(act: Callable[[], object]) -> None:
    """Have `act` called by the same thread, once a second, in a process that serves pages."""
    _all.append(act)
    _start_thread()


def flush() -> None:
    """Write all that was noted in this process."""
    for act in list(_all):
        try:
            act()
        except Exception:
            logger.exception("what was noted could not be written; it is tried again")


def _start_thread() -> None:
    global _thread_of
    if _thread_of == os.getpid() or not _runs:
        return
    with _guard:
        if _thread_of == os.getpid():
            return
        _thread_of = os.getpid()
        threading.Thread(target=_loop, name="gather", daemon=True).start()
        atexit.register(_end)
        # A server's worker process ends without calling what atexit registered.
        multiprocessing.util.Finalize(None, _end, exitpriority=100)


_runs = True


def step_by_hand() -> None:
    """No thread in this process: `flush()` is called instead. For tests and commands."""
    global _runs
    _runs = False


def _loop() -> None:
    while not _ending.wait(EVERY_S):
        flush()
        # It is this thread's own; kept open, a lost one is replaced.
        connection.close_if_unusable_or_obsolete()


def _end() -> None:
    if not _ending.is_set():
        _ending.set()
        flush()
        connection.close()
