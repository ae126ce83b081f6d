"""Reading items: feeds, threads, one item. All take the viewer first."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import BadRequest
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from parvis.core.items.models import Audience, AudiencePrincipal, Item, Seen
from parvis.core.people.models import Group
from parvis.core.people.prepared import prepared
from parvis.core.people.viewer import Viewer


class BadCursor(BadRequest):
    """The `before` of an address is not one that Parvis made: answered by 400."""


class Missing(Http404):
    """Not there, or not for this viewer: the two look the same, 404."""


@dataclasses.dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of threads ends: the next one begins below (active_at, id)."""

    active_at: dt.datetime
    item_id: int

    def __str__(self) -> str:
        raw = json.dumps([int(self.active_at.timestamp() * 1_000_000), self.item_id]).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def parse_cursor(text: str) -> Cursor:
    """The cursor that `str(cursor)` wrote. Raises BadCursor."""
    try:
        micros, item_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not (isinstance(micros, int) and isinstance(item_id, int)):
            raise ValueError
        return Cursor(_EPOCH + dt.timedelta(microseconds=micros), item_id)
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
        raise BadCursor("cursor") from error


def parse_position(text: str) -> int:
    """A position of the log in an address. Raises BadCursor."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadCursor("position")
    return int(text)


def cursor_after(threads: Sequence[Item]) -> Cursor | None:
    """The cursor of the page that follows these threads; None after none."""
    last = threads[-1] if threads else None
    return Cursor(last.active_at, last.pk) if last is not None and last.active_at is not None else None


def newest_threads(viewer: Viewer, *, before: Cursor | None = None, limit: int = 30) -> list[Item]:
    """The threads of all the viewer's audiences, most recently active first, with author and place.

    It asks the audiences that moved last for their newest threads and merges them, so that its cost depends
    neither on how many items there are nor on how many of them the viewer may not see.
    limit: 1..100.  Queries: 3, or more where many audiences moved but hold little that is still visible.
    """
    if not viewer.principals:
        return []
    audiences = _audiences_by_newest(viewer, _WINDOW)
    found: list[tuple[Any, int]] = []
    start, width = 0, limit + 2
    while True:
        part = audiences[start : start + width]
        found = sorted(found + _top_of(viewer, [a for a, _ in part], before, limit), reverse=True)[:limit]
        start += len(part)
        if start >= len(audiences):
            if len(audiences) < _WINDOW or _full(found, limit, audiences[-1][1]):
                break
            audiences = _audiences_by_newest(viewer, len(audiences) * 4)
            if start >= len(audiences):
                break
        elif _full(found, limit, audiences[start][1]):
            break
        width *= 4
    ids = [item_id for _, item_id in found]
    items = {i.pk: i for i in _with_author_and_place(ids)}
    return [items[pk] for pk in ids if pk in items]


@prepared
def _with_author_and_place(ids: Sequence[int]) -> QuerySet[Item]:
    return Item.objects.filter(pk__in=ids).select_related("author", "place")


_WINDOW = 256  # audiences looked up at first: far more than a page needs


def _full(found: list[tuple[Any, int]], limit: int, next_newest: Any) -> bool:
    """Whether no audience not yet asked can hold something newer than the page's last thread."""
    return len(found) == limit and found[-1][0] > next_newest


def _audiences_by_newest(viewer: Viewer, count: int) -> list[tuple[int, Any]]:
    """(audience id, newest_at) of the viewer's audiences, newest first, at most about `count`.  Queries: 2."""
    own = [p for p in viewer.principals if p < 0]
    others = [p for p in viewer.principals if p >= 0]
    best: dict[int, Any] = {}
    full: list[Any] = []
    for principals in (own, others):
        part = _newest_of(viewer.network.pk, principals, count=count)
        if len(part) == count:
            full.append(part[-1][1])
        for audience, newest in part:
            if audience not in best or best[audience] < newest:
                best[audience] = newest
    floor = max(full, default=None)  # below it one of the two lists was cut
    kept = [(a, n) for a, n in best.items() if floor is None or n >= floor]
    return sorted(kept, key=lambda pair: (pair[1], pair[0]), reverse=True)


@prepared
def _newest_of(network_id: int, principals: Sequence[int], *, count: int) -> QuerySet[AudiencePrincipal, Any]:
    # A principal belongs to one network, but for everyone: asked of each row found, not of all the network's audiences.
    here = Audience.objects.filter(pk=OuterRef("audience_id"), network=network_id)
    rows = AudiencePrincipal.objects.filter(Exists(here), newest_at__isnull=False, principal__in=principals)
    return rows.order_by("-newest_at").values_list("audience_id", "newest_at")[:count]


