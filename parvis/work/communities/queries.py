"""Reading communities. All take the viewer first."""

from __future__ import annotations

import dataclasses

from django.db.models import Q, QuerySet

from parvis.core.items.audiences import audience_of
from parvis.core.items.models import Audience, AudiencePrincipal, Item
from parvis.core.items.queries import Missing
from parvis.core.items.reach import Reach, head_count, reach_of
from parvis.core.people.models import Membership, Person, PersonKind, PersonState, Role
from parvis.core.people.prepared import prepared
from parvis.core.people.viewer import EVERYONE, Viewer
from parvis.work.communities.models import Community, Visibility


def communities(viewer: Viewer) -> list[Community]:
    """All communities that the viewer may know of, by name.  Queries: 1."""
    rows = Community.objects.visible_to(viewer).select_related("item", "group")
    return list(rows.order_by("item__title", "pk"))


def my_communities(viewer: Viewer, limit: int = 30) -> list[Community]:
    """Those that the viewer belongs to, by name.  Queries: 1."""
    return _mine(viewer, limit=limit)


@prepared
def _mine(viewer: Viewer, *, limit: int) -> QuerySet[Community]:
    rows = Community.objects.visible_to(viewer).filter(group__in=viewer.community_ids)
    return rows.select_related("item", "group").order_by("item__title", "pk")[:limit]


def communities_to_discover(viewer: Viewer, limit: int = 4) -> list[Community]:
    """Public ones that the viewer could join, the largest first.  Queries: 1."""
    return _others(viewer, limit=limit) if viewer.is_member else []


@prepared
def _others(viewer: Viewer, *, limit: int) -> QuerySet[Community]:
    rows = Community.objects.visible_to(viewer).filter(visibility=Visibility.PUBLIC, group__closed_at=None)
    others = rows.exclude(group__in=viewer.community_ids)
    return others.select_related("item", "group").order_by("-group__size", "pk")[:limit]


def community_for(viewer: Viewer, slug: str) -> Community:
    """The community with this slug. Raises Missing (404).  Queries: 1."""
    found = _named(viewer, slug)
    if not found:
        raise Missing
    return found[0]


@prepared
def _named(viewer: Viewer, slug: str) -> QuerySet[Community]:
    return Community.objects.visible_to(viewer).select_related("item", "group").filter(slug=slug)


def widest_audience(community: Community) -> Audience:
    """Whom a post in this community reaches unless it is narrowed.  Queries: 1, 3 when it is new."""
    return audience_of(community.group.network, principals_of_place(community))


def principals_of_place(community: Community) -> frozenset[int]:
    """The principals of `widest_audience`: everyone for a public one, with its group where guests belong to it;
    its group for the others."""
    own = community.group.principal
    if community.visibility != Visibility.PUBLIC:
        return frozenset({own})
    return frozenset({EVERYONE, own} if community.has_guests else {EVERYONE})


def community_by_key(viewer: Viewer, key: str) -> Community:
    """The community whose item has this key. Raises Missing (404).  Queries: 1."""
    found = Community.objects.visible_to(viewer).select_related("item", "group").filter(item__key=key).first()
    if found is None:
        raise Missing
    return found


def communities_of(viewer: Viewer, person: Person) -> list[Community]:
    """The communities of a person that the viewer may know of, by name.  Queries: 1.

    Who belongs to a private community is known to its members and, for one's own page, to oneself.
    """
    rows = Community.objects.visible_to(viewer).filter(
        group__in=Membership.objects.active(viewer.now).filter(person=person).values("group")
    )
    if person.pk != viewer.person_id:
        rows = rows.filter(Q(visibility=Visibility.PUBLIC) | Q(group__in=viewer.community_ids))
    return list(rows.select_related("item", "group").order_by("item__title", "pk")[:50])


def can_see_members(viewer: Viewer, community: Community) -> bool:
    """Whether the viewer may read who belongs to it: anyone who knows of a public one, else those inside.  Queries: 0."""
    inside = community.group_id in viewer.community_ids
    return inside or viewer.is_administrator or (community.visibility == Visibility.PUBLIC and viewer.is_member)


