"""Administering a network. Every deed asks for the right inside its transaction."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from parvis.core.items.access import Act, Forbidden, require
from parvis.core.items.log import record
from parvis.core.items.models import ReaderCursor, Verb
from parvis.core.items.readers import replay
from parvis.core.people.actions import (
    NewPerson,
    add_members,
    administrators_of,
    close_person,
    create_network,
    create_people,
    keep_an_administrator,
    merge_people,
    remove_members,
)
from parvis.core.people.actions.entry import open_account
from parvis.core.people.actions.invitations import invite, resend_invitation, revoke_invitation
from parvis.core.people.models import (
    Account,
    Group,
    GroupKind,
    Invitation,
    InvitationKind,
    Membership,
    Network,
    NetworkDomain,
    Person,
    PersonKind,
    PersonState,
    Role,
)
from parvis.core.people.models.network import RESERVED_SLUGS
from parvis.core.people.viewer import Viewer
from parvis.work.communities.models import Community


class AlreadyBegun(Exception):
    """There is a network: the first run is over for good."""


@transaction.atomic
def begin(
    *, name: str, slug: str, person: str, email: str, password: str, language: str, zone: str, now: dt.datetime
) -> tuple[Network, Account]:
    """The first network of an installation and its administrator. Of two at the same time one is made.

    Raises AlreadyBegun, ValidationError (slug).
    """
    if connection.vendor == "postgresql":  # SQLite has one writer: the transaction itself is the lock
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE people_network IN EXCLUSIVE MODE")
    if Network.objects.exists():
        raise AlreadyBegun
    if slug in RESERVED_SLUGS:
        raise ValidationError({"slug": _("This word is taken by Parvis itself.")})
    network = create_network(slug, name, now, language=language, zone=zone)
    account = open_account(email, password, now)
    (first,) = create_people(network, [NewPerson(person, account=account, emails=[email], verified=True)], now)
    add_members(administrators_of(network), [first], now, actor=first, role=Role.OWNER)
    add_members(Group.objects.get(network=network, kind=GroupKind.DESK), [first], now, actor=first)
    record(first, Verb.JOIN, at=now, target=first)
    return network, account


def slug_for(name: str) -> str:
    """The address that a name proposes."""
    slug = slugify(name)[:40].strip("-")
    return slug if slug and slug not in RESERVED_SLUGS else "reseau"


@transaction.atomic
def change_network(viewer: Viewer, *, name: str, language: str, zone: str) -> None:
    """Its name, its language and its zone.  Raises Forbidden, ValidationError."""
    require(viewer, Act.ADMINISTER)
    if zone not in available_timezones():
        raise ValidationError({"zone": _("This is not the name of a time zone.")})
    Network.objects.filter(pk=viewer.network.pk).update(name=name.strip(), language=language, zone=zone)


_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


@transaction.atomic
def add_domain(viewer: Viewer, domain: str) -> None:
    """Let verified addresses of a domain join by themselves.  Raises Forbidden, ValidationError."""
    require(viewer, Act.ADMINISTER)
    domain = domain.strip().lower().removeprefix("@")
    if not _DOMAIN.fullmatch(domain):
        raise ValidationError({"domain": _("A domain looks like company.example.")})
    if domain in PUBLIC_DOMAINS:
        raise ValidationError({"domain": _("Anybody can have an address there: the whole world could join.")})
    NetworkDomain.objects.get_or_create(network=viewer.network, domain=domain)


PUBLIC_DOMAINS = frozenset(
    "gmail.com googlemail.com outlook.com outlook.fr hotmail.com hotmail.fr live.com live.fr yahoo.com yahoo.fr icloud.com "
    "me.com aol.com gmx.com gmx.net gmx.fr proton.me protonmail.com orange.fr wanadoo.fr free.fr sfr.fr laposte.net "
    "bbox.fr numericable.fr neuf.fr mail.com yandex.com zoho.com".split()
)


@transaction.atomic
def remove_domain(viewer: Viewer, domain: str) -> None:
    """From now on nobody joins by this domain; whoever did stays.  Raises Forbidden."""
    require(viewer, Act.ADMINISTER)
    NetworkDomain.objects.filter(network=viewer.network, domain=domain).delete()


@transaction.atomic
def change_person(
    viewer: Viewer,
    person: Person,
    *,
    personnel_number: str,
    manager: Person | None,
    title: str,
    department: str,
    site: str,
) -> None:
    """What the company knows of somebody.  Raises Forbidden, ValidationError."""
    require(viewer, Act.ADMINISTER)
    _same_network(viewer, person)
    number = personnel_number.strip() or None
    others = Person.objects.filter(network=viewer.network).exclude(pk=person.pk)
    if number and others.filter(personnel_number=number).exists():
        raise ValidationError({"personnel_number": _("Somebody else has this number.")})
    if manager is not None and (manager.network_id != viewer.network.pk or _reports_to(manager, person)):
        raise ValidationError({"manager": _("This would make a circle: they report to this person.")})
    Person.objects.filter(pk=person.pk).update(
        personnel_number=number, manager=manager, title=title, department=department, site=site
    )


def _reports_to(start: Person, boss: Person) -> bool:
    seen: set[int] = set()
    at: Person | None = start
    while at is not None and at.pk not in seen:
        if at.pk == boss.pk:
            return True
        seen.add(at.pk)
        at = at.manager
    return False


@transaction.atomic
def deactivate(viewer: Viewer, person: Person) -> None:
    """Somebody leaves: rights, codes and sessions end at once.  Raises Forbidden, LastAdministrator."""
    require(viewer, Act.ADMINISTER)
    _same_network(viewer, person)
    if viewer.person is None or person.kind == PersonKind.APPLICATION:
        raise Forbidden("deactivate")
    close_person(person, viewer.now, actor=viewer.person)


@transaction.atomic
def set_charge(viewer: Viewer, person: Person, kind: str, holds: bool) -> None:
    """Make somebody an administrator or one of the desk, or no longer.

    kind: GroupKind.ADMINISTRATORS or DESK.  Raises Forbidden, LastAdministrator.
    """
    require(viewer, Act.ADMINISTER)
    _same_network(viewer, person)
    if kind not in (GroupKind.ADMINISTRATORS, GroupKind.DESK) or viewer.person is None:
        raise Forbidden("charge")
    group = Group.objects.get(network=viewer.network, kind=kind)
    if holds:
        if person.kind != PersonKind.MEMBER or person.state != PersonState.ACTIVE:
            raise Forbidden("charge")
        add_members(group, [person], viewer.now, actor=viewer.person)
        return
    if kind == GroupKind.ADMINISTRATORS:
        keep_an_administrator(viewer.network, but=person)
    remove_members(group, [person], viewer.now, actor=viewer.person)


@transaction.atomic
def merge(viewer: Viewer, gone: Person, kept: Person) -> None:
    """Two entries of the directory are one person.  Raises Forbidden, LastAdministrator, ValueError.

    Not into oneself: one administrator alone would read what another person may see. Proving the address does it too.
    """
    require(viewer, Act.ADMINISTER)
    if viewer.person_id in (gone.pk, kept.pk):
        raise Forbidden("oneself")
    _same_network(viewer, gone)
    _same_network(viewer, kept)
    merge_people(gone, kept, viewer.now, actor=viewer.person)


@transaction.atomic
def add_without_mail(viewer: Viewer, *, name: str, personnel_number: str, department: str, site: str) -> Person:
    """A member who has no e-mail address: the desk prints them a letter.  Raises Forbidden, ValidationError."""
    require(viewer, Act.HAND_OUT_CODES)
    number = personnel_number.strip()
    if Person.objects.filter(network=viewer.network, personnel_number=number).exists():
        raise ValidationError({"personnel_number": _("Somebody else has this number.")})
    row = NewPerson(name, state=PersonState.PLACEHOLDER, personnel_number=number, department=department, site=site)
    return create_people(viewer.network, [row], viewer.now)[0]


def groups_to_invite_to(viewer: Viewer, kind: str) -> list[Community]:
    """The communities into which the viewer may invite members or guests, by name.

    Administrators: all that they know of; others: those that they own. Guests: where it is open to guests.
    Queries: 1.
    """
    rows = Community.objects.visible_to(viewer).filter(group__closed_at=None)
    if not viewer.is_administrator:
        owned = [group for group, role in viewer.roles.items() if role == Role.OWNER]
        rows = rows.filter(group__in=owned)
    if kind == InvitationKind.GUEST:
        rows = rows.filter(has_guests=True)
    return list(rows.select_related("item", "group").order_by("item__title", "pk"))


@transaction.atomic
def invite_people(
    viewer: Viewer, emails: Sequence[str], kind: str, groups: Sequence[Group]
) -> tuple[list[Invitation], list[str]]:
    """Invite addresses. Administrators: members and guests; owners of communities open to guests: guests, into them.

    Returns as `invite`.  Raises Forbidden.
    """
    allowed = {c.group_id for c in groups_to_invite_to(viewer, kind)}
    if viewer.person is None or any(g.pk not in allowed for g in groups):
        raise Forbidden("invite")
    if not viewer.is_administrator and (kind != InvitationKind.GUEST or not groups):
        raise Forbidden("invite")
    return invite(viewer.person, emails, kind, groups, viewer.now)


@transaction.atomic
def send_again(viewer: Viewer, invitation: Invitation) -> None:
    """Raises Forbidden."""
    _mine_or_administers(viewer, invitation)
    resend_invitation(invitation, viewer.now)


@transaction.atomic
def take_back(viewer: Viewer, invitation: Invitation) -> None:
    """Raises Forbidden."""
    _mine_or_administers(viewer, invitation)
    revoke_invitation(invitation, viewer.now)


def _mine_or_administers(viewer: Viewer, invitation: Invitation) -> None:
    if invitation.network_id != viewer.network.pk or invitation.inviter_id != viewer.person_id:
        require(viewer, Act.ADMINISTER)
        if invitation.network_id != viewer.network.pk:
            raise Forbidden("network")


@transaction.atomic
def replay_reader(viewer: Viewer, reader: str) -> int:
    """Try again what a reader gave up on. Returns how many signals.  Raises Forbidden."""
    require(viewer, Act.ADMINISTER)
    if not ReaderCursor.objects.filter(pk=reader).exists():
        return 0
    return replay(reader, viewer.now)


def _same_network(viewer: Viewer, person: Person) -> None:
    if person.network_id != viewer.network.pk:
        raise Forbidden("network")


def holds_charge(person: Person, kind: str, now: dt.datetime) -> bool:
    """Whether somebody is an administrator or one of the desk.  Queries: 1."""
    return Membership.objects.active(now).filter(person=person, group__kind=kind).exists()
