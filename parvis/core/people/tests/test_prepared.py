"""Prepared queries answer what the queries themselves answer, whatever the values, and refuse what they cannot hold."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Collection

import pytest
from django.db import connection
from django.db.models import QuerySet

from parvis.core.items.models import Item
from parvis.core.people.models import Person
from parvis.core.people.prepared import NotPrepared, prepared
from parvis.core.people.viewer import Viewer
from tests.cast import Cast, as_, at


def _visible(viewer: Viewer, ids: Collection[int]) -> QuerySet[Item]:
    return Item.objects.visible_to(viewer).filter(pk__in=ids).select_related("author", "place").order_by("pk")


def _born(moments: Collection[dt.datetime], since: dt.datetime, name: str, *, most: int) -> QuerySet[Person, str]:
    rows = Person.objects.filter(created_at__in=moments, created_at__gte=since).exclude(name=name)
    return rows.order_by("pk").values_list("name", flat=True)[:most]


def _but(not_this: int) -> QuerySet[Person]:
    return Person.objects.exclude(pk=-not_this)


def test_rows_are_those_of_the_query_for_every_viewer_and_any_number_of_values(cast: Cast) -> None:
    ids = list(Item.objects.values_list("pk", flat=True))
    assert len(ids) >= 3
    fast = prepared(_visible)
    for viewer in (as_(person) for person in Person.objects.select_related("network")):
        for count in (1, 2, 3, len(ids), 0):
            rows, expected = fast(viewer, ids[:count]), list(_visible(viewer, ids[:count]))
            assert rows == expected
            assert [(r.title, r.author, r.place, r.created_at) for r in rows] == [
                (r.title, r.author, r.place, r.created_at) for r in expected
            ]


def test_instants_texts_and_negated_numbers_are_put_in(cast: Cast) -> None:
    people = list(Person.objects.order_by("pk"))
    born = {person.created_at for person in people}
    fast, but = prepared(_born), prepared(_but)
    for most in (2, 50):
        for since in sorted(born):
            for name in (people[0].name, "Personne"):
                assert fast(born, since, name, most=most) == list(_born(born, since, name, most=most))
    for person in people[:2]:
        assert {p.pk for p in but(-person.pk)} == {p.pk for p in people} - {person.pk}


def test_it_asks_once_and_nothing_where_nothing_can_be_found(cast: Cast, django_assert_num_queries: object) -> None:
    fast = prepared(_visible)
    viewer = as_(cast.claire)
    fast(viewer, [1])
    with django_assert_num_queries(1):  # type: ignore[operator]
        fast(viewer, [2])
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert fast(viewer, []) == []
        assert fast(dataclasses.replace(viewer, principals=frozenset()), [1]) == []


@pytest.mark.django_db(transaction=True)
def test_threads_share_a_statement_not_a_connection() -> None:
    fast = prepared(lambda number: Person.objects.filter(pk=number))
    fast(1)
    said: list[object] = []

    def ask() -> None:
        said.append(fast(2))
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert said == [[]]


def test_what_is_no_parameter_is_refused(cast: Cast) -> None:
    viewer = as_(cast.claire)
    with pytest.raises(NotPrepared):
        prepared(lambda viewer: Person.objects.filter(memberships__group__in=viewer.group_ids))(viewer)
    with pytest.raises(NotPrepared):
        prepared(lambda viewer: Person.objects.filter(name=str(viewer.zone)))(viewer)
    with pytest.raises(NotPrepared):
        prepared(lambda size: Person.objects.filter(pk=size))(1.5)
    with pytest.raises(NotPrepared):
        prepared(lambda at: Person.objects.filter(created_at=at).prefetch_related("memberships"))(at())
