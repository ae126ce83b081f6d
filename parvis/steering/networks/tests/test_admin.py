"""Administration: who may open each page, and what each deed does."""

from collections.abc import Callable

import pytest
from django.test import Client

from parvis.core.items.access import Forbidden
from parvis.core.items.models import ReaderCursor, SetAside
from parvis.core.people.actions import add_members, administrators_of
from parvis.core.people.models import GroupKind, Network, NetworkDomain, Person, PersonState
from parvis.steering.networks.actions import holds_charge, merge
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_post
from tests.cast import Cast, as_, at

PAGES = [
    "admin/",
    "admin/people/",
    "admin/people/{paul}/",
    "admin/people/{paul}/merging/?who=nadia@vauban.example",
    "admin/health/",
]
DEEDS = [
    "admin/domains/",
    "admin/people/{paul}/charges/",
    "admin/people/{paul}/departure/",
    "admin/health/search/replays/",
]


def address(cast: Cast, page: str) -> str:
    return "/vauban/" + page.format(paul=cast.paul.key, denise=cast.denise.key)


@pytest.mark.parametrize("page", PAGES)
def test_administrators_alone_open_the_pages(
    cast: Cast, client_of: Callable[[Person | None], Client], page: str
) -> None:
    where = address(cast, page)
    assert client_of(cast.denise).get(where).status_code == 200
    for person, status in ((cast.claire, 403), (cast.gaspard, 403), (cast.otto, 404), (cast.yann, 404), (None, 302)):
        assert client_of(person).get(where).status_code == status


@pytest.mark.parametrize("deed", DEEDS)
def test_administrators_alone_do_the_deeds(cast: Cast, client_of: Callable[[Person | None], Client], deed: str) -> None:
    where = address(cast, deed)
    for person, status in ((cast.claire, 403), (cast.otto, 404), (None, 302)):
        assert client_of(person).post(where).status_code == status
    assert client_of(cast.denise).get(where).status_code == (200 if deed == "admin/reviews/" else 405)
    cast.paul.refresh_from_db()
    assert cast.paul.state == PersonState.ACTIVE


def test_the_network_is_renamed_and_its_domains_change(cast: Cast, client_of: Callable[[Person], Client]) -> None:
    browser = client_of(cast.denise)
    browser.post("/vauban/admin/", {"name": "Vauban SA", "language": "en", "zone": "Europe/Dublin"})
    network = Network.objects.get(pk=cast.vauban.pk)
    assert (network.name, network.language, network.zone) == ("Vauban SA", "en", "Europe/Dublin")
    assert browser.post("/vauban/admin/", {"name": "x", "language": "en", "zone": "Mars/X"}).status_code == 422
    browser.post("/vauban/admin/domains/", {"domain": "@Vauban.Example"})
    assert NetworkDomain.objects.get().domain == "vauban.example"
    assert browser.post("/vauban/admin/domains/", {"domain": "gmail.com"}).status_code == 422
    assert browser.post("/vauban/admin/domains/", {"domain": "pas un domaine"}).status_code == 422
    browser.post("/vauban/admin/domains/", {"remove": "vauban.example"})
    assert not NetworkDomain.objects.exists()


def test_what_the_company_knows_of_somebody_changes(cast: Cast, client_of: Callable[[Person], Client]) -> None:
    browser, page = client_of(cast.denise), address(cast, "admin/people/{paul}/")
    said = {
        "personnel_number": "17",
        "title": "Soudeur",
        "department": "Atelier",
        "site": "Besançon",
        "manager": "claire@vauban.example",
    }
    assert browser.post(page, said).status_code == 302
    cast.paul.refresh_from_db()
    assert (cast.paul.personnel_number, cast.paul.manager) == ("17", cast.claire)
    circle = browser.post(f"/vauban/admin/people/{cast.claire.key}/", {"manager": "17"})
    assert circle.status_code == 422
    assert browser.post(f"/vauban/admin/people/{cast.claire.key}/", {"personnel_number": "17"}).status_code == 422
    assert browser.post(page, {**said, "manager": "personne@x.example"}).status_code == 422


def test_charges_are_given_and_the_last_administrator_stays(cast: Cast, client_of: Callable[[Person], Client]) -> None:
    browser = client_of(cast.denise)
    own = f"/vauban/admin/people/{cast.denise.key}/"
    browser.post(own + "charges/", {"kind": "administrators", "holds": "0"})
    browser.post(own + "departure/")
    assert holds_charge(cast.denise, GroupKind.ADMINISTRATORS, at(days=400))
    browser.post(address(cast, "admin/people/{paul}/charges/"), {"kind": "administrators", "holds": "1"})
    browser.post(own + "charges/", {"kind": "administrators", "holds": "0"})
    assert holds_charge(cast.paul, GroupKind.ADMINISTRATORS, at(days=400))
    assert browser.get("/vauban/admin/").status_code == 403
    guest = f"/vauban/admin/people/{cast.gaspard.key}/charges/"
    assert client_of(cast.paul).post(guest, {"kind": "administrators", "holds": "1"}).status_code == 403


