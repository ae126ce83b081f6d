"""What stands outside every network: the way in, and what robots may read. Errors: the templates 400, 403, 404, 500."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from parvis.core.people.models import Account
from parvis.core.people.queries import system_networks_of
from parvis.exchange.demo.queries import system_demo_address


@require_GET
def enter(request: HttpRequest) -> HttpResponse:
    """`/`: to one's network; to choose among several; for those whom nobody knows, to the people of an open
    demonstration or to the sign-in page."""
    if not request.user.is_authenticated:
        address = system_demo_address(request.headers)
        return redirect(address) if address else redirect_to_login("/")
    account = request.user
    networks = system_networks_of(account) if isinstance(account, Account) else []
    if len(networks) == 1:
        return redirect("home", networks[0].slug)
    return render(request, "web/networks.html", {"networks": networks})


@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    """Nothing here is for robots."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")
