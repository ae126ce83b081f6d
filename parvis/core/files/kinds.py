"""How a document is shown."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parvis.core.files.forms_of import SHOWN_INLINE
from parvis.core.files.models import FileVersion
from parvis.core.items.kinds import Extras, KindSpec, Offer, Texts
from parvis.core.items.models import Item, Kind
from parvis.core.people.viewer import Viewer


def _load(viewer: Viewer, items: Sequence[Item]) -> Extras:
    """The newest version of each document, as templates show a file.  Queries: 1."""
    by_id = {i.pk: i for i in items}
    versions = FileVersion.objects.filter(item__in=by_id).select_related("blob").order_by("number")
    return {v.item_id: _shown(by_id[v.item_id], v, viewer) for v in versions}


def _shown(item: Item, version: FileVersion, viewer: Viewer) -> dict[str, Any]:
    return {
        "item": item,
        "file": version,
        "name": version.name,
        "url": _url(item, viewer),
        "src": reverse("document_file", args=[viewer.network.slug, item.key]),
        "form": item.form,
        "size_bytes": version.blob.size_bytes,
        "is_image": version.media_type in SHOWN_INLINE,
    }


def _url(item: Item, viewer: Viewer) -> str:
    return reverse("document", args=[viewer.network.slug, item.key])


def _texts(item: Item) -> Texts:
    return Texts(title=item.title, body=item.text)


def _offers(viewer: Viewer, item: Item) -> list[Offer]:
    return []


DOCUMENT = KindSpec(
    kind=Kind.DOCUMENT,
    label=_("Document"),
    plural=_("Documents"),
    icon="doc",
    url=_url,
    card="files/document.html#card",
    line="files/document.html#line",
    mail="files/document.html#mail",
    plain="files/document.txt",
    load=_load,
    texts=_texts,
    offers=_offers,
    facets=("community", "person", "period", "form"),
)
