"""How posts and comments are shown."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parvis.core.files.kinds import DOCUMENT
from parvis.core.items.access import Act, can
from parvis.core.items.kinds import Extras, KindSpec, Offer, Texts, spec_of
from parvis.core.items.models import Item, Kind, Link, Relation
from parvis.core.items.places import places
from parvis.core.people.prepared import prepared
from parvis.core.people.viewer import Viewer


def _load(viewer: Viewer, items: Sequence[Item]) -> Extras:
    """Where each was said, what is attached, what it was shared from, as far as the viewer may see.  Queries: 5."""
    known = places(viewer, {i.place_id for i in items})
    extras: dict[int, dict[str, Any]] = {
        i.pk: {"place": known.get(i.place_id or 0), "files": [], "shared": None} for i in items
    }
    links = _links(extras)
    if not links:
        return extras
    seen = {
        i.pk: i
        for i in Item.objects.visible_to(viewer)
        .filter(pk__in=[other for *_, other in links])
        .select_related("author", "place", "root")
    }
    documents = [i for i in seen.values() if i.kind == Kind.DOCUMENT]
    files = DOCUMENT.load(viewer, documents) if documents else {}
    for item, relation, other in links:
        found = seen.get(other)
        if found is None:
            continue
        if relation == Relation.ATTACHED:
            if other in files:
                extras[item]["files"].append(files[other])
        else:
            extras[item]["shared"] = {"item": found, "url": spec_of(found.kind).url(found, viewer)}
    return extras


@prepared
def _links(items: Collection[int]) -> QuerySet[Link, Any]:
    rows = Link.objects.filter(item__in=items, relation__in=[Relation.ATTACHED, Relation.SHARED_FROM])
    return rows.values_list("item_id", "relation", "other_id").order_by("pk")


def thread_url(item: Item, viewer: Viewer) -> str:
    """The permanent address of a post, or of a comment within its thread (root loaded), on whichever page it stands."""
    root = item.root or item
    page = reverse("thread", args=[viewer.network.slug, root.key])
    return page if item.root is None else f"{page}?at={item.key}#{item.key}"


def _texts(item: Item) -> Texts:
    return Texts(title=item.title, body=item.text)


def _offers(viewer: Viewer, item: Item) -> list[Offer]:
    """What the viewer may do to a post or comment.  Queries: 0."""

    def offer(name: str, label: str | Promise, icon: str, address: str) -> Offer:
        return Offer(name, label, icon, reverse(address, args=[viewer.network.slug, item.key]), "get")

    if item.deleted_at is not None or viewer.person is None:
        return []
    offers = []
    if can(viewer, Act.EDIT, item):
        offers.append(offer("edit", _("Edit"), "edit", "item_edit"))
    if item.root_id is None and item.removed_at is None:
        offers.append(offer("share", _("Share"), "share", "item_share"))
        if can(viewer, Act.WIDEN, item):
            offers.append(offer("widen", _("Show it to more people"), "eye", "thread_audience"))
    if item.revision > 1:
        offers.append(offer("revisions", _("What it said before"), "clock", "item_revisions"))
    if can(viewer, Act.DELETE, item):
        offers.append(offer("delete", _("Delete"), "trash", "item_deletion"))
    if can(viewer, Act.MODERATE, item):
        if item.removed_at is not None:
            offers.append(offer("restore", _("Give it back"), "back", "item_restoration"))
        elif item.author_id != viewer.person_id:
            offers.append(offer("remove", _("Remove"), "eye-off", "item_removal"))
    return offers


POST = KindSpec(
    kind=Kind.POST,
    label=_("Conversation"),
    plural=_("Conversations"),
    icon="chat",
    url=thread_url,
    card="conversations/post.html#card",
    line="conversations/post.html#line",
    mail="conversations/post.html#mail",
    plain="conversations/post.txt",
    load=_load,
    texts=_texts,
    offers=_offers,
    facets=("community", "person", "period", "has_file"),
)
COMMENT = KindSpec(
    kind=Kind.COMMENT,
    label=pgettext_lazy("what was said", "Answer"),
    plural=_("Answers"),
    icon="reply",
    url=thread_url,
    card="conversations/comment.html#card",
    line="conversations/comment.html#line",
    mail="conversations/comment.html#mail",
    plain="conversations/comment.txt",
    load=_load,
    texts=_texts,
    offers=_offers,
    facets=("community", "person", "period", "has_file"),
)
