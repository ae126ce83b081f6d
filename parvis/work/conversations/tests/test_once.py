"""A form sent twice, as after an answer that got lost, makes one thing."""

from collections.abc import Callable

from django.test import Client

from parvis.core.items.models import Item, Kind
from parvis.core.people.models import Person
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_post
from tests.cast import Cast, as_


def test_an_answer_sent_twice_stands_once(cast: Cast, client_of: Callable[[Person | None], Client]) -> None:
    thread = publish_post(as_(cast.claire), cast.soudure.group, widest_audience(cast.soudure), body="<p>Question</p>")
    browser = client_of(cast.paul)
    for _ in range(2):
        browser.post(f"/vauban/t/{thread.key}/answers", {"body": "Oui", "once": "abc"})
    assert Item.objects.filter(kind=Kind.COMMENT).count() == 1
    thread.refresh_from_db()
    assert thread.answers == 1


def test_other_words_under_the_same_name_are_not_swallowed(
    cast: Cast, client_of: Callable[[Person | None], Client]
) -> None:
    thread = publish_post(as_(cast.claire), cast.soudure.group, widest_audience(cast.soudure), body="<p>Question</p>")
    browser = client_of(cast.paul)
    for words in ("Oui", "Non"):
        assert browser.post(f"/vauban/t/{thread.key}/answers", {"body": words, "once": "abc"}).status_code == 302
    assert sorted(Item.objects.filter(kind=Kind.COMMENT).values_list("text", flat=True)) == ["Non", "Oui"]


def test_the_page_names_each_deed_anew(cast: Cast, client_of: Callable[[Person | None], Client]) -> None:
    thread = publish_post(as_(cast.claire), cast.soudure.group, widest_audience(cast.soudure), body="<p>Question</p>")
    browser = client_of(cast.paul)
    page = browser.get(f"/vauban/t/{thread.key}").content.decode()
    assert 'id="once-new" name="once" value="' in page
    part = browser.post(
        f"/vauban/t/{thread.key}/answers", {"body": "Oui", "once": "abc"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert 'id="once-new"' in part and 'value="abc"' not in part


def test_the_heading_counts_the_answer_that_was_just_given(
    cast: Cast, client_of: Callable[[Person | None], Client]
) -> None:
    thread = publish_post(as_(cast.claire), cast.soudure.group, widest_audience(cast.soudure), body="<p>Question</p>")
    part = client_of(cast.paul).post(
        f"/vauban/t/{thread.key}/answers", {"body": "Oui", "once": "abc"}, headers={"HX-Request": "true"}
    )
    assert '<h2 id="answers-title" hx-swap-oob="true">1 réponse</h2>' in part.content.decode()
