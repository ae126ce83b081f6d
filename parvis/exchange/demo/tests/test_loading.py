"""The network as made: the same each time, only once, whole, and with something new for each of the six."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from parvis.core.files.models import FileVersion
from parvis.core.items.models import Item, Kind, Origin, Part, PartRole, SetAside, Signal
from parvis.core.items.queries import newest_threads, seen_positions
from parvis.core.people.actions import create_network
from parvis.core.people.models import Network, Person, PersonKind
from parvis.core.people.viewer import viewer_for
from parvis.exchange.demo.actions import load_demo
from parvis.exchange.demo.attachments import ATTACHMENTS
from parvis.exchange.demo.cast import CAST, PARTS
from parvis.exchange.demo.script import read_places

NOW = dt.datetime(2026, 11, 18, 16, 30, tzinfo=dt.UTC)
ENTRIES = [entry for place in read_places() for story in place.stories for entry in story.entries]

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def _told() -> list[tuple[Any, ...]]:
    words = Item.objects.filter(kind__in=[Kind.POST, Kind.COMMENT]).order_by("pk")
    return list(words.values_list("key", "created_at", "author__name", "title", "text", "place__name"))


def test_the_whole_story_is_made() -> None:
    network = load_demo(NOW)
    assert network is not None and network.is_demo
    assert Item.objects.filter(kind=Kind.COMMUNITY).count() == len(read_places())
    assert len(_told()) == len(ENTRIES)
    assert sorted(FileVersion.objects.values_list("name", flat=True)) == sorted(ATTACHMENTS)
    people = Person.objects.filter(network=network).exclude(kind=PersonKind.APPLICATION)
    assert sorted(people.values_list("name", flat=True)) == sorted(one.name for one in CAST)
    assert not Item.objects.filter(created_at__gt=NOW).exists()
    assert not Signal.objects.filter(at__gt=NOW).exists()
    assert set(Signal.objects.filter(verb="Create").values_list("origin", flat=True)) == {Origin.DEMO}


def test_loading_again_changes_nothing() -> None:
    load_demo(NOW)
    before = _told(), Signal.objects.count(), Person.objects.count()
    assert load_demo(NOW + dt.timedelta(days=3), seed=5) is None
    assert (_told(), Signal.objects.count(), Person.objects.count()) == before


def test_a_company_that_has_the_address_keeps_it() -> None:
    create_network("vauban", "Vauban et fils", NOW)
    assert load_demo(NOW) is None
    assert not Network.objects.get().is_demo
    assert not Item.objects.exists()


def test_the_same_moment_and_seed_make_the_same_story() -> None:
    def made(seed: int) -> list[tuple[Any, ...]]:
        with transaction.atomic():
            load_demo(NOW, seed)
            told = _told()
            transaction.set_rollback(True)
        return told

    first = made(1)
    assert made(1) == first
    other = made(2)
    assert {key for key, *_ in other}.isdisjoint(key for key, *_ in first)
    assert sorted(text for *_, text, _ in other) == sorted(text for *_, text, _ in first)


def test_it_is_made_in_bulk() -> None:
    with CaptureQueriesContext(connection) as queries:
        load_demo(NOW)
    # Two for each thread that grew, some twenty for each community and file; none for each comment.
    assert len(queries) < 800


def test_links_and_mentions_lead_somewhere() -> None:
    load_demo(NOW)
    keys = set(Item.objects.values_list("key", flat=True)) | set(Person.objects.values_list("key", flat=True))
    addresses = [a for body in Item.objects.values_list("body", flat=True) for a in re.findall(r'href="([^"]+)"', body)]
    assert len(addresses) > 30
    for address in addresses:
        assert address.startswith("/vauban/")
        assert keys & set(address.split("/")), address
    assert not Item.objects.filter(text__contains="](").exists()
    assert not Item.objects.filter(text__contains="@[").exists()
    mentions = Part.objects.filter(role=PartRole.MENTIONED)
    assert mentions.count() == sum(len(set(entry.mentions)) for entry in ENTRIES)


def test_each_of_the_six_finds_something_new_and_much_that_is_read() -> None:
    load_demo(NOW)
    for part in PARTS:
        viewer = viewer_for(Person.objects.select_related("network").get(name=part.name), NOW)
        threads = newest_threads(viewer, limit=200)
        seen = seen_positions(viewer, threads)
        new = [thread for thread in threads if seen.get(thread.pk, 0) < thread.position]
        assert 5 <= len(new) <= 25, part.name
        assert len(threads) - len(new) > 30, part.name


def test_the_guest_sees_the_suppliers_community_only() -> None:
    load_demo(NOW)
    sandrine = Person.objects.select_related("network").get(name="Sandrine Pichon")
    threads = newest_threads(viewer_for(sandrine, NOW), limit=200)
    assert {thread.place.name for thread in threads if thread.place} == {"Tôle & approvisionnements"}


def test_every_reader_takes_it(drain_log: Callable[[], int]) -> None:
    load_demo(NOW)
    drain_log()
    assert not SetAside.objects.exists()
