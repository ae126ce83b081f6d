"""Tickets: what a browser shows to open a stream. Good for a minute; worth nothing in a proxy's log afterwards.

Made by the pages, read by the streams; neither Django nor a database is needed here.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import re

from parvis.core.runtime import env

LASTS_S = 60
_SHAPE = re.compile(r"(\d{1,19}(?:-\d{1,19}){4})-([A-Za-z0-9_-]{22})")


@dataclasses.dataclass(frozen=True, slots=True)
class Ticket:
    """Whose stream, in which network, under which session (id of its row), of which thread's page (0: none).

    expires: seconds since 1970.
    """

    person: int
    network: int
    session: int
    thread: int
    expires: int


def issue(person: int, network: int, session: int, thread: int, now_s: float) -> str:
    """A ticket, as text that may stand in an address."""
    body = f"{person}-{network}-{session}-{thread}-{int(now_s) + LASTS_S}"
    return f"{body}-{_mark(body)}"


def read(text: str, now_s: float) -> Ticket | None:
    """The ticket that this text is; None for one that was not issued here or has expired."""
    match = _SHAPE.fullmatch(text)
    if match is None or not hmac.compare_digest(match.group(2), _mark(match.group(1))):
        return None
    ticket = Ticket(*(int(part) for part in match.group(1).split("-")))
    return ticket if ticket.expires >= now_s else None


def _mark(body: str) -> str:
    key = hmac.digest(env.get("PARVIS_SECRET_KEY").encode(), b"parvis.live.ticket", hashlib.sha256)
    return base64.urlsafe_b64encode(hmac.digest(key, body.encode(), hashlib.sha256)[:16]).decode().rstrip("=")
