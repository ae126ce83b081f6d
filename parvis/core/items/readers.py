"""Readers: whatever reacts to the log. Each has its own cursor; one that fails blocks no other, nor other items.

state readers rebuild from the tables and act on the current state of what a signal names; memory readers rebuild
from the log, commute, and tolerate what is gone; outward readers start at the head (or say why not), never replay, only write
rows that are unique on (reader, signal, recipient, channel), which jobs deliver.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import logging
import traceback
from collections.abc import Callable, Sequence

from django.db import InterfaceError, OperationalError, transaction

from parvis.core.items.log import head, hold
from parvis.core.items.models import ReaderCursor, SetAside, Signal

logger = logging.getLogger("parvis.readers")

GIVE_UP_AFTER = 8  # attempts; the last pause is 21 minutes


class Unavailable(Exception):
    """What a reader writes to is away: nothing is set aside, the step is retried."""


_TRANSIENT = (OperationalError, InterfaceError, Unavailable)


class Sort(enum.StrEnum):
    STATE = "state"
    MEMORY = "memory"
    OUTWARD = "outward"


@dataclasses.dataclass(frozen=True)
class Reader:
    """Something that reads the log.

    read: takes signals in order and has its effect; it is called again with the same ones after a crash.
    inside: whether the effect is in the database, hence in the transaction that moves the cursor.
    rebuild: makes everything anew (None for outward readers); version: of what it makes.
    from_beginning: whether it begins at the log's beginning though it is outward: for those that tell live deeds only.
    pace: in a burst, how long it leaves between two batches that are not full: for effects that are dear to commit.
    """

    name: str
    sort: Sort
    read: Callable[[Sequence[Signal]], None]
    inside: bool = True
    rebuild: Callable[[], None] | None = None
    version: int = 1
    batch: int = 500
    pace: dt.timedelta = dt.timedelta(0)
    from_beginning: bool = False


def step(reader: Reader, now: dt.datetime) -> int:
    """Take one batch. Returns how many signals the cursor passed: 0 when there is nothing to do.

    At least once, and exactly once in effect where the effect is inside the database.
    """
    if not reader.inside:
        return _step_outside(reader, now)
    with transaction.atomic():
        cursor = _cursor(reader, lock=True)
        if cursor is None:
            return 0
        return _take_batch(reader, cursor, now)


def _step_outside(reader: Reader, now: dt.datetime) -> int:
    cursor = _cursor(reader, lock=False)
    if cursor is None:
        return 0
    return _take_batch(reader, cursor, now)


def _take_batch(reader: Reader, cursor: ReaderCursor, now: dt.datetime) -> int:
    signals = list(Signal.objects.filter(position__gt=cursor.position).order_by("position")[: reader.batch])
    if not signals or (len(signals) < reader.batch and cursor.moved_at < now < cursor.moved_at + reader.pace):
        return 0
    aside = _read_all(reader, signals, now)
    with transaction.atomic():
        SetAside.objects.bulk_create(aside, ignore_conflicts=True)
        moved = ReaderCursor.objects.filter(pk=reader.name, position=cursor.position)
        if not moved.update(position=signals[-1].position, moved_at=now):
            return 0  # another worker was quicker; the effect can be had twice
    return len(signals)


def _read_all(reader: Reader, signals: list[Signal], now: dt.datetime) -> list[SetAside]:
    """Read what is not blocked. Returns the rows to set aside, in order."""
    items = {s.item_id for s in signals if s.item_id}
    blocked = set(SetAside.objects.filter(reader=reader.name, item_id__in=items).values_list("item_id", flat=True))
    ready = [s for s in signals if s.item_id not in blocked]
    failed: dict[int, SetAside] = {}
    if ready and _attempt(reader, ready) is not None:
        for signal in ready:
            if signal.item_id in blocked:
                continue
            error = _attempt(reader, [signal])
            if error is not None:
                failed[signal.position] = _aside(reader, signal, error, now)
                if signal.item_id:
                    blocked.add(signal.item_id)
    return [
        failed.get(s.position) or SetAside(reader=reader.name, position=s.position, item_id=s.item_id)
        for s in signals
        if s.position in failed or s.item_id in blocked and not _came_before(s, failed)
    ]


def _came_before(signal: Signal, failed: dict[int, SetAside]) -> bool:
    """Whether the signal was read before its item failed in this very batch."""
    first = [p for p, row in failed.items() if row.item_id == signal.item_id]
    return bool(first) and signal.position < first[0]


def _attempt(reader: Reader, signals: Sequence[Signal]) -> BaseException | None:
    try:
        if reader.inside:
            with transaction.atomic():
                reader.read(signals)
        else:
            reader.read(signals)
    except _TRANSIENT:
        raise
    except Exception as error:
        if len(signals) == 1:
            logger.exception("reader %s could not take signal %s", reader.name, signals[0].position)
        return error
    return None


def _aside(reader: Reader, signal: Signal, error: BaseException, now: dt.datetime) -> SetAside:
    return SetAside(
        reader=reader.name,
        position=signal.position,
        item_id=signal.item_id,
        attempts=1,
        retry_at=now + _pause(1),
        error=_where(error),
    )


def _where(error: BaseException) -> str:
    """The exception's type and where it was raised. Not its message, which may quote what people wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"[:400]


