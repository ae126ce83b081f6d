"""Ending what is signed in."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F

from parvis.core.people.models import Account


@transaction.atomic
def end_sessions(account: Account) -> None:
    """Sign an account out everywhere, at once: pages refuse the old sessions, streams close with their rows.

    Queries: 4.
    """
    Account.objects.filter(pk=account.pk).update(session_epoch=F("session_epoch") + 1)
    drop_session_rows(account)


@transaction.atomic
def drop_session_rows(account: Account, *, but: str = "") -> None:
    """Delete the sessions of an account, but the one with this key.  Queries: 3."""
    rows = UserSession.objects.filter(user=account).exclude(session_key=but)
    Session.objects.filter(session_key__in=list(rows.values_list("session_key", flat=True))).delete()
    rows.delete()
