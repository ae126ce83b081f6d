"""The door to communities: through their items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef

from parvis.core.items.models import Item
from parvis.core.people.viewer import Viewer

if TYPE_CHECKING:
    from parvis.work.communities.models import Community


class CommunityQuerySet(models.QuerySet["Community"]):
    def visible_to(self, viewer: Viewer) -> CommunityQuerySet:
        """Those that the viewer may know of."""
        item = Item.objects.visible_to(viewer).filter(pk=OuterRef("item_id"))
        return self.filter(Exists(item), network=viewer.network)
