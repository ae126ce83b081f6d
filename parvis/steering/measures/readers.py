"""The memory reader that counts. It looks at nothing but the signals, so that it tolerates whatever is gone."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from django.db import connection, models
from django.db.models.functions import TruncDate

from parvis.core.items.models import Signal, Verb
from parvis.core.items.readers import Reader, Sort
from parvis.steering.measures.models import Count

_Key = tuple[int, dt.date, str, int, str]


def count(signals: Sequence[Signal]) -> None:
    """Add these signals to the counts. Views are nobody's but their actor's: they are not counted."""
    counted: Counter[_Key] = Counter(
        (s.network_id, s.at.astimezone(dt.UTC).date(), s.verb, s.place_id or 0, s.origin)
        for s in signals
        if s.verb != Verb.VIEW
    )
    table = Count._meta.db_table
    rows = sorted(counted.items())
    for start in range(0, len(rows), 150):
        part = rows[start : start + 150]
        values = ",".join(["(%s, %s, %s, %s, %s, %s)"] * len(part))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (network_id, day, verb, place, origin, count) VALUES {values} "
                "ON CONFLICT (network_id, day, verb, place, origin) "
                f"DO UPDATE SET count = {table}.count + excluded.count",
                [
                    connection.ops.adapt_datefield_value(v) if isinstance(v, dt.date) else v
                    for key, n in part
                    for v in (*key, n)
                ],
            )


def rebuild() -> None:
    """Count the whole log anew."""
    Count.objects.all().delete()
    days = Signal.objects.exclude(verb=Verb.VIEW).annotate(day=TruncDate("at", tzinfo=dt.UTC))
    groups = (
        days.values_list("network_id", "day", "verb", "place_id", "origin")
        .order_by()
        .annotate(n=models.Count("position"))
    )
    Count.objects.bulk_create(
        [
            Count(network_id=network, day=day, verb=verb, place=place or 0, origin=origin, count=n)
            for network, day, verb, place, origin, n in groups
        ],
        batch_size=500,
    )


COUNT = Reader("measures.count", Sort.MEMORY, count, rebuild=rebuild)
