"""The first run: who may make the first network. On this very machine, anybody; from elsewhere, whoever has the token
that the terminal showed."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac


def setup_token() -> str:
    """The token of this installation's first run: good until there is a network, and for nothing else."""
    return salted_hmac("parvis.networks.setup", "first run", algorithm="sha256").hexdigest()[:32]


def setup_address() -> str:
    """Where the first run begins; with the token, unless the pages are for this machine alone."""
    alone = settings.IS_LOOPBACK and not settings.IS_SECURE
    return settings.ORIGIN + "/" + ("" if alone else f"?setup={setup_token()}")


def may_set_up(request: HttpRequest) -> bool:
    """Whether this request may make the first network. What came through a proxy is never from this machine."""
    given = request.POST.get("setup") or request.GET.get("setup") or ""
    return constant_time_compare(given, setup_token()) or _is_here(request)


def _is_here(request: HttpRequest) -> bool:
    forwarded = "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META
    if forwarded or settings.IS_SECURE or not settings.IS_LOOPBACK:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
