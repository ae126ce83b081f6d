"""The counts, for administrators."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from parvis.core.items.models import Verb
from parvis.core.people.viewer import Viewer
from parvis.steering.measures.queries import FEW, measures
from parvis.steering.networks.access import parts_of_administration

LABELS = {
    Verb.CREATE: _("Messages, answers and documents"),
    Verb.UPDATE: _("Changes to what was said"),
    Verb.DELETE: _("Taken back by their authors"),
    Verb.ADD: _("People added to groups"),
    Verb.REMOVE: _("People or messages removed"),
    Verb.JOIN: _("People who joined"),
    Verb.LEAVE: _("People who left"),
    Verb.INVITE: _("Invitations"),
    Verb.ACCEPT: _("Invitations accepted"),
    Verb.ANNOUNCE: _("Shares"),
    Verb.MOVE: _("Changes of who reads"),
    Verb.UNDO: _("Removals undone"),
}


@require_GET
def show_measures(request: HttpRequest, network: str) -> HttpResponse:
    """A table of what was done lately. Of no person."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    found = measures(viewer)
    rows = [(LABELS[Verb(m.verb)], m) for m in found if m.verb in set(LABELS)]
    tabs = parts_of_administration(viewer, "measures")
    return render(request, "measures/measures.html", {"rows": rows, "few": FEW, "tabs": tabs})
