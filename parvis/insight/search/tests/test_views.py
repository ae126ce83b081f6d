"""The page of results and the suggestions, as people meet them."""

from __future__ import annotations

import pytest

from parvis.core.items.actions import widen
from parvis.core.people.viewer import EVERYONE
from parvis.insight.search.tests.test_search import post
from parvis.work.communities.actions import NewCommunity, create_communities
from parvis.work.communities.models import Visibility
from parvis.work.conversations.actions import publish_comment
from tests.cast import NOW, Cast, as_


def test_a_member_finds_people_communities_and_conversations(cast: Cast, client_of, drain_log) -> None:
    post(cast.paul, cast.soudure, "Le laser <b>chauffe</b>", title="Buse du laser")
    drain_log()
    page = client_of(cast.nadia).get("/vauban/search/?q=laser").content.decode()
    assert "Buse du <mark>laser</mark>" in page
    assert "Le <mark>laser</mark> chauffe" in page
    assert "Soudure &amp; laser" in page
    assert "Paul Renaud" in client_of(cast.nadia).get("/vauban/search/?q=renaud").content.decode()


def test_text_that_looks_like_markup_is_shown_as_text(cast: Cast, client_of, drain_log) -> None:
    post(cast.paul, cast.soudure, "canari &lt;script&gt;alert(1)&lt;/script&gt;", title="<img src=x> canari")
    drain_log()
    page = client_of(cast.nadia).get("/vauban/search/", {"q": "canari <script>"}).content.decode()
    assert "<img src=x>" not in page and "alert(1)</script>" not in page
    assert "&lt;img src=x&gt; <mark>canari</mark>" in page


@pytest.mark.parametrize("address", ["/vauban/search/?q=canari", "/vauban/search/suggestions/?q=canari"])
def test_who_is_not_of_the_network_is_sent_away(cast: Cast, client_of, drain_log, address: str) -> None:
    post(cast.paul, cast.soudure, "canari", title="Le canari")
    drain_log()
    assert client_of(cast.paul).get(address).status_code == 200
    assert client_of(cast.otto).get(address).status_code == 404
    assert client_of(cast.yann).get(address).status_code == 404
    assert client_of(None).get(address).status_code == 302
    assert client_of(cast.paul).post(address).status_code == 405


def test_a_guest_finds_nothing_of_what_members_say(cast: Cast, client_of, drain_log) -> None:
    post(cast.paul, cast.soudure, "canari", title="Le canari")
    thread = post(cast.claire, cast.achats, "Le prix de la tôle", title="Tôle")
    publish_comment(as_(cast.gaspard), thread, body="<p>La tôle augmente</p>")
    drain_log()
    guest = client_of(cast.gaspard)
    for words in ("canari", "soudure", "Renaud", "Direction"):
        page = guest.get("/vauban/search/", {"q": words}).content.decode()
        assert 'class="hit"' not in page and "rows" not in page
        assert guest.get("/vauban/search/suggestions/", {"q": words}).content.decode().strip() == ""
    assert 'class="hit"' in guest.get("/vauban/search/?q=tole").content.decode()


def test_a_conversation_shown_to_more_people_does_not_name_its_secret_community(
    cast: Cast, client_of, drain_log
) -> None:
    row = NewCommunity("Rachat Zebulon", cast.denise, visibility=Visibility.SECRET, members=[cast.paul])
    (secret,) = create_communities(cast.vauban, [row], NOW)
    thread = post(cast.paul, secret, "Le kumquat", title="Kumquat")
    widen(as_(cast.paul), thread, [EVERYONE])
    drain_log()
    for page in ("?q=kumquat", "?q=kumquat&sort=recent", f"?q=kumquat&in={secret.group.key}", "suggestions/?q=kumquat"):
        for reader, may_know in ((cast.paul, True), (cast.nadia, False)):
            told = client_of(reader).get(f"/vauban/search/{page}").content.decode()
            assert "umquat" in told and ("Zebulon" in told) == may_know, page


def test_the_name_of_a_secret_community_is_told_to_its_members_only(cast: Cast, client_of, drain_log) -> None:
    (secret,) = create_communities(
        cast.vauban,
        [NewCommunity("Projet Canari", cast.denise, visibility=Visibility.SECRET, members=[cast.paul])],
        NOW,
    )
    drain_log()
    for address in ("search/", "search/suggestions/"):
        told = {
            person.name: "Projet" in client_of(person).get(f"/vauban/{address}", {"q": "canar"}).content.decode()
            for person in (cast.paul, cast.claire, cast.nadia, cast.gaspard)
        }
        assert told == {"Paul Renaud": True, "Claire Martin": False, "Nadia Benali": False, "Gaspard Hervé": False}
        narrowed = {"q": "canari", "in": secret.group.key}
        assert "Projet" not in client_of(cast.claire).get("/vauban/search/", narrowed).content.decode()


def test_suggestions_take_the_last_word_unfinished_and_lead_to_all_results(cast: Cast, client_of, drain_log) -> None:
    post(cast.paul, cast.soudure, "…", title="Refroidissement de la ligne 3")
    drain_log()
    shown = client_of(cast.nadia).get("/vauban/search/suggestions/", {"q": "ligne refroi"}).content.decode()
    assert "<mark>Refroidissement</mark> de la <mark>ligne</mark> 3" in shown
    assert "/vauban/search/?q=ligne+refroi" in shown
    assert "Claire Martin" in client_of(cast.nadia).get("/vauban/search/suggestions/", {"q": "clai"}).content.decode()
    assert client_of(cast.nadia).get("/vauban/search/suggestions/", {"q": "zzzz"}).content.decode().strip() == ""


def test_filters_are_links_that_keep_the_words(cast: Cast, client_of, drain_log) -> None:
    post(cast.paul, cast.soudure, "canari")
    drain_log()
    browser = client_of(cast.nadia)
    page = browser.get("/vauban/search/?q=canari&sort=recent").content.decode()
    assert f"/vauban/search/?q=canari&amp;in={cast.soudure.group.key}&amp;sort=recent" in page
    assert 'class="hit"' not in browser.get("/vauban/search/?q=canari&kind=document").content.decode()
    narrowed = browser.get("/vauban/search/?q=canari&kind=document").content.decode()
    assert 'href="/vauban/search/?q=canari"' in narrowed
    for odd in ("kind=%00", "in=%00", "by=nobody", "since=soon", "sort=%F0%9F%90%A6", "in=zzzzzzzzzzzz"):
        assert browser.get(f"/vauban/search/?q=canari&{odd}").status_code == 200
    assert browser.get("/vauban/search/?q=canari&after=wrong").status_code == 400


def test_nothing_found_says_what_to_do_next(cast: Cast, client_of, drain_log) -> None:
    post(cast.paul, cast.soudure, "Le refroidissement")
    drain_log()
    page = client_of(cast.nadia).get("/vauban/search/?q=refroidisement").content.decode()
    assert 'href="/vauban/search/?q=refroidissement"' in page
    assert 'href="/vauban/communities/"' in page
    assert client_of(cast.nadia).get("/vauban/search/").status_code == 200


def test_the_page_costs_the_same_for_one_result_and_for_thirty(
    cast: Cast, client_of, drain_log, django_assert_max_num_queries
) -> None:
    browser = client_of(cast.paul)
    for n in range(30):
        post(cast.paul, cast.soudure, f"canari {n}", title=f"Canari {n}")
    drain_log()
    with django_assert_max_num_queries(12):
        assert browser.get("/vauban/search/?q=canari").content.count(b'class="hit"') == 20
