"""The tags of every page: icons, faces, times. `{% load ui %}`."""

import datetime as dt
import functools
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BaseForm, BoundField
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from parvis.core.ui import excerpt, faces, moments

register = template.Library()

TURNING = {"back", "chevron", "external", "list", "reply", "send", "share", "sign-out"}  # mirrored from right to left


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A line icon of `static/ui/icons.svg`. Decoration, unless `label` says what it means."""
    return _drawn(name, str(label))


@functools.lru_cache(maxsize=1024)
def _drawn(name: str, label: str) -> SafeString:
    """A page holds a hundred icons, nearly all of them alike."""
    says = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    shape = "i turns" if name in TURNING else "i"
    return format_html('<svg class="{}" {}><use href="{}#{}"/></svg>', shape, says, static("ui/icons.svg"), name)


@register.simple_tag
def avatar(person: Any, size: str = "") -> SafeString:
    """The face of `person` (has .name and .key, may have .picture_url), beside their name: decoration, not read out.

    size: "" (36 px), "s" (26), "l" (56) or "xl" (88).
    """
    name, key = _named(person)
    shape = f"avatar {size}".strip()
    if picture := _get(person, "picture_url"):
        return format_html('<img class="{}" src="{}" alt="" width="88" height="88" loading="lazy">', shape, picture)
    return format_html(
        '<span class="{} {}" aria-hidden="true">{}</span>',
        shape,
        faces.tint(key),
        faces.initials(name) or icon("person"),
    )


@register.simple_tag
def square(place: Any, size: str = "") -> SafeString:
    """The mark of a community (has .name and .key), beside its name: its initial on a soft tint."""
    name, key = _named(place)
    shape = f"square {size}".strip()
    letter = faces.initials(name)[:1] or icon("groups")
    return format_html('<span class="{} {}" aria-hidden="true">{}</span>', shape, faces.tint(key), letter)


@register.simple_tag(takes_context=True)
def when(context: Context, at: dt.datetime | None) -> SafeString | str:
    """A `<time>` with the short form of an instant for this reader; the full one is its title."""
    if at is None:
        return ""
    now, zone = _now(context), _zone(context)
    words, settled = moments.moment_words(at, now, zone), moments.settled_words(at, now, zone)
    # what changes within the hour carries the words that follow, for when.js
    later = format_html(' data-later="{}"', settled) if words != settled else ""
    full = moments.full_words(at, zone)
    return format_html('<time datetime="{}" title="{}" data-when{}>{}</time>', _stamp(at), full, later, words)


@register.simple_tag(takes_context=True)
def now_stamp(context: Context) -> str:
    """The instant at which this page is made, for when.js."""
    return _stamp(_now(context))


@register.simple_tag(takes_context=True)
def day(context: Context, date: dt.date | None, named: bool = True) -> SafeString | str:
    """A `<time>` with a whole day: « demain », « lundi 30 novembre ». An instant is taken in the reader's zone.

    named=False says the date even of today: « mercredi 18 novembre ».
    """
    if date is None:
        return ""
    zone = _zone(context)
    if isinstance(date, dt.datetime):
        date = date.astimezone(zone).date()
    words = moments.day_words(date, _now(context).astimezone(zone).date(), named=named)
    return format_html('<time datetime="{}">{}</time>', date.isoformat(), words)


@register.simple_tag
def clock(at: dt.time | dt.datetime) -> str:
    """A time of day: « 9 h 30 »."""
    return moments.clock_words(at)


@register.filter
def plain_text_excerpt(text: str | None, limit: int = 200) -> str:
    """The beginning of a body as plain words, at most `limit` characters."""
    return excerpt.plain_excerpt(text or "", limit)


@register.filter
def all_required(form: BaseForm) -> bool:
    """Whether each of two or more visible fields must be filled: then it is said once, above them."""
    fields = form.visible_fields()
    return len(fields) > 1 and all(f.field.required for f in fields)


@register.filter
def focused(form: BaseForm) -> BaseForm:
    """The form with the cursor in its first empty field, unless its summary of errors is to be read first."""
    if not form.is_bound or not form.errors:
        for field in form.visible_fields():
            if not field.value():
                field.field.widget.attrs["autofocus"] = True
                break
    return form


@register.filter
def first_id(field: BoundField) -> str:
    """The id of the control that a link to `field` leads to: of its first choice where it is a group."""
    return f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label


def _stamp(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _now(context: Context) -> dt.datetime:
    return _get(context.get("viewer"), "now") or context.get("now") or timezone.now()


def _zone(context: Context) -> dt.tzinfo:
    zone = _get(context.get("viewer"), "zone")
    if isinstance(zone, str) and zone:
        return ZoneInfo(zone)
    return zone or timezone.get_current_timezone()


def _named(thing: Any) -> tuple[str, str]:
    return str(_get(thing, "name") or ""), str(_get(thing, "key") or "")


def _get(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None)
