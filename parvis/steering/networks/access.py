"""Which parts of administration somebody may open."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from parvis.core.items.access import Act, can
from parvis.core.people.viewer import Viewer


def parts_of_administration(viewer: Viewer, current: str) -> list[dict[str, Any]]:
    """The tabs of administration, as `ui/components/subnav.html` takes them.

    current: name of the address of the part that is shown.  Queries: 0.
    """
    slug = viewer.network.slug
    shown = []
    if can(viewer, Act.ADMINISTER):
        shown += [("admin", _("Network")), ("admin_people", _("People"))]
    if can(viewer, Act.ADMINISTER) or current == "invitations":
        shown.append(("invitations", _("Invitations")))
    if can(viewer, Act.HAND_OUT_CODES):
        shown.append(("desk", _("Desk")))
    if can(viewer, Act.ADMINISTER):
        shown += [("measures", _("Measures")), ("admin_reviews", _("Review")), ("admin_readers", _("Health"))]
    return [{"label": label, "url": reverse(name, args=[slug]), "is_current": name == current} for name, label in shown]
