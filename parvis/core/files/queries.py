"""Reading documents. All take the viewer first, or a document that one already may see."""

from __future__ import annotations

from parvis.core.files.models import FileVersion
from parvis.core.items.models import Item, Kind, Relation
from parvis.core.items.queries import Missing, item_for
from parvis.core.people.viewer import Viewer


def document_for(viewer: Viewer, key: str) -> Item:
    """The document with this key. Raises Missing (404).  Queries: 1."""
    return item_for(viewer, key, Kind.DOCUMENT)


def newest_version(document: Item) -> FileVersion:
    """The newest file of a document. Raises Missing for one without any.  Queries: 1."""
    version = FileVersion.objects.filter(item=document).select_related("blob").order_by("-number").first()
    if version is None:
        raise Missing
    return version


def where_attached(viewer: Viewer, document: Item, limit: int = 20) -> list[Item]:
    """What the document is attached to, as far as the viewer may see, newest first.  Queries: 1."""
    items = Item.objects.visible_to(viewer).filter(links__other=document, links__relation=Relation.ATTACHED)
    return list(items.select_related("author", "place", "root").order_by("-created_at", "-pk")[:limit])
