"""The page of the six: there in a demonstration on this machine, and nowhere else."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from parvis.core.people.models import Network, Person, PersonState
from parvis.exchange.demo.actions import load_demo
from parvis.exchange.demo.cast import PARTS

NOW = dt.datetime(2026, 11, 18, 16, 30, tzinfo=dt.UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def vauban(db: None) -> Network:
    network = load_demo(NOW)
    assert network is not None
    return network


def test_a_visitor_finds_the_six(vauban: Network, client: Client) -> None:
    page = client.get("/vauban/demo/", headers={"accept-language": "fr"})
    assert page.status_code == 200
    text = page.content.decode()
    for part in PARTS:
        assert part.name in text
    assert "Entrer comme Claire" in text
    assert "Come in as Claire" in client.get("/vauban/demo/", headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.slug)
def test_one_click_signs_in_and_leads_home(vauban: Network, client: Client, part: Any) -> None:
    answer = client.post("/vauban/demo/", {"part": part.slug})
    assert answer.status_code == 302
    assert client.session[SESSION_KEY] == str(Person.objects.get(name=part.name).account_id)
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert page.wsgi_request.viewer.person.name == part.name


def test_each_thing_to_begin_with_opens(vauban: Network, client: Client) -> None:
    for part in PARTS:
        for _words, story in part.tries:
            answer = client.post("/vauban/demo/", {"part": part.slug, "story": story}, follow=True)
            assert answer.status_code == 200
            assert answer.redirect_chain[-1][0].startswith("/vauban/"), story


def test_the_bare_address_and_the_sign_in_page_lead_to_the_six(vauban: Network, client: Client, settings: Any) -> None:
    assert client.get("/")["Location"] == "/vauban/demo/"
    assert 'href="/vauban/demo/"' in client.get("/accounts/login/").content.decode()
    settings.IS_LOOPBACK = False
    assert client.get("/")["Location"].startswith("/accounts/login/")
    assert "/vauban/demo/" not in client.get("/accounts/login/").content.decode()


def test_the_menu_of_ones_account_offers_another_person(vauban: Network, client: Client, settings: Any) -> None:
    client.post("/vauban/demo/", {"part": "sales"})
    assert 'href="/vauban/demo/"' in client.get("/vauban/").content.decode()
    settings.IS_LOOPBACK = False
    assert "/vauban/demo/" not in client.get("/vauban/").content.decode()


def test_one_can_be_somebody_else_afterwards(vauban: Network, client: Client) -> None:
    client.post("/vauban/demo/", {"part": "sales"})
    first = client.session.session_key
    assert client.get("/vauban/demo/").status_code == 200
    client.post("/vauban/demo/", {"part": "hr"})
    assert client.session[SESSION_KEY] == str(Person.objects.get(name="Nadia Rahmani").account_id)
    assert client.session.session_key != first


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"IS_LOOPBACK": False},
        {"ORIGIN": "https://parvis.example"},  # bound to loopback, behind a proxy
        {"IS_LOOPBACK": False, "ORIGIN": "https://parvis.example"},
    ],
    ids=str,
)
def test_elsewhere_the_address_does_not_exist(
    vauban: Network, client: Client, settings: Any, elsewhere: dict[str, Any]
) -> None:
    for name, value in elsewhere.items():
        setattr(settings, name, value)
    for answer in (client.get("/vauban/demo/"), client.post("/vauban/demo/", {"part": "sales"})):
        assert answer.status_code == 404
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"])
def test_whoever_comes_through_a_proxy_finds_no_such_address(vauban: Network, client: Client, name: str) -> None:
    passed_on = {name: "192.0.2.7"}
    for answer in (
        client.get("/vauban/demo/", headers=passed_on),
        client.post("/vauban/demo/", {"part": "sales"}, headers=passed_on),
    ):
        assert answer.status_code == 404
    assert SESSION_KEY not in client.session
    assert client.get("/", headers=passed_on)["Location"].startswith("/accounts/login/")
    assert "/vauban/demo/" not in client.get("/accounts/login/", headers=passed_on).content.decode()


def test_a_network_that_is_no_demonstration_has_no_such_page(vauban: Network, client: Client) -> None:
    Network.objects.update(is_demo=False)
    assert client.get("/vauban/demo/").status_code == 404
    assert client.post("/vauban/demo/", {"part": "sales"}).status_code == 404
    assert client.get("/nowhere/demo/").status_code == 404
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize("sent", [{}, {"part": "ceo"}, {"part": "workshop", "story": "remise-herve"}], ids=str)
def test_what_is_not_offered_is_refused(vauban: Network, client: Client, sent: dict[str, str]) -> None:
    assert client.post("/vauban/demo/", sent).status_code == 400
    assert SESSION_KEY not in client.session


def test_whoever_left_is_not_offered(vauban: Network, client: Client) -> None:
    Person.objects.filter(name="Claire Martin").update(state=PersonState.LEFT)
    assert "Claire Martin" not in client.get("/vauban/demo/").content.decode()
    assert client.post("/vauban/demo/", {"part": "sales"}).status_code == 400
    Person.objects.filter(network=vauban).update(state=PersonState.LEFT)
    assert 'class="empty"' in client.get("/vauban/demo/").content.decode()


def test_it_takes_a_form_of_its_own(vauban: Network) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/vauban/demo/", {"part": "sales"}).status_code == 403
    assert strict.put("/vauban/demo/").status_code in {403, 405}


def test_the_page_asks_little_of_the_database(
    vauban: Network, client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(2):
        client.get("/vauban/demo/")
