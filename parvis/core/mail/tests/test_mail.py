"""Mails leave once, as they should, through one door."""

import email
import email.policy
import os
import smtplib
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import send_mail
from django_tasks_db.models import DBTaskResult

from parvis.core.mail import signed
from parvis.core.mail.actions import Busy, enqueue_mail, queue_mail, send_now, system_deliver, system_sweep
from parvis.core.mail.message import BadMail, Mail, compose, message_id
from parvis.core.mail.models import Outgoing
from parvis.core.mail.transport import Later
from parvis.core.runtime import env
from tests.cast import at
from tests.installation import free_port

pytestmark = pytest.mark.django_db
MAIL = Mail("claire@vauban.example", "Réponse de Paul", "Bonjour\n", "<p>Bonjour</p>")


class Post:
    """What a mail server got, and what it answers next time instead of taking a mail."""

    def __init__(self) -> None:
        self.got: list[email.message.EmailMessage] = []
        self.refusal = ""

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        self.got.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 Taken"


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    handler, port = Post(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    monkeypatch.setenv("PARVIS_SMTP_URL", f"smtp://127.0.0.1:{port}")
    yield handler
    controller.stop()


def test_a_mail_reaches_a_real_server_whole_and_once(post: Post) -> None:
    queue_mail(MAIL, at(), key="a")
    queue_mail(MAIL, at(), key="a")
    assert DBTaskResult.objects.count() == 1
    assert system_deliver("a", at()) and system_deliver("a", at(minutes=9))
    (got,) = post.got
    assert (got["To"], got["Subject"], got["Message-ID"]) == (MAIL.to, MAIL.subject, message_id("a"))
    assert got.get_body(("plain",)).get_content().strip() == "Bonjour"
    assert got.get_body(("html",)).get_content().strip() == "<p>Bonjour</p>"
    row = Outgoing.objects.get()
    assert row.sent_at and (row.text, row.html, row.subject) == ("", "", "")


def test_a_mail_that_the_server_puts_off_waits_and_one_that_it_refuses_is_given_up(post: Post) -> None:
    queue_mail(MAIL, at(), key="a")
    post.refusal = "451 Later"
    with pytest.raises(Later):
        system_deliver("a", at())
    post.refusal = "550 Nobody of that name"
    assert not system_deliver("a", at(minutes=1))
    post.refusal = ""
    assert not system_deliver("a", at(minutes=2))
    assert Outgoing.objects.get().error == "550" and Outgoing.objects.get().text == ""


def test_a_server_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_SMTP_URL", "smtp://127.0.0.1:9")
    queue_mail(MAIL, at(), key="a")
    with pytest.raises(Later):
        system_deliver("a", at())
    assert Outgoing.objects.get().claimed_at is None


def test_two_workers_do_not_send_the_same_mail_and_a_dead_one_holds_it_for_two_minutes_only(post: Post) -> None:
    queue_mail(MAIL, at(), key="a")
    Outgoing.objects.update(claimed_at=at())
    with pytest.raises(Busy):
        system_deliver("a", at(seconds=5))
    assert system_deliver("a", at(minutes=3)) and len(post.got) == 1


def test_what_is_sent_at_once_is_sent_once_and_its_words_are_kept_nowhere(post: Post) -> None:
    assert send_now(MAIL, at(), key="n") and send_now(MAIL, at(), key="n")
    assert len(post.got) == 1 and Outgoing.objects.get().text == ""


def test_without_a_server_mails_are_files_of_one_folder() -> None:
    queue_mail(MAIL, at(), key="file")
    system_deliver("file", at())
    (path,) = (env.data_folder() / "mail").glob("*.eml")
    assert email.message_from_bytes(path.read_bytes(), policy=email.policy.default)["Subject"] == MAIL.subject


@pytest.mark.parametrize("subject", ["Bonjour\r\nBcc: x@evil.example", "Bonjour\nX: y", "a\x00b\u2028c"])
def test_a_subject_cannot_carry_another_header(subject: str) -> None:
    made = compose(Mail(MAIL.to, subject, "x"), "k", at())
    parsed = email.message_from_bytes(bytes(made))
    assert parsed["Bcc"] is None and parsed["X"] is None and set(parsed.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"
    }  # fmt: skip


@pytest.mark.parametrize(
    "to", ["a@b.example\nBcc: c@d.example", "a@b.example, c@d.example", "nobody", "", "a@b.example\r"]
)
def test_an_address_is_one_address(to: str) -> None:
    with pytest.raises(BadMail):
        queue_mail(Mail(to, "x", "x"), at())


@pytest.mark.parametrize("headers", [{"Bcc": "x@y.example"}, {"List-Id": "a\r\nBcc: x"}, {"From": "x@y.example"}])
def test_only_our_own_headers_are_written(headers: dict[str, str]) -> None:
    with pytest.raises(BadMail):
        queue_mail(Mail(MAIL.to, "x", "x", headers=headers), at())


def test_a_mail_is_in_the_readers_language() -> None:
    context = {"network": {"name": "Vauban"}}
    enqueue_mail("a@b.example", "x", "mail/base", context, at(), language="fr", key="fr")
    enqueue_mail("a@b.example", "x", "mail/base", context, at(), language="en", key="en")
    assert "Envoyé par Parvis pour Vauban." in Outgoing.objects.get(key="fr").text
    assert "Sent by Parvis for Vauban." in Outgoing.objects.get(key="en").text
    assert '<html lang="fr">' in Outgoing.objects.get(key="fr").html


def test_djangos_own_mails_leave_through_the_same_door(settings, post: Post) -> None:
    settings.EMAIL_BACKEND = "parvis.core.mail.backend.QueuedBackend"
    assert send_mail("Code", "1234", None, ["a@b.example", "c@d.example"]) == 1
    for key in Outgoing.objects.values_list("key", flat=True):
        system_deliver(key, at())
    assert sorted(m["To"] for m in post.got) == ["a@b.example", "c@d.example"]


def test_what_cannot_be_sent_for_two_days_is_blanked(post: Post) -> None:
    queue_mail(MAIL, at(), key="a")
    assert system_sweep(at(days=3)) == 0 and Outgoing.objects.get().text == ""
    assert system_sweep(at(days=40)) == 1


def test_a_signed_address_names_person_and_thread_and_bears_a_change_of_case() -> None:
    address = signed.reply_address(12, 34, "parvis.example")
    assert len(address.partition("@")[0]) <= 64
    assert signed.verify(signed.token_of(address.upper())) == (12, 34) == signed.verify(signed.token_of(address))


def test_a_signed_address_cannot_be_forged() -> None:
    token = signed.sign(12, 34)
    for at_place in range(len(token)):
        other = "a" if token[at_place] != "a" else "b"
        forged = token[:at_place] + other + token[at_place + 1 :]
        # The last character of a base-32 text holds bits that stand for nothing.
        assert signed.verify(forged) is None or at_place == len(token) - 1
    for bad in ("", "x", "é", token[:-4], token + "aaaaaaaa", os.urandom(30).hex()):
        assert signed.verify(bad) is None


def test_the_password_is_never_sent_in_clear_over_the_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_SMTP_URL", "smtp://user:secret@mail.invalid:25")
    from parvis.core.mail import transport

    class Plain(smtplib.SMTP):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__()

        def ehlo(self, name: str = "") -> tuple[int, bytes]:
            return 250, b""

        def login(self, *args: object, **kwargs: object) -> tuple[int, bytes]:
            raise AssertionError("the password left")

    monkeypatch.setattr(transport.smtplib, "SMTP", Plain)
    with pytest.raises(Later):
        transport.send(compose(MAIL, "k", at()), "k")
