"""Sixteen writers, readers running meanwhile: no signal is missed, none is read twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.installation import ROOT, Installation

pytestmark = pytest.mark.slow

MAKE = """
from django.db import connection
from parvis.core.people.actions import *
from parvis.work.communities.actions import *
now = dt.datetime(2026, 11, 18, 9, 30, tzinfo=dt.UTC)
net = create_network("vauban", "Ateliers Vauban", now)
people = create_people(net, [NewPerson(f"Personne {n}") for n in range(16)], now)
create_communities(net, [NewCommunity("Soudure", people[0], members=people), NewCommunity("Ventes", people[1], members=people)], now)
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE test_seen (position bigint)")
answer = 1
"""

# Each writer mixes short deeds with ones that stay open a while before and after their signal was numbered.
WRITE = """
import sys, threading, random, django
django.setup()
import datetime as dt
from django.db import connection, transaction
from parvis.core.people.models import Person
from parvis.core.people.viewer import viewer_for
from parvis.work.communities.models import Community
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_post, publish_comment
first, count, deeds = (int(a) for a in sys.argv[1:4])
now = dt.datetime(2026, 11, 18, 10, tzinfo=dt.UTC)
def write(number):
    luck = random.Random(number)
    viewer = viewer_for(Person.objects.get(name=f"Personne {number}"), now)
    places = list(Community.objects.select_related("group__network").order_by("pk"))
    for _ in range(deeds):
        place = luck.choice(places)
        with transaction.atomic():
            made = publish_post(viewer, place.group, widest_audience(place), body="<p>Bonjour</p>")
            if luck.random() < .3:
                publish_comment(viewer, made, body="<p>Suite</p>")
            if luck.random() < .2:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM items_item a, items_item b" if connection.vendor == "sqlite" else "SELECT pg_sleep(.02)")
            if luck.random() < .1:
                transaction.set_rollback(True)
    connection.close()
threads = [threading.Thread(target=write, args=(n,)) for n in range(first, first + count)]
[t.start() for t in threads]; [t.join() for t in threads]
"""

READ = """
import sys, django
django.setup()
import datetime as dt, pathlib
from django.db import connection
from parvis.core.items.readers import Reader, Sort, step
def read(signals):
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO test_seen VALUES (%s)", [[s.position] for s in signals])
reader = Reader("test.order", Sort.MEMORY, read, batch=7)
stop = pathlib.Path(sys.argv[1])
while True:
    ended = stop.exists()
    if not step(reader, dt.datetime.now(dt.UTC)) and ended:
        break
"""

LOOK = """
from django.db import connection
from parvis.core.items.models import Item, Signal
with connection.cursor() as cursor:
    cursor.execute("SELECT position FROM test_seen")
    seen = sorted(row[0] for row in cursor.fetchall())
written = sorted(Signal.objects.values_list("position", flat=True))
items = Item.objects.filter(kind__in=["post", "comment"]).count()
answer = {"seen": seen, "written": written, "items": items, "creates": Signal.objects.filter(verb="Create", item__kind__in=["post", "comment"]).count()}
"""


def test_sixteen_writers_and_two_readers_miss_nothing(tmp_path: Path, fresh_database: Databases) -> None:
    place = Installation(tmp_path / "data", fresh_database.of_this_run())
    place.migrate()
    place.python(MAKE)
    stop = tmp_path / "stop"
    readers = [_start(place, READ, str(stop)) for _ in range(2)]
    writers = [_start(place, WRITE, str(first), "4", "40") for first in (0, 4, 8, 12)]
    try:
        for writer in writers:
            assert writer.wait(600) == 0
        stop.touch()
        for reader in readers:
            assert reader.wait(300) == 0
    finally:
        for process in writers + readers:
            process.kill()
            process.wait()
    found = place.python(LOOK)
    assert found["items"] == found["creates"] > 500
    assert found["seen"] == found["written"]


def _start(place: Installation, code: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=place.environment(), cwd=ROOT)
