"""Home and the pages of people."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from parvis.core.items.models import Item
from parvis.core.items.reading import flush
from parvis.core.people.actions import NewPerson, create_people, merge_people
from parvis.core.people.models import Person
from parvis.work.communities.models import Community
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post
from tests.cast import NOW, Cast, as_, at

Browser = Callable[[Person | None], Client]


def post(cast: Cast, person: Person, community: Community, body: str = "<p>Bonjour</p>", now=None, **more) -> Item:
    return publish_post(as_(person, now), community.group, widest_audience(community), body=body, **more)


def test_home_greets_and_shows_the_newest_threads(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.claire, cast.soudure, title="Buse de 1,4")
    publish_comment(as_(cast.paul, at(hours=2)), made, body="<p>Baisse l’azote</p>")
    page = client_of(cast.nadia).get("/vauban/")
    assert page.status_code == 200
    words = page.content.decode()
    assert "Nadia" in words and "Buse de 1,4" in words and "Baisse l’azote" in words


def test_home_of_somebody_new_says_what_to_do_next(cast: Cast, client_of: Browser) -> None:
    page = client_of(cast.gaspard).get("/vauban/").content.decode()
    assert 'href="/vauban/communities/"' in page


def test_home_is_not_there_for_outsiders_and_asks_others_to_sign_in(cast: Cast, client_of: Browser) -> None:
    assert client_of(cast.otto).get("/vauban/").status_code == 404
    assert client_of(cast.yann).get("/vauban/").status_code == 404
    assert client_of(None).get("/vauban/").status_code == 302


def test_home_is_only_read(cast: Cast, client_of: Browser) -> None:
    assert client_of(cast.nadia).post("/vauban/").status_code == 405


def test_what_was_read_stands_below_the_line(cast: Cast, client_of: Browser) -> None:
    browser = client_of(cast.paul)
    old = post(cast, cast.claire, cast.soudure, title="Lu")
    browser.get(f"/vauban/t/{old.key}")
    flush()
    post(cast, cast.claire, cast.soudure, title="Nouveau", now=at(hours=2))
    page = browser.get("/vauban/").content.decode()
    assert page.index("Depuis votre dernière visite") < page.index("Nouveau") < page.index("Vous aviez lu jusqu’ici")
    assert page.index("Vous aviez lu jusqu’ici") < page.index(">Lu<") < page.index("Vous êtes à jour")


def test_all_is_marked_as_read_at_once(cast: Cast, client_of: Browser) -> None:
    for n in range(3):
        post(cast, cast.claire, cast.soudure, title=f"Fil {n}", now=at(hours=2, minutes=n))
    browser = client_of(cast.paul)
    assert "Depuis votre dernière visite" in browser.get("/vauban/").content.decode()
    assert browser.post("/vauban/reading")["Location"] == "/vauban/"
    assert "Depuis votre dernière visite" not in browser.get("/vauban/").content.decode()
    assert browser.get("/vauban/reading").status_code == 405
    assert client_of(cast.otto).post("/vauban/reading").status_code == 404


def test_older_threads_are_a_page_away(cast: Cast, client_of: Browser) -> None:
    for n in range(25):
        post(cast, cast.claire, cast.soudure, title=f"Fil numéro {n:02}", now=at(hours=2, minutes=n))
    browser = client_of(cast.paul)
    first = browser.get("/vauban/").content.decode()
    assert "Fil numéro 24" in first and "Fil numéro 04" not in first
    older = first.split("/vauban/?before=")[1].split('"')[0]
    second = browser.get("/vauban/", {"before": older}).content.decode()
    assert "Fil numéro 04" in second and "Fil numéro 05" not in second
    assert "C’est la première conversation." in second


@pytest.mark.parametrize("before", ["zz", "W10", "WzEsMl0x", "bnVsbA", "A" * 3000])
def test_a_broken_cursor_is_a_bad_request(cast: Cast, client_of: Browser, before: str) -> None:
    answer = client_of(cast.nadia).get("/vauban/", {"before": before})
    assert answer.status_code == 400 and "<h1>" in answer.content.decode()


def test_the_pill_counts_what_others_said_since(cast: Cast, client_of: Browser) -> None:
    first = post(cast, cast.claire, cast.soudure)
    post(cast, cast.denise, cast.direction)
    assert 'data-count="1"' in client_of(cast.nadia).get("/vauban/news?since=0").content.decode()
    assert 'data-count="2"' in client_of(cast.paul).get("/vauban/news?since=0").content.decode()
    assert 'data-count="1"' in client_of(cast.paul).get(f"/vauban/news?since={first.position}").content.decode()
    assert client_of(cast.paul).get("/vauban/news").status_code == 400
    assert client_of(cast.otto).get("/vauban/news?since=0").status_code == 404
    assert client_of(cast.paul).post("/vauban/news?since=0").status_code == 405


def test_home_costs_the_same_for_one_thread_and_for_thirty(
    cast: Cast, client_of: Browser, django_assert_num_queries
) -> None:
    publish_comment(as_(cast.paul, at(hours=2)), post(cast, cast.claire, cast.soudure), body="<p>Oui</p>")
    browser = client_of(cast.paul)
    browser.get("/vauban/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/vauban/")
    for n in range(30):
        made = post(cast, cast.paul, [cast.soudure, cast.direction][n % 2], now=at(hours=3, minutes=n))
        publish_comment(as_(cast.paul, at(hours=4, minutes=n)), made, body="<p>Oui</p>")
    with django_assert_num_queries(len(one)):
        assert browser.get("/vauban/").content.count(b'class="card post"') == 20
    assert len(one) <= 16


def test_a_persons_page_shows_only_what_the_viewer_may_read_and_counts_nothing(cast: Cast, client_of: Browser) -> None:
    post(cast, cast.paul, cast.soudure, title="Public")
    post(cast, cast.paul, cast.direction, title="Secret de direction")
    page = client_of(cast.nadia).get(f"/vauban/people/{cast.paul.key}").content.decode()
    assert "Public" in page and "Secret" not in page and "Soudure &amp; laser" in page
    assert "Direction" not in page
    page = client_of(cast.denise).get(f"/vauban/people/{cast.paul.key}").content.decode()
    assert "Secret de direction" in page and "/communities/direction" in page


def test_a_persons_page_is_for_those_who_may_know_them(cast: Cast, client_of: Browser) -> None:
    address = f"/vauban/people/{cast.paul.key}"
    assert client_of(cast.gaspard).get(address).status_code == 404
    assert client_of(cast.otto).get(address).status_code == 404
    assert client_of(cast.nadia).post(address).status_code == 405
    assert client_of(cast.gaspard).get(f"/vauban/people/{cast.claire.key}").status_code == 200
    assert "quitté l’entreprise" in client_of(cast.nadia).get(f"/vauban/people/{cast.yann.key}").content.decode()


def test_a_merged_persons_address_leads_to_who_they_are(cast: Cast, client_of: Browser) -> None:
    merge_people(cast.celine, cast.gaspard, NOW)
    answer = client_of(cast.nadia).get(f"/vauban/people/{cast.celine.key}")
    assert answer["Location"] == f"/vauban/people/{cast.gaspard.key}"


def test_the_root_leads_to_ones_network(cast: Cast, client_of: Browser) -> None:
    assert client_of(cast.paul).get("/")["Location"] == "/vauban/"
    assert "/accounts/" in client_of(None).get("/")["Location"]
    assert "Disallow: /" in client_of(None).get("/robots.txt").content.decode()
    create_people(cast.nord, [NewPerson("Paul Renaud", account=cast.paul.account)], NOW)
    page = client_of(cast.paul).get("/").content.decode()
    assert 'href="/vauban/"' in page and 'href="/nord/"' in page
    assert client_of(cast.paul).post("/").status_code == 405
