"""What deeds do to items, feeds and the log."""

import pytest

from parvis.core.items.access import Forbidden
from parvis.core.items.actions import (
    Conflict,
    delete_item,
    edit_item,
    publish,
    remove_item,
    restore_item,
    set_audience,
    widen,
)
from parvis.core.items.audiences import audience_of, everyone, nobody
from parvis.core.items.models import Item, Revision, Signal, Verb
from parvis.core.items.queries import Missing, answers_of, newest_threads, place_threads, thread_for
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post, save_post, share
from tests.cast import Cast, as_, at


def post(cast: Cast, person, community, body="<p>Bonjour</p>", now=None, **more) -> Item:
    return publish_post(as_(person, now), community.group, widest_audience(community), body=body, **more)


def test_the_same_principals_are_always_the_same_audience(cast: Cast) -> None:
    assert audience_of(cast.vauban, [3, -1, 3]).pk == audience_of(cast.vauban, [-1, 3]).pk
    assert audience_of(cast.vauban, []).pk == nobody(cast.vauban).pk
    assert audience_of(cast.nord, [0]).pk != everyone(cast.vauban).pk


def test_a_public_post_reaches_every_member_and_nobody_else(cast: Cast) -> None:
    made = post(cast, cast.claire, cast.soudure)
    readers = {
        p.name
        for p in (cast.claire, cast.paul, cast.nadia, cast.denise, cast.gaspard, cast.otto, cast.yann)
        if made in newest_threads(as_(p))
    }
    assert readers == {"Claire Martin", "Paul Renaud", "Nadia Benali", "Denise Roy"}


def test_a_private_post_reaches_only_its_group(cast: Cast) -> None:
    made = post(cast, cast.denise, cast.direction)
    assert newest_threads(as_(cast.paul)) == [made]
    assert newest_threads(as_(cast.nadia)) == []
    assert newest_threads(as_(cast.claire)) == []


def test_feeds_are_merged_by_activity_and_paged(cast: Cast) -> None:
    made = [post(cast, cast.paul, [cast.soudure, cast.direction][n % 2], now=at(hours=1, minutes=n)) for n in range(9)]
    publish_comment(as_(cast.paul, at(hours=3)), made[0], body="<p>Oui</p>")
    viewer = as_(cast.paul)
    first = newest_threads(viewer, limit=4)
    assert first == [made[0], made[8], made[7], made[6]]
    from parvis.core.items.queries import cursor_after, parse_cursor

    second = newest_threads(viewer, limit=4, before=parse_cursor(str(cursor_after(first))))
    assert second == [made[5], made[4], made[3], made[2]]
    assert newest_threads(viewer, limit=4, before=cursor_after(second)) == [made[1]]


def test_answers_have_the_audience_of_their_thread_when_it_changes(cast: Cast) -> None:
    made = post(cast, cast.denise, cast.direction)
    answer = publish_comment(as_(cast.paul), made, body="<p>D’accord</p>")
    assert not Item.objects.visible_to(as_(cast.nadia)).filter(pk=answer.pk).exists()
    widen(as_(cast.denise), made, [0])
    assert answers_of(as_(cast.nadia), made) == [answer]
    set_audience(as_(cast.denise), made, audience_of(cast.vauban, [-cast.denise.pk]))
    with pytest.raises(Missing):
        thread_for(as_(cast.paul), made.key)
    assert answers_of(as_(cast.paul), made) == []


def test_only_the_author_or_a_moderator_widens(cast: Cast) -> None:
    made = post(cast, cast.denise, cast.direction)
    with pytest.raises(Forbidden):
        widen(as_(cast.paul), made, [0])


def test_an_edit_keeps_what_was_said_and_refuses_a_stale_one(cast: Cast) -> None:
    made = post(cast, cast.claire, cast.soudure, body="<p>Avant</p>")
    edit_item(as_(cast.claire), made, title="", body="<p>Après</p>", revision=1)
    with pytest.raises(Conflict) as conflict:
        edit_item(as_(cast.claire), made, title="", body="<p>Ailleurs</p>", revision=1)
    assert conflict.value.current.body == "<p>Après</p>"
    assert list(Revision.objects.values_list("number", "body")) == [(1, "<p>Avant</p>")]


