"""The viewer: who is looking, made once a request and never changed. Every query takes it first."""

from __future__ import annotations

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

from parvis.core.people.models import GroupKind, Membership, Network, Person, PersonKind, PersonState

EVERYONE = 0  # the principal that stands for the network's members; never guests, contacts, applications


@dataclasses.dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, at which network, with which rights, in which language and zone, and when.

    principals: 0 (everyone) for members, +group id for each group, -person id; empty for anonymous.
    roles: group id → role, for the groups of the viewer.
    community_ids: ids of the viewer's groups of kind community, for lists.
    """

    person: Person | None
    network: Network
    principals: frozenset[int]
    roles: dict[int, str]
    zone: ZoneInfo
    language: str
    now: dt.datetime
    is_administrator: bool = False
    is_desk: bool = False
    community_ids: frozenset[int] = frozenset()

    @property
    def person_id(self) -> int:
        """The person's id, or 0 for anonymous."""
        return self.person.pk if self.person is not None else 0

    @property
    def is_member(self) -> bool:
        """Whether the viewer is one of the network's members (guests are not)."""
        return EVERYONE in self.principals

    @property
    def group_ids(self) -> list[int]:
        """Ids of the viewer's groups, sorted."""
        return sorted(self.roles)


def anonymous(network: Network, now: dt.datetime) -> Viewer:
    """A viewer who may see nothing: nobody is signed in."""
    return Viewer(None, network, frozenset(), {}, ZoneInfo(network.zone), network.language, now)


def viewer_for(person: Person, now: dt.datetime) -> Viewer:
    """The viewer that `person` is at `now`.  Queries: 1 (2 when `person.network` is not loaded)."""
    network = person.network
    language = person.language or network.language
    zone = ZoneInfo(person.zone or network.zone)
    if person.state != PersonState.ACTIVE:
        return Viewer(person, network, frozenset(), {}, zone, language, now)
    rows = Membership.objects.system_active_of(person, now)
    roles = {group: role for group, role, _ in rows}
    kinds = {kind for _, _, kind in rows}
    mine = {-person.pk, *roles}
    if person.kind == PersonKind.MEMBER:
        mine.add(EVERYONE)
    return Viewer(
        person,
        network,
        frozenset(mine),
        roles,
        zone,
        language,
        now,
        is_administrator=GroupKind.ADMINISTRATORS in kinds,
        is_desk=GroupKind.DESK in kinds,
        community_ids=frozenset(group for group, _, kind in rows if kind == GroupKind.COMMUNITY),
    )
