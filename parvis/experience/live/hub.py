"""The streams that are open, and the tail of the log that feeds them: one for the whole process.

A stream is told keys, never words: which part of a page changed. Each is told only what its viewer may see when it is
told; losing a right, a session or the network ends it at once. A slow browser is let go rather than waited for.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import logging
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from parvis.core.runtime import env
from parvis.experience.live.database import (
    Database,
    Rows,
    head,
    living_sessions,
    open_database,
    rights_of,
    rows_in,
    seen_by,
)
from parvis.experience.live.tickets import Ticket

logger = logging.getLogger("parvis.live")

MOST = 2_000  # streams of this process
MOST_EACH = 10  # of one person
MOST_WAITING = 100  # parts that a browser has not yet taken
MOST_MISSED = 1_000  # signals gone through again for one who was away; more: the page is loaded anew
MOST_AT_ONCE = 20  # parts of one batch told one by one; more (an import): the page is loaded anew
_BATCH = 500
_SIGNALS = (
    "SELECT position, network_id, verb, actor_id, item_id, target_id FROM items_signal WHERE position > %s "
    "ORDER BY position LIMIT %s"
)
_ITEMS = (
    "SELECT i.id, i.key, r.id, r.key, i.audience_id, r.audience_id, g.key, i.active_at IS NOT NULL FROM items_item i "
    "JOIN items_item r ON r.id = COALESCE(i.root_id, i.id) LEFT JOIN people_group g ON g.id = i.place_id "
    "WHERE i.id IN ({ids})"
)
_TAKEN_AWAY = frozenset({"Delete", "Remove", "Undo", "Move"})  # the thread changed for those who saw the item before
_RELOAD = b"event: reload\ndata: {}\n\n"
GONE = b"event: gone\ndata: {}\n\n"


class Refused(Exception):
    """The stream is not opened. `status`: of the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclasses.dataclass(eq=False, slots=True)
class Stream:
    """One open page."""

    ticket: Ticket
    principals: frozenset[int]
    queue: asyncio.Queue[bytes]
    is_ended: bool = False

    def offer(self, data: bytes) -> bool:
        """Have this sent. False when the browser is so slow that the stream ends instead."""
        try:
            self.queue.put_nowait(data)
        except asyncio.QueueFull:
            self.is_ended = True
            return False
        return True


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """What one signal changed, and whom it may be told."""

    position: int
    network: int
    verb: str
    actor: int
    item: int
    thread: int
    item_key: str
    thread_key: str
    place_key: str
    starts: bool  # a thread that feeds list
    may_see_item: frozenset[int]
    may_see_thread: frozenset[int]

    def told_to(self, stream: Stream) -> bytes | None:
        """The event for a stream; None if there is nothing to tell it."""
        if stream.ticket.network != self.network:
            return None
        if not stream.principals.isdisjoint(self.may_see_item):
            key = self.item_key
        elif self.verb in _TAKEN_AWAY and not stream.principals.isdisjoint(self.may_see_thread):
            key = ""
        else:
            return None
        said: dict[str, Any] = {"thread": self.thread_key, "item": key, "verb": self.verb, "place": self.place_key}
        if self.starts:
            said["starts"] = True
        if self.actor == stream.ticket.person:
            said["mine"] = True
        return b"event: part\nid: %d\ndata: %b\n\n" % (self.position, orjson.dumps(said))


