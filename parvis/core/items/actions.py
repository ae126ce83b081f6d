"""Making and changing items. Each deed is one transaction that ends with `record()`.

Every creating action is the n = 1 case of a bulk one: imports use the bulk one with their own dates.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from parvis.core.items import clean, erasures
from parvis.core.items.access import Act, Forbidden, require
from parvis.core.items.audiences import audience_of, nobody, principals_of
from parvis.core.items.log import Happening, record, record_many
from parvis.core.items.models import (
    Audience,
    Item,
    Link,
    Opening,
    Origin,
    Part,
    PartRole,
    Pending,
    Revision,
    SealedAuthor,
    Seen,
    Verb,
)
from parvis.core.items.queries import Missing
from parvis.core.people.models import Group, GroupKind, Person
from parvis.core.people.viewer import Viewer
from parvis.core.runtime.keys import new_key


class Conflict(Exception):
    """An edit started from a revision that is no longer the last. `current` is the item as it is now."""

    def __init__(self, current: Item) -> None:
        super().__init__(f"revision {current.revision} is newer")
        self.current = current


@dataclasses.dataclass(slots=True)
class NewItem:
    """One row for `create_items`.  body: HTML, cleaned here.  root, parent: of a comment.

    in_feeds: whether it is a thread of its own that feeds list.  mentions: persons named in it.  recipients: of a mail.
    at: when it was made (imports: as the archive says).  key: its own, when others must name it before it is made.
    """

    kind: str
    author: Person
    audience: Audience
    at: dt.datetime
    place: Group | None = None
    title: str = ""
    body: str = ""
    language: str = ""
    form: str = ""
    root: Item | None = None
    parent: Item | None = None
    in_feeds: bool = False
    mentions: Sequence[Person] = ()
    recipients: Sequence[Person] = ()
    edited_at: dt.datetime | None = None
    source: str = ""
    source_id: str = ""
    sealed_for: Person | None = None  # the true author, `author` being the network's application
    key: str = ""


@transaction.atomic(savepoint=False)
def create_items(
    rows: Sequence[NewItem], *, origin: str = Origin.LIVE, batch: str = "", recorded: bool = True
) -> list[Item]:
    """Make many items, and tell the log, in the order given. Returns them in that order.

    A comment counts on its root and moves it up. recorded=False: nothing is told yet (drafts).
    Queries: about 12 for 1 row or 1,000.
    """
    items = [_item_from(row, batch) for row in rows]
    Item.objects.bulk_create(items, batch_size=500)
    parts = [Part(item=i, person_id=i.author_id, role=PartRole.AUTHOR) for i in items if not i.is_sealed]
    for item, row in zip(items, rows, strict=True):
        parts += [Part(item=item, person=p, role=PartRole.MENTIONED) for p in dict.fromkeys(row.mentions)]
        parts += [Part(item=item, person=p, role=PartRole.RECIPIENT) for p in dict.fromkeys(row.recipients)]
    Part.objects.bulk_create(parts, batch_size=500)
    sealed = [(i, r.sealed_for) for i, r in zip(items, rows, strict=True) if r.sealed_for is not None]
    SealedAuthor.objects.bulk_create([SealedAuthor(item=i, person=p) for i, p in sealed])
    if recorded:
        _tell(items, origin, batch)
    return items


def create_item(row: NewItem, *, origin: str = Origin.LIVE, batch: str = "", recorded: bool = True) -> Item:
    """Make one item: `create_items` of one."""
    return create_items([row], origin=origin, batch=batch, recorded=recorded)[0]


def _item_from(row: NewItem, batch: str) -> Item:
    body = clean.html(row.body)
    return Item(
        network_id=row.author.network_id,
        key=row.key or new_key(),
        kind=row.kind,
        form=row.form,
        author=row.author,
        audience=row.audience,
        place=row.place,
        root=row.root,
        parent=row.parent,
        title=clean.line(row.title)[:300],
        body=body,
        text=clean.text_of(body),
        language=row.language or clean.language_of(f"{row.title} {clean.text_of(body)}"),
        created_at=row.at,
        active_at=row.at if row.in_feeds else None,
        edited_at=row.edited_at,
        is_sealed=row.sealed_for is not None,
        source=row.source,
        source_id=row.source_id,
        batch=batch,
    )


def _tell(items: Sequence[Item], origin: str, batch: str) -> None:
    """Move feeds and threads for new items, then record them."""
    newest: dict[int, dt.datetime] = {}
    grown: dict[int, list[dt.datetime]] = {}
    for item in items:
        if item.active_at is not None:
            newest[item.audience_id] = max(newest.get(item.audience_id, item.active_at), item.active_at)
        if item.root_id is not None and item.kind == "comment":
            grown.setdefault(item.root_id, []).append(item.created_at)
            newest[item.audience_id] = max(newest.get(item.audience_id, item.created_at), item.created_at)
    _grow(grown)
    raise_newest(newest)
    record_many([Happening(i.author_id, Verb.CREATE, i.created_at, i, origin=origin, batch=batch) for i in items])


def _grow(grown: dict[int, list[dt.datetime]]) -> None:
    """Count the new answers of each root (id → when they were made), and note when it last grew.  Queries: 1."""
    stamp = connection.ops.adapt_datetimefield_value
    rows = [(len(m), stamp(max(m)), stamp(max(m)), root) for root, m in sorted(grown.items())]
    _execute_many(
        "UPDATE items_item SET answers = answers + %s,"
        " active_at = CASE WHEN active_at < %s THEN %s ELSE active_at END WHERE id = %s",
        rows,
    )


def raise_newest(newest: dict[int, dt.datetime]) -> None:
    """Note for each audience (id) that a thread of it moved at this instant.  Queries: 1."""
    stamp = connection.ops.adapt_datetimefield_value
    rows = [(stamp(moment), audience, stamp(moment)) for audience, moment in sorted(newest.items())]
    _execute_many(
        "UPDATE items_audienceprincipal SET newest_at = %s"
        " WHERE audience_id = %s AND (newest_at IS NULL OR newest_at < %s)",
        rows,
    )


def _execute_many(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


@transaction.atomic
def save_draft(viewer: Viewer, row: NewItem, *, publish_at: dt.datetime | None = None) -> Item:
    """Keep an item that its author alone sees, for `row.audience` later. publish_at: when it publishes itself."""
    meant = row.audience
    row.audience = audience_of(viewer.network, [-viewer.person_id])
    item = create_item(row, recorded=False)
    Item.objects.filter(pk=item.pk).update(active_at=None)
    item.active_at = None
    Pending.objects.create(item=item, audience=meant, publish_at=publish_at)
    return item


@transaction.atomic
def publish(item: Item, now: dt.datetime) -> Item:
    """Show a draft, scheduled or grace item to those it is meant for. Its Create is recorded now.

    Nothing happens for one already published.  Raises Forbidden when the place has closed meanwhile.
    """
    pending = (
        Pending.objects.select_for_update(of=("self",))
        .select_related("audience", "item__place")
        .filter(item=item)
        .first()
    )
    if pending is None:
        return item
    item = pending.item  # as it is now, not as the caller knew it
    if item.removed_at is not None or (item.place is not None and item.place.closed_at is not None):
        raise Forbidden("closed")
    item.audience, item.created_at = pending.audience, now
    item.active_at = now if item.root_id is None and item.kind != "document" else None
    item.save(update_fields=["audience", "created_at", "active_at"])
    files = list(Item.objects.filter(linked_from__item=item, linked_from__relation="attached", author=item.author_id))
    for file in files:
        file.audience, file.created_at = item.audience, now
    Item.objects.bulk_update(files, ["audience", "created_at"])
    pending.delete()
    _tell([item, *files], Origin.LIVE, "")
    return item


def system_publish_due(now: dt.datetime) -> int:
    """Publish what is scheduled for `now` or before. Returns how many.

    What can no longer be published (its place closed meanwhile) becomes a draft again.
    """
    due = [p.item for p in Pending.objects.filter(publish_at__lte=now).select_related("item__place", "item__author")]
    done = 0
    for item in due:
        try:
            publish(item, now)
            done += 1
        except Forbidden:
            Pending.objects.filter(item=item).update(publish_at=None)
    return done


@transaction.atomic
def edit_item(
    viewer: Viewer, item: Item, *, title: str, body: str, revision: int, mentions: Sequence[Person] = ()
) -> Item:
    """Change the words of an item; what it said is kept as a Revision.

    revision: the one that the edit started from.  mentions: all whom the new words name; those whom the former ones did
    not are told.  Raises Conflict when another came first, Forbidden.
    """
    current = _locked(viewer, item)
    require(viewer, Act.EDIT, current)
    if current.revision != revision:
        raise Conflict(current)
    title, body = clean.line(title)[:300], clean.html(body)
    if (title, body) == (current.title, current.body):
        return current
    Revision.objects.create(
        item=current,
        number=current.revision,
        editor_id=viewer.person_id,
        at=viewer.now,
        title=current.title,
        body=current.body,
    )
    current.title, current.body, current.text = title, body, clean.text_of(body)
    current.revision, current.edited_at = current.revision + 1, viewer.now
    current.save(update_fields=["title", "body", "text", "revision", "edited_at"])
    named = _name_instead(current, mentions)
    actor = _actor(viewer)
    record_many(
        [Happening(actor.pk, Verb.UPDATE, viewer.now, current)]
        + [Happening(actor.pk, Verb.MENTION, viewer.now, current, target_id=person) for person in named]
    )
    return current


def _name_instead(item: Item, mentions: Sequence[Person]) -> list[int]:
    """Make these the persons named in an item. Returns who is new among them (ids).  Queries: 1, at most 3."""
    parts = Part.objects.filter(item=item, role=PartRole.MENTIONED)
    named = set(parts.values_list("person_id", flat=True))
    wanted = list(dict.fromkeys(person.pk for person in mentions))
    if named - set(wanted):
        parts.exclude(person__in=wanted).delete()
    new = [pk for pk in wanted if pk not in named]
    Part.objects.bulk_create(
        [Part(item=item, person_id=pk, role=PartRole.MENTIONED) for pk in new], ignore_conflicts=True
    )
    return new


@transaction.atomic
def delete_item(viewer: Viewer, item: Item) -> None:
    """Take one's own item back: nobody sees it, its words and their history are blanked, its answers stay.

    Files attached to it alone go with it.  Raises Forbidden.
    """
    current = _locked(viewer, item)
    require(viewer, Act.DELETE, current)
    alone = Item.objects.filter(kind="document", author=current.author_id, linked_from__item=current).exclude(
        linked_from__in=Link.objects.exclude(item=current)
    )
    for gone in [*alone, current]:
        _blank(gone, viewer.now)
        record(_actor(viewer), Verb.DELETE, gone, at=viewer.now)


def system_erase_again(erased: dict[str, dt.datetime]) -> int:
    """Blank the items of the ledger that a restored backup still holds. Returns how many."""
    done = 0
    for start in range(0, len(erased), 500):
        keys = list(erased)[start : start + 500]
        for item in Item.objects.select_related("network").filter(key__in=keys, deleted_at=None):
            with transaction.atomic():
                _blank(item, erased[item.key])
                record_many([Happening(item.author_id, Verb.DELETE, erased[item.key], item)])
            done += 1
    return done


def _blank(item: Item, now: dt.datetime) -> None:
    erasures.note(item.key, now)
    Revision.objects.filter(item=item).delete()
    Part.objects.filter(item=item).exclude(role=PartRole.AUTHOR).delete()
    Pending.objects.filter(item=item).delete()
    if item.root_id is not None and item.kind == "comment":
        Item.objects.filter(pk=item.root_id, answers__gt=0).update(answers=F("answers") - 1)
    item.title = item.body = item.text = ""
    item.audience, item.deleted_at, item.active_at = nobody(item.network), now, None
    item.save(update_fields=["title", "body", "text", "audience", "deleted_at", "active_at"])


@transaction.atomic
def remove_item(viewer: Viewer, item: Item) -> None:
    """Moderation: from now on only the place's moderators see the item (and, for a root, its thread).

    Nothing is lost: `restore_item` undoes it.  Raises Forbidden.
    """
    current = _locked(viewer, item)
    require(viewer, Act.MODERATE, current)
    if current.removed_at is not None:  # the same button twice: who saw it before stays noted
        return
    moderators = Group.objects.get(parent=current.place, kind=GroupKind.MODERATORS)
    Pending.objects.update_or_create(item=current, defaults={"audience": current.audience, "publish_at": None})
    hidden = audience_of(viewer.network, [moderators.principal])
    Item.objects.filter(pk=current.pk).update(audience=hidden, removed_at=viewer.now)
    give_thread_audience(current, hidden)
    current.refresh_from_db(fields=["audience", "removed_at"])
    record(_actor(viewer), Verb.REMOVE, current, at=viewer.now)


@transaction.atomic
def restore_item(viewer: Viewer, item: Item) -> None:
    """Undo `remove_item`.  Raises Forbidden."""
    current = _locked(viewer, item)
    require(viewer, Act.MODERATE, current)
    kept = Pending.objects.select_related("audience").filter(item=current).first()
    if current.removed_at is None or kept is None:
        return
    Item.objects.filter(pk=current.pk).update(audience=kept.audience, removed_at=None)
    give_thread_audience(current, kept.audience)
    kept.delete()
    current.refresh_from_db(fields=["audience", "removed_at"])
    record(_actor(viewer), Verb.UNDO, current, at=viewer.now)


@transaction.atomic
def set_audience(viewer: Viewer, root: Item, audience: Audience) -> None:
    """Change who sees a whole thread: the one deed for it. Whoever is added sees the history.

    Files attached in the thread by those who wrote there follow it. Those who opened it for review keep their time.
    Raises Forbidden.
    """
    current = _locked(viewer, root)
    require(viewer, Act.WIDEN, current)
    if audience.network_id != viewer.network.pk:
        raise Forbidden("network")
    review = Opening.objects.filter(item=current, until__gt=viewer.now).values_list("group_id", flat=True)
    if kept := set(review):  # an opening ends by itself, not by those whom it concerns
        audience = audience_of(viewer.network, principals_of(audience.pk) | kept)
    if current.audience_id == audience.pk:
        return
    Item.objects.filter(pk=current.pk).update(audience=audience)
    give_thread_audience(current, audience)
    current.audience = audience
    if current.active_at is not None:
        raise_newest({audience.pk: current.active_at})
    record(_actor(viewer), Verb.MOVE, current, at=viewer.now)


def widen(viewer: Viewer, root: Item, principals: Sequence[int]) -> None:
    """Add principals to those who see a thread. For its author or its place's moderators.  Raises Forbidden."""
    wider = principals_of(root.audience_id) | set(principals)
    set_audience(viewer, root, audience_of(viewer.network, wider))


