"""`{% load items %}`: cards of any kind, in any form."""

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from parvis.core.items.kinds import Card

register = template.Library()


@register.simple_tag(takes_context=True)
def show(context: Context, card: Card, form: str = "card", **more: object) -> SafeString:
    """The card in a form: "card", "line", "mail" or "plain". `more` is given to its template too."""
    found = context.template.engine.get_template(getattr(card.spec, form))  # type: ignore[union-attr]
    known = {"card": card, "item": card.item, "extra": card.extra, "url": card.url, "offers": card.offers, "spec": card.spec}
    with context.push(**known, **more):
        return found.render(context)
