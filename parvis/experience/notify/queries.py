"""What awaits a person, as they may see it now."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from django.db.models import Q

from parvis.core.items.kinds import Card, cards
from parvis.core.items.models import Item, Seen
from parvis.core.people.viewer import Viewer
from parvis.experience.notify.models import Channel, Notification, Wish
from parvis.work.communities.models import Community


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell.  card: of the item, or of the community that one was added to."""

    notification: Notification
    card: Card
    is_new: bool


def notices(viewer: Viewer, *, before: int = 0, limit: int = 30) -> list[Notice]:
    """What the viewer was told and may still see, newest first.

    before: position of the last one shown, 0 to begin.  limit: 1..100.  Queries: about 10 at any size.
    """
    rows = Notification.objects.filter(recipient_id=viewer.person_id, channel=Channel.PAGE, network=viewer.network)
    if before:
        rows = rows.filter(position__lt=before)
    return _shown(viewer, visible(viewer, rows.order_by("-position"), limit), wish_of(viewer).seen)


def waiting_by_mail(viewer: Viewer, *, position: int = 0, until: int = 0, limit: int = 30) -> list[Notice]:
    """What waits to be mailed to the viewer, oldest first, that they may see and have not read.

    position: that one only.  until: up to that one.
    """
    rows = Notification.objects.filter(
        recipient_id=viewer.person_id, channel=Channel.MAIL, network=viewer.network, ended_at=None
    )
    if position or until:
        rows = rows.filter(position=position) if position else rows.filter(position__lte=until)
    found = visible(viewer, rows.order_by("position"), limit)
    threads = {n.item.thread_id for n in found if n.item is not None}
    read = dict(
        Seen.objects.filter(person_id=viewer.person_id, thread__in=threads).values_list("thread_id", "position")
    )
    shown = wish_of(viewer).seen
    unread = [
        n for n in found
        if n.position > shown and (n.item is None or read.get(n.item.thread_id, 0) < n.position)
    ]  # fmt: skip
    return _shown(viewer, unread, 0)


def visible(viewer: Viewer, rows, limit: int) -> list[Notification]:  # type: ignore[no-untyped-def]
    """The first of these whose item, or community that one still belongs to, the viewer may see.  Queries: 1."""
    items = Item.objects.visible_to(viewer).filter(deleted_at=None, removed_at=None)
    mine = Q(item=None, place__in=viewer.community_ids)
    return list(
        rows.filter(Q(item__in=items) | mine).select_related(
            "actor", "item__author", "item__place", "item__root", "place"
        )[:limit]
    )


def _shown(viewer: Viewer, rows: Sequence[Notification], seen: int) -> list[Notice]:
    places = [n.place_id for n in rows if n.item_id is None]
    homes = {
        c.group_id: c.item
        for c in Community.objects.visible_to(viewer)
        .filter(group__in=places)
        .select_related("item__author", "item__place")
    }
    pairs = [(n, n.item if n.item is not None else homes.get(n.place_id or 0)) for n in rows]
    kept = [(n, item) for n, item in pairs if item is not None]
    made = cards(viewer, [item for _, item in kept])
    return [Notice(n, card, n.position > seen) for (n, _), card in zip(kept, made, strict=True)]


def wish_of(viewer: Viewer) -> Wish:
    """What the viewer wishes; the default while they have said nothing.  Queries: 1."""
    found = Wish.objects.filter(person_id=viewer.person_id).first()
    return found or Wish(person_id=viewer.person_id)
