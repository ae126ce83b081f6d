"""What two open together: sealed authors, threads for review."""

import datetime as dt

import pytest

from parvis.core.items.access import Forbidden
from parvis.core.items.actions import NewItem, create_item, save_draft, set_audience
from parvis.core.items.audiences import audience_of
from parvis.core.items.models import Item, SealedAuthor, Signal, Unsealing, Verb
from parvis.core.items.opening import open_for_review, openings_of, requests_to_open, unseal, unsealings_of
from parvis.core.items.queries import Missing, answers_of, thread_for
from parvis.core.people.actions import (
    NewPerson,
    add_members,
    administrators_of,
    application_of,
    create_people,
    set_role,
)
from parvis.core.people.models import Account, Person, Role
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post
from tests.cast import Cast, as_, at


@pytest.fixture
def sealed(cast: Cast) -> Item:
    """An anonymous post by nadia in `soudure`, which claire owns and paul moderates."""
    set_role(cast.soudure.group, cast.paul, Role.MODERATOR, at(), actor=cast.claire)
    row = NewItem(
        kind="post",
        author=application_of(cast.vauban),
        audience=widest_audience(cast.soudure),
        at=at(),
        place=cast.soudure.group,
        body="<p>Anonyme</p>",
        in_feeds=True,
        sealed_for=cast.nadia,
    )
    return create_item(row)


def test_one_moderator_alone_reads_nothing_and_two_read_who_wrote(cast: Cast, sealed: Item) -> None:
    assert unseal(as_(cast.claire), sealed, "Menace") is None
    assert unseal(as_(cast.claire), sealed, "Menace, encore") is None
    assert unseal(as_(cast.paul), sealed, "Menace aussi") == cast.nadia
    assert unseal(as_(cast.claire), sealed, "Relire") == cast.nadia
    asked = unsealings_of(as_(cast.claire), sealed)
    assert [(u.moderator, u.reason) for u in asked] == [(cast.claire, "Menace"), (cast.paul, "Menace aussi")]
    told = Signal.objects.filter(verb=Verb.UNSEAL).order_by("position")
    assert [(s.actor, s.item, s.target) for s in told] == [
        (p, sealed, None) for p in (cast.claire, cast.claire, cast.paul, cast.claire)
    ]


def test_a_third_moderator_and_anybody_else_read_nothing(cast: Cast, sealed: Item) -> None:
    unseal(as_(cast.claire), sealed, "Menace")
    unseal(as_(cast.paul), sealed, "Menace")
    with pytest.raises(Forbidden):
        unseal(as_(cast.denise), sealed, "Curiosité")  # an administrator, who may moderate
    with pytest.raises(Forbidden):
        unseal(as_(cast.nadia), sealed, "Moi")
    with pytest.raises(Missing):
        unseal(as_(cast.otto), sealed, "Dehors")
    with pytest.raises(Forbidden):
        unsealings_of(as_(cast.nadia), sealed)
    assert Unsealing.objects.count() == 2


def test_a_reason_is_needed_and_the_author_is_no_second(cast: Cast, sealed: Item) -> None:
    with pytest.raises(Forbidden):
        unseal(as_(cast.claire), sealed, "  ")
    SealedAuthor.objects.update(person=cast.paul)
    with pytest.raises(Forbidden):
        unseal(as_(cast.paul), sealed, "Moi-même")
    assert unseal(as_(cast.claire), sealed, "Menace") is None


def test_whoever_no_longer_moderates_reads_no_more(cast: Cast, sealed: Item) -> None:
    unseal(as_(cast.claire), sealed, "Menace")
    unseal(as_(cast.paul), sealed, "Menace")
    set_role(cast.soudure.group, cast.paul, Role.MEMBER, at(), actor=cast.claire)
    with pytest.raises(Forbidden):
        unseal(as_(cast.paul), sealed, "Relire")


def test_an_item_that_is_not_sealed_has_nothing_to_unseal(cast: Cast) -> None:
    post = publish_post(as_(cast.paul), cast.soudure.group, widest_audience(cast.soudure), body="<p>x</p>")
    with pytest.raises(Forbidden):
        unseal(as_(cast.claire), post, "Menace")


