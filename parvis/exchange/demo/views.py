"""The page on which a visitor chooses whom to be. Anywhere but in an open demonstration it does not exist."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from parvis.core.people.doors import is_open
from parvis.exchange.demo.forms import EnterForm
from parvis.exchange.demo.queries import system_guises, system_open_demo, system_thread_key


@is_open
@require_http_methods(["GET", "HEAD", "POST"])
def show_demo(request: HttpRequest, network: str) -> HttpResponse:
    """GET: the six.  POST: signs in as one of them, without asking anything."""
    here = system_open_demo(request.headers, network)
    guises = system_guises(here)
    if request.method != "POST":
        return render(request, "demo/demo.html", {"network": here, "guises": guises})
    form = EnterForm(guises, request.POST)
    if not form.is_valid():
        raise BadRequest("part")
    login(request, form.cleaned_data["guise"].person.account, backend=settings.AUTHENTICATION_BACKENDS[-1])
    story = form.cleaned_data["story"]
    key = system_thread_key(here, story) if story else ""
    return redirect("thread", here.slug, key) if key else redirect("home", here.slug)
