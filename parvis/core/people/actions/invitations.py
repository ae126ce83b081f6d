"""Invitations: making, sending again, taking back, accepting."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence

from django.db import transaction

from parvis.core.items.log import record
from parvis.core.items.models import Verb
from parvis.core.people.actions.entry import account_of_address, open_account
from parvis.core.people.actions.people import NewPerson, add_members, count_members, create_people, verify_address
from parvis.core.people.models import (
    Account,
    Address,
    Group,
    GroupKind,
    Invitation,
    InvitationKind,
    Membership,
    Network,
    Person,
    PersonKind,
    PersonState,
    Role,
)
from parvis.core.runtime.jobs import enqueue

INVITATION_LASTS = dt.timedelta(days=14)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def invite(
    inviter: Person, emails: Sequence[str], kind: str, groups: Sequence[Group], now: dt.datetime
) -> tuple[list[Invitation], list[str]]:
    """Invite addresses into the inviter's network; who may is asked by the caller.

    Returns the invitations, and the addresses of those who are already in (not invited). An open invitation of the
    same address is replaced. The mails are sent by the worker.  Queries: 6 each.
    """
    made, already = [], []
    network = inviter.network
    for email in dict.fromkeys(e.strip().lower() for e in emails):
        inside = Address.objects.filter(
            network=network, email=email, person__account__isnull=False, person__state=PersonState.ACTIVE
        )
        if inside.exists():
            already.append(email)
            continue
        Invitation.objects.filter(network=network, email=email, accepted_at=None, revoked_at=None).update(
            revoked_at=now
        )
        invitation = Invitation.objects.create(
            network=network,
            email=email,
            kind=kind,
            inviter=inviter,
            digest=_digest(secrets.token_urlsafe(32)),  # of no link until the mail is made
            sent_at=now,
            expires_at=now + INVITATION_LASTS,
        )
        invitation.groups.set(groups)
        enqueue("people.mail_invitation", key=invitation.key)
        made.append(invitation)
    if made:
        record(inviter, Verb.INVITE, at=now)
    return made, already


@transaction.atomic
def resend_invitation(invitation: Invitation, now: dt.datetime) -> None:
    """Send an open invitation again, good for two weeks more; the link sent before dies."""
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
        sent_at=now, expires_at=now + INVITATION_LASTS, digest=_digest(secrets.token_urlsafe(32))
    )
    enqueue("people.mail_invitation", key=invitation.key)


def revoke_invitation(invitation: Invitation, now: dt.datetime) -> None:
    """Take an invitation back: its link leads nowhere from now on."""
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(revoked_at=now)


def system_new_secret(key: str, now: dt.datetime) -> tuple[Invitation, str] | None:
    """The open invitation with this key and a fresh secret for its link, which is kept nowhere. For the mail alone."""
    invitation = Invitation.objects.select_related("network", "inviter").filter(key=key).first()
    secret = secrets.token_urlsafe(32)
    rows = Invitation.objects.filter(key=key, accepted_at=None, revoked_at=None, expires_at__gt=now)
    if invitation is None or not rows.update(digest=_digest(secret)):
        return None
    return invitation, secret


def invitation_of(secret: str, now: dt.datetime) -> Invitation | None:
    """The open invitation that a link's secret belongs to; None for any other.  Queries: 1."""
    rows = Invitation.objects.select_related("network", "inviter").filter(accepted_at=None, revoked_at=None)
    invitation = rows.filter(digest=_digest(secret), expires_at__gt=now).first()
    return invitation if invitation is not None and _may_still_invite(invitation, now) else None


def _may_still_invite(invitation: Invitation, now: dt.datetime) -> bool:
    """Whether the inviter could send this invitation today: an invitation outlives no right.  Queries: 1 or 2.

    Administrators invite anybody; owners of communities invite guests, into what they own, and that at least.
    """
    inviter = invitation.inviter
    if inviter.state != PersonState.ACTIVE:
        return False
    served = list(Membership.objects.active(now).filter(person=inviter).values_list("group_id", "group__kind", "role"))
    if any(kind == GroupKind.ADMINISTRATORS for _, kind, _ in served):
        return True
    owned = {group for group, _, role in served if role == Role.OWNER}
    into = set(invitation.groups.values_list("pk", flat=True))
    return invitation.kind == InvitationKind.GUEST and bool(into) and into <= owned


@transaction.atomic
def accept_invitation(secret: str, account: Account, name: str, now: dt.datetime) -> Person | None:
    """Come in by an invitation's link; None when it is no longer good, or when the person left the network.

    The link proves the address. Somebody already in stays what they are; a placeholder or contact of that address
    becomes the newcomer.
    """
    found = invitation_of(secret, now)
    rows = Invitation.objects.select_for_update().filter(accepted_at=None, revoked_at=None)
    invitation = rows.filter(pk=found.pk).select_related("network", "inviter").first() if found is not None else None
    if invitation is None:
        return None
    network = invitation.network
    person = verify_address(network, account, invitation.email, now) or _come_in(invitation, account, name, now)
    if person is None:
        return None
    if invitation.kind == InvitationKind.MEMBER and person.kind == PersonKind.GUEST:
        Person.objects.filter(pk=person.pk).update(kind=PersonKind.MEMBER)
        person.kind = PersonKind.MEMBER
        count_members(network, 1)
    for group in invitation.groups.filter(network=network, closed_at=None):
        add_members(group, [person], now, actor=invitation.inviter)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=now, person=person)
    record(person, Verb.ACCEPT, at=now, target=invitation.inviter)
    return person


def _come_in(invitation: Invitation, account: Account, name: str, now: dt.datetime) -> Person | None:
    network: Network = invitation.network
    known = Address.objects.filter(network=network, email=invitation.email).exists()
    if known or Person.objects.filter(network=network, account=account).exists():
        return None  # theirs or somebody else's, and not to be had: they left, or it is another's
    row = NewPerson(
        name=name or invitation.email.split("@")[0],
        kind=invitation.kind,
        account=account,
        emails=[invitation.email],
        verified=True,
    )
    person = create_people(network, [row], now)[0]
    record(person, Verb.JOIN, at=now, target=person)
    return person


class _Refused(Exception):
    """Undoes the account that would have been made for nothing."""


def accept_as_newcomer(secret: str, name: str, password: str, now: dt.datetime) -> Account | None:
    """Open an account for the invited address and come in; None, and no account, when that may not be."""
    try:
        with transaction.atomic():
            invitation = invitation_of(secret, now)
            if invitation is None or account_of_address(invitation.email) is not None:
                return None
            account = open_account(invitation.email, password, now)
            if accept_invitation(secret, account, name, now) is None:
                raise _Refused
            return account
    except _Refused:
        return None
