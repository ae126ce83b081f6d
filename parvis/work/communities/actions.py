"""Making communities; joining and leaving them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.text import slugify

from parvis.core.items import clean
from parvis.core.items.access import Act, Forbidden, require
from parvis.core.items.actions import NewItem, create_items, raise_newest
from parvis.core.items.audiences import audience_of, audiences_of
from parvis.core.items.log import Happening, record, record_many
from parvis.core.items.models import Audience, AudiencePrincipal, Item, Kind, Origin, Pending, Revision, Verb
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
        network, [who_may_know(r.visibility, r.has_guests, group) for r, group in zip(rows, groups, strict=True)]
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
    require_maker(viewer)
    return create_communities(viewer.network, [row], viewer.now)[0]


def require_maker(viewer: Viewer) -> None:
    """Raises Forbidden for those who may not make communities: whoever is from outside."""
    if not viewer.is_member:
        raise Forbidden("create_community")


def require_member(viewer: Viewer, community: Community) -> None:
    """Raises Forbidden for those who do not belong to the community."""
    if community.group_id not in viewer.roles:
        raise Forbidden("membership")


def who_may_know(visibility: str, has_guests: bool, group: Group) -> set[int]:
    """The principals of a community's page."""
    if visibility == Visibility.SECRET:
        return {group.principal}
    return {EVERYONE, group.principal} if has_guests else {EVERYONE}


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
    _keep_an_owner(community, viewer.person)
    desk = Group.objects.filter(parent=community.group, kind=GroupKind.MODERATORS)
    for group in [community.group, *desk]:
        remove_members(group, [viewer.person], viewer.now)


@transaction.atomic
def add(viewer: Viewer, community: Community, people: Sequence[Person], role: str = Role.MEMBER) -> list[Person]:
    """Put people into a community; guests only where it is open to them.  Raises Forbidden. Returns whom it added.

    Nobody lets themselves in: an administrator, who may manage what they do not read, would read it alone.
    """
    require(viewer, Act.MANAGE, community.group)
    if any(p.pk == viewer.person_id for p in people):
        raise Forbidden("oneself")
    if not community.has_guests and any(p.kind != PersonKind.MEMBER for p in people):
        raise Forbidden("guests")
    added = add_members(community.group, people, viewer.now, actor=viewer.person, role=role)
    if role != Role.MEMBER and viewer.person is not None:
        for person in people:
            set_role(community.group, person, role, viewer.now, actor=viewer.person)
    return added


@transaction.atomic
def remove(viewer: Viewer, community: Community, person: Person) -> None:
    """Take somebody out of a community. Its last owner stays until another is named.  Raises Forbidden."""
    require(viewer, Act.MANAGE, community.group)
    _keep_an_owner(community, person)
    desk = Group.objects.filter(parent=community.group, kind=GroupKind.MODERATORS)
    for group in [community.group, *desk]:
        remove_members(group, [person], viewer.now, actor=viewer.person)


@transaction.atomic
def set_member_role(viewer: Viewer, community: Community, person: Person, role: str) -> None:
    """Make a member an owner, a moderator or a plain member; guests are always plain members.  Raises Forbidden."""
    require(viewer, Act.MANAGE, community.group)
    if viewer.person is None or (role != Role.MEMBER and person.kind != PersonKind.MEMBER):
        raise Forbidden("role")
    if role != Role.OWNER:
        _keep_an_owner(community, person)
    set_role(community.group, person, role, viewer.now, actor=viewer.person)


@transaction.atomic
def edit_community(viewer: Viewer, community: Community, *, name: str, purpose: str) -> None:
    """Change the name and the purpose (HTML) of a community; its address stays.  Raises Forbidden."""
    require(viewer, Act.MANAGE, community.group)
    if viewer.person is None:
        raise Forbidden("anonymous")
    item = Item.objects.select_for_update().get(pk=community.item_id)
    title, body = clean.line(name)[:160], clean.html(purpose)
    if (title, body) == (item.title, item.body):
        return
    Revision.objects.create(
        item=item, number=item.revision, editor=viewer.person, at=viewer.now, title=item.title, body=item.body
    )
    item.title, item.body, item.text = title, body, clean.text_of(body)
    item.revision, item.edited_at = item.revision + 1, viewer.now
    item.save(update_fields=["title", "body", "text", "revision", "edited_at"])
    Group.objects.filter(pk=community.group_id).update(name=title)
    record(viewer.person, Verb.UPDATE, item, at=viewer.now)


