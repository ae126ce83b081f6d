"""Jobs of the log."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from parvis.core.items.log import head
from parvis.core.items.models import Signal, Verb
from parvis.core.runtime.jobs import job

VIEWS_KEPT = dt.timedelta(days=90)
_STRIDE = 20_000  # positions looked at by one statement


@job("items.erase_views", every=dt.timedelta(days=1))
def erase_views() -> None:
    """Forget who looked at what more than 90 days ago."""
    system_erase_views(timezone.now())


def system_erase_views(now: dt.datetime) -> int:
    """Erase the View signals recorded before `now` less 90 days. Returns how many. In short transactions."""
    limit = now - VIEWS_KEPT
    end, start, erased = head(), 0, 0
    while start < end:
        part = Signal.objects.filter(position__gt=start, position__lte=start + _STRIDE)
        first = part.order_by("position").values_list("recorded_at", flat=True).first()
        if first is not None and first >= limit:
            break
        erased += part.filter(verb=Verb.VIEW, recorded_at__lt=limit)._raw_delete(using="default")
        start += _STRIDE
    return erased
