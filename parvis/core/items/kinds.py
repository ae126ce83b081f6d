"""KindSpec: how each kind of item is named, shown, indexed and acted upon. Nobody else branches on kind.

Each app declares its kinds in its `kinds.py`; `web/kinds.py` lists them on one page and installs them here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise

from parvis.core.items.models import Item
from parvis.core.people.viewer import Viewer


@dataclasses.dataclass(frozen=True)
class Texts:
    """What search reads of an item: plain text, by field."""

    title: str
    body: str = ""


@dataclasses.dataclass(frozen=True)
class Offer:
    """An action offered on an item: a button that sends `method` to `url`."""

    name: str
    label: str | Promise
    icon: str
    url: str
    method: str = "post"  # or get


Extras = Mapping[int, Mapping[str, Any]]  # item id → what its templates need beside the item


@dataclasses.dataclass(frozen=True)
class KindSpec:
    """One kind of item.

    url: the item's address within the application, from its network's slug on.
    card, line, mail, plain: template names; `plain` gives text. Each gets `item`, `extra`, `viewer`, `url`.
    load: what those templates need, for many items at once, in a fixed number of queries; all of it already
    visible to the viewer.
    texts: what the index reads.   offers: what the viewer may do, decided without a query.
    facets: names of the search facets that make sense for it.  is_found: whether search lists it.
    """

    kind: str
    label: str | Promise
    plural: str | Promise
    icon: str
    url: Callable[[Item, Viewer], str]
    card: str
    line: str
    mail: str
    plain: str
    load: Callable[[Viewer, Sequence[Item]], Extras]
    texts: Callable[[Item], Texts]
    offers: Callable[[Viewer, Item], list[Offer]]
    facets: tuple[str, ...] = ()
    is_found: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Card:
    """An item with all that its templates need."""

    item: Item
    spec: KindSpec
    extra: Mapping[str, Any]
    url: str
    offers: list[Offer]


_specs: dict[str, KindSpec] = {}


def install(specs: Sequence[KindSpec]) -> None:
    """Make these the kinds of the installation. Raises ValueError for one declared twice."""
    by_kind = {spec.kind: spec for spec in specs}
    if len(by_kind) != len(specs):
        raise ValueError("a kind is declared twice")
    _specs.clear()
    _specs.update(by_kind)


def spec_of(kind: str) -> KindSpec:
    """The spec of a kind. Raises KeyError for one that nobody declared."""
    return _specs[kind]


def all_specs() -> list[KindSpec]:
    """All kinds, in the order of `web/kinds.py`."""
    return list(_specs.values())


def cards(viewer: Viewer, items: Sequence[Item]) -> list[Card]:
    """The cards of items that the viewer may see (the caller has asked `visible_to`), in the same order.

    Queries: the sum of what the kinds present need, whatever the number of items.
    """
    by_kind: dict[str, list[Item]] = {}
    for item in items:
        by_kind.setdefault(item.kind, []).append(item)
    extras: dict[int, Mapping[str, Any]] = {}
    for kind, group in by_kind.items():
        extras.update(spec_of(kind).load(viewer, group))
    made = []
    for item in items:
        spec = spec_of(item.kind)
        made.append(Card(item, spec, extras.get(item.pk, {}), spec.url(item, viewer), spec.offers(viewer, item)))
    return made
