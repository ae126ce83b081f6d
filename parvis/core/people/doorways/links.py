"""Signing in by a mailed link."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from parvis.core.people.actions.entry import account_of_token, use_link_token
from parvis.core.people.door_forms import LinkForm
from parvis.core.people.doors import next_of, sign_in
from parvis.core.people.limits import limited, spend, too_many
from parvis.core.runtime.jobs import enqueue
from parvis.core.runtime.keys import new_key


@never_cache
@require_http_methods(["GET", "POST"])
def ask_for_link(request: HttpRequest) -> HttpResponse:
    """A link is mailed to an address that has an account. The answer is the same for every address."""
    form = LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].strip().lower()
        if not spend(request, "link", email):
            return too_many(request)
        language = translation.get_language() or "fr"
        enqueue("people.mail_link", email=email, next_url=next_of(request), language=language[:2], key=new_key())
        return render(request, "people/link_sent.html", {"email": email})
    return render(request, "people/link.html", {"form": form, "next": next_of(request)})


@never_cache
@require_http_methods(["GET", "POST"])
@limited("link_use", ("GET", "POST"))
def use_link(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link shows a button: programs that fetch the links of mails use nothing up. The button signs in."""
    if request.method == "POST":
        account = use_link_token(token, timezone.now())
        if account is not None:
            return sign_in(request, account, "link", next_of(request))
    elif account_of_token(token) is not None:
        return render(request, "people/link_use.html", {"next": next_of(request)})
    return render(request, "people/link_over.html", status=410)
