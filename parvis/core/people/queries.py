"""Reading people. All take the viewer first, except those of the system."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Sequence

from django.db.models import Case, Q, QuerySet, When

from parvis.core.items.queries import BadCursor, Missing
from parvis.core.people.models import Account, Network, OwnCode, Person, PersonState
from parvis.core.people.prepared import prepared
from parvis.core.people.viewer import Viewer


def system_person_of(account: Account, network_slug: str) -> Person | None:
    """The active person that an account has in a network, with the network; None if it has none.  Queries: 1."""
    return next(iter(_person_of(account.pk, network_slug)), None)


@prepared
def _person_of(account_id: int, network_slug: str) -> QuerySet[Person]:
    people = Person.objects.select_related("network").filter(account=account_id, network__slug=network_slug)
    return people.filter(state=PersonState.ACTIVE).order_by("pk")[:1]


def system_network(slug: str) -> Network | None:
    """The network of an address, for pages that answer before anybody signed in.  Queries: 1."""
    return Network.objects.filter(slug=slug).first()


def system_network_of_door(wanted: str) -> Network | None:
    """The network that the path `wanted` is in, or the only one of the installation.  Queries: 1."""
    first = wanted.strip("/").split("/")[0]
    networks = list(Network.objects.order_by(Case(When(slug=first, then=0), default=1), "pk")[:2])
    if len(networks) == 1 or (networks and networks[0].slug == first):
        return networks[0]
    return None


def system_persons_of(account: Account) -> list[Person]:
    """The active persons of an account, with their networks, the oldest first.  Queries: 1."""
    rows = Person.objects.select_related("network").filter(account=account, state=PersonState.ACTIVE)
    return list(rows.order_by("pk"))


def system_has_own_code(person: Person) -> bool:
    """Whether somebody signs in with a personnel number and a code of their own.  Queries: 1."""
    return OwnCode.objects.filter(person=person).exists()


def system_networks_of(account: Account) -> list[Network]:
    """The networks in which an account has an active person, by name.  Queries: 1."""
    rows = Network.objects.filter(people__account=account, people__state=PersonState.ACTIVE)
    return list(rows.order_by("name", "pk"))


def person_for(viewer: Viewer, key: str) -> Person:
    """The person with this key; for a merged one, the person it became. Raises Missing (404).  Queries: 1 or 2."""
    visible = Person.objects.visible_to(viewer).select_related("organisation", "manager")
    person = visible.filter(key=key).first() or visible.filter(merged__key=key).first()
    if person is None:
        raise Missing
    return person


def name_cursor(person: Person) -> str:
    """Where the page of a list by name ends with this person."""
    raw = json.dumps([person.sort_name, person.pk], ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def parse_name_cursor(text: str) -> tuple[str, int]:
    """The (sort_name, id) that `name_cursor` wrote. Raises BadCursor."""
    try:
        name, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if (
            not (isinstance(name, str) and isinstance(pk, int) and not isinstance(pk, bool))
            or abs(pk) > 2**62
            or "\0" in name
        ):
            raise ValueError
    except (ValueError, TypeError, RecursionError) as error:
        raise BadCursor("cursor") from error
    return name, pk


def directory(
    viewer: Viewer,
    *,
    words: str = "",
    after: tuple[str, int] | None = None,
    kinds: Sequence[str] = (),
    limit: int = 50,
) -> list[Person]:
    """The people whom the viewer may know of, by last name, from after (sort_name, id) on.

    words: each must stand in the name, title, department or site.  kinds: of these alone.  Queries: 1.
    """
    people = Person.objects.visible_to(viewer).exclude(kind="application").filter(state=PersonState.ACTIVE)
    if kinds:
        people = people.filter(kind__in=kinds)
    for word in words.split()[:6]:
        people = people.filter(
            Q(sort_name__icontains=_folded(word))
            | Q(name__icontains=word)
            | Q(title__icontains=word)
            | Q(department__icontains=word)
            | Q(site__icontains=word)
        )
    if after is not None:
        people = people.filter(Q(sort_name__gt=after[0]) | Q(sort_name=after[0], pk__gt=after[1]))
    return list(people.select_related("organisation").order_by("sort_name", "pk")[:limit])


def _folded(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
