"""Posting and answering."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db import transaction

from parvis.core.files.actions import NewFile, attach
from parvis.core.items import clean
from parvis.core.items.access import Act, Forbidden, require
from parvis.core.items.actions import NewItem, create_item, create_items, mark_seen, publish, save_draft
from parvis.core.items.audiences import audience_of
from parvis.core.items.log import record
from parvis.core.items.models import Audience, Item, Kind, Link, Part, PartRole, Pending, Relation, Verb
from parvis.core.items.queries import Missing
from parvis.core.people.models import Group, Person
from parvis.core.people.viewer import Viewer

MAX_BODY = 100_000  # characters of HTML


class Empty(ValueError):
    """There is nothing to post."""


@transaction.atomic
def publish_post(
    viewer: Viewer,
    place: Group | None,
    audience: Audience,
    *,
    title: str = "",
    body: str = "",
    files: Sequence[NewFile] = (),
    mentions: Sequence[Person] = (),
    recipients: Sequence[Person] = (),
    once: str = "",
) -> Item:
    """Post in a place, for an audience.  body: HTML.  mentions: only those who may see it are kept.

    recipients: those whom it is written to by name, and who are told; its place is then None.
    once: names this deed; sent again, it returns the post that it made.  Raises Forbidden, Empty.
    """
    author = _author(viewer)
    if place is not None:
        require(viewer, Act.POST, place)
    if not (title.strip() or body.strip() or files):
        raise Empty
    made = _made_before(author, once, body)
    if made is not None:
        return made
    row = NewItem(
        Kind.POST,
        author,
        audience,
        viewer.now,
        place=place,
        title=title,
        body=body[:MAX_BODY],
        in_feeds=True,
        mentions=mentions,
        recipients=recipients,
        source=ONCE if once else "",
        source_id=_named(author, once, body),
    )
    post = create_item(row)
    attach(author, post, files)
    mark_seen(author, post, post.position)
    return post


@transaction.atomic
def publish_comment(
    viewer: Viewer,
    thread: Item,
    *,
    body: str,
    parent: Item | None = None,
    files: Sequence[NewFile] = (),
    mentions: Sequence[Person] = (),
    once: str = "",
) -> Item:
    """Answer in a thread; its audience is the thread's.  parent: the comment answered, if not the thread itself.

    once: names this deed; sent again, it returns the answer that it made.
    Raises Forbidden, Empty, Missing (the thread is no longer to be seen).
    """
    author = _author(viewer)
    root = Item.objects.visible_to(viewer).select_for_update(of=("self",)).select_related("place", "audience")
    current = root.filter(pk=thread.pk).first()
    if current is None:
        raise Missing
    require(viewer, Act.COMMENT, current)
    if not (body.strip() or files):
        raise Empty
    if parent is not None and (parent.root_id != current.pk or parent.deleted_at is not None):
        raise Missing
    while parent is not None and parent.parent is not None:  # answers have one level of answers
        parent = parent.parent
    made = _made_before(author, once, body)
    if made is not None:
        return made
    row = NewItem(
        Kind.COMMENT,
        author,
        current.audience,
        viewer.now,
        place=current.place,
        body=body[:MAX_BODY],
        root=current,
        parent=parent,
        mentions=mentions,
        source=ONCE if once else "",
        source_id=_named(author, once, body),
    )
    comment = create_item(row)
    attach(author, comment, files)
    mark_seen(author, current, comment.position)
    return comment


def publish_posts(rows: Sequence[NewItem], *, origin: str, batch: str) -> list[Item]:
    """Many posts and comments at once, with their own dates: for imports and demonstrations."""
    return create_items(rows, origin=origin, batch=batch)


@transaction.atomic
def save_post(
    viewer: Viewer, place: Group | None, audience: Audience, *, title: str, body: str, files: Sequence[NewFile] = ()
) -> Item:
    """Keep a post as a draft of its author, who alone sees it and its files.  Raises Forbidden."""
    author = _author(viewer)
    if place is not None:
        require(viewer, Act.POST, place)
    row = NewItem(Kind.POST, author, audience, viewer.now, place=place, title=title, body=body[:MAX_BODY])
    draft = save_draft(viewer, row)
    attach(author, draft, files, recorded=False)
    return draft


@transaction.atomic
def change_draft(
    viewer: Viewer,
    draft: Item,
    place: Group | None,
    audience: Audience,
    *,
    title: str,
    body: str,
    files: Sequence[NewFile] = (),
) -> Item:
    """Other words, another place for one's draft: nobody has seen it, so no history is kept.  Raises Forbidden, Missing."""
    author = _author(viewer)
    if place is not None:
        require(viewer, Act.POST, place)
    pending = Pending.objects.select_for_update().filter(item=draft, item__author=author, item__removed_at=None).first()
    if pending is None:
        raise Missing
    draft.title, draft.body = clean.line(title)[:300], clean.html(body[:MAX_BODY])
    draft.text = clean.text_of(draft.body)
    draft.language = clean.language_of(f"{draft.title} {draft.text}")
    draft.place = place
    draft.save(update_fields=["title", "body", "text", "language", "place"])
    Item.objects.filter(linked_from__item=draft, linked_from__relation=Relation.ATTACHED, author=author).update(
        place=place
    )
    pending.audience = audience
    pending.save(update_fields=["audience"])
    attach(author, draft, files, recorded=False)
    return draft