def _pause(attempts: int) -> dt.timedelta:
    """10 s, 20 s, 40 s… after each attempt."""
    return dt.timedelta(seconds=10 * 2 ** (attempts - 1))


def retry(reader: Reader, now: dt.datetime) -> int:
    """Try again what is due, each item's signals in their order. Returns how many took effect."""
    due = list(SetAside.objects.filter(reader=reader.name, retry_at__lte=now).order_by("position")[:100])
    return sum(_retry_one(reader, row, now) for row in due)


def _retry_one(reader: Reader, row: SetAside, now: dt.datetime) -> int:
    behind = [row]
    if row.item_id:
        behind = list(SetAside.objects.filter(reader=reader.name, item_id=row.item_id).order_by("position"))
    done = 0
    for waiting in behind:
        with transaction.atomic():
            if not SetAside.objects.select_for_update().filter(pk=waiting.pk).exists():
                return done
            signal = Signal.objects.filter(pk=waiting.position).first()
            error = _attempt(reader, [signal]) if signal is not None else None
            if error is not None:
                attempts = waiting.attempts + 1
                gives_up = attempts >= GIVE_UP_AFTER
                SetAside.objects.filter(pk=waiting.pk).update(
                    attempts=attempts, retry_at=None if gives_up else now + _pause(attempts), error=_where(error)
                )
                return done
            SetAside.objects.filter(pk=waiting.pk).delete()
        done += 1
    return done


def replay(reader_name: str, now: dt.datetime) -> int:
    """Ask for what a reader gave up on to be tried again. Returns how many signals that is."""
    given_up = SetAside.objects.filter(reader=reader_name, attempts__gt=0, retry_at=None)
    return given_up.update(retry_at=now, attempts=1)


def drain(readers: Sequence[Reader], now: dt.datetime) -> int:
    """Step all readers until none has anything to do. Returns how many signals were passed, over all readers."""
    total = 0
    for reader in readers:
        while passed := step(reader, now):
            total += passed
        total += retry(reader, now)
    return total


def behind(readers: Sequence[Reader]) -> dict[str, int]:
    """How many positions each reader that is not at the log's head is behind it.  Queries: 2."""
    end = head()
    at = dict(ReaderCursor.objects.values_list("reader", "position"))
    # A reader without a cursor yet takes its place as soon as it is first seen.
    return {r.name: end - at.get(r.name, -1) for r in readers if at.get(r.name, -1) < end}


def needs_rebuild(readers: Sequence[Reader]) -> list[Reader]:
    """Those whose making has another version than what they made, or that were asked to.  Queries: 1."""
    versions = dict(ReaderCursor.objects.values_list("reader", "version"))
    return [r for r in readers if r.rebuild is not None and versions.get(r.name, r.version) != r.version]


def ask_rebuild(reader: Reader) -> None:
    """Have a worker rebuild what a reader made."""
    _cursor(reader, lock=False)
    ReaderCursor.objects.filter(pk=reader.name).update(version=0)


def rebuild(reader: Reader, now: dt.datetime) -> None:
    """Make anew what a reader made; what it had set aside is forgotten, and it goes on from here.

    In one transaction where its effect is in the database. Raises ValueError for an outward reader.
    """
    make = reader.rebuild
    if make is None:
        raise ValueError(f"the reader {reader.name} never replays")
    _cursor(reader, lock=False)
    if not reader.inside:
        start = head()
        make()
        _rebuilt(reader, start, now)
        return
    with transaction.atomic():
        ReaderCursor.objects.select_for_update().get(pk=reader.name)
        hold()
        start = head()
        make()
        _rebuilt(reader, start, now)


def _rebuilt(reader: Reader, position: int, now: dt.datetime) -> None:
    SetAside.objects.filter(reader=reader.name, position__lte=position).delete()
    ReaderCursor.objects.filter(pk=reader.name).update(position=position, version=reader.version, moved_at=now)


def _cursor(reader: Reader, *, lock: bool) -> ReaderCursor | None:
    """The reader's cursor, made at first use: at the head for outward readers, unless they say otherwise, else at the beginning.

    None when another worker holds it.
    """
    rows = ReaderCursor.objects.select_for_update(skip_locked=True) if lock else ReaderCursor.objects.all()
    cursor = rows.filter(pk=reader.name).first()
    if cursor is None and not ReaderCursor.objects.filter(pk=reader.name).exists():
        start = head() if reader.sort is Sort.OUTWARD and not reader.from_beginning else 0
        with transaction.atomic():
            ReaderCursor.objects.bulk_create(
                [ReaderCursor(reader=reader.name, position=start, version=reader.version)], ignore_conflicts=True
            )
        cursor = rows.filter(pk=reader.name).first()
    return cursor
