"""SQLite for many threads and processes: a writer takes one cross-process gate before BEGIN IMMEDIATE.

SQLite's own busy handler is unfair: under eight writers one of them may wait for seconds. A file lock lets
them pass one after the other instead. Reads open no transaction and never meet the gate.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Callable
from typing import Any

from django.db.backends.sqlite3 import base

_gates: dict[str, "Gate"] = {}
_gates_guard = threading.Lock()


class Gate:
    """A lock among the threads of this process, then among the processes of this machine.

    A killed process gives its file lock back by itself.
    """

    def __init__(self, path: str) -> None:
        self._threads = threading.Lock()
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def enter(self) -> None:
        self._threads.acquire()
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def leave(self) -> None:
        """By the thread that entered only."""
        fcntl.flock(self._fd, fcntl.LOCK_UN)
        self._threads.release()

    def close(self) -> None:
        os.close(self._fd)


def gate_for(database: str) -> "Gate | None":
    """The gate beside a database file, the same for all threads; None for a database in memory."""
    if ":memory:" in database or "mode=memory" in database:
        return None
    path = os.path.realpath(database) + ".gate"
    with _gates_guard:  # Two gates of one process would each wait for a file lock that the other gives back.
        if path not in _gates:
            _gates[path] = Gate(path)
        return _gates[path]


def _begin_anew() -> None:
    """In a forked process: it shares the file locks of its parent, and whatever other threads held stays held."""
    global _gates_guard
    _gates_guard = threading.Lock()
    while _gates:
        _gates.popitem()[1].close()


os.register_at_fork(after_in_child=_begin_anew)


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, except that a transaction holds the gate from BEGIN to its end."""

    _gate_held: Gate | None = None

    def _start_transaction_under_autocommit(self) -> None:
        gate = gate_for(str(self.settings_dict["NAME"]))
        if gate is not None and self._gate_held is None:
            gate.enter()
            self._gate_held = gate
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave_gate()
            raise

    def _leave_gate(self) -> None:
        gate, self._gate_held = self._gate_held, None
        if gate is not None:
            gate.leave()

    def _then_leave(self, end: Callable[[], Any]) -> Any:
        try:
            return end()
        finally:
            # SQLite stays inside the transaction when COMMIT fails: the ROLLBACK that follows leaves the gate.
            if self.connection is None or not self.connection.in_transaction:
                self._leave_gate()

    def _commit(self) -> Any:
        return self._then_leave(super()._commit)  # type: ignore[misc]

    def _rollback(self) -> Any:
        return self._then_leave(super()._rollback)  # type: ignore[misc]

    def _close(self) -> Any:
        with contextlib.ExitStack() as stack:
            stack.callback(self._leave_gate)
            return super()._close()  # type: ignore[misc]