@transaction.atomic
def publish_draft(
    viewer: Viewer, draft: Item, mentions: Sequence[Person] = (), recipients: Sequence[Person] = ()
) -> Item:
    """Show one's draft to those it is meant for.  recipients: as of `publish_post`.  Raises Forbidden, Missing (it is no draft of one's own), Empty."""
    author = _author(viewer)
    pending = Pending.objects.filter(item=draft, item__author=author, item__removed_at=None)
    if not pending.exists():
        raise Missing
    if draft.place is not None:
        require(viewer, Act.POST, draft.place)
    if not (draft.title or draft.text or Link.objects.filter(item=draft, relation=Relation.ATTACHED).exists()):
        raise Empty
    Part.objects.bulk_create(
        [Part(item=draft, person=p, role=PartRole.MENTIONED) for p in mentions]
        + [Part(item=draft, person=p, role=PartRole.RECIPIENT) for p in recipients],
        ignore_conflicts=True,
    )
    made = publish(draft, viewer.now)
    mark_seen(author, made, made.position)
    return made


@transaction.atomic
def share(
    viewer: Viewer,
    original: Item,
    place: Group,
    audience: Audience,
    *,
    body: str = "",
    mentions: Sequence[Person] = (),
) -> Item:
    """Tell others of an item: a new post with its own audience, linked to the original.

    Those who may not open the original see the post without any trace of it.  Raises Forbidden, Missing.
    """
    require(viewer, Act.POST, place)
    if not Item.objects.visible_to(viewer).filter(pk=original.pk).exists():
        raise Missing
    row = NewItem(
        Kind.POST,
        _author(viewer),
        audience,
        viewer.now,
        place=place,
        body=body[:MAX_BODY],
        in_feeds=True,
        mentions=mentions,
    )
    post = create_item(row)
    Link.objects.create(item=post, relation=Relation.SHARED_FROM, other=original)
    record(_author(viewer), Verb.ANNOUNCE, original, at=viewer.now)
    return post


def narrowed(viewer: Viewer, people: Sequence[Person]) -> Audience:
    """The audience of a few named persons, oneself included."""
    return audience_of(viewer.network, {-viewer.person_id, *(p.principal for p in people)})


def _author(viewer: Viewer) -> Person:
    if viewer.person is None:
        raise Forbidden("anonymous")
    return viewer.person


ONCE = "once"  # the source of items made by a form that named its deed


def _made_before(author: Person, once: str, body: str) -> Item | None:
    """What this very deed made already: its form was sent twice, as after an answer that got lost.  Queries: 1, 0 unnamed."""
    if not once:
        return None
    named = _named(author, once, body)
    return Item.objects.filter(network_id=author.network_id, author=author, source=ONCE, source_id=named).first()


def _named(author: Person, once: str, body: str) -> str:
    """How an item says which deed made it: the form's name for it, and its words, since a page may keep its form."""
    return f"{author.pk}:{once}:{hashlib.sha256(body.encode()).hexdigest()[:16]}" if once else ""
