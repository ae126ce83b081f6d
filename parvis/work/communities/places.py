"""Communities as places: where posts are written, and whom they reach."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet
from django.urls import reverse

from parvis.core.items.places import Place, PlaceSpec
from parvis.core.people.prepared import prepared
from parvis.core.people.viewer import Viewer
from parvis.work.communities.models import Community, Visibility
from parvis.work.communities.queries import my_communities, principals_of_place


def place_of(viewer: Viewer, community: Community) -> Place:
    """A community (item and group loaded) as a place.  Queries: 0."""
    return Place(
        community.group,
        community.name,
        reverse("community", args=[viewer.network.slug, community.slug]),
        principals_of_place(community),
        is_private=community.visibility != Visibility.PUBLIC,
        has_guests=community.has_guests,
    )


def _load(viewer: Viewer, group_ids: Collection[int]) -> dict[int, Place]:
    return {row.group_id: place_of(viewer, row) for row in _of_groups(viewer, group_ids)}


@prepared
def _of_groups(viewer: Viewer, group_ids: Collection[int]) -> QuerySet[Community]:
    return Community.objects.visible_to(viewer).filter(group__in=group_ids).select_related("item", "group")


def _mine(viewer: Viewer) -> list[Place]:
    return [place_of(viewer, row) for row in my_communities(viewer, limit=1000)]


COMMUNITY_PLACE = PlaceSpec(load=_load, mine=_mine)
