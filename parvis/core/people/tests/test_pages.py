"""The directory and one's own page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from parvis.core.people.actions import NewPerson, create_people
from parvis.core.people.models import Person
from tests.cast import NOW, Cast

Browser = Callable[[Person | None], Client]


def test_a_member_finds_everybody_and_a_guest_those_of_their_groups(cast: Cast, client_of: Browser) -> None:
    page = client_of(cast.nadia).get("/vauban/people/").content.decode()
    assert all(name in page for name in ("Claire Martin", "Paul Renaud", "Gaspard Hervé", "Céline Faure"))
    assert "Yann Le Goff" not in page and "Otto" not in page
    page = client_of(cast.gaspard).get("/vauban/people/").content.decode()
    assert "Claire Martin" in page and "Gaspard" in page and "Paul Renaud" not in page


def test_the_directory_is_not_there_for_outsiders(cast: Cast, client_of: Browser) -> None:
    assert client_of(cast.otto).get("/vauban/people/").status_code == 404
    assert client_of(None).get("/vauban/people/").status_code == 302
    assert client_of(cast.nadia).post("/vauban/people/").status_code == 405


@pytest.mark.parametrize(
    ("words", "found"), [("herve", True), ("Hervé", True), ("gaspard herve", True), ("%", False), ("zzz", False)]
)
def test_words_find_people_whatever_their_accents(cast: Cast, client_of: Browser, words: str, found: bool) -> None:
    page = client_of(cast.nadia).get("/vauban/people/", {"q": words}).content.decode()
    assert ("Gaspard Hervé" in page) is found
    assert ("Personne de ce nom" in page) is not found


@pytest.mark.parametrize("after", ["zz", "W10", "WzEsMl0", "a" * 5000])
def test_a_broken_cursor_is_a_bad_request(cast: Cast, client_of: Browser, after: str) -> None:
    assert client_of(cast.nadia).get("/vauban/people/", {"after": after}).status_code == 400


def test_the_directory_goes_on_and_costs_the_same(cast: Cast, client_of: Browser, django_assert_num_queries) -> None:
    browser = client_of(cast.nadia)
    browser.get("/vauban/people/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/vauban/people/")
    create_people(cast.vauban, [NewPerson(f"Ada N{n:03}") for n in range(60)], NOW)
    with django_assert_num_queries(len(few)):
        first = browser.get("/vauban/people/").content.decode()
    after = first.split("?after=")[1].split('"')[0]
    second = browser.get("/vauban/people/", {"after": after}).content.decode()
    assert "Ada N059" in second and "Ada N000" in first and "Ada N000" not in second


def test_one_says_what_one_does_and_in_which_language(cast: Cast, client_of: Browser) -> None:
    browser = client_of(cast.nadia)
    assert browser.get("/vauban/profile").status_code == 200
    sent = {"title": "Soudeuse", "about": "L’inox", "language": "en", "zone": "Europe/London"}
    answer = browser.post("/vauban/profile", sent)
    assert answer["Location"] == f"/vauban/people/{cast.nadia.key}"
    page = browser.get("/vauban/profile").content.decode()
    assert 'lang="en"' in page and "Soudeuse" in page and "Time zone" in page


@pytest.mark.parametrize("sent", [{"language": "xx"}, {"zone": "Mars/Olympus"}, {"title": "x" * 161}])
def test_what_cannot_be_is_refused(cast: Cast, client_of: Browser, sent: dict) -> None:
    assert client_of(cast.nadia).post("/vauban/profile", sent).status_code == 422


def test_the_profile_is_ones_own(cast: Cast, client_of: Browser) -> None:
    assert client_of(cast.otto).get("/vauban/profile").status_code == 404
    assert client_of(None).post("/vauban/profile", {"title": "x"}).status_code == 302
    assert client_of(cast.nadia).put("/vauban/profile").status_code == 405
