"""Tags of the doors. `{% load people %}`."""

from django import template
from django.template.context import Context
from django.utils.http import urlencode

from parvis.core.people.doors import next_of
from parvis.core.people.queries import system_code_door

register = template.Library()


@register.simple_tag(takes_context=True)
def next_query(context: Context) -> str:
    """`?next=…` when the page was asked for on the way to another, else ''."""
    wanted = next_of(context["request"])
    return "?" + urlencode({"next": wanted}) if wanted else ""


@register.simple_tag(takes_context=True)
def code_door(context: Context) -> str:
    """The address of the door for people without e-mail: of the network one is on the way to, or of the only one."""
    return system_code_door(next_of(context["request"]))