def test_a_deleted_post_is_blank_and_its_answers_stay(cast: Cast) -> None:
    made = post(cast, cast.claire, cast.soudure, title="Secret", body="<p>Mot</p>")
    answer = publish_comment(as_(cast.paul), made, body="<p>Oui</p>")
    edit_item(as_(cast.claire), made, title="Secret", body="<p>Mot 2</p>", revision=1)
    delete_item(as_(cast.claire), made)
    made.refresh_from_db()
    assert (made.title, made.body, made.text) == ("", "", "")
    assert not Revision.objects.filter(item=made).exists()
    assert newest_threads(as_(cast.claire)) == []
    assert thread_for(as_(cast.nadia), made.key) == made
    assert answers_of(as_(cast.nadia), made) == [answer]


def test_moderation_hides_a_thread_and_gives_it_back(cast: Cast) -> None:
    made = post(cast, cast.paul, cast.soudure)
    publish_comment(as_(cast.nadia), made, body="<p>Oui</p>")
    remove_item(as_(cast.claire), made)
    for person in (cast.paul, cast.nadia, cast.denise):
        with pytest.raises(Missing):
            thread_for(as_(person), made.key)
    assert thread_for(as_(cast.claire), made.key) == made
    with pytest.raises(Forbidden):
        publish(made, at(hours=2))
    restore_item(as_(cast.claire), made)
    assert len(answers_of(as_(cast.paul), thread_for(as_(cast.paul), made.key))) == 1


def test_a_button_pressed_twice_does_not_forget_who_saw_what_was_removed(cast: Cast) -> None:
    made = post(cast, cast.paul, cast.soudure)
    for _ in range(2):
        remove_item(as_(cast.claire), made)
    restore_item(as_(cast.claire), made)
    assert thread_for(as_(cast.nadia), made.key) == made


def test_a_draft_is_its_authors_alone_until_published(cast: Cast) -> None:
    draft = save_post(as_(cast.claire), cast.soudure.group, widest_audience(cast.soudure), title="", body="<p>x</p>")
    assert newest_threads(as_(cast.paul)) == newest_threads(as_(cast.claire)) == []
    assert not Signal.objects.filter(item=draft).exists()
    publish(draft, at(hours=2))
    assert newest_threads(as_(cast.paul)) == [draft]
    assert Signal.objects.get(item=draft).verb == Verb.CREATE


def test_a_share_says_nothing_of_its_original_to_those_who_may_not_open_it(cast: Cast) -> None:
    original = post(cast, cast.denise, cast.direction)
    from parvis.core.items.kinds import cards

    made = share(as_(cast.paul), original, cast.soudure.group, widest_audience(cast.soudure), body="<p>Voyez</p>")
    assert cards(as_(cast.paul), [made])[0].extra["shared"]["item"] == original
    assert cards(as_(cast.nadia), [made])[0].extra["shared"] is None
    with pytest.raises(Missing):
        share(as_(cast.claire), original, cast.soudure.group, widest_audience(cast.soudure))


def test_posting_needs_membership_and_answering_needs_to_see(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        post(cast, cast.nadia, cast.soudure)
    made = post(cast, cast.denise, cast.direction)
    with pytest.raises(Missing):
        publish_comment(as_(cast.nadia), made, body="<p>Oui</p>")


def test_the_log_says_who_when_where_and_to_how_many(cast: Cast) -> None:
    made = post(cast, cast.claire, cast.soudure)
    signal = Signal.objects.get(item=made)
    assert (signal.actor, signal.verb, signal.place, signal.fanout) == (cast.claire, Verb.CREATE, cast.soudure.group, 4)
    assert made.position == signal.position and signal.at == at(hours=1)


def test_a_feed_costs_the_same_number_of_queries_for_one_thread_and_for_thirty(
    cast: Cast, django_assert_num_queries
) -> None:
    post(cast, cast.claire, cast.soudure)
    viewer = as_(cast.paul)
    with django_assert_num_queries(4):
        newest_threads(viewer)
    for n in range(40):
        post(cast, cast.paul, [cast.soudure, cast.direction][n % 2], now=at(hours=2, minutes=n))
    with django_assert_num_queries(4):
        assert len(newest_threads(viewer)) == 30


def test_places_list_only_what_the_viewer_may_see(cast: Cast) -> None:
    shown = post(cast, cast.claire, cast.soudure)
    hidden = post(cast, cast.paul, cast.soudure, now=at(hours=2))
    set_audience(as_(cast.paul), hidden, audience_of(cast.vauban, [-cast.paul.pk]))
    assert place_threads(as_(cast.nadia), cast.soudure.group) == [shown]
    assert place_threads(as_(cast.paul), cast.soudure.group) == [hidden, shown]
