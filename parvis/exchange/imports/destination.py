"""Where an import goes and whose it is, from what somebody typed."""

from __future__ import annotations

import datetime as dt

from parvis.core.people.actions import administrators_of
from parvis.core.people.models import Address, Membership, Network, Person, PersonState
from parvis.exchange.imports.records import gettext_noop

NO_SUCH_NETWORK = gettext_noop("No network is called “%(slug)s”.")
NO_NETWORK = gettext_noop("There is no network yet. Make one first: parvis run --empty")
WHICH_NETWORK = gettext_noop("Say into which network: --network %(slugs)s")
NOBODY = gettext_noop("Nobody in this network has the verified address %(address)s.")
WHOSE = gettext_noop("Say who owns the community: --owner ADDRESS")
OVERTAKEN = gettext_noop("Another process is importing this archive.")


class Refused(Exception):
    """The import cannot begin. `reason` and `values` are as in Problem."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason % values if values else reason)
        self.reason = reason
        self.values = values


def system_network(slug: str | None) -> Network:
    """The network of that slug; without one, the only network.  Raises Refused."""
    networks = list(Network.objects.filter(slug=slug) if slug else Network.objects.order_by("slug")[:20])
    if len(networks) == 1:
        return networks[0]
    if slug:
        raise Refused(NO_SUCH_NETWORK, slug=slug)
    if not networks:
        raise Refused(NO_NETWORK)
    raise Refused(WHICH_NETWORK, slugs=" | ".join(network.slug for network in networks))


def system_owner(network: Network, address: str | None, now: dt.datetime) -> Person:
    """Who has that verified address; without one, the first administrator.  Raises Refused."""
    if address is not None:
        known = Address.objects.filter(network=network, email=address.strip().lower(), verified_at__isnull=False)
        row = known.select_related("person").first()
        if row is None or row.person.state != PersonState.ACTIVE:
            raise Refused(NOBODY, address=address)
        return row.person
    members = Membership.objects.active(now).filter(group=administrators_of(network))
    first = members.order_by("since", "pk").values_list("person_id", flat=True).first()
    if first is None:
        raise Refused(WHOSE)
    return Person.objects.get(pk=first)
