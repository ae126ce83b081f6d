"""Making communities; joining and leaving them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.text import slugify

from parvis.core.items.access import Act, Forbidden, require
from parvis.core.items.actions import NewItem, create_items
from parvis.core.items.audiences import audiences_of
from parvis.core.items.models import Kind, Origin, Verb
from parvis.core.people.actions import add_members, create_groups, remove_members, set_role
from parvis.core.people.models import Group, GroupKind, Membership, Network, Person, PersonKind, Role
from parvis.core.people.viewer import EVERYONE, Viewer
from parvis.work.communities.models import Community, Visibility

RESERVED_SLUGS = frozenset({"new", "mine", "all"})


@dataclasses.dataclass(slots=True)
class NewCommunity:
    """One row for `create_communities`.  purpose: HTML.  owner: its first member and owner."""

    name: str
    owner: Person
    purpose: str = ""
    visibility: str = Visibility.PUBLIC
    has_guests: bool = False
    members: Sequence[Person] = ()
    source: str = ""
    source_id: str = ""


@transaction.atomic
def create_communities(
    network: Network, rows: Sequence[NewCommunity], now: dt.datetime, *, origin: str = Origin.LIVE, batch: str = ""
) -> list[Community]:
    """Make many communities, in the order given, each with its moderators' group and its members.

    Queries: about 20, and 8 for each community's members.
    """
    groups = create_groups(network, GroupKind.COMMUNITY, [r.name for r in rows], now)
    moderators = create_groups(network, GroupKind.MODERATORS, [r.name for r in rows], now, parents=groups)
    known_to = audiences_of(
        network, [_who_may_know(row, group) for row, group in zip(rows, groups, strict=True)]
    )
    items = create_items(
        [
            NewItem(
                kind=Kind.COMMUNITY,
                author=row.owner,
                audience=audience,
                at=now,
                place=group,
                title=row.name,
                body=row.purpose,
                source=row.source,
                source_id=row.source_id,
            )
            for row, group, audience in zip(rows, groups, known_to, strict=True)
        ],
        origin=origin,
        batch=batch,
    )
    slugs = _free_slugs(network, [r.name for r in rows])
    made = Community.objects.bulk_create(
        [
            Community(
                network=network, item=item, group=group, slug=slug, visibility=row.visibility, has_guests=row.has_guests
            )
            for row, item, group, slug in zip(rows, items, groups, slugs, strict=True)
        ]
    )
    for row, group, desk in zip(rows, groups, moderators, strict=True):
        add_members(group, [row.owner], now, actor=row.owner, role=Role.OWNER, origin=origin, batch=batch)
        add_members(desk, [row.owner], now, actor=row.owner, origin=origin, batch=batch)
        add_members(group, row.members, now, actor=row.owner, origin=origin, batch=batch)
    return made


def create_community(viewer: Viewer, row: NewCommunity) -> Community:
    """Make a community. Any member of the network may.  Raises Forbidden."""
    if not viewer.is_member:
        raise Forbidden("create_community")
    return create_communities(viewer.network, [row], viewer.now)[0]


def _who_may_know(row: NewCommunity, group: Group) -> set[int]:
    if row.visibility == Visibility.SECRET:
        return {group.principal}
    return {EVERYONE, group.principal} if row.has_guests else {EVERYONE}


def _free_slugs(network: Network, names: Sequence[str]) -> list[str]:
    taken = set(Community.objects.filter(network=network).values_list("slug", flat=True)) | RESERVED_SLUGS
    slugs = []
    for name in names:
        base = slugify(name)[:50].strip("-") or "community"
        slug, number = base, 2
        while slug in taken:
            slug, number = f"{base}-{number}", number + 1
        taken.add(slug)
        slugs.append(slug)
    return slugs


@transaction.atomic
def join(viewer: Viewer, community: Community) -> None:
    """Join a public community. One joins the others by invitation.  Raises Forbidden."""
    open_to_me = viewer.is_member and community.visibility == Visibility.PUBLIC
    if viewer.person is None or not open_to_me or community.group.closed_at is not None:
        raise Forbidden("join")
    add_members(community.group, [viewer.person], viewer.now, verb=Verb.JOIN)


@transaction.atomic
def leave(viewer: Viewer, community: Community) -> None:
    """Leave a community. Its last owner stays until another is named.  Raises Forbidden."""
    if viewer.person is None:
        raise Forbidden("leave")
    owners = Membership.objects.filter(group=community.group, until=None, role=Role.OWNER)
    if set(owners.values_list("person_id", flat=True)) == {viewer.person_id}:
        raise Forbidden("last_owner")
    desk = Group.objects.filter(parent=community.group, kind=GroupKind.MODERATORS)
    for group in [community.group, *desk]:
        remove_members(group, [viewer.person], viewer.now)


@transaction.atomic
def add(viewer: Viewer, community: Community, people: Sequence[Person], role: str = Role.MEMBER) -> list[Person]:
    """Put people into a community; guests only where it is open to them.  Raises Forbidden. Returns whom it added."""
    require(viewer, Act.MANAGE, community.group)
    if not community.has_guests and any(p.kind != PersonKind.MEMBER for p in people):
        raise Forbidden("guests")
    added = add_members(community.group, people, viewer.now, actor=viewer.person, role=role)
    if role != Role.MEMBER and viewer.person is not None:
        for person in people:
            set_role(community.group, person, role, viewer.now, actor=viewer.person)
    return added


@transaction.atomic
def remove(viewer: Viewer, community: Community, person: Person) -> None:
    """Take somebody out of a community.  Raises Forbidden."""
    require(viewer, Act.MANAGE, community.group)
    desk = Group.objects.filter(parent=community.group, kind=GroupKind.MODERATORS)
    for group in [community.group, *desk]:
        remove_members(group, [person], viewer.now, actor=viewer.person)
