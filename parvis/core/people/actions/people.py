"""Making networks, persons and groups; joining and leaving; claiming and merging people."""

from __future__ import annotations

import dataclasses
import datetime as dt
import unicodedata
from collections.abc import Iterable, Sequence

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import F

from parvis.core.items.log import Happening, record, record_many
from parvis.core.items.merging import move_items
from parvis.core.items.models import Origin, Verb
from parvis.core.people.actions.sessions import end_sessions
from parvis.core.people.models import (
    Account,
    Address,
    Group,
    GroupKind,
    Invitation,
    Letter,
    Membership,
    Network,
    NetworkDomain,
    Organisation,
    OwnCode,
    Person,
    PersonKind,
    PersonState,
    Role,
)


def sort_name_of(name: str) -> str:
    """The name as the directory sorts it: last word first, without accents or case."""
    words = name.split()
    turned = " ".join([words[-1], *words[:-1]]) if words else ""
    return "".join(c for c in unicodedata.normalize("NFKD", turned.casefold()) if not unicodedata.combining(c))[:160]


@dataclasses.dataclass(slots=True)
class NewPerson:
    """One row for `create_people`.  emails: lower-cased here; verified says whether they identify the person."""

    name: str
    kind: str = PersonKind.MEMBER
    state: str = PersonState.ACTIVE
    account: Account | None = None
    emails: Sequence[str] = ()
    verified: bool = False
    title: str = ""
    department: str = ""
    site: str = ""
    about: str = ""
    language: str = ""
    organisation: Organisation | None = None
    manager: Person | None = None
    personnel_number: str | None = None
    source: str = ""
    source_id: str = ""


@transaction.atomic
def create_network(
    slug: str, name: str, now: dt.datetime, *, language: str = "fr", zone: str = "Europe/Paris", is_demo: bool = False
) -> Network:
    """A new network, with its application person (who signs for Parvis) and its group of administrators."""
    network = Network(slug=slug, name=name, language=language, zone=zone, is_demo=is_demo, created_at=now)
    network.full_clean()
    network.save()
    Group.objects.create(network=network, kind=GroupKind.ADMINISTRATORS, name="administrators", created_at=now)
    Group.objects.create(network=network, kind=GroupKind.DESK, name="desk", created_at=now)
    create_people(
        network, [NewPerson(name="Parvis", kind=PersonKind.APPLICATION, source="parvis", source_id="self")], now
    )
    return network


def application_of(network: Network) -> Person:
    """The person who acts for Parvis itself in a network: author of sealed items, actor of what runs by itself."""
    return Person.objects.get(network=network, source="parvis", source_id="self")


def administrators_of(network: Network) -> Group:
    """The group of the network's administrators."""
    return Group.objects.get(network=network, kind=GroupKind.ADMINISTRATORS)


@transaction.atomic
def create_people(network: Network, rows: Sequence[NewPerson], now: dt.datetime) -> list[Person]:
    """Make many persons, in the order given. An address that another person of the network has is left out.

    Verified addresses also sign in.  Queries: 5 at any size.
    """
    people = Person.objects.bulk_create([_person_from(network, row, now) for row in rows], batch_size=500)
    wanted = {email.strip().lower(): person for row, person in zip(rows, people, strict=True) for email in row.emails}
    taken = set(Address.objects.filter(network=network, email__in=wanted).values_list("email", flat=True))
    verified = {p.pk for row, p in zip(rows, people, strict=True) if row.verified}
    Address.objects.bulk_create(
        [
            Address(network=network, person=p, email=email, verified_at=now if p.pk in verified else None)
            for email, p in wanted.items()
            if email and email not in taken
        ],
        batch_size=500,
    )
    EmailAddress.objects.bulk_create(
        [
            EmailAddress(user=row.account, email=email.strip().lower(), verified=True, primary=n == 0)
            for row in rows
            if row.account is not None and row.verified
            for n, email in enumerate(row.emails)
        ],
        ignore_conflicts=True,
    )
    count_members(network, sum(_counts(p) for p in people))
    return people


