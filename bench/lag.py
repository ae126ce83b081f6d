"""Writes one deed every 50 ms and watches how long each reader takes to pass it. Run inside a running installation.

python -m bench.lag SECONDS   → prints reader → p50 and max of the lag in milliseconds, as JSON
"""

from __future__ import annotations

import json
import sys
import time

import django

django.setup()

from django.utils import timezone  # noqa: E402

from parvis.core.items.models import Item, ReaderCursor  # noqa: E402
from parvis.core.people.models import Person  # noqa: E402
from parvis.core.people.viewer import viewer_for  # noqa: E402
from parvis.work.communities.models import Community  # noqa: E402
from parvis.work.conversations.actions import publish_comment  # noqa: E402


def main(seconds: float) -> None:
    place = Community.objects.select_related("item").order_by("pk").first()
    assert place is not None
    owner = Person.objects.select_related("network").get(pk=place.item.author_id)
    root = Item.objects.filter(kind="post", place=place.group).order_by("-pk").first()
    assert root is not None
    lags: dict[str, list[float]] = {}
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        made = publish_comment(viewer_for(owner, timezone.now()), root, body="<p>Une réponse.</p>")
        start = time.perf_counter()
        waiting = set(ReaderCursor.objects.values_list("reader", flat=True))
        while waiting and time.perf_counter() < start + 10:
            for name in ReaderCursor.objects.filter(reader__in=waiting, position__gte=made.position).values_list(
                "reader", flat=True
            ):
                lags.setdefault(name, []).append((time.perf_counter() - start) * 1000)
                waiting.discard(name)
            time.sleep(0.002)
        for name in waiting:
            lags.setdefault(name, []).append(10_000)
        time.sleep(0.05)
    print(json.dumps({name: [sorted(x)[len(x) // 2], max(x)] for name, x in sorted(lags.items())}))


if __name__ == "__main__":
    main(float(sys.argv[1]))
