"""Coming in: sign-up, verified addresses, mailed links, what each opens and what it does not."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone

from parvis.core.mail.models import Outgoing
from parvis.core.people.actions import NewPerson, close_person, create_people, merge_people, verify_address
from parvis.core.people.actions.entry import (
    account_of_token,
    enter_by_address,
    make_link_token,
    open_account,
    system_may_sign_up,
    use_link_token,
)
from parvis.core.people.jobs import mail_link
from parvis.core.people.models import Account, Address, NetworkDomain, Person, PersonKind, PersonState
from tests.cast import Cast, at

PASSWORD = "une-phrase-bien-longue"


@pytest.fixture
def domain(cast: Cast) -> None:
    NetworkDomain.objects.create(network=cast.vauban, domain="vauban.example")


def sent() -> list[str]:
    """The mails of the outgoing folder, newest last, as text."""
    return [
        p.read_text() for p in sorted(Path(settings.DATA / "mail").glob("*.eml"), key=lambda p: p.stat().st_mtime_ns)
    ]


def sign_up(browser: Client, email: str) -> str:
    answer = browser.post("/accounts/signup/", {"name": "Léa Petit", "email": email, "password1": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def code_mailed_to(email: str) -> str:
    (message,) = [m for m in mail.outbox if m.to == [email]]  # pytest puts its own box where mails leave
    found = re.search(r"^([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})$", str(message.body), re.M)
    assert found, message.body
    return found[1]


def test_an_address_of_the_domain_signs_up_and_is_a_member_once_verified(cast: Cast, domain: None) -> None:
    browser = Client()
    where = sign_up(browser, "lea@vauban.example")
    assert not Person.objects.filter(name="Léa Petit").exists()
    answer = browser.post(where, {"code": code_mailed_to("lea@vauban.example")})
    assert answer.status_code == 302
    person = Person.objects.get(name="Léa Petit")
    assert (person.kind, person.network) == (PersonKind.MEMBER, cast.vauban)
    assert "_auth_user_id" in browser.session


def test_sign_up_answers_the_same_for_an_unknown_a_known_and_a_welcome_address(cast: Cast, domain: None) -> None:
    answers = set()
    for email in ("eve@elsewhere.example", "claire@vauban.example", "lea@vauban.example"):
        browser = Client()
        where = sign_up(browser, email)
        page = browser.get(where).content.decode().replace(email, "X")
        answers.add((where, re.sub(r'value="[^"]{64}"|data-now="[^"]*"', "", page)))
    assert len(answers) == 1
    assert "eve@elsewhere.example" not in [to for message in mail.outbox for to in message.to]
    assert not Account.objects.filter(email="eve@elsewhere.example").exists()


def test_who_may_open_an_account(cast: Cast, domain: None) -> None:
    assert system_may_sign_up("Anyone@Vauban.example", at())
    assert system_may_sign_up("celine@herve.example", at())  # a contact
    assert not system_may_sign_up("eve@herve.example", at())
    assert not system_may_sign_up("eve@notvauban.example", at())


def test_a_contact_becomes_a_guest_by_a_verified_address_and_a_member_where_it_is_of_the_domain(cast: Cast) -> None:
    account = open_account("celine@herve.example", PASSWORD, at())
    assert enter_by_address(account, "celine@herve.example", "", at()) == [cast.celine]
    cast.celine.refresh_from_db()
    assert (cast.celine.kind, cast.celine.account) == (PersonKind.GUEST, account)
    NetworkDomain.objects.create(network=cast.vauban, domain="vauban.example")
    row = NewPerson("Marc", kind=PersonKind.CONTACT, emails=["marc@vauban.example"])
    (marc,) = create_people(cast.vauban, [row], at())
    cast.vauban.refresh_from_db()
    before = cast.vauban.size
    enter_by_address(open_account("marc@vauban.example", PASSWORD, at()), "marc@vauban.example", "", at())
    marc.refresh_from_db()
    cast.vauban.refresh_from_db()
    assert (marc.kind, cast.vauban.size) == (PersonKind.MEMBER, before + 1)


def test_a_placeholder_is_claimed_by_its_verified_address_only(cast: Cast) -> None:
    row = NewPerson("Vieux Nom", state=PersonState.PLACEHOLDER, emails=["ancien@vauban.example"])
    (old,) = create_people(cast.vauban, [row], at())
    eve = Account.objects.create_user("ancien@vauban.example", PASSWORD)  # says so, proves nothing
    EmailAddress.objects.create(user=eve, email="ancien@vauban.example")
    old.refresh_from_db()
    assert old.account is None
    account = open_account("ancien@vauban.example", PASSWORD, at())
    assert verify_address(cast.vauban, account, "Ancien@vauban.example", at()) == old
    old.refresh_from_db()
    assert (old.account, old.state) == (account, PersonState.ACTIVE)
    assert not Account.objects.filter(pk=eve.pk).exists()


def test_a_placeholder_found_by_a_member_is_merged_into_them(cast: Cast) -> None:
    row = NewPerson("C. Martin", state=PersonState.PLACEHOLDER, emails=["cmartin@old.example"])
    (old,) = create_people(cast.vauban, [row], at())
    assert verify_address(cast.vauban, cast.claire.account, "cmartin@old.example", at()) == cast.claire
    old.refresh_from_db()
    assert (old.state, old.merged_into) == (PersonState.MERGED, cast.claire)
    assert Address.objects.get(email="cmartin@old.example").person == cast.claire


def test_an_address_that_somebody_else_verified_gives_nothing(cast: Cast) -> None:
    eve = Account.objects.create_user("eve@vauban.example", PASSWORD)
    assert verify_address(cast.vauban, eve, "claire@vauban.example", at()) is None
    assert verify_address(cast.vauban, cast.paul.account, "claire@vauban.example", at()) == cast.paul
    cast.claire.refresh_from_db()
    assert cast.claire.account is not None and cast.claire.account != eve


def test_who_left_does_not_come_back_by_the_domain(cast: Cast, domain: None) -> None:
    assert enter_by_address(cast.yann.account, "yann@vauban.example", "Yann", at()) == []
    other = open_account("yann@autre.example", PASSWORD, at())
    assert enter_by_address(other, "yann@vauban.example", "Yann", at()) == []
    cast.yann.refresh_from_db()
    assert cast.yann.state == PersonState.LEFT


def test_a_guest_whose_address_is_verified_again_stays_a_guest(cast: Cast, domain: None) -> None:
    enter_by_address(cast.gaspard.account, "gaspard@vauban.example", "", at())
    cast.gaspard.refresh_from_db()
    assert cast.gaspard.kind == PersonKind.GUEST


def test_merging_keeps_one_account_and_ends_the_other_ones_sessions(
    cast: Cast, client_of: Callable[[Person], Client]
) -> None:
    browser = client_of(cast.nadia)
    merge_people(cast.nadia, cast.paul, at(), actor=cast.denise)
    cast.nadia.refresh_from_db()
    cast.paul.refresh_from_db()
    assert (cast.nadia.state, cast.nadia.account, cast.nadia.merged_into) == (PersonState.MERGED, None, cast.paul)
    assert browser.get("/accounts/email/").status_code == 302
    with pytest.raises(ValueError, match="two persons"):
        merge_people(cast.otto, cast.paul, at())
    with pytest.raises(ValueError, match="merged before"):
        merge_people(cast.paul, cast.nadia, at())


def test_a_merged_placeholder_leads_to_the_last_of_its_successors(cast: Cast) -> None:
    (first,) = create_people(cast.vauban, [NewPerson("P. R.", state=PersonState.PLACEHOLDER)], at())
    merge_people(first, cast.nadia, at())
    merge_people(cast.nadia, cast.paul, at())
    first.refresh_from_db()
    assert first.merged_into == cast.paul


def test_whoever_leaves_is_signed_out_at_once(cast: Cast, client_of: Callable[[Person], Client]) -> None:
    browser = client_of(cast.paul)
    assert browser.get("/accounts/email/").status_code == 200
    close_person(cast.paul, at(), actor=cast.denise)
    assert browser.get("/accounts/email/").status_code == 302


def test_a_mailed_link_signs_in_once_and_not_before_its_button(cast: Cast) -> None:
    token = make_link_token(cast.claire.account)
    browser = Client()
    for _ in range(3):  # programs that look into mails
        page = browser.get(f"/accounts/link/{token}/")
        assert page.status_code == 200 and b"<form" in page.content
    assert "_auth_user_id" not in browser.session
    before = browser.session.session_key
    answer = browser.post(f"/accounts/link/{token}/", {"next": "/vauban/x/"})
    assert (answer.status_code, answer["Location"]) == (302, "/vauban/x/")
    assert browser.session["_auth_user_id"] == str(cast.claire.account.pk)
    assert browser.session.session_key != before
    assert Client().post(f"/accounts/link/{token}/").status_code == 410
    assert Client().get(f"/accounts/link/{token}/").status_code == 410


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"])
def test_a_link_never_leads_elsewhere(cast: Cast, wanted: str) -> None:
    token = make_link_token(cast.claire.account)
    answer = Client().post(f"/accounts/link/{token}/", {"next": wanted})
    assert answer["Location"] == "/"
    login = Client().post(f"/accounts/login/?next={wanted}", {"login": "claire@vauban.example", "password": "x"})
    assert "evil" not in login.headers.get("Location", "")


def test_a_link_dies_with_a_new_password_a_sign_in_elsewhere_and_after_a_quarter_of_an_hour(cast: Cast) -> None:
    account = cast.claire.account
    token = make_link_token(account)
    account.set_password(PASSWORD)
    account.save()
    assert account_of_token(token) is None
    token, other = make_link_token(account), make_link_token(account)
    assert use_link_token(token, timezone.now()) == account
    assert account_of_token(other) is None
    from django.core import signing

    real = signing.time.time
    token = make_link_token(Account.objects.get(pk=account.pk))
    try:
        signing.time.time = lambda: real() + 15 * 60 + 1  # type: ignore[assignment]
        assert account_of_token(token) is None
    finally:
        signing.time.time = real
    assert account_of_token(token) == account
    assert account_of_token(token[:-2] + "xx") is None


def test_asking_for_a_link_tells_nobody_who_is_known(cast: Cast) -> None:
    pages = set()
    for email in ("claire@vauban.example", "eve@elsewhere.example"):
        answer = Client().post("/accounts/link/", {"email": email})
        pages.add(
            (answer.status_code, answer.content.decode().replace(email, "X").split("<main")[1].split("</main")[0])
        )
    assert len(pages) == 1
    mail_link("eve@elsewhere.example", "", "fr", "k1")
    mail_link("claire@vauban.example", "/vauban/", "fr", "k2")
    assert [m.to for m in Outgoing.objects.filter(key__startswith="link:")] == ["claire@vauban.example"]
    assert any("/accounts/link/" in text for text in sent())


def test_passwords_are_kept_with_argon2_and_sign_in_changes_the_session(cast: Cast) -> None:
    account = cast.claire.account
    account.set_password(PASSWORD)
    account.save()
    assert account.password.startswith("argon2")
    browser = Client()
    browser.get("/accounts/login/")
    answer = browser.post("/accounts/login/", {"login": "Claire@vauban.example", "password": PASSWORD})
    assert answer.status_code == 302
    assert browser.session["_auth_user_id"] == str(account.pk)


def test_signing_out_elsewhere_ends_the_other_sessions(cast: Cast) -> None:
    account = cast.claire.account
    account.set_password(PASSWORD)
    account.save()
    here, there = Client(), Client()
    for browser in (here, there):
        browser.post("/accounts/login/", {"login": "claire@vauban.example", "password": PASSWORD})
    assert there.get("/accounts/email/").status_code == 200
    here.post("/accounts/sessions/")
    assert here.get("/accounts/email/").status_code == 200
    assert there.get("/accounts/email/").status_code == 302


@pytest.mark.parametrize(
    ("door", "data", "tries"),
    [
        ("/accounts/login/", {"login": "claire@vauban.example", "password": "faux"}, 12),
        ("/accounts/login/", {"login": "nobody@vauban.example", "password": "faux"}, 12),
        ("/accounts/signup/", {"name": "x", "email": "a@b.example", "password1": PASSWORD}, 25),
        ("/accounts/link/", {"email": "claire@vauban.example"}, 7),
        ("/accounts/link/", {"email": "nobody@vauban.example"}, 7),
        ("/accounts/link/faux/", {}, 70),
        ("/accounts/invitation/faux/", {}, 70),
        ("/accounts/password/reset/", {"email": "claire@vauban.example"}, 8),
        ("/vauban/sign-in/", {"number": "17", "code": "faux"}, 12),
        ("/vauban/sign-in/own-code/", {"code": "faux"}, 70),
    ],
)
def test_every_door_says_to_wait_after_too_many_tries(cast: Cast, door: str, data: dict[str, str], tries: int) -> None:
    answers = [Client(HTTP_ACCEPT_LANGUAGE="fr").post(door, data) for _ in range(tries)]
    assert answers[0].status_code in (200, 302, 410)
    assert answers[-1].status_code == 429
    assert "patienter" in answers[-1].content.decode()
