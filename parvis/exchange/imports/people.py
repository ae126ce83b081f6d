"""The people of an archive: found here by what identifies them, else made as placeholders that can be claimed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from parvis.core.people.actions import NewPerson, complete_person, create_people, merge_people
from parvis.core.people.models import Address, NetworkDomain, Person, PersonKind, PersonState
from parvis.exchange.imports.models import ImportRun, KnownPerson
from parvis.exchange.imports.records import PersonHint, PersonRecord, Problem, gettext_noop

_AT_ONCE = 500  # values in one query

ADDRESS_TAKEN = gettext_noop(
    "The address %(email)s is claimed here by somebody who has not verified it. This person was made without an address."
)


def people_of(run: ImportRun, source_ids: Iterable[str]) -> dict[str, Person]:
    """Whom these people of the source are here; unknown ones are left out. Merged persons are whom they became.

    Queries: 1 for every 500.
    """
    found: dict[str, Person] = {}
    wanted = sorted(set(source_ids))
    for start in range(0, len(wanted), _AT_ONCE):
        rows = KnownPerson.objects.filter(
            network=run.network_id, source=run.source, source_id__in=wanted[start : start + _AT_ONCE]
        ).select_related("person__merged_into")
        found |= {row.source_id: _current(row.person) for row in rows}
    return found


def _current(person: Person) -> Person:
    while person.merged_into is not None:
        person = person.merged_into
    return person


def write_people(run: ImportRun, records: Sequence[PersonRecord], now: dt.datetime) -> tuple[int, list[Problem]]:
    """Make those who are not known yet. Returns how many, and what went otherwise than the archive says.

    Somebody is recognised by an address that is verified here, or that belongs to a placeholder. An unverified address
    of a person with an account identifies nobody: who claims another's address must not get their past.
    """
    known = people_of(run, [record.source_id for record in records])
    fresh = {record.source_id: record for record in records if record.source_id not in known}
    strangers = _strangers(run, [record for record in records if record.is_listed and record.source_id in known])
    if not fresh and not strangers:
        return 0, []
    told = [*fresh.values(), *(record for _, record in strangers)]
    by_email, taken = _by_email(run, [record.email for record in told if record.email])
    for row, record in strangers:
        _say_who(run, row, record, by_email, now)
    problems = [
        Problem(record.source_id, ADDRESS_TAKEN, {"email": record.email})
        for record in told
        if record.is_active and record.email in taken
    ]
    new: dict[str, PersonRecord] = {}  # by address, else by id: two accounts with one address are one person
    for record in fresh.values():
        if not (record.is_active and record.email in by_email):
            new.setdefault(_identity(record), record)
    kinds = _Kinds(run)
    made = create_people(run.network, [_new_person(run, record, kinds) for record in new.values()], now)
    people = dict(zip(new, made, strict=True))
    KnownPerson.objects.bulk_create(
        [
            KnownPerson(
                network=run.network,
                source=run.source,
                source_id=record.source_id,
                person=people.get(_identity(record)) or by_email[record.email or ""],
                is_listed=record.is_listed,
            )
            for record in fresh.values()
        ],
        batch_size=_AT_ONCE,
    )
    return len(made), problems


def _strangers(run: ImportRun, records: Sequence[PersonRecord]) -> list[tuple[KnownPerson, PersonRecord]]:
    """Those of whom an earlier archive knew only that they wrote, with what this one says.  Queries: 1 for every 500."""
    by_id = {record.source_id: record for record in records}
    found: list[KnownPerson] = []
    wanted = sorted(by_id)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = KnownPerson.objects.filter(
            network=run.network_id, source=run.source, source_id__in=wanted[start : start + _AT_ONCE], is_listed=False
        )
        found += rows.select_related("person__network", "person__merged_into")
    return [(row, by_id[row.source_id]) for row in found]


def _say_who(
    run: ImportRun, row: KnownPerson, record: PersonRecord, by_email: dict[str, Person], now: dt.datetime
) -> None:
    """Make a stranger who they are: somebody already here, or a person with the name and address of the list.

    Whoever was claimed or merged here meanwhile stays as they are.
    """
    stranger = row.person
    if stranger.account_id is None and stranger.state == PersonState.LEFT and stranger.merged_into_id is None:
        here = by_email.get(record.email or "") if record.is_active else None
        if here is not None:
            merge_people(stranger, here, now)
            row.person = here
        else:
            new = _new_person(run, record, _Kinds(run))
            complete_person(stranger, new)
            if record.is_active and record.email:
                by_email[record.email] = stranger
    row.is_listed = True
    row.save(update_fields=["person", "is_listed"])


def _identity(record: PersonRecord) -> str:
    return f"mailto:{record.email}" if record.email and record.is_active else f"id:{record.source_id}"


def _by_email(run: ImportRun, emails: Sequence[str]) -> tuple[dict[str, Person], set[str]]:
    """Persons whom an address identifies, and the addresses that identify nobody although somebody has them."""
    found: dict[str, Person] = {}
    taken: set[str] = set()
    for start in range(0, len(emails), _AT_ONCE):
        rows = Address.objects.filter(network=run.network_id, email__in=emails[start : start + _AT_ONCE])
        for row in rows.select_related("person"):
            if row.verified_at is not None or row.person.account_id is None:
                found[row.email] = _current(row.person)
            else:
                taken.add(row.email)
    return found, taken


class _Kinds:
    """What kind of person a record is made: as the archive says, else by whether the address is of the company."""

    def __init__(self, run: ImportRun) -> None:
        self._domains = set(NetworkDomain.objects.filter(network=run.network_id).values_list("domain", flat=True))

    def of(self, record: PersonRecord) -> str:
        if record.kind is PersonHint.MEMBER:
            return PersonKind.MEMBER
        if record.kind is PersonHint.GUEST:
            return PersonKind.GUEST
        if record.kind is PersonHint.APPLICATION:
            return PersonKind.APPLICATION
        domain = (record.email or "").rpartition("@")[2]
        return PersonKind.MEMBER if domain in self._domains else PersonKind.CONTACT


def _new_person(run: ImportRun, record: PersonRecord, kinds: _Kinds) -> NewPerson:
    """A placeholder. Somebody whose account was closed there has left: nobody can claim them, their address stays free."""
    kind = kinds.of(record)
    state = PersonState.PLACEHOLDER if record.is_active else PersonState.LEFT
    return NewPerson(
        name=record.name,
        kind=kind,
        state=PersonState.ACTIVE if kind == PersonKind.APPLICATION else state,
        emails=[record.email] if record.email and record.is_active else [],
        verified=False,
        title=record.title,
        source=run.source,
        source_id=record.source_id,
    )
