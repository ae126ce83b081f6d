"""What every page's shell needs, asked for only when a template reads it."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from parvis.core.people.account_pages import account_context
from parvis.core.people.viewer import Viewer
from parvis.exchange.demo.access import is_open_here
from parvis.exchange.demo.queries import system_demo_address
from parvis.work.communities.places import place_of
from parvis.work.communities.queries import my_communities

# The rooms that exist: (address name, label, icon, first part of their addresses).
ROOMS = [
    ("home", _("Home"), "home", ""),
    ("communities", _("Communities"), "groups", "communities"),
    ("directory", _("Directory"), "people", "people"),
]

# What every page of a signed-in person runs beside core.ui's: (in this order) files of static folders.
SCRIPTS = ["live/connect.js", "live/thread.js", "live/feed.js", "live/leave.js"]


def shell(request: HttpRequest) -> dict[str, Any]:
    """What `ui/shell.html` asks for; where nobody is signed in to a network, the way into the demonstration only."""
    viewer = getattr(request, "viewer", None)
    if viewer is None:
        return {
            "viewer": None,
            "demo_url": SimpleLazyObject(lambda: system_demo_address(request.headers)),
            **account_context(request),
        }
    slug = viewer.network.slug
    room = request.path.removeprefix(f"/{slug}/").split("/")[0]
    nav = [
        {"url": reverse(name, args=[slug]), "label": label, "icon": icon, "is_current": room == first}
        for name, label, icon, first in ROOMS
        if _exists(name, slug)
    ]
    return {
        "viewer": viewer,
        "network": viewer.network,
        "nav": nav,
        "scripts": [static(script) for script in SCRIPTS],
        "mine": SimpleLazyObject(lambda: _mine(viewer, request.path)),
        "mine_url": reverse("communities", args=[slug]),
        "home_url": reverse("home", args=[slug]),
        "ask_url": reverse("search", args=[slug]) if _exists("search", slug) else "",
        "suggest_url": reverse("search_suggestions", args=[slug]) if _exists("search_suggestions", slug) else "",
        "notifications_url": reverse("notifications", args=[slug]),
        "compose_url": reverse("write", args=[slug]),
        "profile_url": reverse("person", args=[slug, viewer.person.key]),
        "settings_url": reverse("profile", args=[slug]),
        "demo_url": reverse("demo", args=[slug]) if is_open_here(viewer.network, request.headers) else "",
        "admin_url": reverse(_desk_or_admin(viewer), args=[slug]) if viewer.is_administrator or viewer.is_desk else "",
    }


def _desk_or_admin(viewer: Viewer) -> str:
    return "admin" if viewer.is_administrator else "desk"


def _mine(viewer: Viewer, path: str) -> list[dict[str, Any]]:
    """The viewer's communities for the rail.  Queries: 1."""
    found = (place_of(viewer, row) for row in my_communities(viewer))
    return [
        {
            "name": place.name,
            "key": place.key,
            "url": place.url,
            "is_current": path == place.url or path.startswith(place.url + "/"),
        }
        for place in found
    ]


def _exists(name: str, slug: str) -> bool:
    try:
        reverse(name, args=[slug])
    except NoReverseMatch:
        return False
    return True
