"""Tickets: only the pages make them, for a minute, for somebody who may see what they name."""

import json
import time

import pytest
from allauth.usersessions.models import UserSession
from django.urls import reverse

from parvis.core.items.models import Item
from parvis.experience.live import tickets
from parvis.work.conversations.actions import publish_post
from tests.cast import Cast, as_


def test_a_ticket_says_what_it_was_issued_for_until_a_minute_later() -> None:
    text = tickets.issue(1, 2, 3, 4, 1000.5)
    assert tickets.read(text, 1030) == tickets.Ticket(1, 2, 3, 4, 1060)
    assert tickets.read(text, 1060) and tickets.read(text, 1061) is None


@pytest.mark.parametrize("change", [("1-2", "9-2"), ("-1060-", "-9060-"), ("1-", "1--"), ("1-2", "１-2")])
def test_a_changed_ticket_is_none(change: tuple[str, str]) -> None:
    assert tickets.read(tickets.issue(1, 2, 3, 4, 1000).replace(*change, 1), 1001) is None


@pytest.mark.parametrize("text", ["", "x", "1-2-3-4-5", "1-2-3-4-9999999999-" + "A" * 22, "é" * 50, "1" * 5000])
def test_what_was_not_issued_here_is_none(text: str) -> None:
    assert tickets.read(text, 1001) is None


def _post(cast: Cast) -> Item:
    from parvis.core.items.audiences import audience_of

    group = cast.direction.group
    return publish_post(as_(cast.denise), group, audience_of(cast.vauban, [group.principal]), body="<p>x</p>")


def _ask(client, cast: Cast, thread: str = ""):
    return client.get(reverse("live_ticket", args=[cast.vauban.slug]), {"thread": thread} if thread else {})


def test_a_person_gets_a_ticket_of_their_own_for_their_session(cast: Cast, client_of, settings) -> None:
    client = client_of(cast.paul)
    post = _post(cast)
    answer = _ask(client, cast, post.key)
    url = json.loads(answer.content)["url"]
    assert url.startswith(f"{settings.STREAM_URL}/live?ticket=") and "no-store" in answer["Cache-Control"]
    ticket = tickets.read(url.partition("ticket=")[2], time.time())
    session = UserSession.objects.get(user=cast.paul.account)
    assert ticket == tickets.Ticket(cast.paul.pk, cast.vauban.pk, session.pk, post.pk, ticket.expires)
    assert session.session_key not in url and post.key not in url


def test_an_outsider_gets_404(cast: Cast, client_of) -> None:
    assert _ask(client_of(cast.otto), cast).status_code == 404


def test_nobody_gets_a_ticket_for_a_thread_that_they_may_not_see(cast: Cast, client_of) -> None:
    post = _post(cast)
    assert _ask(client_of(cast.nadia), cast, post.key).status_code == 404
    assert _ask(client_of(cast.nadia), cast, "zzzzzzzzzzzz").status_code == 404


def test_signed_out_one_is_sent_to_sign_in(cast: Cast, client_of) -> None:
    assert _ask(client_of(None), cast).status_code == 302


def test_a_ticket_is_only_got(cast: Cast, client_of) -> None:
    assert client_of(cast.paul).post(reverse("live_ticket", args=[cast.vauban.slug])).status_code == 405
