"""Making audiences: the same principals are always the same row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db import transaction

from parvis.core.items.models import Audience, AudiencePrincipal
from parvis.core.people.models import Network
from parvis.core.people.viewer import EVERYONE


def digest_of(principals: Iterable[int]) -> str:
    """SHA-256 of the sorted, distinct principals, as 64 hexadecimal digits."""
    return hashlib.sha256(",".join(str(p) for p in sorted(set(principals))).encode()).hexdigest()


def audience_of(network: Network, principals: Iterable[int]) -> Audience:
    """The audience of `network` made of exactly these principals (0: everyone, +group, -person), made if new.

    Queries: 1 when it exists, 3 when not.
    """
    return audiences_of(network, [principals])[0]


def audiences_of(network: Network, sets: Iterable[Iterable[int]]) -> list[Audience]:
    """The audiences of many sets of principals, in the order given.  Queries: 1, and 3 more when some are new."""
    wanted = [frozenset(int(p) for p in principals) for principals in sets]
    by_digest = {digest_of(principals): principals for principals in wanted}
    found = _find(network, by_digest)
    missing = {digest: principals for digest, principals in by_digest.items() if digest not in found}
    if missing:
        with transaction.atomic():
            Audience.objects.bulk_create(
                [Audience(network=network, digest=d, size=len(p)) for d, p in sorted(missing.items())],
                ignore_conflicts=True,
            )
            found |= _find(network, missing)
            AudiencePrincipal.objects.bulk_create(
                [
                    AudiencePrincipal(audience=found[d], principal=principal)
                    for d, principals in sorted(missing.items())
                    for principal in sorted(principals)
                ],
                ignore_conflicts=True,
            )
    return [found[digest_of(principals)] for principals in wanted]


def _find(network: Network, digests: Iterable[str]) -> dict[str, Audience]:
    keys = list(digests)
    found: dict[str, Audience] = {}
    for start in range(0, len(keys), 500):
        rows = Audience.objects.filter(network=network, digest__in=keys[start : start + 500])
        found |= {row.digest: row for row in rows}
    return found


def principals_of(audience_id: int) -> frozenset[int]:
    """The principals of an audience.  Queries: 1."""
    return frozenset(AudiencePrincipal.objects.filter(audience_id=audience_id).values_list("principal", flat=True))


def everyone(network: Network) -> Audience:
    """The audience of all the network's members."""
    return audience_of(network, [EVERYONE])


def nobody(network: Network) -> Audience:
    """The empty audience: of what was deleted."""
    return audience_of(network, [])