def give_thread_audience(root: Item, audience: Audience) -> None:
    """Give a root's answers and the files attached in its thread the root's audience."""
    if root.root_id is None:
        standing = Item.objects.filter(root=root, deleted_at=None, removed_at=None)
        standing.exclude(pk__in=Pending.objects.filter(item__root=root).values("item")).update(audience=audience)
    thread = Item.objects.filter(pk=root.pk) | Item.objects.filter(root=root, removed_at=None)
    files = Link.objects.filter(item__in=thread, relation="attached", other__kind="document")
    for link in files.select_related("item", "other"):
        if link.other.author_id == link.item.author_id and link.other.deleted_at is None:
            Item.objects.filter(pk=link.other_id).update(audience=audience)


@transaction.atomic
def mark_all_seen(person: Person, threads: Sequence[Item]) -> None:
    """Note that a person has read each of these threads as far as it goes.  Queries: 2 and 1 for each one behind."""
    at = {t.pk: t.position for t in threads}
    known = dict(Seen.objects.filter(person=person, thread__in=at).values_list("thread_id", "position"))
    Seen.objects.bulk_create(
        [Seen(person=person, thread_id=pk, position=position) for pk, position in at.items() if pk not in known],
        ignore_conflicts=True,
    )
    for pk, position in known.items():
        if position < at[pk]:
            Seen.objects.filter(person=person, thread=pk, position__lt=at[pk]).update(position=at[pk])


def mark_seen(person: Person, thread: Item, position: int) -> None:
    """Note that a person has read a thread up to a position of the log; never moves back.  Queries: 2 at most."""
    rows = Seen.objects.filter(person=person, thread=thread)
    if not rows.update(position=Greatest("position", position)):
        Seen.objects.bulk_create([Seen(person=person, thread=thread, position=position)], ignore_conflicts=True)


def _locked(viewer: Viewer, item: Item) -> Item:
    """The item read again inside the deed's transaction, locked, if still visible. Raises Missing."""
    rows = Item.objects.visible_to(viewer).select_for_update(of=("self",)).select_related("place", "author", "network")
    current = rows.filter(pk=item.pk).first()
    if current is None:
        raise Missing
    return current


def _actor(viewer: Viewer) -> Person:
    if viewer.person is None:
        raise Forbidden("anonymous")
    return viewer.person
