"""Learning that the database changed, without Django: a worker or a streams process sleeps here until it does.

PostgreSQL says so (NOTIFY, on a connection of its own); of SQLite one asks a number that each commit of another
connection moves, at the cost of a few microseconds.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from parvis.core.runtime import env

POLL_S = 0.05


class Watch(Protocol):
    """Something to wait on."""

    def wait(self, timeout_s: float, is_over: Callable[[], bool]) -> bool:
        """Whether something changed since the last call; False after the timeout, or soon after `is_over()`."""

    def close(self) -> None:
        """Give the connection back."""


class SqliteWatch:
    """Polls `PRAGMA data_version`."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(
            f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, timeout=5, check_same_thread=False
        )
        self._version = -1

    def wait(self, timeout_s: float, is_over: Callable[[], bool]) -> bool:
        until = time.monotonic() + timeout_s
        while True:
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                self._version = version
                return True
            if is_over() or time.monotonic() >= until:
                return False
            time.sleep(POLL_S)

    def close(self) -> None:
        self._connection.close()


class PostgresWatch:
    """LISTENs. Raises psycopg.OperationalError once the connection is lost."""

    def __init__(self, database: dict[str, Any], channel: str) -> None:
        import psycopg

        self._connection = psycopg.connect(**connection_arguments(database), autocommit=True)
        self._connection.execute(f"LISTEN {channel}")
        self._is_first = True

    def wait(self, timeout_s: float, is_over: Callable[[], bool]) -> bool:
        if self._is_first:  # something may have changed before it listened
            self._is_first = False
            return True
        until = time.monotonic() + timeout_s
        while not is_over():
            left = until - time.monotonic()
            for _ in self._connection.notifies(timeout=max(0.0, min(left, 0.5)), stop_after=1):
                return True
            if left <= 0:
                break
        return False

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._connection.close()


def connection_arguments(database: dict[str, Any]) -> dict[str, Any]:
    """What psycopg's connect() wants for an entry of Django's DATABASES."""
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    given = {libpq: database[name] for name, libpq in names.items() if database.get(name)}
    return {**given, **database.get("OPTIONS", {})}


def open_watch(channel: str, database: dict[str, Any] | None = None) -> Watch:
    """A watch on the installation's database, or on the one described as in Django's DATABASES."""
    database = database or env.database(env.get("DATABASE_URL"))
    if "sqlite" in database["ENGINE"]:
        return SqliteWatch(str(database["NAME"]))
    return PostgresWatch(database, channel)
