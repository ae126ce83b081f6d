"""Reading the demonstration before anybody is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from parvis.core.items.models import Item
from parvis.core.items.queries import Missing
from parvis.core.people.models import Network, Person, PersonState
from parvis.exchange.demo.access import is_open_here
from parvis.exchange.demo.actions import SOURCE
from parvis.exchange.demo.cast import NETWORK_SLUG, PARTS, Part


@dataclass(frozen=True, slots=True)
class Guise:
    """Somebody whom a visitor may be."""

    part: Part
    person: Person

    @property
    def first_name(self) -> str:
        return self.person.name.split()[0]


def system_open_demo(headers: Mapping[str, str], slug: str = NETWORK_SLUG) -> Network:
    """The network with this slug if whoever asks may enter it as one of its people. Raises Missing (404).  Queries: 1."""
    network = Network.objects.filter(slug=slug).first()
    if network is None or not is_open_here(network, headers):
        raise Missing
    return network


def system_demo_address(headers: Mapping[str, str]) -> str:
    """Where visitors choose whom to be; "" where no demonstration is open.  Queries: 1."""
    try:
        return reverse("demo", args=[system_open_demo(headers).slug])
    except Missing:
        return ""


def system_guises(network: Network) -> list[Guise]:
    """Those of the six who are still there, in the order of the story.  Queries: 1."""
    people = Person.objects.filter(network=network, source=SOURCE, state=PersonState.ACTIVE, account__isnull=False)
    by_name = {person.source_id: person for person in people.select_related("account")}
    return [Guise(part, by_name[part.name]) for part in PARTS if part.name in by_name]


def system_thread_key(network: Network, story: str) -> str:
    """The key of the thread that a story became, "" when it is gone. Whoever opens it is asked again.  Queries: 1."""
    threads = Item.objects.filter(network=network, source=SOURCE, source_id=f"{story}/0", deleted_at=None)
    return threads.values_list("key", flat=True).first() or ""
