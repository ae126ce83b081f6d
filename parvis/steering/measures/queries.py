"""Reading the counts."""

from __future__ import annotations

import dataclasses
import datetime as dt

from django.db.models import Q, Sum

from parvis.core.items.access import Act, require
from parvis.core.items.models import Origin
from parvis.core.people.viewer import Viewer
from parvis.steering.measures.models import Count

FEW = 5  # a smaller count could point at somebody


@dataclasses.dataclass(frozen=True, slots=True)
class Measure:
    """How often something was done by people lately. None stands for fewer than FEW, but more than none."""

    verb: str
    week: int | None
    month: int | None
    year: int | None


def measures(viewer: Viewer) -> list[Measure]:
    """What people did in the last 7, 30 and 365 days, by verb. For administrators: raises Forbidden.  Queries: 1."""
    require(viewer, Act.ADMINISTER)
    today = viewer.now.astimezone(dt.UTC).date()

    def since(days: int) -> Sum:
        return Sum("count", filter=Q(day__gt=today - dt.timedelta(days=days)), default=0)

    rows = Count.objects.filter(network=viewer.network, origin=Origin.LIVE, day__gt=today - dt.timedelta(days=365))
    found = rows.values_list("verb").annotate(week=since(7), month=since(30), year=since(365)).order_by("verb")
    return [Measure(verb, *(_said(n) for n in numbers)) for verb, *numbers in found]


def _said(number: int) -> int | None:
    return None if 0 < number < FEW else number
