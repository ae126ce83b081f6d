"""Where the demonstration's door stands open: on a machine that serves nobody but itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

from parvis.core.people.models import Network

_PASSED_ON = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"]


def is_open_here(network: Network, headers: Mapping[str, str]) -> bool:
    """Whether anybody who reaches this server may sign in to `network` as one of its people.

    headers: of the request.  Only to a demonstration, only where the server is bound to loopback, and only where its public address is loopback
    too: a server behind a proxy listens on loopback as well, and is reached by everybody.
    """
    is_here = settings.IS_LOOPBACK and _is_loopback(urlsplit(settings.ORIGIN).hostname or "")
    return network.is_demo and is_here and not _was_passed_on(headers)


def _was_passed_on(headers: Mapping[str, str]) -> bool:
    """Whether a proxy passed this request on: then it may come from anywhere, whatever the settings say."""
    return any(name in headers for name in _PASSED_ON)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