@pytest.fixture
def second(cast: Cast) -> Person:
    """A second administrator."""
    row = NewPerson("Sam Adler", account=Account.objects.create_user("sam@vauban.example"))
    (sam,) = create_people(cast.vauban, [row], at())
    add_members(administrators_of(cast.vauban), [sam], at(), actor=cast.denise)
    return sam


@pytest.fixture
def private(cast: Cast) -> Item:
    """A private thread of claire and gaspard, which no administrator sees."""
    post = publish_post(as_(cast.claire), cast.achats.group, widest_audience(cast.achats), body="<p>Entre nous</p>")
    publish_comment(as_(cast.gaspard), post, body="<p>Oui</p>")
    return post


def test_two_administrators_open_a_thread_for_a_time(cast: Cast, second: Person, private: Item) -> None:
    asked = open_for_review(as_(cast.denise), private.key, "Plainte du 3")
    assert asked.until is None and requests_to_open(as_(second)) == [asked]
    for person in (cast.denise, second):
        with pytest.raises(Missing):
            thread_for(as_(person), private.key)
    with pytest.raises(Forbidden):
        open_for_review(as_(cast.denise), private.key, "Encore moi")
    opened = open_for_review(as_(second), private.key, "Vu la plainte", lasts=dt.timedelta(hours=24))
    for person in (cast.denise, second):
        thread = thread_for(as_(person, at(hours=2)), private.key)
        assert len(answers_of(as_(person, at(hours=2)), thread)) == 1
    assert opened.until == at(hours=25)
    for person in (cast.denise, second):  # it closes by itself
        with pytest.raises(Missing):
            thread_for(as_(person, at(hours=25)), private.key)
    assert thread_for(as_(cast.claire, at(hours=26)), private.key) == private


def test_those_in_the_thread_see_that_it_was_opened_and_nobody_else(cast: Cast, second: Person, private: Item) -> None:
    open_for_review(as_(cast.denise), private.key, "Plainte")
    assert openings_of(as_(cast.claire), private) == []
    open_for_review(as_(second), private.key, "Vu")
    for person in (cast.claire, cast.gaspard):
        (opening,) = openings_of(as_(person), private)
        assert (opening.asker, opening.seconder) == (cast.denise, second)
    assert openings_of(as_(cast.nadia), private) == []
    signal = Signal.objects.get(verb=Verb.OPEN)
    assert (signal.actor, signal.item, signal.audience) == (second, private, Item.objects.get(pk=private.pk).audience)


def test_only_administrators_open_and_only_published_threads(cast: Cast, second: Person, private: Item) -> None:
    with pytest.raises(Forbidden):
        open_for_review(as_(cast.claire), private.key, "x")
    with pytest.raises(Forbidden):
        open_for_review(as_(cast.denise), private.key, " ")
    with pytest.raises(Forbidden):
        open_for_review(as_(cast.denise), private.key, "x", lasts=dt.timedelta(days=30))
    row = NewItem("post", cast.claire, widest_audience(cast.achats), at(), place=cast.achats.group, in_feeds=True)
    draft = save_draft(as_(cast.claire), row)
    with pytest.raises(Missing):
        open_for_review(as_(cast.denise), draft.key, "x")
    with pytest.raises(Forbidden):
        open_for_review(as_(cast.otto), private.key, "x")


def test_a_request_of_more_than_a_week_or_of_a_former_administrator_opens_nothing(
    cast: Cast, second: Person, private: Item
) -> None:
    open_for_review(as_(cast.denise), private.key, "Plainte")
    assert open_for_review(as_(second, at(days=8)), private.key, "Tard").until is None
    from parvis.core.people.actions import remove_members

    remove_members(administrators_of(cast.vauban), [second], at(days=8), actor=cast.denise)
    with pytest.raises(Forbidden):
        open_for_review(as_(cast.denise, at(days=9)), private.key, "Seule")


def test_narrowing_a_thread_does_not_end_its_opening(cast: Cast, second: Person, private: Item) -> None:
    open_for_review(as_(cast.denise), private.key, "Plainte")
    open_for_review(as_(second), private.key, "Vu")
    set_audience(as_(cast.claire), private, audience_of(cast.vauban, [-cast.claire.pk]))
    assert thread_for(as_(cast.denise), private.key) == private
    with pytest.raises(Missing):
        thread_for(as_(cast.gaspard), private.key)
    with pytest.raises(Missing):
        thread_for(as_(cast.denise, at(days=4)), private.key)
