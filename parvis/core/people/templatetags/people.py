"""Tags of the doors. `{% load people %}`."""

from django import template
from django.template.context import Context
from django.utils.http import urlencode

from parvis.core.people.doors import next_of

register = template.Library()


@register.simple_tag(takes_context=True)
def next_query(context: Context) -> str:
    """`?next=…` when the page was asked for on the way to another, else ''."""
    wanted = next_of(context["request"])
    return "?" + urlencode({"next": wanted}) if wanted else ""
