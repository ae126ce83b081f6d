"""Places: the groups in which items live, as people know them. An app whose groups are places declares a PlaceSpec.

`web/kinds.py` lists them. Hence posts may be written in a community, and say so, without an import of communities.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Sequence

from parvis.core.items.audiences import audience_of
from parvis.core.items.models import Audience
from parvis.core.items.queries import Missing
from parvis.core.people.models import Group
from parvis.core.people.viewer import Viewer


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A group as a place that the viewer may know of.

    principals: whom a post in it reaches unless it is narrowed.  is_private: not every member of the
    network reads it.  has_guests: people from outside may belong to it.
    """

    group: Group
    name: str
    url: str
    principals: frozenset[int]
    is_private: bool = False
    has_guests: bool = False

    @property
    def key(self) -> str:
        return self.group.key


@dataclasses.dataclass(frozen=True)
class PlaceSpec:
    """One sort of place.

    load: group ids → those of these places that the viewer may know of.  Queries: 1.
    mine: the places to which the viewer belongs, by name.  Queries: 1.
    """

    load: Callable[[Viewer, Collection[int]], dict[int, Place]]
    mine: Callable[[Viewer], list[Place]]


_specs: list[PlaceSpec] = []


def install(specs: Sequence[PlaceSpec]) -> None:
    """Make these the sorts of places of the installation."""
    _specs[:] = specs


def places(viewer: Viewer, group_ids: Collection[int | None]) -> dict[int, Place]:
    """Group id → place, for those that the viewer may know of.  Queries: 1 for each sort of place, 0 for no id."""
    wanted = {pk for pk in group_ids if pk is not None}
    found: dict[int, Place] = {}
    if wanted:
        for spec in _specs:
            found |= spec.load(viewer, wanted)
    return found


def my_places(viewer: Viewer) -> list[Place]:
    """The places in which the viewer may write, by name.  Queries: 1 for each sort of place."""
    return [place for spec in _specs for place in spec.mine(viewer) if place.group.closed_at is None]


def place_for(viewer: Viewer, key: str) -> Place:
    """The place whose group has this key. Raises Missing (404).  Queries: 2."""
    group = Group.objects.filter(network=viewer.network, key=key).first()
    found = places(viewer, [group.pk]) if group is not None else {}
    if group is None or group.pk not in found:
        raise Missing
    return found[group.pk]


def widest(viewer: Viewer, place: Place) -> Audience:
    """The audience of a post in a place that nothing narrows.  Queries: 1, 3 when it is new."""
    return audience_of(viewer.network, place.principals)