def members(
    viewer: Viewer, community: Community, *, after: tuple[str, int] | None = None, limit: int = 50
) -> list[Membership]:
    """Who belongs to a community, by last name, each with its person, from after (sort_name, person id) on.

    Raises Missing for a community whose members the viewer may not know.  Queries: 1.
    """
    if not can_see_members(viewer, community):
        raise Missing
    rows = Membership.objects.active(viewer.now).filter(group=community.group_id, person__in=_people(viewer))
    if after is not None:
        rows = rows.filter(Q(person__sort_name__gt=after[0]) | Q(person__sort_name=after[0], person__pk__gt=after[1]))
    return list(
        rows.select_related("person", "person__organisation").order_by("person__sort_name", "person__pk")[:limit]
    )


def owners(viewer: Viewer, community: Community) -> list[Person]:
    """Its owners and moderators whom the viewer may know, owners first.  Queries: 1."""
    rows = Membership.objects.active(viewer.now).filter(group=community.group_id).exclude(role=Role.MEMBER)
    people = rows.filter(person__in=_people(viewer)).select_related("person").order_by("person__sort_name")
    return [m.person for m in sorted(people, key=lambda m: m.role != Role.OWNER)]


def _people(viewer: Viewer) -> QuerySet[Person]:
    return Person.objects.visible_to(viewer)


def people_to_add(viewer: Viewer, community: Community, words: str, limit: int = 20) -> list[Person]:
    """Who matches these words and could be put into the community.  Queries: 1."""
    kinds = [PersonKind.MEMBER, PersonKind.GUEST] if community.has_guests else [PersonKind.MEMBER]
    inside = Membership.objects.active(viewer.now).filter(group=community.group_id).values("person")
    found = _people(viewer).filter(kind__in=kinds, state=PersonState.ACTIVE).exclude(pk__in=inside)
    found = found.exclude(pk=viewer.person_id)
    for word in words.split()[:6]:
        found = found.filter(Q(name__icontains=word) | Q(sort_name__icontains=word))
    return list(found.select_related("organisation").order_by("sort_name", "pk")[:limit])


def member_for(viewer: Viewer, community: Community, key: str) -> Membership:
    """The membership of the person with this key. Raises Missing (404).  Queries: 1."""
    rows = Membership.objects.active(viewer.now).filter(group=community.group_id, person__in=_people(viewer))
    found: Membership | None = rows.select_related("person").filter(person__key=key).first()
    if found is None:
        raise Missing
    return found


def is_last_owner(viewer: Viewer, community: Community, person: Person | None = None) -> bool:
    """Whether a person (the viewer if none is given) is the only owner left.  Queries: 1."""
    owners = Membership.objects.active(viewer.now).filter(group=community.group_id, role=Role.OWNER)
    return set(owners.values_list("person_id", flat=True)) == {person.pk if person else viewer.person_id}


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """What another visibility would change.  added, lost: people who would begin or cease to read what is said.

    threads: conversations that they read or no longer read.  writers: the names of up to six people who wrote there and
    would no longer read it; others: how many more of these.
    """

    visibility: str
    after: Reach
    added: int = 0
    lost: int = 0
    threads: int = 0
    writers: tuple[str, ...] = ()
    others: int = 0


def change_to(viewer: Viewer, community: Community, visibility: str) -> Change:
    """What it would change that a community of the viewer's had this visibility.  Queries: about 12."""
    now_read = principals_of_place(community)
    will_read = principals_of_place(
        Community(group=community.group, visibility=visibility, has_guests=community.has_guests)
    )
    after = reach_of(viewer, will_read)
    if now_read == will_read:
        return Change(visibility, after)
    difference = head_count(viewer, will_read) - head_count(viewer, now_read)
    own, is_narrower = community.group.principal, EVERYONE in now_read
    moving = AudiencePrincipal.objects.filter(principal=EVERYONE if is_narrower else own).values("audience")
    said = Item.objects.filter(place=community.group_id, audience__in=moving).exclude(pk=community.item_id)
    threads = said.filter(active_at__isnull=False).count()
    if not is_narrower:
        return Change(visibility, after, added=difference, threads=threads)
    inside = Membership.objects.active(viewer.now).filter(group=community.group_id).values("person")
    wrote = _people(viewer).filter(pk__in=said.filter(is_sealed=False).values("author"), state=PersonState.ACTIVE)
    names = list(wrote.exclude(pk__in=inside).order_by("sort_name", "pk").values_list("name", flat=True))
    return Change(visibility, after, lost=-difference, threads=threads, writers=tuple(names[:6]), others=len(names[6:]))
