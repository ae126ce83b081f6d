"""How posts and comments are shown."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parvis.core.files.kinds import DOCUMENT
from parvis.core.items.access import Act, can
from parvis.core.items.kinds import Extras, KindSpec, Offer, Texts
from parvis.core.items.models import Item, Kind, Link, Relation
from parvis.core.people.viewer import Viewer


def _load(viewer: Viewer, items: Sequence[Item]) -> Extras:
    """What is attached to each, and what it was shared from, as far as the viewer may see.  Queries: 4."""
    extras: dict[int, dict[str, Any]] = {i.pk: {"files": [], "shared": None} for i in items}
    links = list(
        Link.objects.filter(item__in=extras, relation__in=[Relation.ATTACHED, Relation.SHARED_FROM])
        .values_list("item_id", "relation", "other_id")
        .order_by("pk")
    )
    seen = {
        i.pk: i
        for i in Item.objects.visible_to(viewer)
        .filter(pk__in=[other for *_, other in links])
        .select_related("author", "place", "root")
    }
    files = DOCUMENT.load(viewer, [i for i in seen.values() if i.kind == Kind.DOCUMENT])
    for item, relation, other in links:
        found = seen.get(other)
        if found is None:
            continue
        if relation == Relation.ATTACHED:
            version = files.get(other, {}).get("file")
            extras[item]["files"].append({"item": found, "file": version, "url": DOCUMENT.url(found, viewer)})
        else:
            extras[item]["shared"] = {"item": found, "url": thread_url(found, viewer)}
    return extras


def thread_url(item: Item, viewer: Viewer) -> str:
    """The permanent address of a post, or of a comment within its thread (root loaded)."""
    root = item.root or item
    page = reverse("thread", args=[viewer.network.slug, root.key])
    return page if item.root is None else f"{page}#{item.key}"


def _texts(item: Item) -> Texts:
    return Texts(title=item.title, body=item.text)


def _offers(viewer: Viewer, item: Item) -> list[Offer]:
    """What the viewer may do to a post or comment.  Queries: 0."""
    slug = viewer.network.slug
    offers = []
    if can(viewer, Act.EDIT, item):
        offers.append(Offer("edit", _("Edit"), "edit", reverse("item_edit", args=[slug, item.key]), "get"))
    if can(viewer, Act.DELETE, item):
        offers.append(Offer("delete", _("Delete"), "trash", reverse("item_deletion", args=[slug, item.key]), "get"))
    elif can(viewer, Act.MODERATE, item):
        offers.append(Offer("remove", _("Remove"), "flag", reverse("item_removal", args=[slug, item.key]), "get"))
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
    label=_("Answer"),
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