def test_whoever_leaves_loses_everything_at_once(cast: Cast, client_of: Callable[[Person], Client]) -> None:
    paul = client_of(cast.paul)
    assert paul.get("/vauban/people/").status_code == 200
    client_of(cast.denise).post(address(cast, "admin/people/{paul}/departure/"))
    cast.paul.refresh_from_db()
    assert cast.paul.state == PersonState.LEFT
    assert paul.get("/vauban/people/").status_code == 302


def test_merging_says_first_what_it_does(cast: Cast, client_of: Callable[[Person], Client]) -> None:
    browser, page = client_of(cast.denise), address(cast, "admin/people/{paul}/merging/")
    told = browser.get(page, {"who": "nadia@vauban.example"}).content.decode()
    assert "Nadia Benali" in told
    cast.paul.refresh_from_db()
    assert cast.paul.state == PersonState.ACTIVE
    assert browser.get(page, {"who": "paul@vauban.example"}).status_code == 422
    assert browser.post(page, {"who": cast.nadia.key}).status_code == 302
    cast.paul.refresh_from_db()
    assert cast.paul.merged_into == cast.nadia
    assert browser.get(page, {"who": cast.nadia.key}).status_code == 404


def test_an_administrator_merges_nobody_into_themselves(cast: Cast, client_of: Callable[[Person], Client]) -> None:
    browser = client_of(cast.denise)
    assert browser.post(address(cast, "admin/people/{paul}/merging/"), {"who": cast.denise.key}).status_code == 422
    assert browser.post(address(cast, "admin/people/{denise}/merging/"), {"who": cast.paul.key}).status_code == 422
    with pytest.raises(Forbidden):
        merge(as_(cast.denise), cast.paul, cast.denise)
    cast.paul.refresh_from_db()
    assert cast.paul.state == PersonState.ACTIVE


def test_what_a_reader_gave_up_on_is_replayed(cast: Cast, client_of: Callable[[Person], Client]) -> None:
    ReaderCursor.objects.update_or_create(reader="search", defaults={"position": 0})
    SetAside.objects.create(reader="search", position=1, attempts=8, retry_at=None, error="ValueError in read, line 3")
    browser = client_of(cast.denise)
    page = browser.get("/vauban/admin/health/").content.decode()
    assert "ValueError in read, line 3" in page
    assert browser.post("/vauban/admin/health/search/replays/").status_code == 302
    assert SetAside.objects.get().retry_at is not None


def test_lists_cost_the_same_for_one_person_and_for_thirty(
    cast: Cast, client_of: Callable[[Person], Client], django_assert_max_num_queries: Callable[[int], object]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from parvis.core.people.actions import NewPerson, create_people

    browser = client_of(cast.denise)
    for page in ("/vauban/admin/people/", "/vauban/desk/"):
        browser.get(page)
        with CaptureQueriesContext(
            connection,
        ) as few:
            browser.get(page)
        create_people(cast.vauban, [NewPerson(f"N {page} {n}", personnel_number=f"{page}{n}") for n in range(30)], at())
        with CaptureQueriesContext(connection) as many:
            browser.get(page)
        assert len(many) == len(few)


def test_a_thread_is_opened_for_review_by_two_and_says_so(cast: Cast, client_of: Callable[[Person], Client]) -> None:
    post = publish_post(as_(cast.claire), cast.achats.group, widest_audience(cast.achats), body="<p>Entre nous</p>")
    add_members(administrators_of(cast.vauban), [cast.nadia], at(), actor=cast.denise)
    page, said = (
        "/vauban/admin/reviews/",
        {"thread": f"https://x.example/vauban/threads/{post.key}", "reason": "Plainte"},
    )
    assert client_of(cast.denise).post(page, said).status_code == 302
    assert client_of(cast.denise).post(page, said).status_code == 422
    assert client_of(cast.denise).post(page, {"thread": "rien", "reason": "x"}).status_code == 422
    assert "Plainte" in client_of(cast.nadia).get(page).content.decode()
    where = client_of(cast.nadia).post(page, said)["Location"]
    assert client_of(cast.denise).get(where).status_code == 200
    told = client_of(cast.gaspard).get(where).content.decode()
    assert "Denise Roy" in told and "Nadia Benali" in told
    assert client_of(cast.paul).get(where).status_code == 404
