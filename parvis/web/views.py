"""What stands outside every network: the way in, and what robots may read. Errors: the templates 400, 403, 404, 500."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from parvis.core.people.models import Account
from parvis.core.people.queries import system_networks_of


@require_GET
@login_required
def enter(request: HttpRequest) -> HttpResponse:
    """`/`: to one's network; to choose among several; to the sign-in page for those whom nobody knows."""
    account = request.user
    networks = system_networks_of(account) if isinstance(account, Account) else []
    if len(networks) == 1:
        return redirect("home", networks[0].slug)
    return render(request, "web/networks.html", {"networks": networks})


@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    """Nothing here is for robots."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")
