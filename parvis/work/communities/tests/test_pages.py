"""The pages of communities: who gets in, what they do, what they refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from parvis.core.items.models import Item
from parvis.core.people.models import Membership, Person, Role
from parvis.work.communities.actions import NewCommunity, create_communities
from parvis.work.communities.models import Community, Visibility
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post
from tests.cast import Cast, as_, at

Browser = Callable[[Person | None], Client]


def url(name: str, *parts: str) -> str:
    return reverse(name, args=["vauban", *parts])


def post(person: Person, community: Community, body: str = "<p>Bonjour</p>", now=None) -> Item:
    return publish_post(as_(person, now), community.group, widest_audience(community), body=body)


# (name, who may, who knows of it but may not and is told so, methods), on the private community `direction`
PAGES = [
    ("community", "paul", None, "get"),
    ("community_news", "paul", None, "get"),
    ("community_edit", "denise", "paul", "get post"),
    ("community_departure", "paul", "claire", "get post"),
    ("community_members", "paul", None, "get post"),
]


@pytest.mark.parametrize(("name", "allowed", "refused", "methods"), PAGES)
def test_each_page_of_a_community_answers_those_who_may_and_nobody_else(
    cast: Cast, client_of: Browser, name: str, allowed: str, refused: str | None, methods: str
) -> None:
    address = url(name, "direction") + ("?since=0" if name == "community_news" else "")
    assert client_of(getattr(cast, allowed)).get(address).status_code == 200
    assert client_of(cast.gaspard).get(address).status_code == 404
    assert client_of(cast.otto).get(address).status_code == 404
    assert client_of(None).get(address).status_code == 302
    if refused:
        assert client_of(getattr(cast, refused)).get(address).status_code == 403
        assert client_of(getattr(cast, refused)).post(address).status_code == 403
    assert client_of(getattr(cast, allowed)).put(address).status_code == 405


def test_a_private_community_is_known_but_its_words_and_members_are_not(cast: Cast, client_of: Browser) -> None:
    post(cast.denise, cast.direction, "<p>Confidentiel</p>")
    page = client_of(cast.nadia).get(url("community", "direction")).content.decode()
    assert "Seuls ses membres la lisent" in page and "Confidentiel" not in page
    assert client_of(cast.nadia).get(url("community_members", "direction")).status_code == 404
    assert client_of(cast.nadia).post(url("community_membership", "direction")).status_code == 403


def test_a_secret_community_is_nowhere_for_others(cast: Cast, client_of: Browser) -> None:
    (secret,) = create_communities(
        cast.vauban, [NewCommunity("Licorne", cast.denise, visibility=Visibility.SECRET)], at(hours=1)
    )
    assert client_of(cast.denise).get(url("community", secret.slug)).status_code == 200
    for address in (url("community", secret.slug), url("community_by_key", secret.item.key)):
        assert client_of(cast.claire).get(address).status_code == 404
    assert client_of(cast.claire).post(url("community_membership", secret.slug)).status_code == 404
    assert "Licorne" not in client_of(cast.claire).get(url("communities")).content.decode()


def test_the_list_offers_to_join_public_ones_only(cast: Cast, client_of: Browser) -> None:
    page = client_of(cast.nadia).get(url("communities")).content.decode()
    assert url("community_membership", "soudure-laser") in page
    assert url("community_membership", "direction") not in page and "sur invitation" in page
    assert client_of(cast.nadia).post(url("communities")).status_code == 405
    assert client_of(cast.otto).get(url("communities")).status_code == 404


def test_one_joins_and_leaves(cast: Cast, client_of: Browser) -> None:
    browser = client_of(cast.nadia)
    assert browser.get(url("community_membership", "soudure-laser")).status_code == 405
    assert browser.post(url("community_membership", "soudure-laser")).status_code == 302
    assert cast.soudure.group.pk in as_(cast.nadia, at(days=9000)).community_ids
    assert browser.post(url("community_departure", "soudure-laser")).status_code == 302
    assert cast.soudure.group.pk not in as_(cast.nadia, at(days=9000)).community_ids


def test_the_last_owner_stays(cast: Cast, client_of: Browser) -> None:
    browser = client_of(cast.claire)
    assert browser.post(url("community_departure", "soudure-laser")).status_code == 409
    address = url("community_member", "soudure-laser", cast.claire.key)
    browser.post(address, {"remove": "1"})
    browser.post(address, {"role": "member"})
    assert Membership.objects.get(group=cast.soudure.group, person=cast.claire, until=None).role == Role.OWNER


def test_a_community_is_made_by_members_only(cast: Cast, client_of: Browser) -> None:
    sent = {"name": "Maintenance", "purpose": "Ce qui **casse**", "visibility": "private", "has_guests": "on"}
    answer = client_of(cast.nadia).post(url("community_new"), sent)
    assert answer["Location"] == url("community_members", "maintenance")
    page = client_of(cast.nadia).get(url("community", "maintenance")).content.decode()
    assert "<strong>casse</strong>" in page
    assert client_of(cast.gaspard).get(url("community_new")).status_code == 403
    assert client_of(cast.otto).get(url("community_new")).status_code == 404
    assert client_of(cast.nadia).put(url("community_new")).status_code == 405
    for bad in ({}, {"name": " ", "visibility": "public"}, {"name": "x", "visibility": "open"}, {"name": "x" * 101}):
        assert client_of(cast.nadia).post(url("community_new"), bad).status_code == 422


def test_its_owner_gives_it_other_words(cast: Cast, client_of: Browser) -> None:
    sent = {"name": "Soudure", "purpose": "Tout ce qui fond"}
    assert client_of(cast.claire).post(url("community_edit", "soudure-laser"), sent).status_code == 302
    page = client_of(cast.paul).get(url("community", "soudure-laser")).content.decode()
    assert "<h1>Soudure" in page and "Tout ce qui fond" in page
    assert client_of(cast.claire).post(url("community_edit", "soudure-laser"), {"name": ""}).status_code == 422


def test_owners_add_people_and_guests_only_where_it_is_open_to_them(cast: Cast, client_of: Browser) -> None:
    browser = client_of(cast.claire)
    assert "Nadia Benali" in browser.get(url("community_members", "achats"), {"q": "nadia"}).content.decode()
    assert browser.post(url("community_members", "achats"), {"person": cast.nadia.key}).status_code == 302
    assert Membership.objects.filter(group=cast.achats.group, person=cast.nadia, until=None).exists()
    assert browser.post(url("community_members", "soudure-laser"), {"person": cast.gaspard.key}).status_code == 403
    assert browser.post(url("community_members", "soudure-laser"), {"person": cast.otto.key}).status_code == 404
    assert (
        client_of(cast.paul).post(url("community_members", "soudure-laser"), {"person": cast.nadia.key}).status_code
        == 403
    )


def test_an_administrator_does_not_let_themselves_into_what_they_may_not_read(cast: Cast, client_of: Browser) -> None:
    (council,) = create_communities(
        cast.vauban, [NewCommunity("Comité", cast.paul, visibility=Visibility.PRIVATE)], at()
    )
    browser = client_of(cast.denise)
    page = url("community_members", council.slug)
    assert f'value="{cast.denise.key}"' not in browser.get(page, {"q": "denise"}).content.decode()
    assert browser.post(page, {"person": cast.denise.key}).status_code == 403
    assert browser.post(page, {"person": cast.nadia.key}).status_code == 302  # whose owner has left, say
    assert not Membership.objects.filter(group=council.group, person=cast.denise).exists()


def test_owners_change_what_a_member_may_do(cast: Cast, client_of: Browser) -> None:
    address = url("community_member", "soudure-laser", cast.paul.key)
    assert client_of(cast.claire).get(address).status_code == 200
    assert client_of(cast.paul).get(address).status_code == 403
    assert client_of(cast.gaspard).get(address).status_code == 404
    assert client_of(cast.claire).put(address).status_code == 405
    assert client_of(cast.claire).post(address, {"role": "moderator"}).status_code == 302
    assert Membership.objects.get(group=cast.soudure.group, person=cast.paul, until=None).role == Role.MODERATOR
    assert (
        client_of(cast.claire).post(url("community_member", "achats", cast.gaspard.key), {"role": "owner"}).status_code
        == 403
    )
    client_of(cast.claire).post(address, {"remove": "1"})
    assert not Membership.objects.filter(group=cast.soudure.group, person=cast.paul, until=None).exists()
    assert client_of(cast.claire).get(url("community_member", "soudure-laser", cast.nadia.key)).status_code == 404


def test_guests_are_said_and_counted(cast: Cast, client_of: Browser) -> None:
    page = client_of(cast.claire).get(url("community", "achats")).content.decode()
    assert "Lue par les 2 membres de la communauté Achats, dont 1 de l’extérieur" in page
    assert (
        "Lue par tous les membres du réseau"
        in client_of(cast.claire).get(url("community", "soudure-laser")).content.decode()
    )


def test_the_permanent_address_leads_to_the_page(cast: Cast, client_of: Browser) -> None:
    address = url("community_by_key", cast.soudure.item.key)
    assert client_of(cast.nadia).get(address)["Location"] == url("community", "soudure-laser")
    assert client_of(cast.nadia).post(address).status_code == 405
    assert client_of(cast.gaspard).get(address).status_code == 404


def test_the_pill_counts_what_others_said_since(cast: Cast, client_of: Browser) -> None:
    first = post(cast.claire, cast.soudure)
    browser = client_of(cast.paul)
    address = url("community_news", "soudure-laser")
    assert 'data-count="1"' in browser.get(address, {"since": 0}).content.decode()
    assert "hidden" in browser.get(address, {"since": first.position}).content.decode()
    assert browser.get(address, {"since": "x"}).status_code == 400


@pytest.mark.parametrize("query", ["before=zz", "before=W10", "before=WzEsMl0x"])
def test_a_broken_cursor_is_a_bad_request(cast: Cast, client_of: Browser, query: str) -> None:
    assert client_of(cast.nadia).get(f"{url('community', 'soudure-laser')}?{query}").status_code == 400
    broken = query.replace("before", "after")
    assert client_of(cast.nadia).get(f"{url('community_members', 'soudure-laser')}?{broken}").status_code == 400


def test_a_community_costs_the_same_for_one_thread_and_for_thirty(
    cast: Cast, client_of: Browser, django_assert_num_queries
) -> None:
    publish_comment(as_(cast.paul, at(hours=2)), post(cast.claire, cast.soudure), body="<p>Oui</p>")
    browser = client_of(cast.nadia)
    address = url("community", "soudure-laser")
    browser.get(address)
    with CaptureQueriesContext(connection) as one:
        browser.get(address)
    for n in range(30):
        made = post(cast.paul, cast.soudure, now=at(hours=3, minutes=n))
        publish_comment(as_(cast.claire, at(hours=4, minutes=n)), made, body="<p>Oui</p>")
    with django_assert_num_queries(len(one)):
        page = browser.get(address).content.decode()
    assert page.count('class="card post"') == 20 and "before=" in page
    assert len(one) <= 16
