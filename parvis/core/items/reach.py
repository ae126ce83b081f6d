"""Who reads something, in numbers and names, before and after it is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from django.utils.translation import gettext, ngettext

from parvis.core.items.audiences import principals_of
from parvis.core.items.places import Place, places
from parvis.core.people.models import Membership, Person, PersonKind
from parvis.core.people.viewer import EVERYONE, Viewer

NAMED = 3  # persons and places named in a sentence; the others are counted


@dataclasses.dataclass(frozen=True, slots=True)
class Reach:
    """Who is in an audience, as far as the viewer may know.

    places: with sizes.  people: named one by one.  others: groups whose name the viewer may not know.
    outside: how many guests are among all these.  network_size: members of the network.
    """

    viewer: Viewer
    is_everyone: bool
    places: tuple[Place, ...]
    people: tuple[Person, ...]
    others: int
    outside: int

    @property
    def scope(self) -> str:
        """The icon's name for it: everyone, group, people or me."""
        if self.is_everyone:
            return "everyone"
        if self.places or self.others:
            return "group"
        return "me" if {p.pk for p in self.people} <= {self.viewer.person_id} else "people"

    @property
    def words(self) -> str:
        """One sentence without its full stop: "Read by the 14 members of Quality, 3 of them from outside"."""
        if self.scope == "me":
            return gettext("Read by you alone")
        said = gettext("Read by %(who)s") % {"who": _and(self._readers())}
        if self.outside and self.is_everyone:
            said += ngettext(
                ", and by %(n)s person from outside", ", and by %(n)s people from outside", self.outside
            ) % {"n": self.outside}
        elif self.outside:
            said += ngettext(", %(n)s of them from outside", ", %(n)s of them from outside", self.outside) % {
                "n": self.outside
            }
        return said

    def _readers(self) -> list[str]:
        if self.is_everyone:
            return [gettext("all members of %(network)s") % {"network": self.viewer.network.name}]
        said = [_members_of(place) for place in self.places[:NAMED]]
        others = [p for p in self.people if p.pk != self.viewer.person_id]
        said += [p.name for p in others[:NAMED]]
        rest = len(others[NAMED:])
        if rest:
            said.append(ngettext("%(n)s other person", "%(n)s other people", rest) % {"n": rest})
        unnamed = len(self.places[NAMED:]) + self.others
        if unnamed:
            said.append(
                ngettext("the members of another group", "the members of %(n)s other groups", unnamed) % {"n": unnamed}
            )
        if len(others) < len(self.people):
            said.append(gettext("you"))
        return said


def _members_of(place: Place) -> str:
    size = place.group.size
    return ngettext("the member of %(place)s", "the %(n)s members of %(place)s", size) % {
        "n": size,
        "place": place.name,
    }


def _and(words: list[str]) -> str:
    """A list in a sentence: "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return gettext("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def reach_of(viewer: Viewer, principals: Iterable[int]) -> Reach:
    """Who reads what these principals may see.  Queries: at most 3."""
    wanted = set(principals)
    groups = {p for p in wanted if p > 0}
    known = places(viewer, groups)
    persons = {-p for p in wanted if p < 0}
    people = Person.objects.visible_to(viewer).filter(pk__in=persons).order_by("sort_name", "pk") if persons else ()
    outside = 0
    if groups:
        inside = Membership.objects.active(viewer.now).filter(group__in=groups).exclude(person__kind=PersonKind.MEMBER)
        outside = inside.values("person").distinct().count()
    return Reach(
        viewer,
        EVERYONE in wanted,
        tuple(sorted(known.values(), key=lambda p: p.name.casefold())),
        tuple(people),
        len(groups - set(known)),
        outside,
    )


def reach_of_audience(viewer: Viewer, audience_id: int) -> Reach:
    """Who reads what has this audience.  Queries: at most 4."""
    return reach_of(viewer, principals_of(audience_id))


def head_count(viewer: Viewer, principals: Iterable[int]) -> int:
    """How many different people these principals are today.  Queries: at most 2."""
    wanted = set(principals)
    groups = {p for p in wanted if p > 0}
    persons = {-p for p in wanted if p < 0}
    inside = Membership.objects.active(viewer.now).filter(group__in=groups)
    ids = persons | set(inside.values_list("person_id", flat=True))
    if EVERYONE not in wanted:
        return len(ids)
    not_members = Person.objects.filter(pk__in=ids).exclude(kind=PersonKind.MEMBER)
    return int(viewer.network.size) + not_members.count()


def names_added(viewer: Viewer, before: Iterable[int], after: Iterable[int]) -> list[str]:
    """The names of up to six people who would be added, those in the smallest new group first.  Queries: at most 3."""
    had, will = set(before), set(after)
    if EVERYONE in had:
        return []
    inside = Membership.objects.active(viewer.now).filter(group__in=[p for p in had if p > 0]).values("person")
    people = Person.objects.visible_to(viewer).exclude(pk__in=[-p for p in had if p < 0]).exclude(pk__in=inside)
    if EVERYONE in will:
        people = people.filter(kind=PersonKind.MEMBER, state="active")
    else:
        new = Membership.objects.active(viewer.now).filter(group__in=[p for p in will if p > 0]).values("person")
        people = people.filter(pk__in=new) | people.filter(pk__in=[-p for p in will if p < 0])
    return list(people.order_by("sort_name", "pk").values_list("name", flat=True)[:6])
