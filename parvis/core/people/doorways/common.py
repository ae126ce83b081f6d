"""What the doors share."""

from __future__ import annotations

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from parvis.core.people.models import Account


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
