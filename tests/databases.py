"""Fresh databases for installations of tests: SQLite always, PostgreSQL where the tests were given one."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

__all__ = ["fresh_database"]

ENGINES = ["sqlite", "postgresql"]


@pytest.fixture
def fresh_database() -> Iterator[Databases]:
    """Makes databases: `fresh_database("postgresql")` is the DATABASE_URL of an empty one; "" stands for SQLite."""
    databases = Databases()
    yield databases
    databases.drop()


class Databases:
    def __init__(self) -> None:
        self._made: list[str] = []

    def __call__(self, engine: str) -> str:
        if engine == "sqlite":
            return ""
        name = f"parvis_{uuid.uuid4().hex[:12]}"
        self._execute(f"CREATE DATABASE {name}")
        self._made.append(name)
        return urlunsplit(urlsplit(self._server())._replace(path=f"/{name}"))

    def of_this_run(self) -> str:
        """An empty one of the engine that this run is on: for what takes long; `bin/test --all` runs on both."""
        return self("postgresql" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite")

    def drop(self) -> None:
        for name in self._made:
            self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _server(self) -> str:
        url = os.environ.get("PARVIS_TEST_POSTGRESQL") or os.environ.get("DATABASE_URL", "")
        if not url.startswith("postgres"):
            pytest.skip("no PostgreSQL was given to the tests (bin/test --all starts one)")
        return url

    def _execute(self, statement: str) -> None:
        with psycopg.connect(
            urlunsplit(urlsplit(self._server())._replace(path="/postgres")), autocommit=True
        ) as server:
            server.execute(statement)
