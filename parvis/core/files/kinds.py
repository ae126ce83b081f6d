"""How a document is shown."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parvis.core.files.models import FileVersion
from parvis.core.items.kinds import Extras, KindSpec, Offer, Texts
from parvis.core.items.models import Item, Kind
from parvis.core.people.viewer import Viewer


def _load(viewer: Viewer, items: Sequence[Item]) -> Extras:
    """The newest version of each document.  Queries: 1."""
    versions = FileVersion.objects.filter(item__in=[i.pk for i in items]).select_related("blob").order_by("number")
    return {v.item_id: {"file": v} for v in versions}


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
