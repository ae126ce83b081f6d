"""Signing in with a personnel number: for people without e-mail."""

from __future__ import annotations

import time

from django.contrib.auth import authenticate, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from parvis.core.people.actions.letters import choose_code, system_open_letter
from parvis.core.people.backends import Entered
from parvis.core.people.door_forms import ChooseCodeForm, CodeForm
from parvis.core.people.doors import is_open, next_of, sign_in
from parvis.core.people.limits import limited, spend, too_many
from parvis.core.people.queries import system_network
from parvis.core.people.tablet import SHARED

# In the session of one who came with a letter: [person id, letter id, network id, is shared, when, in seconds].
LETTER = "letter"
LETTER_OPEN_S = 15 * 60  # on a shared tablet somebody else comes next


@is_open
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def code_sign_in(request: HttpRequest, network: str) -> HttpResponse:
    """Personnel number and code. A letter's code leads on to choosing one's own; nobody is signed in before."""
    place = system_network(network)
    if place is None:
        raise Http404
    typed = {"number": request.GET.get("n", ""), "code": ""}
    form = CodeForm(request.POST or None, initial=typed)
    context = {
        "form": form,
        "network": place,
        "next": next_of(request),
        "is_over": "over" in request.GET,
        "is_late": "late" in request.GET,
        "letter_code": request.GET.get("c", "")[:20] if request.method == "GET" else "",
    }
    if request.method == "GET" or not form.is_valid():
        return _unkept(render(request, "people/code.html", context))
    number = form.cleaned_data["number"].strip()
    tries = spend(request, "code", "") and spend(request, "code_failed", f"{network}:{number}")
    if not tries:
        return too_many(request)
    entered = authenticate(request, network=network, personnel_number=number, code=form.cleaned_data["code"])
    if not isinstance(entered, Entered):
        form.add_error(None, _("This personnel number and this code do not go together."))
        return _unkept(render(request, "people/code.html", context))
    tries.rollback()
    if entered.by_letter:
        request.session.cycle_key()
        request.session[LETTER] = [
            entered.person.pk,
            entered.person.letter.pk,
            place.pk,
            form.cleaned_data["shared"],
            int(time.time()),
        ]
        return redirect("own_code", network)
    assert entered.person.account is not None
    return _enter(request, entered.person.account, network, next_of(request), form.cleaned_data["shared"])


@is_open
@never_cache
@sensitive_post_parameters("code", "again")
@require_http_methods(["GET", "POST"])
@limited("choose_code")
def own_code(request: HttpRequest, network: str) -> HttpResponse:
    """Whoever came with a letter chooses a code of their own: only then is the letter used up, and they are in."""
    place = system_network(network)
    came = request.session.get(LETTER)
    if came and (len(came) < 5 or time.time() - came[4] > LETTER_OPEN_S):
        request.session.flush()
        return redirect(reverse("code_sign_in", args=[network]) + "?late")
    letter = system_open_letter(came[0], came[1], timezone.now()) if place is not None and came else None
    if place is None or letter is None or came is None or came[2] != place.pk:
        return redirect("code_sign_in", network)
    form = ChooseCodeForm(request.POST or None, person=letter.person)
    if request.method == "POST" and form.is_valid():
        account = choose_code(came[0], came[1], form.cleaned_data["code"], timezone.now())
        request.session.pop(LETTER, None)
        if account is None:
            return redirect(reverse("code_sign_in", args=[network]) + "?late")
        return _enter(request, account, network, "", came[3])
    return _unkept(render(request, "people/own_code.html", {"form": form, "network": place, "person": letter.person}))


def _enter(request: HttpRequest, account: object, network: str, next_url: str, is_shared: bool) -> HttpResponse:
    logout(request)  # of somebody else, signing in would end the session, and with it what is noted here
    if is_shared:
        request.session[SHARED] = network
        request.session.set_expiry(0)
    return sign_in(request, account, "code", next_url or f"/{network}/")  # type: ignore[arg-type]


def _unkept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