@transaction.atomic
def change_visibility(viewer: Viewer, community: Community, visibility: str) -> None:
    """Change who reads a community, what was said there included: drafts and removed messages as well, for later.

    Its group takes the place of everyone, or everyone that of its group; whom a conversation was shown to besides keeps
    it.  For its owners only: an administrator who does not read it cannot open it to themselves.
    Raises Forbidden.  Queries: about 20, and 1 for each 1,000 conversations.
    """
    require_owner(viewer, community)
    current = Community.objects.select_for_update(of=("self",)).select_related("group", "item").get(pk=community.pk)
    if viewer.person is None or current.visibility == visibility:
        return
    group = current.group
    known_to = audience_of(viewer.network, who_may_know(visibility, current.has_guests, group))
    Item.objects.filter(pk=current.item_id).update(audience=known_to)
    current.item.audience = known_to
    Community.objects.filter(pk=current.pk).update(visibility=visibility)
    moved = [current.item]
    if (current.visibility == Visibility.PUBLIC) != (visibility == Visibility.PUBLIC):
        moved += _show_instead(current, is_public=visibility == Visibility.PUBLIC)
    record_many([Happening(viewer.person.pk, Verb.MOVE, viewer.now, item) for item in moved])


def require_owner(viewer: Viewer, community: Community) -> None:
    """Raises Forbidden for those who do not own the community."""
    if viewer.roles.get(community.group_id) != Role.OWNER:
        raise Forbidden("owner")


def _show_instead(community: Community, *, is_public: bool) -> list[Item]:
    """Give what was said in a community the audience that it has from now on. Returns the threads that changed."""
    said = Item.objects.filter(place=community.group_id).exclude(pk=community.item_id)
    waiting = Pending.objects.filter(item__place=community.group_id)
    used = set(said.values_list("audience", flat=True).distinct()) | set(waiting.values_list("audience", flat=True))
    changes = _audiences_instead(community, used, is_public=is_public)
    threads = list(said.filter(audience__in=changes, root=None, active_at__isnull=False))
    for thread in threads:
        thread.audience = changes[thread.audience_id]
    newest: dict[int, dt.datetime] = {}
    for thread in threads:
        if thread.active_at is not None:
            newest[thread.audience_id] = max(newest.get(thread.audience_id, thread.active_at), thread.active_at)
    below = said.filter(audience__in=changes, root__isnull=False).exclude(root__audience__in=changes)
    of_gone = list(Item.objects.filter(pk__in=below.values("root").distinct()))  # answers under what was deleted
    items = {old: list(said.filter(audience=old).values_list("pk", flat=True)) for old in changes}
    kept = {old: list(waiting.filter(audience=old).values_list("pk", flat=True)) for old in changes}
    for old, audience in changes.items():  # after all were listed: an audience may become another that is listed too
        for start in range(0, len(items[old]), 1000):
            Item.objects.filter(pk__in=items[old][start : start + 1000]).update(audience=audience)
        Pending.objects.filter(pk__in=kept[old]).update(audience=audience)
    raise_newest(newest)
    return [*threads, *of_gone]


def _audiences_instead(community: Community, used: Collection[int], *, is_public: bool) -> dict[int, Audience]:
    """Audience (id) → the one that takes its place, for those that change."""
    own = community.group.principal
    held: dict[int, set[int]] = {}
    rows = AudiencePrincipal.objects.filter(audience__in=used).values_list("audience_id", "principal")
    for audience, principal in rows:
        held.setdefault(audience, set()).add(principal)
    wanted: dict[int, set[int]] = {}
    for audience, principals in held.items():
        if is_public and own in principals:
            wanted[audience] = (principals | {EVERYONE}) - (set() if community.has_guests else {own})
        elif not is_public and EVERYONE in principals:
            wanted[audience] = (principals | {own}) - {EVERYONE}
    made = audiences_of(community.group.network, list(wanted.values()))
    return {old: new for old, new in zip(wanted, made, strict=True) if old != new.pk}


def _keep_an_owner(community: Community, person: Person) -> None:
    owners = Membership.objects.filter(group=community.group, until=None, role=Role.OWNER)
    if set(owners.values_list("person_id", flat=True)) == {person.pk}:
        raise Forbidden("last_owner")
