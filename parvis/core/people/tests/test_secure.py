"""What is stored is unreadable without the key, and a shared tablet stays one."""

import io
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from parvis.core.people.actions.entry import account_of_address
from parvis.core.people.models import OwnCode, Person
from parvis.core.runtime.logs import LineFormatter
from tests.cast import Cast, at

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code that was good when it was made may not be when it is tried, half a minute later or none."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)


def test_the_database_holds_no_secret_of_a_second_step_and_its_codes_still_count(cast: Cast) -> None:
    step = TOTP.activate(cast.paul.account, SECRET)
    codes = RecoveryCodes.activate(cast.paul.account)
    stored = [json.dumps(data) for data in Authenticator.objects.values_list("data", flat=True)]
    assert all("fernet:" in data and SECRET not in data for data in stored)
    assert step.validate_code(format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time())))))
    assert codes.validate_code(codes.generate_codes()[0])


def test_a_secret_stored_before_encryption_still_counts(cast: Cast) -> None:
    row = Authenticator.objects.create(user=cast.paul.account, type=Authenticator.Type.TOTP, data={"secret": SECRET})
    assert TOTP(row).validate_code(format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time())))))


def test_under_another_key_a_second_step_refuses_every_code(
    cast: Cast, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    code = format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))
    step, codes = TOTP.activate(cast.paul.account, SECRET), RecoveryCodes.activate(cast.paul.account)
    recovery = codes.generate_codes()[0]
    settings.SECRET_KEY = "another-key-than-before"
    assert not step.validate_code(code)
    assert not RecoveryCodes(codes.instance).validate_code(recovery)
    assert "another secret key" in caplog.text


def test_a_stranger_sends_no_more_than_a_form_holds(cast: Cast, client_of: Callable[[Person], Client]) -> None:
    def sent_by(browser: Client, path: str) -> HttpResponse:
        return browser.post(path, {"login": "x", "file": SimpleUploadedFile("a.bin", bytes(200_000))})

    for path in ("/accounts/login/", "/vauban/sign-in/", "/vauban/", "/nowhere"):
        answer = sent_by(Client(headers={"accept-language": "fr"}), path)
        assert answer.status_code == 413, path
        assert "trop volumineux" in answer.content.decode()
        assert not answer.wsgi_request._read_started  # nothing of it was written to disk
    assert sent_by(client_of(cast.paul), "/vauban/").status_code != 413


def test_no_log_line_tells_the_secret_of_an_address(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = [handler for handler in logging.getLogger().handlers if isinstance(handler.formatter, LineFormatter)]
    written = io.StringIO()
    for handler in ours:
        monkeypatch.setattr(handler, "stream", written)
    Client().get(f"/invitation/{'Zk3' * 14}/nowhere")
    assert "/invitation/…/nowhere" in written.getvalue()
    assert "Zk3" not in written.getvalue()


def test_a_tablet_is_shared_although_somebody_else_was_still_signed_in(cast: Cast, client_of) -> None:
    Person.objects.filter(pk=cast.nadia.pk).update(personnel_number="4711")
    OwnCode.objects.create(person=cast.nadia, code=make_password("pq7rt2"), chosen_at=at())
    browser = client_of(cast.paul)
    browser.post("/vauban/sign-in/", {"number": "4711", "code": "pq7rt2", "shared": "on"})
    assert browser.session["_auth_user_id"] == str(cast.nadia.account_id)
    assert browser.session["shared"] == "vauban" and browser.session.get_expire_at_browser_close()


def test_letters_that_look_alike_are_no_address_of_somebody(cast: Cast) -> None:
    assert account_of_address("CLAIRE@vauban.example") == cast.claire.account
    assert account_of_address("cla\u0131re@vauban.example") is None
