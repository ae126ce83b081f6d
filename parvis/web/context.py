"""What every page's shell needs, asked for only when a template reads it."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from parvis.work.communities.queries import my_communities

# The rooms that exist: (address name, label, icon).
ROOMS = [
    ("home", _("Home"), "home"),
    ("communities", _("Communities"), "groups"),
    ("directory", _("Directory"), "people"),
]

# What every page of a signed-in person runs beside core.ui's: (in this order) files of static folders.
SCRIPTS = ["live/connect.js", "live/thread.js", "live/feed.js", "live/leave.js"]


def shell(request: HttpRequest) -> dict[str, Any]:
    """`viewer`, `network`, `nav`, `mine`, `ask_url`; empty where nobody is signed in to a network."""
    viewer = getattr(request, "viewer", None)
    if viewer is None:
        return {"viewer": None}
    slug = viewer.network.slug
    current = request.resolver_match.url_name if request.resolver_match else ""
    nav = [
        {"url": reverse(name, args=[slug]), "label": label, "icon": icon, "is_current": name == current}
        for name, label, icon in ROOMS
        if _exists(name, slug)
    ]
    return {
        "viewer": viewer,
        "network": viewer.network,
        "nav": nav,
        "mine": SimpleLazyObject(lambda: my_communities(viewer)),
        "scripts": [static(script) for script in SCRIPTS],
        "ask_url": reverse("search", args=[slug]) if _exists("search", slug) else "",
        "suggest_url": reverse("search_suggestions", args=[slug]) if _exists("search_suggestions", slug) else "",
    }


def _exists(name: str, slug: str) -> bool:
    try:
        reverse(name, args=[slug])
    except NoReverseMatch:
        return False
    return True
