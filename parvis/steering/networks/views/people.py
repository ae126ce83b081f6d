"""Administering people: what the company knows of them, charges, leaving, merging."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from parvis.core.people.actions import LastAdministrator
from parvis.core.people.models import Person, PersonState
from parvis.steering.networks.actions import change_person, deactivate, merge, set_charge
from parvis.steering.networks.forms import PersonForm, WhoForm
from parvis.steering.networks.queries import (
    addresses_of,
    charges_of,
    merging_of,
    people_to_administer,
    person_to_administer,
)
from parvis.steering.networks.views.common import administered, after_of, cut, last_administrator, page, viewer_of


@administered
@require_GET
def show_people(request: HttpRequest, network: str) -> HttpResponse:
    """Everybody, by name."""
    viewer = viewer_of(request)
    words, state = request.GET.get("q", "")[:100], request.GET.get("state", "")
    state = state if state in (PersonState.ACTIVE, PersonState.PLACEHOLDER, PersonState.LEFT) else ""
    people, more = cut(people_to_administer(viewer, words=words, state=state, after=after_of(request)))
    charges = charges_of(viewer, people)
    rows = [{"person": p, "charges": charges.get(p.pk, set())} for p in people]
    context = {"rows": rows, "words": words, "state": state, "more": more}
    return page(request, "networks/people.html", context, "admin_people")


@administered
@require_http_methods(["GET", "POST"])
def show_person(request: HttpRequest, network: str, key: str) -> HttpResponse:
    """What the company knows of somebody, and what can be decided about them."""
    viewer = viewer_of(request)
    person = person_to_administer(viewer, key)
    start = {
        "personnel_number": person.personnel_number or "",
        "title": person.title,
        "department": person.department,
        "site": person.site,
        "manager": _named(person.manager) if person.manager else "",
    }
    form = PersonForm(request.POST or None, network=viewer.network, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            change_person(viewer, person, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("admin_person", network, key)
        except ValidationError as error:
            for field, told in error.message_dict.items():
                form.add_error(field, told)
    context = {
        "person": person,
        "form": form,
        "charges": charges_of(viewer, [person]).get(person.pk, set()),
        "addresses": addresses_of(person),
        "merge_form": WhoForm(network=viewer.network),
    }
    return page(request, "networks/person.html", context, "admin_people", 200 if request.method == "GET" else 422)


def _named(person: Person) -> str:
    """What an administrator would type to name somebody: address, else number, else what the system calls them."""
    return next((a.email for a in addresses_of(person)), "") or person.personnel_number or person.key


@administered
@require_POST
def charges(request: HttpRequest, network: str, key: str) -> HttpResponse:
    """Give or take a charge: `kind` administrators or desk, `holds` 1 or 0."""
    viewer = viewer_of(request)
    person = person_to_administer(viewer, key)
    try:
        set_charge(viewer, person, request.POST.get("kind", ""), request.POST.get("holds") == "1")
    except LastAdministrator as error:
        last_administrator(request, error)
    return redirect("admin_person", network, key)


@administered
@require_POST
def departure(request: HttpRequest, network: str, key: str) -> HttpResponse:
    """Somebody leaves."""
    viewer = viewer_of(request)
    person = person_to_administer(viewer, key)
    try:
        deactivate(viewer, person)
        messages.success(request, _("%(name)s has left the network.") % {"name": person.name})
    except LastAdministrator as error:
        last_administrator(request, error)
    return redirect("admin_person", network, key)


@administered
@require_http_methods(["GET", "POST"])
def merging(request: HttpRequest, network: str, key: str) -> HttpResponse:
    """Says first what merging will do, then does it: the person of this page goes into the one named (`who`)."""
    viewer = viewer_of(request)
    gone = person_to_administer(viewer, key)
    form = WhoForm(request.POST or request.GET, network=viewer.network)
    kept = form.cleaned_data["who"] if form.is_valid() else None
    if kept is not None and kept.pk == gone.pk:
        form.add_error("who", _("This is the very same entry."))
        kept = None
    elif kept is not None and viewer.person_id in (gone.pk, kept.pk):
        form.add_error("who", _("One of the two is you: another administrator does it, or you prove the address."))
        kept = None
    if kept is None:
        return page(request, "networks/merging_who.html", {"person": gone, "merge_form": form}, "admin_people", 422)
    if request.method == "POST":
        try:
            merge(viewer, gone, kept)
            messages.success(request, _("Merged into %(name)s.") % {"name": kept.name})
            return redirect("admin_person", network, kept.key)
        except LastAdministrator as error:
            last_administrator(request, error)
            return redirect("admin_person", network, key)
    context = {"gone": gone, "kept": kept, "what": merging_of(viewer, gone, kept)}
    return page(request, "networks/merging.html", context, "admin_people")