def _top_of(viewer: Viewer, audiences: Sequence[int], before: Cursor | None, limit: int) -> list[tuple[Any, int]]:
    """(active_at, id) of the newest threads of each audience.  Queries: 1."""
    if not audiences:
        return []
    table = Item._meta.db_table
    params: list[Any] = []
    older = ""
    if before is not None:
        older = "AND (t.active_at < %s OR (t.active_at = %s AND t.id < %s))"
        moment = connection.ops.adapt_datetimefield_value(before.active_at)
        params = [moment, moment, before.item_id]
    newest = f"""SELECT t.id FROM {table} t WHERE t.audience_id = a.id AND t.active_at IS NOT NULL {older}
                 ORDER BY t.active_at DESC, t.id DESC LIMIT {int(limit)}"""
    marks = ",".join(str(int(a)) for a in audiences)
    if connection.vendor == "postgresql":
        newest = newest.replace("SELECT t.id", "SELECT t.id, t.active_at", 1)
        sql = f"SELECT n.id, n.active_at FROM unnest(ARRAY[{marks}]) AS a(id), LATERAL ({newest}) n"
    else:
        sql = f"""SELECT i.id, i.active_at FROM items_audience a JOIN {table} i ON i.id IN ({newest})
                  WHERE a.id IN ({marks})"""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    return [(_moment(active_at), pk) for pk, active_at in rows]


def _moment(value: dt.datetime) -> dt.datetime:
    """A datetime as it comes from a raw query: without a zone, in UTC, on SQLite."""
    return value if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)


def place_threads(viewer: Viewer, place: Group, *, before: Cursor | None = None, limit: int = 30) -> list[Item]:
    """The threads of a place that the viewer may see, most recently active first, with author.  Queries: 1."""
    threads = Item.objects.visible_to(viewer).filter(place=place, active_at__isnull=False)
    if before is not None:
        threads = threads.filter(
            Q(active_at__lt=before.active_at) | Q(active_at=before.active_at, pk__lt=before.item_id)
        )
    return list(threads.select_related("author", "place").order_by("-active_at", "-pk")[:limit])


def item_for(viewer: Viewer, key: str, *kinds: str) -> Item:
    """The item with this key, of one of these kinds if any are named. Raises Missing (404).  Queries: 1."""
    items = Item.objects.visible_to(viewer).select_related("author", "place", "root")
    if kinds:
        items = items.filter(kind__in=kinds)
    item = items.filter(key=key).first()
    if item is None:
        raise Missing
    return item


def thread_for(viewer: Viewer, key: str) -> Item:
    """The thread whose first item has this key. A deleted first item is returned, blank, while an answer stands.

    Raises Missing (404).  Queries: 1, or 3 for a deleted one.
    """
    thread = next(iter(_thread(viewer, key)), None)
    if thread is None:
        gone = Item.objects.select_related("author", "place").filter(
            network=viewer.network, key=key, root=None, deleted_at__isnull=False
        )
        thread = gone.first()
        if thread is None or not Item.objects.visible_to(viewer).filter(root=thread).exists():
            raise Missing
    return thread


@prepared
def _thread(viewer: Viewer, key: str) -> QuerySet[Item]:
    threads = Item.objects.visible_to(viewer).filter(key=key, root=None, active_at__isnull=False)
    return threads.select_related("author", "place")


def answers_of(
    viewer: Viewer,
    thread: Item,
    *,
    after: int = 0,
    start: Cursor | None = None,
    before: Cursor | None = None,
    limit: int = 200,
) -> list[Item]:
    """The comments of a thread, oldest first, with authors.  Queries: 1.

    after: only those with a position of the log above it.  start: only those that follow this moment and id.
    before: the last of those that precede this moment and id.
    """
    comments = Item.objects.visible_to(viewer).filter(root=thread, kind="comment")
    if after:
        comments = comments.filter(position__gt=after)
    if start is not None:
        comments = comments.filter(
            Q(created_at__gt=start.active_at) | Q(created_at=start.active_at, pk__gt=start.item_id)
        )
    if before is not None:
        comments = comments.filter(
            Q(created_at__lt=before.active_at) | Q(created_at=before.active_at, pk__lt=before.item_id)
        )
    order = ("created_at", "pk") if before is None else ("-created_at", "-pk")
    found = list(comments.select_related("author", "place").order_by(*order)[:limit])
    if before is not None:
        found.reverse()
    for comment in found:
        comment.root = thread
    return found


def seen_positions(viewer: Viewer, threads: Sequence[Item]) -> dict[int, int]:
    """Thread id → position up to which the viewer has read it; unread threads are left out.  Queries: 1."""
    return dict(_seen(viewer, [t.pk for t in threads]))


@prepared
def _seen(viewer: Viewer, threads: Sequence[int]) -> QuerySet[Seen, Any]:
    return Seen.objects.filter(person_id=viewer.person_id, thread__in=threads).values_list("thread_id", "position")
