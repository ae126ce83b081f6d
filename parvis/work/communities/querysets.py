"""The door to communities: through their items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from parvis.core.items.models import Item
from parvis.core.people.viewer import Viewer

if TYPE_CHECKING:
    from parvis.work.communities.models import Community


class CommunityQuerySet(models.QuerySet["Community"]):
    def visible_to(self, viewer: Viewer) -> CommunityQuerySet:
        """Those that the viewer may know of."""
        return self.filter(item__in=Item.objects.visible_to(viewer), network=viewer.network)
