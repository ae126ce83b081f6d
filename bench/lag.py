"""Writes one deed every 50 ms; watches how long each reader takes to pass it, and how long until a browser is told of it.

python -m bench.lag SECONDS   → prints reader → p50 and max of the lag in milliseconds, as JSON. Run inside a running
installation; "live" is what a browser that listens to the streams would see.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time

import django

django.setup()

from allauth.usersessions.models import UserSession  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.utils import timezone  # noqa: E402

from parvis.core.items.models import Item, ReaderCursor  # noqa: E402
from parvis.core.people.models import Person, PersonKind  # noqa: E402
from parvis.core.people.viewer import viewer_for  # noqa: E402
from parvis.core.runtime import env  # noqa: E402
from parvis.experience.live import tickets  # noqa: E402
from parvis.work.communities.models import Community  # noqa: E402
from parvis.work.conversations.actions import publish_comment  # noqa: E402


class Told:
    """What a browser of somebody hears. at: position of the log → when (seconds, of `perf_counter`)."""

    def __init__(self, person: Person) -> None:
        self.at: dict[int, float] = {}
        session = SessionStore()
        session.create()
        row = UserSession.objects.create(
            user=person.account, ip="127.0.0.1", session_key=session.session_key, user_agent=""
        )
        ticket = tickets.issue(person.pk, person.network_id, row.pk, 0, time.time())
        self._connection = http.client.HTTPConnection("127.0.0.1", env.number("PARVIS_PORT") + 1)
        origin = f"http://localhost:{env.number('PARVIS_PORT')}"
        self._connection.request("GET", f"/live?ticket={ticket}", headers={"Origin": origin})
        self._stream = self._connection.getresponse()
        if self._stream.status != 200:
            raise RuntimeError(f"the streams answered {self._stream.status}")
        self._stream.readline()  # it is open
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._stream:
            if line.startswith(b"id: "):
                self.at[int(line[4:])] = time.perf_counter()


def main(seconds: float) -> None:
    place = Community.objects.select_related("item").order_by("pk").first()
    assert place is not None
    owner = Person.objects.select_related("network").get(pk=place.item.author_id)
    root = Item.objects.filter(kind="post", place=place.group).order_by("-pk").first()
    assert root is not None
    lags: dict[str, list[float]] = {}
    told = Told(Person.objects.filter(account__isnull=False, kind=PersonKind.MEMBER).select_related("account")[0])
    written: dict[int, float] = {}
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        made = publish_comment(viewer_for(owner, timezone.now()), root, body="<p>Une réponse.</p>")
        start = written[made.position] = time.perf_counter()
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
    time.sleep(1)
    lags["live"] = [max(0, told.at[p] - start) * 1000 if p in told.at else 10_000 for p, start in written.items()]
    print(json.dumps({name: [sorted(x)[len(x) // 2], max(x)] for name, x in sorted(lags.items())}))


if __name__ == "__main__":
    main(float(sys.argv[1]))
