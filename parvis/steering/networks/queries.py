"""Reading what administrators and the desk see."""

from __future__ import annotations

import dataclasses
import datetime as dt

from django.db.models import Count, Q, QuerySet

from parvis.core.items.access import Act, require
from parvis.core.items.log import head
from parvis.core.items.models import Item, ReaderCursor, SetAside
from parvis.core.items.queries import Missing
from parvis.core.people.models import (
    Address,
    Invitation,
    Membership,
    Network,
    NetworkDomain,
    Person,
    PersonKind,
    PersonState,
)
from parvis.core.people.viewer import Viewer
from parvis.core.runtime.models import Beat

ALIVE = dt.timedelta(seconds=60)
PAGE = 50


def system_has_network() -> bool:
    """Whether the first run is over.  Queries: 1."""
    return Network.objects.exists()


def people_to_administer(
    viewer: Viewer, *, words: str = "", state: str = "", after: tuple[str, int] | None = None
) -> list[Person]:
    """People of the network by last name, whatever their state but merged; at most a page and one.  Queries: 1."""
    require(viewer, Act.ADMINISTER)
    people = Person.objects.filter(network=viewer.network).exclude(kind=PersonKind.APPLICATION)
    people = people.filter(state=state) if state else people.exclude(state__in=[PersonState.MERGED])
    return _page(people.select_related("manager", "organisation"), words, after)


def people_of_the_desk(viewer: Viewer, *, words: str = "", after: tuple[str, int] | None = None) -> list[Person]:
    """Members with a personnel number, by last name, with letter, own code and other ways in; at most a page and one.  Queries: 1."""
    require(viewer, Act.HAND_OUT_CODES)
    people = Person.objects.filter(
        network=viewer.network,
        kind=PersonKind.MEMBER,
        state__in=[PersonState.ACTIVE, PersonState.PLACEHOLDER],
        personnel_number__isnull=False,
    )
    return _page(people.with_ways_in(viewer.now).select_related("letter", "own_code"), words, after)


def _page(people: QuerySet[Person], words: str, after: tuple[str, int] | None) -> list[Person]:
    for word in words.split()[:6]:
        people = people.filter(
            Q(name__icontains=word)
            | Q(sort_name__icontains=word)
            | Q(personnel_number__istartswith=word)
            | Q(department__icontains=word)
            | Q(site__icontains=word)
        )
    if after is not None:
        people = people.filter(Q(sort_name__gt=after[0]) | Q(sort_name=after[0], pk__gt=after[1]))
    return list(people.order_by("sort_name", "pk")[: PAGE + 1])


def person_to_administer(viewer: Viewer, key: str) -> Person:
    """Raises Missing (404), Forbidden.  Queries: 1."""
    require(viewer, Act.ADMINISTER)
    rows = Person.objects.select_related("network", "manager", "account").filter(network=viewer.network, key=key)
    person = rows.exclude(state=PersonState.MERGED).exclude(kind=PersonKind.APPLICATION).first()
    if person is None:
        raise Missing
    return person


def system_find_person(network: Network, who: str) -> Person | None:
    """The person of a network with this address, personnel number or key.  Queries: 1 to 3."""
    who = who.strip()
    people = Person.objects.select_related("network", "account", "manager").filter(network=network)
    people = people.exclude(state=PersonState.MERGED).exclude(kind=PersonKind.APPLICATION)
    return (
        people.filter(addresses__email=who.lower()).first()
        or people.filter(personnel_number=who).first()
        or people.filter(key=who).first()
    )


def people_by_keys(viewer: Viewer, keys: list[str]) -> list[Person]:
    """Those of the desk's people who have these keys, by name.  Queries: 1."""
    require(viewer, Act.HAND_OUT_CODES)
    rows = Person.objects.select_related("network", "account").filter(network=viewer.network, key__in=keys[:PAGE])
    return list(rows.order_by("sort_name", "pk"))


