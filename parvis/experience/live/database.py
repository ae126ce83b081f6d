"""The streams' own look at the database: a few reads, without ORM, on either engine."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from parvis.core.runtime import env
from parvis.core.runtime.watch import connection_arguments

CHANNEL = "parvis_log"  # as in core.items.log, which this process does not load
POLL_S = 0.1
_MOST_IN = 500

Rows = list[tuple[Any, ...]]


class Database(Protocol):
    """Reads only. Raises whatever its driver raises when the database is away."""

    async def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Rows:
        """What a query gives; %s stands for a parameter."""

    async def wait(self, timeout_s: float) -> bool:
        """Whether something was written since the last call; False after the timeout."""

    def moment(self, at: dt.datetime) -> Any:
        """An instant as a parameter."""

    async def close(self) -> None:
        """Give the connections back."""


class Sqlite:
    """Reads take microseconds and never wait for a writer, so that they are made in the event loop itself."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True, timeout=5, isolation_level=None)
        self._version = -1

    async def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Rows:
        return self._connection.execute(sql.replace("%s", "?"), parameters).fetchall()

    async def wait(self, timeout_s: float) -> bool:
        until = time.monotonic() + timeout_s
        while True:
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                self._version = version
                return True
            if time.monotonic() >= until:
                return False
            await asyncio.sleep(POLL_S)

    def moment(self, at: dt.datetime) -> Any:
        return str(at.astimezone(dt.UTC).replace(tzinfo=None))  # as Django writes it

    async def close(self) -> None:
        self._connection.close()


class Postgres:
    """Two connections: one LISTENs, one reads."""

    def __init__(self, listening: Any, reading: Any) -> None:
        self._listening = listening
        self._reading = reading
        self._is_first = True

    @classmethod
    async def open(cls, database: dict[str, Any]) -> Postgres:
        import psycopg

        arguments = connection_arguments(database)
        listening = await psycopg.AsyncConnection.connect(**arguments, autocommit=True)
        try:
            await listening.execute(f"LISTEN {CHANNEL}")
            reading = await psycopg.AsyncConnection.connect(**arguments, autocommit=True)
        except BaseException:
            await listening.close()
            raise
        return cls(listening, reading)

    async def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Rows:
        cursor = await self._reading.execute(sql, parameters)
        return list(await cursor.fetchall())

    async def wait(self, timeout_s: float) -> bool:
        if self._is_first:
            self._is_first = False
            return True
        async for _ in self._listening.notifies(timeout=timeout_s, stop_after=1):
            return True
        return False

    def moment(self, at: dt.datetime) -> Any:
        return at

    async def close(self) -> None:
        for connection in (self._listening, self._reading):
            with contextlib.suppress(Exception):
                await connection.close()


async def open_database() -> Database:
    """The installation's database."""
    database = env.database(env.get("DATABASE_URL"))
    if "sqlite" in database["ENGINE"]:
        return Sqlite(str(database["NAME"]))
    return await Postgres.open(database)


async def rows_in(database: Database, sql: str, ids: Sequence[int], *more: Any) -> Rows:
    """What a query gives for many ids: `IN ({ids})` in it stands for them, before its other parameters."""
    found: Rows = []
    for start in range(0, len(ids), _MOST_IN):
        part = list(ids[start : start + _MOST_IN])
        found += await database.rows(sql.format(ids=",".join(["%s"] * len(part))), [*part, *more])
    return found


async def head(database: Database) -> int:
    """The position of the newest signal."""
    return int((await database.rows("SELECT COALESCE(MAX(position), 0) FROM items_signal"))[0][0])


async def rights_of(
    database: Database, people: Sequence[int], now: dt.datetime
) -> dict[int, tuple[int, int, frozenset[int]]]:
    """Person → (network, account, principals), as `viewer_for` makes them; who may no longer sign in is left out."""
    moment = database.moment(now)
    rows = await rows_in(
        database,
        "SELECT p.id, p.network_id, p.account_id, p.kind, m.group_id FROM people_person p "
        "JOIN people_account a ON a.id = p.account_id "
        "LEFT JOIN people_membership m ON m.person_id = p.id AND m.until IS NULL "
        "WHERE p.id IN ({ids}) AND p.state = 'active' AND a.is_active",
        people,
    )
    # Memberships with an end are few (they end on a date): asked for apart, so that the index serves the others.
    dated = await rows_in(
        database,
        "SELECT person_id, group_id FROM people_membership WHERE person_id IN ({ids}) AND until > %s AND since <= %s",
        people,
        moment,
        moment,
    )
    made: dict[int, tuple[int, int, set[int]]] = {}
    for person, network, account, kind, group in rows:
        mine = made.setdefault(person, (network, account, {-person, *([0] if kind == "member" else [])}))[2]
        if group is not None:
            mine.add(group)
    for person, group in dated:
        if person in made:
            made[person][2].add(group)
    return {person: (network, account, frozenset(mine)) for person, (network, account, mine) in made.items()}


async def living_sessions(database: Database, sessions: Sequence[int], now: dt.datetime) -> dict[int, int]:
    """Session → account, of those that have not ended."""
    return dict(
        await rows_in(
            database,
            "SELECT u.id, u.user_id FROM usersessions_usersession u "
            "JOIN django_session s ON s.session_key = u.session_key WHERE u.id IN ({ids}) AND s.expire_date > %s",
            sessions,
            database.moment(now),
        )
    )


async def seen_by(database: Database, thread: int, principals: frozenset[int]) -> bool:
    """Whether an item may be seen with these principals; a deleted thread still shows its answers."""
    rows = await database.rows(
        "SELECT p.principal FROM items_item i JOIN items_audienceprincipal p ON p.audience_id = i.audience_id "
        "WHERE i.id = %s OR (i.root_id = %s AND EXISTS "
        "(SELECT 1 FROM items_item r WHERE r.id = i.root_id AND r.deleted_at IS NOT NULL)) GROUP BY p.principal",
        [thread, thread],
    )
    return any(principal in principals for (principal,) in rows)
