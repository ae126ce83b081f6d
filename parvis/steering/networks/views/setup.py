"""The first run: `/` while there is no network at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from parvis.core.people.doors import sign_in
from parvis.core.people.limits import spend, too_many
from parvis.steering.networks.actions import AlreadyBegun, begin, slug_for
from parvis.steering.networks.forms import SetupForm
from parvis.steering.networks.queries import system_has_network
from parvis.steering.networks.setup import may_set_up


def first_run_or(view: Callable[..., Any]) -> Callable[..., Any]:
    """The first run while there is no network; `view` from then on."""

    @wraps(view)
    def choose(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if system_has_network():
            return view(request, *args, **kwargs)
        return first_run(request)

    return choose


@never_cache
@sensitive_post_parameters("password")
def first_run(request: HttpRequest) -> HttpResponse:
    """Names the first network and makes its administrator, who is signed in. From this machine, or with the token."""
    if not spend(request, "first_run"):
        return too_many(request)
    if not may_set_up(request):
        raise Http404
    language = (translation.get_language() or "fr")[:2]
    form = SetupForm(request.POST or None, initial={"language": language})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            network, account = begin(
                name=said["name"],
                slug=said["slug"] or slug_for(said["name"]),
                person=said["person"],
                email=said["email"],
                password=said["password"],
                language=said["language"],
                zone="Europe/Paris" if said["language"] == "fr" else "UTC",
                now=timezone.now(),
            )
        except AlreadyBegun:
            return redirect("/")
        return sign_in(request, account, "setup", f"/{network.slug}/invitations/?begin")
    answer = render(request, "networks/first_run.html", {"form": form, "setup": request.GET.get("setup", "")})
    answer["Cache-Control"] = "no-store"
    return answer
