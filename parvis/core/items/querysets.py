"""The door to items: what a viewer may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef

from parvis.core.items.models.audience import AudiencePrincipal

if TYPE_CHECKING:
    from parvis.core.items.models.item import Item
    from parvis.core.people.viewer import Viewer


class ItemQuerySet(models.QuerySet["Item"]):
    def visible_to(self, viewer: Viewer) -> ItemQuerySet:
        """The items whose audience holds one of the viewer's principals. The only rule of visibility.

        Made for pages that already ask for few rows (a key, a thread, a place); a feed of everything that
        one may see is `queries.newest_threads`, which costs the same however much there is.
        """
        if not viewer.principals:
            return self.none()
        # + 0 keeps databases from looking up each of the viewer's principals in each audience: an audience has few
        # principals, a viewer may have hundreds.
        allowed = AudiencePrincipal.objects.alias(reader=F("principal") + 0).filter(
            audience_id=OuterRef("audience_id"), reader__in=sorted(viewer.principals)
        )
        return self.filter(Exists(allowed), network=viewer.network)