def charges_of(viewer: Viewer, people: list[Person]) -> dict[int, set[str]]:
    """Person id → kinds of the network's groups that they serve in.  Queries: 1."""
    rows = Membership.objects.active(viewer.now).filter(
        person__in=[p.pk for p in people], group__kind__in=["administrators", "desk"]
    )
    found: dict[int, set[str]] = {}
    for person, kind in rows.values_list("person_id", "group__kind"):
        found.setdefault(person, set()).add(kind)
    return found


def addresses_of(person: Person) -> list[Address]:
    """Queries: 1."""
    return list(Address.objects.filter(person=person).order_by("email"))


@dataclasses.dataclass(frozen=True, slots=True)
class Merging:
    """What merging two persons will do, in numbers."""

    items: int
    groups: int
    addresses: int
    ends_account: bool


def merging_of(viewer: Viewer, gone: Person, kept: Person) -> Merging:
    """Queries: 3."""
    return Merging(
        items=Item.objects.filter(author=gone, deleted_at=None).count(),
        groups=Membership.objects.active(viewer.now).filter(person=gone).count(),
        addresses=Address.objects.filter(person=gone).count(),
        ends_account=gone.account_id is not None and kept.account_id is not None,
    )


def domains_of(viewer: Viewer) -> list[str]:
    """Queries: 1."""
    rows = NetworkDomain.objects.filter(network=viewer.network).order_by("domain")
    return list(rows.values_list("domain", flat=True))


def invitations_of(viewer: Viewer) -> list[Invitation]:
    """Open invitations, the newest first: all for administrators, one's own for others.  Queries: 2."""
    rows = Invitation.objects.filter(network=viewer.network, accepted_at=None, revoked_at=None)
    if not viewer.is_administrator:
        rows = rows.filter(inviter=viewer.person)
    return list(rows.select_related("inviter").prefetch_related("groups").order_by("-sent_at", "-pk")[:200])


def invitation_for(viewer: Viewer, key: str) -> Invitation:
    """An open invitation that the viewer may manage. Raises Missing (404).  Queries: 1."""
    rows = Invitation.objects.filter(network=viewer.network, key=key, accepted_at=None, revoked_at=None)
    if not viewer.is_administrator:
        rows = rows.filter(inviter=viewer.person)
    found = rows.first()
    if found is None:
        raise Missing
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class ReaderState:
    """How a reader is doing.  lag: signals not yet taken.  given_up: that wait for an administrator; errors: their
    kinds, with how many."""

    name: str
    position: int
    lag: int
    moved_at: dt.datetime
    waiting: int
    given_up: int
    errors: list[tuple[str, int]]


def readers_state(viewer: Viewer) -> list[ReaderState]:
    """All readers, by name.  Queries: 3."""
    require(viewer, Act.ADMINISTER)
    end = head()
    rows = SetAside.objects.values("reader", "error").annotate(
        n=Count("pk"),
        given_up=Count("pk", filter=Q(attempts__gt=0, retry_at=None)),
    )
    by_reader: dict[str, list[tuple[str, int, int]]] = {}
    for row in rows.order_by("reader", "error"):
        by_reader.setdefault(row["reader"], []).append((row["error"], row["n"], row["given_up"]))
    return [
        ReaderState(
            name=c.reader,
            position=c.position,
            lag=max(0, end - c.position),
            moved_at=c.moved_at,
            waiting=sum(n for _, n, _ in by_reader.get(c.reader, [])),
            given_up=sum(g for _, _, g in by_reader.get(c.reader, [])),
            errors=[(error, n) for error, n, _ in by_reader.get(c.reader, []) if error],
        )
        for c in ReaderCursor.objects.order_by("reader")
    ]


def worker_beat(viewer: Viewer) -> tuple[bool, dt.datetime | None]:
    """Whether a worker lives, and when one last said so.  Queries: 1."""
    last = Beat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
    return last is not None and last > viewer.now - ALIVE, last
