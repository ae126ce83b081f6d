"""Pages outside every network: whose words, whose language, and what a code may open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse
from django.utils import translation

from parvis.core.people.models import OwnCode, Person
from parvis.core.people.queries import system_network_of_door
from parvis.core.people.templatetags.people import device
from tests.cast import NOW, Cast

Browser = Callable[[Person | None], Client]
NAMES = [
    "account_email", "account_change_password", "account_reauthenticate", "mfa_index", "mfa_activate_totp",
    "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_list_webauthn",
    "mfa_add_webauthn", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "usersessions_list",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_who_is_not_signed_in_is_sent_on_from_every_page_of_an_account(cast: Cast, name: str) -> None:
    assert Client().get(reverse(name)).status_code == 302


def test_these_pages_name_the_network_and_speak_the_persons_language(cast: Cast, client_of: Browser) -> None:
    cast.nadia.language = "en"
    cast.nadia.save(update_fields=["language"])
    browser = client_of(cast.nadia)
    page = browser.get("/accounts/email/", headers={"Accept-Language": "fr"})
    assert "Another address" in page.content.decode() and cast.vauban.name in page.content.decode()
    browser.post("/accounts/logout/")
    assert "Sign in" in browser.get("/accounts/login/", headers={"Accept-Language": "fr"}).content.decode()


def test_the_sign_in_page_names_the_network_that_one_is_on_the_way_to(cast: Cast) -> None:
    assert system_network_of_door("/vauban/people/") == cast.vauban
    assert system_network_of_door("/nulle-part/") is None  # there are several


def test_who_signs_in_with_a_code_sees_and_changes_it_and_nobody_else(cast: Cast, client_of: Browser) -> None:
    assert client_of(cast.paul).get("/vauban/profile/code").status_code == 404
    account = cast.nadia.account
    assert account is not None
    account.email = None
    account.save(update_fields=["email"])
    own = OwnCode.objects.create(person=cast.nadia, code=make_password("tourneur 9"), chosen_at=NOW)
    browser = client_of(cast.nadia)
    settings = browser.get("/vauban/profile").content.decode()
    assert "/vauban/profile/code" in settings and "/accounts/password/change/" not in settings
    new = {"code": "rabot-47-x", "again": "rabot-47-x"}
    assert browser.post("/vauban/profile/code", {"current": "faux", **new}).status_code == 422
    own.refresh_from_db()
    former = own.code
    assert browser.post("/vauban/profile/code", {"current": "tourneur 9", **new}).status_code == 302
    own.refresh_from_db()
    assert own.code != former and browser.get("/vauban/profile").status_code == 200


def test_the_devices_of_somebody_are_told_by_name_and_the_others_signed_out(cast: Cast, client_of: Browser) -> None:
    phone, computer = client_of(cast.paul), client_of(cast.paul)
    phone.get(
        "/vauban/live/ticket",
        headers={"User-Agent": "Mozilla/5.0 (Linux; Android 16) AppleWebKit Chrome/140.0 Mobile Safari/537"},
    )
    computer.get(
        "/vauban/live/ticket",
        headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/140 Safari/5 Edg/140"},
    )
    page = computer.get("/accounts/sessions/").content.decode()
    assert "Chrome sur Android" in page and "Edge sur Windows" in page and "Mozilla" not in page
    assert page.count("celui-ci") == 1
    computer.post("/accounts/sessions/")
    page = computer.get("/accounts/sessions/").content.decode()
    assert "Chrome sur Android" not in page and "nulle part ailleurs" in page
    assert phone.get("/vauban/").status_code == 302


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1", "Safari sur iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox sur Linux"),
        ("curl/8.0", "Appareil inconnu"),
        ("", "Appareil inconnu"),
    ],
)  # fmt: skip
def test_a_device_has_a_name_that_people_use(said: str, told: str) -> None:
    with translation.override("fr"):
        assert device(said) == told
