"""Doors: views under a network's slug that answer before anybody is known there, as sign-in pages do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from parvis.core.people.models import Account


def is_open(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that answers without a viewer: it looks by itself who asks, and for what."""
    view.is_open = True  # type: ignore[attr-defined]
    return view


def next_of(request: HttpRequest) -> str:
    """Where to go after signing in: the path that `next` names, if it is one of ours; else ''."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None, require_https=request.is_secure())
    return wanted if safe else ""


def sign_in(request: HttpRequest, account: Account, method: str, next_url: str) -> HttpResponse:
    """Sign an account in whose holder has just proved to be the one; a second step, where it has one, comes first."""
    record_authentication(request, account, method=method)
    login = Login(user=account, email_verification=EmailVerificationMethod.NONE, redirect_url=next_url or None)
    response: HttpResponse = perform_login(request, login)
    return response
