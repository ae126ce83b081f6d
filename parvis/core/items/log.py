"""The log's one door in: `record()`. Nothing else announces anything."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from parvis.core.items.models import AudiencePrincipal, Item, Origin, Signal, Verb
from parvis.core.people.models import Group, Person
from parvis.core.people.prepared import prepared
from parvis.core.people.viewer import EVERYONE

CHANNEL = "parvis_log"  # PostgreSQL's NOTIFY channel on which the log says that it grew
_LOCK = 0x5041_5256  # PostgreSQL's advisory lock of the log's end


@dataclasses.dataclass(frozen=True, slots=True)
class Happening:
    """One row for `record_many`: `item` or `network_id` says where; the rest as in `record`."""

    actor_id: int
    verb: Verb
    at: dt.datetime
    item: Item | None = None
    network_id: int = 0
    target_id: int | None = None
    place_id: int | None = None
    origin: str = Origin.LIVE
    batch: str = ""


def record(
    actor: Person,
    verb: Verb,
    item: Item | None = None,
    *,
    at: dt.datetime,
    target: Person | None = None,
    place: Group | None = None,
    origin: str = Origin.LIVE,
    batch: str = "",
) -> int:
    """Append a signal; the last statement of a deed, inside its transaction. Returns its position.

    at: when it happened.  target: the person it was done to, for verbs that have one.  place: of the deed when it
    has no item.  On PostgreSQL it takes the log's lock until commit, so that positions become visible in order.
    Queries: 2, 3 for Create (one more on PostgreSQL).  Raises RuntimeError outside a transaction.
    """
    row = Happening(
        actor.pk,
        verb,
        at,
        item,
        actor.network_id,
        target.pk if target else None,
        place.pk if place else None,
        origin,
        batch,
    )
    return record_many([row])[0]


def record_many(rows: Sequence[Happening]) -> list[int]:
    """Append many signals in the order given; otherwise as `record`. Returns their positions.  Queries: 2, 3 with Create."""
    if not rows:
        return []
    if not connection.in_atomic_block:
        raise RuntimeError("record() belongs inside the deed's transaction: wrap the deed in transaction.atomic()")
    fanout = _fanouts(rows)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s), pg_notify(%s, '')", [_LOCK, CHANNEL])
    signals = Signal.objects.bulk_create([_signal(row, fanout) for row in rows], batch_size=1000)
    grown: dict[int, int] = {}
    for row, signal in zip(rows, signals, strict=True):
        if row.verb == Verb.CREATE and row.item is not None:
            grown[row.item.pk] = grown[row.item.thread_id] = signal.position
            row.item.position = signal.position
    _move_positions(grown)
    return [signal.position for signal in signals]


def hold() -> None:
    """Let no signal become visible before this transaction ends: for a rebuild that must not see more than the head."""
    if connection.vendor == "postgresql":  # SQLite has one writer: it is us
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def head() -> int:
    """The position of the newest signal, 0 for an empty log.  Queries: 1."""
    return next(iter(_newest_position()), 0)


@prepared
def _newest_position() -> QuerySet[Signal, int]:
    return Signal.objects.order_by("-position").values_list("position", flat=True)[:1]


def _signal(row: Happening, fanout: dict[int, int]) -> Signal:
    item = row.item
    return Signal(
        network_id=item.network_id if item else row.network_id,
        at=row.at,
        actor_id=row.actor_id,
        verb=row.verb,
        item_id=item.pk if item else None,
        root_id=item.thread_id if item else None,
        target_id=row.target_id,
        audience_id=item.audience_id if item else None,
        place_id=row.place_id or (item.place_id if item else None),
        fanout=fanout.get(item.audience_id, 0) if item else 0,
        origin=row.origin,
        batch=row.batch,
    )


def _fanouts(rows: Iterable[Happening]) -> dict[int, int]:
    """How many people each audience named in `rows` reaches, at most (people in two of its groups count twice)."""
    wanted = {row.item.audience_id for row in rows if row.item is not None}
    reach: dict[int, int] = dict.fromkeys(wanted, 0)
    if not wanted:
        return reach
    size = Group.objects.filter(pk=OuterRef("principal")).values("size")
    members = AudiencePrincipal.objects.filter(audience_id__in=wanted).annotate(group_size=Subquery(size))
    for audience, principal, group_size, everyone in members.values_list(
        "audience_id", "principal", "group_size", "audience__network__size"
    ):
        reach[audience] += everyone if principal == EVERYONE else 1 if principal < 0 else group_size or 0
    return reach


def _move_positions(grown: dict[int, int]) -> None:
    """Note on items, and on the roots of their threads, where in the log they last grew."""
    if grown:
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE items_item SET position = %s WHERE id = %s", [(p, pk) for pk, p in sorted(grown.items())]
            )
