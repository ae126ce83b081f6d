"""Threads as pages list them: each with its card, its last answer and whether it is new to the viewer."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from parvis.core.items.kinds import Card, cards
from parvis.core.items.models import Item
from parvis.core.items.queries import newest_threads, place_threads, seen_positions
from parvis.core.people.models import Group
from parvis.core.people.prepared import prepared
from parvis.core.people.viewer import Viewer

NEWS_LIMIT = 30  # "30 new" is as far as a pill counts


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A thread in a list.  answer: its last one.  is_fresh: it grew since the viewer last read it."""

    card: Card
    answer: Item | None
    is_fresh: bool


def entries(viewer: Viewer, threads: Sequence[Item]) -> list[Entry]:
    """Threads that the viewer may see, as a page lists them, in the same order.  Queries: those of `cards`, and 2."""
    answers = last_answers(viewer, threads)
    seen = seen_positions(viewer, threads)
    return [
        Entry(card, answers.get(card.item.pk), _is_fresh(viewer, card.item, seen.get(card.item.pk)))
        for card in cards(viewer, threads)
    ]


def _is_fresh(viewer: Viewer, thread: Item, seen: int | None) -> bool:
    """What was said before somebody came is not new to them."""
    if seen is not None:
        return thread.position > seen
    since = viewer.person.created_at if viewer.person is not None else viewer.now
    return thread.active_at is not None and thread.active_at > since


def last_answers(viewer: Viewer, threads: Sequence[Item]) -> dict[int, Item]:
    """Thread id → the answer that made it grow last, with its author, where it still stands.  Queries: 1."""
    grown = {t.pk: t.active_at for t in threads if t.answers and t.active_at is not None}
    if not grown:
        return {}
    found = _answers_at(viewer, grown, grown.values())
    return {row.root_id: row for row in found if row.root_id is not None and row.created_at == grown[row.root_id]}


@prepared
def _answers_at(viewer: Viewer, threads: Collection[int], moments: Collection[dt.datetime]) -> QuerySet[Item]:
    rows = Item.objects.visible_to(viewer).filter(root__in=threads, created_at__in=moments, kind="comment")
    return rows.select_related("author").order_by("pk")


def news_count(viewer: Viewer, since: int, place: Group | None = None) -> int:
    """How many threads others made grow after this position of the log, at most NEWS_LIMIT.  Queries: 1 to 3."""
    newest = (
        newest_threads(viewer, limit=NEWS_LIMIT) if place is None else place_threads(viewer, place, limit=NEWS_LIMIT)
    )
    return sum(thread.position > since for thread in newest)
