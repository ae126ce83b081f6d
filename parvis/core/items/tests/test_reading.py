"""Reading writes nothing while a page is served, and is not forgotten."""

import datetime as dt

import pytest

from parvis.core.items import reading
from parvis.core.items.actions import NewItem, save_draft, system_publish_due
from parvis.core.items.jobs import system_erase_views
from parvis.core.items.models import Item, Pending, Seen, Signal, Verb
from parvis.core.items.reading import note_read
from parvis.core.people.models import Group
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_post
from tests.cast import Cast, as_, at


@pytest.fixture
def post(cast: Cast) -> Item:
    return publish_post(as_(cast.claire), cast.soudure.group, widest_audience(cast.soudure), body="<p>Bonjour</p>")


def test_reading_costs_no_query_and_is_written_by_the_flush(cast: Cast, post: Item, django_assert_num_queries) -> None:
    viewer = as_(cast.paul)
    with django_assert_num_queries(0):
        note_read(viewer, post, post.position)
    assert not Seen.objects.filter(person=cast.paul).exists()
    assert reading.flush() == 1
    assert Seen.objects.get(person=cast.paul).position == post.position
    view = Signal.objects.get(verb=Verb.VIEW)
    assert (view.actor_id, view.item_id, view.at, view.origin) == (cast.paul.pk, post.pk, viewer.now, "live")


def test_seen_never_moves_back(cast: Cast, post: Item) -> None:
    for position in (50, 40, 60, 10):
        note_read(as_(cast.paul), post, position)
        reading.flush()
    assert Seen.objects.get(person=cast.paul).position == 60


def test_a_reload_is_not_another_view(cast: Cast, post: Item) -> None:
    for minutes in (0, 3, 9, 11):
        note_read(as_(cast.paul, at(hours=1, minutes=minutes)), post, post.position)
        reading.flush()
    assert list(Signal.objects.filter(verb=Verb.VIEW).order_by("position").values_list("at", flat=True)) == [
        at(hours=1),
        at(hours=1, minutes=11),
    ]


def test_what_went_away_meanwhile_stops_nothing(cast: Cast, post: Item) -> None:
    note_read(as_(cast.paul), Item(pk=987_654), 1)
    note_read(as_(cast.paul), post, post.position)
    reading.flush()
    assert Seen.objects.filter(person=cast.paul).count() == 1


def test_a_flush_costs_the_same_for_one_reader_and_for_many(
    cast: Cast, post: Item, django_assert_max_num_queries
) -> None:
    for person in (cast.paul, cast.nadia, cast.denise):
        note_read(as_(person), post, post.position)
    with django_assert_max_num_queries(12):
        reading.flush()


def test_views_are_forgotten_after_ninety_days_and_nothing_else_is(cast: Cast, post: Item) -> None:
    note_read(as_(cast.paul), post, post.position)
    reading.flush()
    view = Signal.objects.get(verb=Verb.VIEW)
    assert system_erase_views(view.recorded_at + dt.timedelta(days=89)) == 0
    others = Signal.objects.exclude(verb=Verb.VIEW).count()
    assert system_erase_views(view.recorded_at + dt.timedelta(days=91)) == 1
    assert Signal.objects.count() == others


def test_a_post_whose_place_closed_meanwhile_stays_a_draft_and_holds_up_no_other(cast: Cast) -> None:
    audience = widest_audience(cast.soudure)
    held, free = (
        save_draft(
            as_(cast.claire),
            NewItem("post", cast.claire, audience, at(hours=1), place=place, body="<p>x</p>"),
            publish_at=at(hours=2),
        )
        for place in (cast.soudure.group, cast.achats.group)
    )
    Group.objects.filter(pk=cast.soudure.group_id).update(closed_at=at(hours=1))
    assert system_publish_due(at(hours=3)) == 1
    assert Pending.objects.get().item == held and system_publish_due(at(hours=4)) == 0
    assert Item.objects.visible_to(as_(cast.nadia)).filter(pk=free.pk).exists()
