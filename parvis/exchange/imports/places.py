"""The places of an archive, made communities with the readers that they had there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from parvis.core.items.audiences import audience_of
from parvis.core.items.models import Audience, Kind, Origin
from parvis.core.people.actions import add_members, application_of
from parvis.core.people.models import Group, Membership, Person, PersonKind, PersonState
from parvis.exchange.imports.models import ImportRun
from parvis.exchange.imports.people import people_of
from parvis.exchange.imports.records import GroupRecord, Problem, Visibility, gettext_noop
from parvis.work.communities.actions import NewCommunity, create_communities
from parvis.work.communities.models import Community
from parvis.work.communities.models import Visibility as CommunityVisibility
from parvis.work.communities.queries import widest_audience

_AT_ONCE = 500
_OUTSIDERS = (PersonKind.GUEST, PersonKind.CONTACT)

NOW_NARROWER = gettext_noop(
    "This place is for its members only in the archive, but open to everyone here. Make it private here, then import again. "
    "Its messages were skipped."
)
GONE = gettext_noop("This place was deleted here. Its messages were skipped.")


def communities_of(run: ImportRun, source_ids: Iterable[str]) -> dict[str, Community]:
    """The communities that these places of the source became.  Queries: 1 for every 500."""
    found: dict[str, Community] = {}
    wanted = sorted({_source_id(one) for one in source_ids})
    for start in range(0, len(wanted), _AT_ONCE):
        rows = Community.objects.filter(
            network=run.network_id,
            item__source=run.source,
            item__source_id__in=wanted[start : start + _AT_ONCE],
            item__kind=Kind.COMMUNITY,
        )
        found |= {
            row.item.source_id.removeprefix("place:"): row for row in rows.select_related("item", "group__network")
        }
    return found


def audience_in(community: Community, visibility: Visibility) -> Audience:
    """Whom a message of this place reaches.  Queries: 1."""
    if visibility is Visibility.PUBLIC:
        return widest_audience(community)
    return audience_of(community.group.network, [community.group.principal])


def refusal(community: Community, record: GroupRecord) -> Problem | None:
    """Why messages of this place cannot be written; None when they can."""
    if community.item.deleted_at is not None:
        return Problem(record.name, GONE)
    if record.visibility is not Visibility.PUBLIC and community.visibility == CommunityVisibility.PUBLIC:
        return Problem(record.name, NOW_NARROWER)
    return None


def write_places(
    run: ImportRun, records: Sequence[GroupRecord], owner: Person | None, now: dt.datetime
) -> tuple[int, list[Problem]]:
    """Make the communities that are not here yet, and add to the others who joined since. Returns how many were made.

    Somebody who was taken out of a community here is not put back.  owner: of the places that name none.
    """
    if not records:
        return 0, []
    known = communities_of(run, [record.source_id for record in records])
    people = people_of(run, [one for record in records for one in (*record.members, record.owner or "")])
    fresh = list({record.source_id: record for record in records if record.source_id not in known}.values())
    made = create_communities(
        run.network, [_new(run, record, people, owner) for record in fresh], now, origin=Origin.IMPORT, batch=run.key
    )
    archived = [row.group_id for row, record in zip(made, fresh, strict=True) if record.is_archived]
    Group.objects.filter(pk__in=archived).update(closed_at=now)
    problems = []
    for record in records:
        community = known.get(record.source_id)
        if community is None:
            continue
        if (problem := refusal(community, record)) is not None:
            problems.append(problem)
        else:
            _add_newcomers(run, community, _members(record, people), now)
    return len(made), problems


def _new(run: ImportRun, record: GroupRecord, people: Mapping[str, Person], owner: Person | None) -> NewCommunity:
    members = _members(record, people)
    return NewCommunity(
        name=record.name,
        owner=_owner(run, record, people, members, owner),
        purpose=f"<p>{escape(record.description)}</p>" if record.description else "",
        visibility=CommunityVisibility(record.visibility.value),
        has_guests=any(person.kind in _OUTSIDERS for person in members),
        members=members,
        source=run.source,
        source_id=_source_id(record.source_id),
    )


def _source_id(source_id: str) -> str:
    return f"place:{source_id}"


def _members(record: GroupRecord, people: Mapping[str, Person]) -> list[Person]:
    found = (people.get(source_id) for source_id in record.members)
    return list({person.pk: person for person in found if person is not None and _may_read(person)}.values())


def _may_read(person: Person) -> bool:
    return person.state != PersonState.LEFT and person.kind != PersonKind.APPLICATION


def _owner(
    run: ImportRun, record: GroupRecord, people: Mapping[str, Person], members: Sequence[Person], owner: Person | None
) -> Person:
    """Its maker if still a member, else whom the import names, else a member; Parvis itself when nobody is left.

    Never somebody who could not read the place before: an owner reads.
    """
    maker = people.get(record.owner or "")
    if maker is not None and maker in members and maker.kind == PersonKind.MEMBER:
        return maker
    if owner is not None:
        return owner
    return next((one for one in members if one.kind == PersonKind.MEMBER), None) or application_of(run.network)


def _add_newcomers(run: ImportRun, community: Community, members: Sequence[Person], now: dt.datetime) -> None:
    ever = set(Membership.objects.filter(group=community.group).values_list("person_id", flat=True))
    newcomers = [person for person in members if person.pk not in ever]
    if not community.has_guests:
        newcomers = [person for person in newcomers if person.kind not in _OUTSIDERS]
    if newcomers:
        add_members(
            community.group, newcomers, now, actor=application_of(run.network), origin=Origin.IMPORT, batch=run.key
        )
