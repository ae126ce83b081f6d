"""Where the demonstration's door stands open: on a machine that serves nobody but itself."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings

from parvis.core.people.models import Network


def is_open_here(network: Network) -> bool:
    """Whether anybody who reaches this server may sign in to `network` as one of its people.

    Only to a demonstration, only where the server is bound to loopback, and only where its public address is loopback
    too: a server behind a proxy listens on loopback as well, and is reached by everybody.
    """
    return network.is_demo and settings.IS_LOOPBACK and _is_loopback(urlsplit(settings.ORIGIN).hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
