"""Reading communities. All take the viewer first."""

from __future__ import annotations

from parvis.core.items.models import Audience
from parvis.core.items.audiences import audience_of
from parvis.core.items.queries import Missing
from parvis.core.people.viewer import EVERYONE, Viewer
from parvis.work.communities.models import Community, Visibility


def communities(viewer: Viewer) -> list[Community]:
    """All communities that the viewer may know of, by name.  Queries: 1."""
    rows = Community.objects.visible_to(viewer).select_related("item", "group")
    return list(rows.order_by("item__title", "pk"))


def my_communities(viewer: Viewer, limit: int = 30) -> list[Community]:
    """Those that the viewer belongs to, by name.  Queries: 1."""
    rows = Community.objects.visible_to(viewer).filter(group__in=viewer.community_ids)
    return list(rows.select_related("item", "group").order_by("item__title", "pk")[:limit])


def community_for(viewer: Viewer, slug: str) -> Community:
    """The community with this slug. Raises Missing (404).  Queries: 1."""
    found = Community.objects.visible_to(viewer).select_related("item", "group").filter(slug=slug).first()
    if found is None:
        raise Missing
    return found


def widest_audience(community: Community) -> Audience:
    """Whom a post in this community reaches unless it is narrowed.

    Everyone for a public one, with its group where guests belong to it; its group for the others.  Queries: 1.
    """
    principals = {community.group.principal}
    if community.visibility == Visibility.PUBLIC:
        principals = {EVERYONE, *principals} if community.has_guests else {EVERYONE}
    return audience_of(community.group.network, principals)