def _person_from(network: Network, row: NewPerson, now: dt.datetime) -> Person:
    return Person(
        network=network,
        account=row.account,
        kind=row.kind,
        state=row.state,
        name=row.name.strip()[:160],
        sort_name=sort_name_of(row.name),
        title=row.title,
        department=row.department,
        site=row.site,
        about=row.about,
        language=row.language,
        organisation=row.organisation,
        manager=row.manager,
        personnel_number=row.personnel_number or None,
        source=row.source,
        source_id=row.source_id,
        created_at=now,
    )


def _counts(person: Person) -> int:
    return int(person.kind == PersonKind.MEMBER and person.state == PersonState.ACTIVE)


def count_members(network: Network, more: int) -> None:
    """Move the number of the network's members by `more`."""
    if more:
        Network.objects.filter(pk=network.pk).update(size=F("size") + more)


@transaction.atomic
def create_groups(
    network: Network, kind: str, names: Sequence[str], now: dt.datetime, *, parents: Sequence[Group] | None = None
) -> list[Group]:
    """Make many groups of one kind, in the order given.  parents: the group that each serves."""
    of: Sequence[Group | None] = parents or [None] * len(names)
    return Group.objects.bulk_create(
        [
            Group(network=network, kind=kind, name=name[:160], parent=parent, created_at=now)
            for name, parent in zip(names, of, strict=True)
        ],
        batch_size=500,
    )


@transaction.atomic
def add_members(
    group: Group,
    people: Iterable[Person],
    now: dt.datetime,
    *,
    actor: Person | None = None,
    role: str = Role.MEMBER,
    verb: Verb = Verb.ADD,
    origin: str = Origin.LIVE,
    batch: str = "",
) -> list[Person]:
    """Put people into a group, those who are not yet in it. Returns whom it added.

    actor: who did it (each person themselves when None: they join).  Queries: 7 at any size.
    """
    wanted = {p.pk: p for p in people if p.network_id == group.network_id}
    Group.objects.select_for_update().get(pk=group.pk)
    inside = set(
        Membership.objects.filter(group=group, until=None, person__in=wanted).values_list("person_id", flat=True)
    )
    added = [p for pk, p in wanted.items() if pk not in inside]
    Membership.objects.bulk_create(
        [Membership(group=group, person=p, role=role, since=now) for p in added], batch_size=500
    )
    Group.objects.filter(pk=group.pk).update(size=F("size") + len(added))
    record_many(
        [Happening((actor or p).pk, verb, now, None, group.network_id, p.pk, group.pk, origin, batch) for p in added]
    )
    return added


@transaction.atomic
def remove_members(group: Group, people: Iterable[Person], now: dt.datetime, *, actor: Person | None = None) -> int:
    """Take people out of a group from `now` on. Returns how many were in it. actor None: they leave by themselves."""
    wanted = {p.pk: p for p in people}
    Group.objects.select_for_update().get(pk=group.pk)
    rows = Membership.objects.filter(group=group, until=None, person__in=wanted)
    gone = list(rows.values_list("person_id", flat=True))
    rows.update(until=now)
    Group.objects.filter(pk=group.pk).update(size=F("size") - len(gone))
    record_many(
        [
            Happening(
                actor.pk if actor else pk,
                Verb.REMOVE if actor else Verb.LEAVE,
                now,
                None,
                group.network_id,
                pk,
                group.pk,
            )
            for pk in gone
        ]
    )
    return len(gone)


@transaction.atomic
def set_role(group: Group, person: Person, role: str, now: dt.datetime, *, actor: Person) -> None:
    """Change what a member may do in a group, and whether they are among its moderators."""
    Membership.objects.filter(group=group, person=person, until=None).update(role=role)
    moderators = Group.objects.filter(parent=group, kind=GroupKind.MODERATORS).first()
    if moderators is None:
        return
    if role == Role.MEMBER:
        remove_members(moderators, [person], now, actor=actor)
    else:
        add_members(moderators, [person], now, actor=actor)


class LastAdministrator(Exception):
    """The deed would leave the network without anybody to administer it."""


