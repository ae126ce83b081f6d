"""Every door counts: how often it may be tried, by whom and from where. Past that it answers 429, in plain words.

Failures of passwords and codes are counted by axes (in the database, by who and from where); the rest, and what comes
from one address whoever it names, by allauth's limiter.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse

# What may be asked for: how many, in which time, by address (ip) or by what is named (key).
RATES = {
    "link": "20/h/ip,5/h/key",
    "link_use": "60/10m/ip",
    "invitation": "60/10m/ip",
    "code": "300/10m/ip",
    "code_failed": "100/10m/ip,30/h/key,60/d/key",
    "choose_code": "60/10m/ip",
    "first_run": "30/10m/ip",
    "desk": "60/h/key",
    "invite": "30/h/key",
}


def client_address(request: HttpRequest) -> str:
    """The address that a request comes from. Behind https there is a proxy: then the last address that it noted."""
    noted = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip() if settings.IS_SECURE else ""
    return noted or request.META.get("REMOTE_ADDR", "") or "0.0.0.0"


def who_tries(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """Under which name axes counts a failure: the address or personnel number that was typed."""
    given = credentials or {}
    if given.get("personnel_number"):
        return f"{given.get('network')}:{given['personnel_number']}".casefold()[:255]
    typed = request.POST.get("login", "") if request is not None else ""
    return str(given.get("email") or typed or given.get("username") or "").strip().casefold()[:255]


def spend(request: HttpRequest, action: str, key: str = "") -> ratelimit.RateLimitUsage | None:
    """Count one try; None when there were too many. Its `rollback()` takes the try back."""
    return ratelimit.consume(
        request, app="parvis", action=action, config=RATES, key=key.strip().casefold() or "-", limit_get=True
    )


def too_many(request: HttpRequest) -> HttpResponse:
    """The page that says to wait."""
    response: HttpResponse = ratelimit.respond_429(request)
    return response


def limited(action: str, methods: tuple[str, ...] = ("POST",)) -> Callable[..., Any]:
    """Count each request of these methods, by address; past the limit the view is not called."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in methods and not spend(request, action):
                return too_many(request)
            return view(request, *args, **kwargs)

        return counted

    return wrap
