"""How a community is shown."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parvis.core.items.kinds import Extras, KindSpec, Offer, Texts
from parvis.core.items.models import Item, Kind
from parvis.core.people.viewer import Viewer
from parvis.work.communities.models import Community
from parvis.work.communities.places import place_of


def _load(viewer: Viewer, items: Sequence[Item]) -> Extras:
    """The community of each item, and its address.  Queries: 1."""
    rows = Community.objects.filter(item__in=[i.pk for i in items]).select_related("group", "item")
    return {
        row.item_id: {
            "community": row,
            "place": place_of(viewer, row),
            "is_mine": row.group_id in viewer.community_ids,
        }
        for row in rows
    }


def _url(item: Item, viewer: Viewer) -> str:
    return reverse("community_by_key", args=[viewer.network.slug, item.key])


def _texts(item: Item) -> Texts:
    return Texts(title=item.title, body=item.text)


def _offers(viewer: Viewer, item: Item) -> list[Offer]:
    return []


COMMUNITY = KindSpec(
    kind=Kind.COMMUNITY,
    label=_("Community"),
    plural=_("Communities"),
    icon="groups",
    url=_url,
    card="communities/item.html#card",
    line="communities/item.html#line",
    mail="communities/item.html#mail",
    plain="communities/item.txt",
    load=_load,
    texts=_texts,
    offers=_offers,
    facets=(),
)
