"""Coming in by mail: who may open an account, links that sign in once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare, salted_hmac

from parvis.core.people.actions.people import join_by_domain, verify_address
from parvis.core.people.models import Account, Address, Invitation, NetworkDomain, Person, PersonState

LINK_LASTS = dt.timedelta(minutes=15)
_SALT = "parvis.people.sign_in_link"


def system_may_sign_up(email: str, now: dt.datetime) -> bool:
    """Whether an address may open an account: of a network's domain, invited, or of somebody already known there.

    Never told to whoever asks.  Queries: 1 to 3.
    """
    email = email.strip().lower()
    domain = email.rsplit("@", 1)[-1]
    return (
        NetworkDomain.objects.filter(domain=domain).exists()
        or Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None, expires_at__gt=now).exists()
        or Address.objects.filter(email=email, person__account=None)
        .exclude(person__state__in=[PersonState.LEFT, PersonState.MERGED])
        .exclude(person__kind="application")
        .exists()
    )


@transaction.atomic
def enter_by_address(account: Account, email: str, name: str, now: dt.datetime) -> list[Person]:
    """What a verified address opens: the persons it identifies, and the networks of its domain. Returns the persons.

    An invitation is not accepted by it: that takes its own link.
    """
    email = email.strip().lower()
    found = [
        verify_address(address.network, account, email, now)
        for address in Address.objects.select_related("network").filter(email=email)
    ]
    return [p for p in found if p is not None] + join_by_domain(account, email, name, now)


@transaction.atomic
def open_account(email: str, password: str, now: dt.datetime) -> Account:
    """A new account whose address is known to be its own. Whoever claimed it before without proof loses the claim."""
    email = email.strip().lower()
    drop_unproven(email)
    account = Account.objects.create_user(email, password, created_at=now)
    EmailAddress.objects.create(user=account, email=email, verified=True, primary=True)
    return account


def drop_unproven(email: str, but: Account | None = None) -> None:
    """Forget unverified claims to an address; accounts that were nothing else go with them."""
    claims = EmailAddress.objects.filter(email__iexact=email, verified=False)
    if but is not None:
        claims = claims.exclude(user=but)
    accounts = list(claims.values_list("user_id", flat=True))
    claims.delete()
    empty = Account.objects.filter(pk__in=accounts, people=None, emailaddress=None)
    empty.delete()


def account_of_address(email: str) -> Account | None:
    """The active account that proved this address to be its own.  Queries: 1."""
    # Exactly: a database that folds case takes other letters for the same (a dotless i), and other mailboxes.
    proven = EmailAddress.objects.filter(email=email.strip().lower(), verified=True, user__is_active=True)
    row = proven.select_related("user").first()
    return row.user if row is not None else None


def make_link_token(account: Account) -> str:
    """A token that signs this account in once, within 15 minutes, unless it signed in or changed meanwhile."""
    return signing.dumps({"a": account.key, "s": _state_of(account)}, salt=_SALT)


def account_of_token(token: str) -> Account | None:
    """The account that a link's token still opens; None for one that is false, too old or used. Uses nothing up."""
    try:
        said: Any = signing.loads(token, salt=_SALT, max_age=LINK_LASTS)
        account = Account.objects.filter(key=said["a"], is_active=True).first()
        stands = account is not None and constant_time_compare(said["s"], _state_of(account))
    except (signing.BadSignature, KeyError, TypeError):
        return None
    return account if stands else None


@transaction.atomic
def use_link_token(token: str, now: dt.datetime) -> Account | None:
    """As `account_of_token`, and the token is used up: of two at the same time one gets the account."""
    account = account_of_token(token)
    if account is None:
        return None
    same = Q(last_login=account.last_login) if account.last_login else Q(last_login=None)
    if not Account.objects.filter(same, pk=account.pk).update(last_login=now):
        return None
    account.last_login = now
    return account


def _state_of(account: Account) -> str:
    emails = EmailAddress.objects.filter(user=account, verified=True).order_by("email").values_list("email", flat=True)
    parts = [account.pk, account.password, account.session_epoch, account.last_login, *emails]
    return salted_hmac(_SALT, "|".join(map(str, parts)), algorithm="sha256").hexdigest()