@transaction.atomic
def close_person(person: Person, now: dt.datetime, *, actor: Person) -> None:
    """Somebody leaves the company: they keep their words and lose their rights, sessions and codes included, at once.

    Raises LastAdministrator.
    """
    keep_an_administrator(person.network, but=person)
    person = Person.objects.select_related("network", "account").select_for_update(of=("self",)).get(pk=person.pk)
    if person.state in (PersonState.LEFT, PersonState.MERGED):
        return
    groups = Group.objects.filter(memberships__person=person, memberships__until=None)
    for group in list(groups):
        remove_members(group, [person], now, actor=actor)
    Membership.objects.filter(person=person, until__gt=now).update(until=now)
    count_members(person.network, -_counts(person))
    Person.objects.filter(pk=person.pk).update(state=PersonState.LEFT)
    Letter.objects.filter(person=person).delete()
    OwnCode.objects.filter(person=person).delete()
    Invitation.objects.filter(inviter=person, accepted_at=None, revoked_at=None).update(revoked_at=now)
    if person.account is not None:
        end_sessions(person.account)
    record(actor, Verb.LEAVE, at=now, target=person)


def keep_an_administrator(network: Network, *, but: Person) -> None:
    """Raises LastAdministrator when `but` is the only one who administers the network. Locks its administrators."""
    group = Group.objects.select_for_update().get(network=network, kind=GroupKind.ADMINISTRATORS)
    inside = set(Membership.objects.filter(group=group, until=None).values_list("person_id", flat=True))
    if inside == {but.pk}:
        raise LastAdministrator


@transaction.atomic
def verify_address(network: Network, account: Account, email: str, now: dt.datetime) -> Person | None:
    """The person whom a verified address identifies in a network, now with this account; None if nobody.

    A placeholder becomes a member, a contact a guest (a member where the address is of the network's domain); a guest
    stays a guest. Found beside the account's own person, they are merged into it. An address that somebody else has
    verified, or of somebody who left, gives nothing.
    """
    email = email.strip().lower()
    address = (
        Address.objects.select_for_update(of=("self",))
        .select_related("person__network")
        .filter(network=network, email=email)
        .first()
    )
    own = Person.objects.select_related("network").filter(network=network, account=account).first()
    if own is not None and own.state != PersonState.ACTIVE:
        return None
    if address is None:
        if own is not None:
            Address.objects.create(network=network, person=own, email=email, verified_at=now)
        return own
    person = address.person
    if person.account_id not in (None, account.pk) or person.kind == PersonKind.APPLICATION:
        return own  # it is somebody else's, verified before: the newcomer gets nothing of theirs
    if person.state in (PersonState.LEFT, PersonState.MERGED):
        return own
    address.verified_at = now
    address.save(update_fields=["verified_at"])
    if own is not None and own.pk != person.pk:
        merge_people(person, own, now)
        return own
    if person.account_id is None:
        before = _counts(person)
        person.account = account
        if person.kind == PersonKind.CONTACT:
            person.kind = PersonKind.MEMBER if _has_domain(network, email) else PersonKind.GUEST
        person.state = PersonState.ACTIVE
        person.save(update_fields=["account", "kind", "state"])
        count_members(network, _counts(person) - before)
        record(person, Verb.ACCEPT, at=now, target=person)
    return person


def _has_domain(network: Network, email: str) -> bool:
    return NetworkDomain.objects.filter(network=network, domain=email.rsplit("@", 1)[-1]).exists()


@transaction.atomic
def join_by_domain(account: Account, email: str, name: str, now: dt.datetime) -> list[Person]:
    """Make the account a member of each network that has the domain of this verified address. Returns its new persons.

    Nobody comes back by it who left, nor a second time.
    """
    email = email.strip().lower()
    domain = email.rsplit("@", 1)[-1]
    made = []
    for row in NetworkDomain.objects.select_related("network").filter(domain=domain):
        known = verify_address(row.network, account, email, now)
        taken = (
            Address.objects.filter(network=row.network, email=email).exists()
            or Person.objects.filter(network=row.network, account=account).exists()
        )
        if known is None and not taken:
            new = NewPerson(name=name or email.split("@")[0], account=account, emails=[email], verified=True)
            person = create_people(row.network, [new], now)[0]
            record(person, Verb.JOIN, at=now, target=person)
            made.append(person)
    return made


