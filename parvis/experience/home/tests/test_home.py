"""Home and the pages of people."""

from collections.abc import Callable

from django.test import Client

from parvis.core.people.models import Person
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post
from tests.cast import Cast, as_, at

Browser = Callable[[Person | None], Client]


def post(cast: Cast, person, community, body="<p>Bonjour</p>", now=None, **more):
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
