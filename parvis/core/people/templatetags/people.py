"""Tags of the doors. `{% load people %}`."""

from django import template
from django.template.context import Context
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from parvis.core.people.doors import next_of

register = template.Library()

# What a browser says of itself: the first that is found counts, since most name others as well.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Vivaldi": "Vivaldi",
    "SamsungBrowser": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chromium/": "Chromium",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@register.filter
def device(user_agent: str) -> str:
    """“Firefox on Windows”, from what a browser says of itself."""
    browser = next((name for sign, name in _BROWSERS.items() if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS.items() if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")


@register.simple_tag(takes_context=True)
def next_query(context: Context) -> str:
    """`?next=…` when the page was asked for on the way to another, else ''."""
    wanted = next_of(context["request"])
    return "?" + urlencode({"next": wanted}) if wanted else ""
