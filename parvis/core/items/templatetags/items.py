"""`{% load items %}`: cards of any kind, in any form."""

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from parvis.core.items.kinds import Card
from parvis.core.people.models import PersonKind

register = template.Library()


@register.simple_tag(takes_context=True)
def show(context: Context, card: Card, form: str = "card", **more: object) -> SafeString:
    """The card in a form: "card", "line", "mail" or "plain". `more` is given to its template too."""
    found = context.template.engine.get_template(getattr(card.spec, form))  # type: ignore[union-attr]
    known = {
        "card": card,
        "item": card.item,
        "extra": card.extra,
        "url": card.url,
        "offers": card.offers,
        "spec": card.spec,
    }
    with context.push(**known, **more):
        return found.render(context)


@register.filter
def is_guest(kind: str) -> bool:
    """Whether a person of this kind is from outside: pages say so beside their name."""
    return kind in (PersonKind.GUEST, PersonKind.CONTACT)


@register.filter
def older_url(cursor: object, page: str) -> str:
    """The address of the page that follows: `page` from this cursor on."""
    return f"{page}?before={cursor}"
