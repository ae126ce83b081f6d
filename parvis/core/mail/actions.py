"""The one door through which mails leave.

A mail has a key, and the same key is sent once. What is left to chance: a process killed between the server's taking a
mail and our noting it (milliseconds) has it sent again, with the same Message-ID, which most servers and readers of
mail show once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from parvis.core.mail import transport
from parvis.core.mail.message import Mail, checked, compose
from parvis.core.mail.models import Outgoing
from parvis.core.runtime.jobs import enqueue
from parvis.core.runtime.keys import new_key

CLAIM = dt.timedelta(minutes=2)  # far more than the transport's timeouts: a claim this old is a dead worker's
GIVEN_UP = dt.timedelta(days=2)
KEPT = dt.timedelta(days=30)


class Busy(Exception):
    """Another worker is sending this very mail."""


def render(
    to: str,
    subject: str,
    template: str,
    context: Mapping[str, Any],
    *,
    language: str,
    headers: Mapping[str, str] | None = None,
) -> Mail:
    """A mail in the reader's language, from `<template>.txt` and `<template>.html`.

    subject: text, or lazily translated text.  Raises BadMail.
    """
    with translation.override(language):
        values = {"origin": settings.ORIGIN, "language": language, **context}
        text = render_to_string(f"{template}.txt", values).strip() + "\n"
        return checked(Mail(to, str(subject), text, render_to_string(f"{template}.html", values), dict(headers or {})))


def enqueue_mail(
    to: str,
    subject: str,
    template: str,
    context: Mapping[str, Any],
    now: dt.datetime,
    *,
    language: str,
    headers: Mapping[str, str] | None = None,
    key: str = "",
) -> None:
    """Have a mail sent by the worker; part of the current transaction. Nothing happens for a key already known.

    Raises BadMail.  Queries: 2 or 3.
    """
    queue_mail(render(to, subject, template, context, language=language, headers=headers), now, key=key)


@transaction.atomic
def queue_mail(mail: Mail, now: dt.datetime, *, key: str = "") -> None:
    """As `enqueue_mail`, for a mail already made."""
    mail = checked(mail)
    row = Outgoing(
        key=key or f"mail:{new_key()}{new_key()}",
        to=mail.to,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        headers=dict(mail.headers),
        created_at=now,
    )
    if Outgoing.objects.filter(key=row.key).exists():
        return
    Outgoing.objects.bulk_create([row], ignore_conflicts=True)
    enqueue("mail.deliver", key=row.key)


def send_now(mail: Mail, now: dt.datetime, *, key: str) -> bool:
    """Send a mail from within a job: for what must be true at that instant. Returns whether it left, now or before.

    Raises Later or Busy: the job is to be run again. Its words are kept nowhere.
    """
    mail = checked(mail)
    Outgoing.objects.bulk_create([Outgoing(key=key, to=mail.to, created_at=now)], ignore_conflicts=True)
    return _deliver(key, now, mail)


def system_deliver(key: str, now: dt.datetime) -> bool:
    """Send a queued mail. Returns whether it left, now or before.  Raises Later or Busy."""
    return _deliver(key, now, None)


def _deliver(key: str, now: dt.datetime, mail: Mail | None) -> bool:
    free = Outgoing.objects.filter(key=key, sent_at=None, given_up_at=None)
    if not free.exclude(claimed_at__gt=now - CLAIM).update(claimed_at=now):
        row = Outgoing.objects.filter(key=key).first()
        if row is not None and row.sent_at is None and row.given_up_at is None:
            raise Busy(key)
        return row is not None and row.sent_at is not None
    row = Outgoing.objects.get(key=key)
    mail = mail or Mail(row.to, row.subject, row.text, row.html, row.headers)
    message = compose(mail, key, row.created_at)
    try:
        transport.send(message, f"{row.created_at:%Y%m%d-%H%M%S}-{hashlib.sha256(key.encode()).hexdigest()[:10]}")
    except transport.Refused as refused:
        _end(key, given_up_at=now, error=str(refused.code))
        return False
    except transport.Later as later:
        Outgoing.objects.filter(key=key).update(claimed_at=None, error=str(later)[:200])
        raise
    _end(key, sent_at=now, error="")
    return True


def _end(key: str, **how: Any) -> None:
    Outgoing.objects.filter(key=key).update(subject="", text="", html="", **how)


def system_sweep(now: dt.datetime) -> int:
    """Blank what could not be sent for two days, and forget the mails of more than a month ago. Returns how many."""
    stuck = Outgoing.objects.filter(created_at__lt=now - GIVEN_UP, sent_at=None, given_up_at=None)
    stuck.update(subject="", text="", html="", given_up_at=now)
    return Outgoing.objects.filter(created_at__lt=now - KEPT).delete()[0]
