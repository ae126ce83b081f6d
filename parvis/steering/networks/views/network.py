"""The network itself, and how its readers are."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from parvis.steering.networks.actions import add_domain, change_network, remove_domain, replay_reader
from parvis.steering.networks.forms import DomainForm, NetworkForm
from parvis.steering.networks.queries import domains_of, readers_state, worker_beat
from parvis.steering.networks.views.common import administered, page, viewer_of


@administered
@require_http_methods(["GET", "POST"])
def show_network(request: HttpRequest, network: str) -> HttpResponse:
    """Name, language and zone; the mail domains whose addresses join by themselves."""
    viewer = viewer_of(request)
    form = NetworkForm(request.POST or None, instance=viewer.network)
    if request.method == "POST" and form.is_valid():
        change_network(viewer, **{name: form.cleaned_data[name] for name in ("name", "language", "zone")})
        messages.success(request, _("Saved."))
        return redirect("admin", network)
    return _page(request, form, DomainForm(), 200 if request.method == "GET" else 422)


def _page(request: HttpRequest, form: NetworkForm, domain_form: DomainForm, status: int) -> HttpResponse:
    viewer = viewer_of(request)
    context = {"form": form, "domain_form": domain_form, "domains": domains_of(viewer)}
    return page(request, "networks/network.html", context, "admin", status)


@administered
@require_POST
def domains(request: HttpRequest, network: str) -> HttpResponse:
    """One domain more, or one less (`remove`)."""
    viewer = viewer_of(request)
    if gone := request.POST.get("remove"):
        remove_domain(viewer, gone)
        return redirect("admin", network)
    form = DomainForm(request.POST)
    if form.is_valid():
        try:
            add_domain(viewer, form.cleaned_data["domain"])
            return redirect("admin", network)
        except ValidationError as error:
            form.add_error(None, error) if not hasattr(error, "error_dict") else form.add_error(
                "domain", error.messages
            )
    return _page(request, NetworkForm(instance=viewer.network), form, 422)


@administered
@require_GET
def readers(request: HttpRequest, network: str) -> HttpResponse:
    """Whether the worker lives, how far each reader has come, and what it set aside."""
    viewer = viewer_of(request)
    alive, last = worker_beat(viewer)
    context = {"readers": readers_state(viewer), "alive": alive, "last": last}
    return page(request, "networks/readers.html", context, "admin_readers")


@administered
@require_POST
def replays(request: HttpRequest, network: str, reader: str) -> HttpResponse:
    """Try again what a reader gave up on."""
    n = replay_reader(viewer_of(request), reader)
    told = ngettext("%(n)s signal will be tried again.", "%(n)s signals will be tried again.", n) % {"n": n}
    messages.success(request, told)
    return redirect("admin_readers", network)