class Hub:
    """All streams of the process."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.position = 0
        self.counts: Counter[str] = Counter()
        self._database: Database | None = None
        self._ready = asyncio.Event()
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._checked_at = self._renewed_at = self._measured_at = 0.0

    # Opening

    async def open(self, ticket: Ticket) -> Stream:
        """A stream for the holder of a ticket. Raises Refused (403, 429 or 503)."""
        self._start()
        try:
            await asyncio.wait_for(self._ready.wait(), 5)
        except TimeoutError:
            raise Refused(503) from None
        database, now = self._database, _now()
        if database is None:
            raise Refused(503)
        try:
            await self._advance(database)  # a stream begins where the log now ends
            rights = (await rights_of(database, [ticket.person], now)).get(ticket.person)
            sessions = await living_sessions(database, [ticket.session], now)
            if rights is None or rights[0] != ticket.network or sessions.get(ticket.session) != rights[1]:
                raise Refused(403)
            if ticket.thread and not await seen_by(database, ticket.thread, rights[2]):
                raise Refused(403)
        except Refused:
            raise
        except Exception:
            raise Refused(503) from None
        own = sum(s.ticket.person == ticket.person for s in self.streams)
        if len(self.streams) >= MOST or own >= MOST_EACH:
            raise Refused(429)
        stream = Stream(ticket, rights[2], asyncio.Queue(MOST_WAITING))
        self.streams.add(stream)
        return stream

    async def missed(self, stream: Stream, after: int, until: int) -> list[bytes]:
        """What a stream would have been told between two positions."""
        if after >= until or self._database is None:
            return [] if after <= until else [_RELOAD]
        if until - after > MOST_MISSED:
            return [_RELOAD]
        rows = [r for r in await self._database.rows(_SIGNALS, [after, MOST_MISSED]) if r[0] <= until]
        told = [said for part in await self._parts(self._database, rows) if (said := part.told_to(stream))]
        return told if len(told) <= MOST_AT_ONCE else [_RELOAD]

    def close(self, stream: Stream, why: str) -> None:
        """Forget a stream."""
        if stream in self.streams:
            self.streams.discard(stream)
            self.counts[f"closed:{why}"] += 1

    def _end(self, stream: Stream) -> None:
        """A right was lost: the stream says so and ends, whatever else was waiting."""
        while not stream.queue.empty():
            stream.queue.get_nowait()
        stream.is_ended = True
        stream.queue.put_nowait(GONE)
        self.close(stream, "gone")

    # The tail

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._keep())

    async def _keep(self) -> None:
        """Follow the log for ever; connect again, with growing pauses, when the database goes away."""
        pause = 0.2
        while True:
            try:
                self._database = await open_database()
                end = await head(self._database)
                if not self._ready.is_set():
                    self.position = end
                elif end < self.position:  # another database was put in its place
                    self.position = end
                    self._tell(self.streams, _RELOAD)
                self._ready.set()
                pause = 0.2
                while True:
                    await self._round(self._database)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                logger.warning("the database is away (%s); again in %.1f s", type(error).__name__, pause)
                if self._database is not None:
                    await self._database.close()
                    self._database = None
                await asyncio.sleep(pause)
                pause = min(2 * pause, 10.0)

    async def _round(self, database: Database) -> None:
        changed = await database.wait(1.0)
        await self._advance(database)
        await self._check(database, changed)
        if time.monotonic() - self._measured_at >= 5:
            self._measured_at = time.monotonic()
            self._measure()

    async def _advance(self, database: Database) -> None:
        """Tell the streams all that happened since."""
        async with self._turn:
            while rows := await database.rows(_SIGNALS, [self.position, _BATCH]):
                await self._take(database, rows)
                self.position = rows[-1][0]

    async def _take(self, database: Database, rows: Rows) -> None:
        """Rights first, then parts: whoever just lost a right is told nothing that came with it."""
        open_people = {s.ticket.person for s in self.streams}
        moved = {person for row in rows if row[4] is None for person in (row[3], row[5]) if person in open_people}
        if moved:
            await self._renew(database, sorted(moved))
        if not self.streams:
            return
        parts = await self._parts(database, rows)
        for stream in list(self.streams):
            told = [said for part in parts if (said := part.told_to(stream))]
            for said in told if len(told) <= MOST_AT_ONCE else [_RELOAD]:
                if not stream.offer(said):
                    self.close(stream, "slow")
                    break
                self.counts["events"] += 1
        watched = {p.thread for p in parts if p.verb in _TAKEN_AWAY and p.item == p.thread}
        for stream in [s for s in self.streams if s.ticket.thread in watched]:
            if not await seen_by(database, stream.ticket.thread, stream.principals):
                self._end(stream)

    async def _parts(self, database: Database, rows: Rows) -> list[Part]:
        """What signals changed, by the state of things now. Views change nothing."""
        told = [r for r in rows if r[4] is not None and r[2] != "View"]
        items = {r[0]: r for r in await rows_in(database, _ITEMS, sorted({r[4] for r in told}))}
        audiences = sorted({a for r in items.values() for a in (r[4], r[5])})
        who: dict[int, set[int]] = {}
        sql = "SELECT audience_id, principal FROM items_audienceprincipal WHERE audience_id IN ({ids})"
        for audience, principal in await rows_in(database, sql, audiences):
            who.setdefault(audience, set()).add(principal)
        made = []
        for position, network, verb, actor, item, _ in told:
            if item not in items:
                continue
            _, key, thread, thread_key, audience, thread_audience, place, listed = items[item]
            made.append(
                Part(
                    position, network, verb, actor, item, thread, key, thread_key, place or "",
                    bool(listed) and verb == "Create",
                    frozenset(who.get(audience, ())), frozenset(who.get(thread_audience, ())),
                )
            )  # fmt: skip
        return made

    def _tell(self, streams: Iterable[Stream], data: bytes) -> None:
        for stream in list(streams):
            if not stream.offer(data):
                self.close(stream, "slow")

    # Rights

    async def _check(self, database: Database, changed: bool) -> None:
        """Once a second: sessions that ended; once a minute: everybody's rights, for memberships end on dates."""
        now = time.monotonic()
        if self.streams and now - self._checked_at >= 1:
            self._checked_at = now
            alive = await living_sessions(database, sorted({s.ticket.session for s in self.streams}), _now())
            for stream in [s for s in self.streams if s.ticket.session not in alive]:
                self._end(stream)
        if now - self._renewed_at >= 60:
            self._renewed_at = now
            await self._renew(database, sorted({s.ticket.person for s in self.streams}))

    async def _renew(self, database: Database, people: Sequence[int]) -> None:
        rights = await rights_of(database, people, _now())
        for stream in [s for s in self.streams if s.ticket.person in set(people)]:
            new = rights.get(stream.ticket.person)
            if new is None or new[0] != stream.ticket.network or not stream.principals <= new[2]:
                self._end(stream)
            else:
                stream.principals = new[2]

    def _measure(self) -> None:
        lines = ["# HELP parvis_streams_open Open streams.", "# TYPE parvis_streams_open gauge"]
        lines += [f"parvis_streams_open {len(self.streams)}"]
        lines += ["# HELP parvis_stream_events_total Events sent.", "# TYPE parvis_stream_events_total counter"]
        lines += [f"parvis_stream_events_total {self.counts['events']}"]
        lines += [
            "# HELP parvis_streams_closed_total Streams closed, by why.",
            "# TYPE parvis_streams_closed_total counter",
        ]
        closed = sorted((k.partition(":")[2], n) for k, n in self.counts.items() if k.startswith("closed:"))
        lines += [f'parvis_streams_closed_total{{why="{why}"}} {count}' for why, count in closed]
        folder = env.data_folder() / "run"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            fresh = folder / f"metrics-streams.{os.getpid()}"
            fresh.write_text("\n".join([*lines, ""]))
            fresh.replace(folder / "metrics-streams.prom")
        except OSError as error:
            logger.warning("the metrics could not be written: %s", type(error).__name__)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
