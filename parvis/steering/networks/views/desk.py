"""The desk of human resources: letters for people without e-mail."""

from __future__ import annotations

from typing import Any

import qrcode
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from parvis.core.items.access import Act, require
from parvis.core.people.actions.letters import Printed, make_letters
from parvis.core.people.limits import spend, too_many
from parvis.steering.networks.actions import add_without_mail
from parvis.steering.networks.forms import WorkerForm
from parvis.steering.networks.queries import people_by_keys, people_of_the_desk
from parvis.steering.networks.views.common import after_of, cut, page, viewer_of


@require_http_methods(["GET", "POST"])
def show_desk(request: HttpRequest, network: str) -> HttpResponse:
    """People with a personnel number, how each signs in, and somebody new without e-mail."""
    viewer = viewer_of(request)
    require(viewer, Act.HAND_OUT_CODES)
    form = WorkerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = add_without_mail(viewer, **form.cleaned_data)
            messages.success(request, _("%(name)s is added: print the letter now.") % {"name": person.name})
            number = urlencode({"q": person.personnel_number or "", "added": person.key})
            return redirect(reverse("desk", args=[network]) + "?" + number)
        except ValidationError as error:
            for field, told in error.message_dict.items():
                form.add_error(field, told)
    words = request.GET.get("q", "")[:100]
    people, more = cut(people_of_the_desk(viewer, words=words, after=after_of(request)))
    rows = [_row(p, viewer.now) for p in people]
    context = {"rows": rows, "words": words, "more": more, "form": form, "added": request.GET.get("added", "")}
    return page(request, "networks/desk.html", context, "desk", 200 if request.method == "GET" else 422)


def _row(person: Any, now: Any) -> dict[str, Any]:
    letter, own = getattr(person, "letter", None), getattr(person, "own_code", None)
    is_open = letter is not None and letter.used_at is None and letter.expires_at > now
    why_not = ""
    if person.administers:
        why_not = _("No letter: administers a network")
    elif person.has_address:
        why_not = _("No letter: signs in with an e-mail address")
    return {"person": person, "letter": letter if is_open else None, "own": own, "why_not": why_not}


@require_POST
def letters(request: HttpRequest, network: str) -> HttpResponse:
    """New letters, to print now: their codes are shown once and kept nowhere. Former codes and sessions end."""
    viewer = viewer_of(request)
    require(viewer, Act.HAND_OUT_CODES)
    people = people_by_keys(viewer, request.POST.getlist("person"))
    if not people:
        messages.info(request, _("Choose somebody first."))
        words = request.GET.get("q", "")[:100]
        return redirect(reverse("desk", args=[network]) + ("?" + urlencode({"q": words}) if words else ""))
    if not spend(request, "desk", str(viewer.person_id)):
        return too_many(request)
    made = [{"letter": letter, **_qr(network, letter)} for letter in make_letters(viewer, people)]
    address = settings.ORIGIN + reverse("code_sign_in", args=[network])
    answer = render(request, "networks/letters.html", {"letters": made, "address": address})
    answer["Cache-Control"] = "no-store"
    return answer


def _qr(network: str, letter: Printed) -> dict[str, Any]:
    """The letter's address as a QR drawn by one SVG path, in modules: `path`, `size`."""
    door = reverse("code_sign_in", args=[network])
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(
        settings.ORIGIN + door + "?" + urlencode({"n": letter.person.personnel_number or "", "c": letter.code})
    )
    matrix = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    return {"path": path, "size": len(matrix)}
