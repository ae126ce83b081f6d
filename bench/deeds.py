"""Writes as fast as it can, one deed a transaction, from some threads. Run inside an installation.

python -m bench.deeds THREADS SECONDS   → prints how many deeds, and the p50 and p99 of one, in milliseconds, as JSON
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from parvis.core.items.models import Item  # noqa: E402
from parvis.core.people.models import Person  # noqa: E402
from parvis.core.people.viewer import viewer_for  # noqa: E402
from parvis.work.communities.models import Community  # noqa: E402
from parvis.work.communities.queries import widest_audience  # noqa: E402
from parvis.work.conversations.actions import publish_comment, publish_post  # noqa: E402


def main(threads: int, seconds: float) -> None:
    places = list(Community.objects.select_related("group__network", "item").order_by("pk")[:20])
    audiences = [widest_audience(place) for place in places]
    roots = list(Item.objects.filter(kind="post", place__community__visibility="public").order_by("-pk")[:50])
    times: list[float] = []

    def write(number: int) -> None:
        luck = random.Random(number)
        turn = number % len(places)
        owner = Person.objects.select_related("network").get(pk=places[turn].item.author_id)
        until = time.perf_counter() + seconds
        while (start := time.perf_counter()) < until:
            viewer = viewer_for(owner, timezone.now())
            if luck.random() < 0.25:
                publish_post(
                    viewer, places[turn].group, audiences[turn], title="Essai", body="<p>Une phrase ou deux.</p>"
                )
            else:
                publish_comment(viewer, luck.choice(roots), body="<p>Une réponse.</p>")
            times.append(time.perf_counter() - start)
        connection.close()

    lanes = [threading.Thread(target=write, args=(n,)) for n in range(threads)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    times.sort()
    print(
        json.dumps(
            {
                "deeds": len(times),
                "rate": len(times) / seconds,
                "p50": times[len(times) // 2] * 1000,
                "p99": times[int(len(times) * 0.99)] * 1000,
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