@transaction.atomic
def complete_person(person: Person, row: NewPerson) -> None:
    """Say who somebody is of whom little was known when they were made: name, kind, state, title, addresses.

    For those without an account; an address that another person has is left out.  Raises ValueError.
    """
    if person.account_id is not None or person.state not in (PersonState.PLACEHOLDER, PersonState.LEFT):
        raise ValueError("somebody who is known already")
    before = _counts(person)
    person.name, person.sort_name, person.title = row.name.strip()[:160], sort_name_of(row.name), row.title
    person.kind, person.state = row.kind, row.state
    person.save(update_fields=["name", "sort_name", "title", "kind", "state"])
    for email in row.emails:
        wanted = email.strip().lower()
        if wanted and not Address.objects.filter(network=person.network_id, email=wanted).exists():
            Address.objects.create(network_id=person.network_id, person=person, email=wanted)
    count_members(person.network, _counts(person) - before)


@transaction.atomic
def merge_people(gone: Person, kept: Person, now: dt.datetime, *, actor: Person | None = None) -> None:
    """Two rows are one person: what `gone` did and may see becomes `kept`'s; `gone.merged_into` says so.

    Audiences that name `gone` are made anew with `kept`, since audiences never change. The account of `gone` no longer
    opens this network; `kept` signs in as before, or with the account of `gone` when it had none.
    Raises ValueError for one and the same, or for two networks; LastAdministrator.
    """
    if gone.pk == kept.pk or gone.network_id != kept.network_id:
        raise ValueError("two persons of one network")
    actor = actor or kept
    by_pk = {
        p.pk: p
        for p in Person.objects.select_for_update(of=("self",))
        .select_related("network", "account")
        .filter(pk__in=[gone.pk, kept.pk])
    }
    gone, kept = by_pk[gone.pk], by_pk[kept.pk]
    if PersonState.MERGED in (gone.state, kept.state) or PersonKind.APPLICATION in (gone.kind, kept.kind):
        raise ValueError("neither merged before nor an application")
    move_items(gone, kept)
    for membership in Membership.objects.select_related("group").filter(person=gone, until=None):
        remove_members(membership.group, [gone], now, actor=actor)
        if membership.group.kind not in (GroupKind.ADMINISTRATORS, GroupKind.DESK) or kept.kind == PersonKind.MEMBER:
            add_members(membership.group, [kept], now, actor=actor, role=membership.role)
    Membership.objects.filter(person=gone, until__gt=now).update(until=now)
    Address.objects.filter(person=gone).update(person=kept, is_primary=False)
    Person.objects.filter(manager=gone).exclude(pk=kept.pk).update(manager=kept)
    Person.objects.filter(pk=kept.pk, manager=gone).update(manager=None)
    Person.objects.filter(merged_into=gone).update(merged_into=kept)
    Letter.objects.filter(person=gone).delete()
    OwnCode.objects.filter(person=gone).delete()
    Invitation.objects.filter(inviter=gone).update(inviter=kept)
    account, number = gone.account, gone.personnel_number
    before = _counts(gone) + _counts(kept)
    Person.objects.filter(pk=gone.pk).update(
        state=PersonState.MERGED, merged_into=kept, account=None, personnel_number=None
    )
    if account is not None:
        end_sessions(account)
    filled = []
    if kept.account is None and account is not None:
        kept.account, kept.state = account, PersonState.ACTIVE
        filled += ["account", "state"]
    if not kept.personnel_number and number:
        kept.personnel_number = number
        filled.append("personnel_number")
    if kept.kind == PersonKind.CONTACT and kept.account is not None:
        kept.kind = PersonKind.GUEST
        filled.append("kind")
    if filled:
        kept.save(update_fields=filled)
    count_members(kept.network, _counts(kept) - before)
    record(actor, Verb.ACCEPT, at=now, target=gone)
