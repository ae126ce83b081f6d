"""A mail as bytes: headers that nobody can inject into, text and HTML."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from parvis.core.runtime import env

_ALLOWED = frozenset(
    "List-Id List-Unsubscribe List-Unsubscribe-Post References In-Reply-To Reply-To Auto-Submitted X-Auto-Response-Suppress "
    "Precedence Message-ID".split()
)


@dataclasses.dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one address.  headers: only those that Parvis itself writes.  sender_name: shown beside our address."""

    to: str
    subject: str
    text: str
    html: str = ""
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


class BadMail(ValueError):
    """It can't be sent as it is: an address that is none, or a header that Parvis does not write."""


def one_line(text: str) -> str:
    """Without line breaks or control characters: what may stand in a header."""
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029\x85]+", " ", text).strip()


def checked(mail: Mail) -> Mail:
    """The mail with a subject of one line. Raises BadMail for a bad address or header."""
    if unknown := set(mail.headers) - _ALLOWED:
        raise BadMail(f"headers that Parvis does not write: {', '.join(sorted(unknown))}")
    if any(value != one_line(value) for value in mail.headers.values()):
        raise BadMail("a header of more than one line")
    if one_line(mail.to) != mail.to or not re.fullmatch(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+", mail.to):
        raise BadMail("not a mail address")
    return dataclasses.replace(mail, subject=one_line(mail.subject)[:400])


def message_id(key: str) -> str:
    """The Message-ID of the mail with this key: always the same, so that a mail sent twice is shown once."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host()}>"


def host() -> str:
    """The host name that identifiers of our mails end with."""
    return urlsplit(env.get("PARVIS_ORIGIN")).hostname or "localhost"


def sender() -> tuple[str, str]:
    """Name and address that mails come from."""
    return parseaddr(env.get("PARVIS_MAIL_FROM"))


def compose(mail: Mail, key: str, created_at: dt.datetime) -> EmailMessage:
    """The message as it goes over the wire; the same bytes but for boundaries every time. Raises BadMail."""
    mail = checked(mail)
    made = EmailMessage(policy=SMTP)
    name, address = sender()
    local, _, domain = address.rpartition("@")
    made["From"] = Address(one_line(name), local, domain)
    made["To"] = mail.to
    made["Subject"] = mail.subject
    made["Date"] = format_datetime(created_at)
    made["Message-ID"] = mail.headers.get("Message-ID") or message_id(key)
    made["Auto-Submitted"] = "auto-generated"  # no answering machine answers
    for header, value in mail.headers.items():
        if header not in {"Message-ID", "Auto-Submitted"}:
            made[header] = value
    made.set_content(mail.text, cte="quoted-printable")
    if mail.html:
        made.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return made
