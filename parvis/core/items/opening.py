"""What two people open together, for a reason, on the record: who wrote a sealed item; a thread, for review.

One alone reads nothing. Whoever did not take part reads nothing either. Each step is a signal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from parvis.core.items.access import Act, Forbidden, require
from parvis.core.items.actions import give_thread_audience, raise_newest
from parvis.core.items.audiences import audience_of, principals_of
from parvis.core.items.log import Happening, record, record_many
from parvis.core.items.models import Item, Opening, SealedAuthor, Unsealing, Verb
from parvis.core.items.queries import Missing
from parvis.core.people.models import Group, GroupKind, Membership, Person
from parvis.core.people.viewer import Viewer

OPEN_FOR = dt.timedelta(hours=48)
LONGEST = dt.timedelta(hours=72)
ASKED_LASTS = dt.timedelta(days=7)


@transaction.atomic
def unseal(viewer: Viewer, item: Item, reason: str) -> Person | None:
    """Ask to read who wrote a sealed item; the person, once another moderator has asked too, else None.

    For those who moderate its place now; each with a reason of their own. The first two are the ones: a third is
    refused, and so is the author, to whom it would make a second. Asked again by one of the two, it is read again.
    Every request and every reading is recorded.  Raises Forbidden, Missing.
    """
    current = _visible(viewer, item)
    require(viewer, Act.MODERATE, current)
    sealed = SealedAuthor.objects.select_for_update(of=("self",)).select_related("person").filter(item=current).first()
    if viewer.person is None or not current.is_sealed or sealed is None or not reason.strip():
        raise Forbidden("unseal")
    if sealed.person_id == viewer.person_id:
        raise Forbidden("unseal")
    askers = set(Unsealing.objects.filter(item=current).values_list("moderator_id", flat=True))
    if viewer.person_id not in askers:
        if len(askers) >= 2:
            raise Forbidden("unseal")
        Unsealing.objects.create(item=current, moderator=viewer.person, reason=reason.strip(), at=viewer.now)
        askers.add(viewer.person_id)
    record(viewer.person, Verb.UNSEAL, current, at=viewer.now)
    return sealed.person if len(askers) == 2 else None


def unsealings_of(viewer: Viewer, item: Item) -> list[Unsealing]:
    """Who asked to read the author of a sealed item, and why; for those who moderate its place.  Queries: 3."""
    current = _visible(viewer, item)
    require(viewer, Act.MODERATE, current)
    return list(Unsealing.objects.filter(item=current).select_related("moderator").order_by("at", "pk"))


def _visible(viewer: Viewer, item: Item) -> Item:
    found = Item.objects.visible_to(viewer).select_related("place", "author", "network").filter(pk=item.pk).first()
    if found is None:
        raise Missing
    return found


@transaction.atomic
def open_for_review(viewer: Viewer, key: str, reason: str, *, lasts: dt.timedelta = OPEN_FOR) -> Opening:
    """Open a thread that one need not see: asked by one administrator, opened by the second within a week.

    From then on and for `lasts` (72 hours at most) these two see it, in a group made for that; those in the thread
    see that it is open, by whom and until when (`openings_of`). It closes by itself. Drafts, and what was removed or
    deleted, are not opened. Returns the request (`until` None) or the opening.  Raises Forbidden, Missing.
    """
    require(viewer, Act.ADMINISTER)
    if viewer.person is None or not reason.strip() or not dt.timedelta() < lasts <= LONGEST:
        raise Forbidden("open")
    rows = Item.objects.select_for_update(of=("self",)).select_related("network", "place", "author")
    thread = rows.filter(
        network=viewer.network, key=key, root=None, active_at__isnull=False, deleted_at=None, removed_at=None
    ).first()
    if thread is None:
        raise Missing
    Opening.objects.filter(item=thread, opened_at=None, asked_at__lte=viewer.now - ASKED_LASTS).delete()
    asked = Opening.objects.select_related("asker").filter(item=thread, opened_at=None).first()
    if asked is None:
        made = Opening.objects.create(item=thread, asker=viewer.person, reason=reason.strip(), asked_at=viewer.now)
        record(viewer.person, Verb.FLAG, thread, at=viewer.now)
        return made
    if asked.asker_id == viewer.person_id or not _administers(asked.asker, viewer.now):
        raise Forbidden("open")
    return _open(viewer, viewer.person, thread, asked, lasts)


def _open(viewer: Viewer, seconder: Person, thread: Item, asked: Opening, lasts: dt.timedelta) -> Opening:
    until = viewer.now + lasts
    group = Group.objects.create(
        network=viewer.network, kind=GroupKind.REVIEW, name="review", size=2, created_at=viewer.now
    )
    two = [asked.asker, seconder]
    Membership.objects.bulk_create([Membership(group=group, person=p, since=viewer.now, until=until) for p in two])
    audience = audience_of(viewer.network, principals_of(thread.audience_id) | {group.principal})
    Item.objects.filter(pk=thread.pk).update(audience=audience)
    thread.audience = audience
    give_thread_audience(thread, audience)
    if thread.active_at is not None:
        raise_newest({audience.pk: thread.active_at})
    asked.seconder, asked.opened_at, asked.until, asked.group = seconder, viewer.now, until, group
    asked.save(update_fields=["seconder", "opened_at", "until", "group"])
    told = [Happening(seconder.pk, Verb.ADD, viewer.now, None, viewer.network.pk, p.pk, group.pk) for p in two]
    record_many([*told, Happening(seconder.pk, Verb.OPEN, viewer.now, thread)])
    return asked


def _administers(person: Person, now: dt.datetime) -> bool:
    return Membership.objects.active(now).filter(person=person, group__kind=GroupKind.ADMINISTRATORS).exists()


def openings_of(viewer: Viewer, thread: Item) -> Sequence[Opening]:
    """When a thread that the viewer sees was opened for review, by whom and until when, the newest first.

    Requests that nobody seconded are not told.  Queries: 1.
    """
    visible = Item.objects.visible_to(viewer).filter(pk=thread.pk)
    rows = Opening.objects.filter(item__in=visible, opened_at__isnull=False)
    return list(rows.select_related("asker", "seconder").order_by("-opened_at", "-pk"))


def requests_to_open(viewer: Viewer) -> list[Opening]:
    """Requests of the network's administrators that wait for a second one, the oldest first.  Queries: 1."""
    require(viewer, Act.ADMINISTER)
    rows = Opening.objects.filter(item__network=viewer.network, opened_at=None, asked_at__gt=viewer.now - ASKED_LASTS)
    return list(rows.select_related("asker", "item").order_by("asked_at", "pk"))
