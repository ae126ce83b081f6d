"""Inviting."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from parvis.core.items.access import Act, can
from parvis.core.people.limits import spend, too_many
from parvis.core.people.models import InvitationKind
from parvis.steering.networks.actions import groups_to_invite_to, invite_people, send_again, take_back
from parvis.steering.networks.forms import InviteForm
from parvis.steering.networks.queries import invitation_for, invitations_of
from parvis.steering.networks.views.common import page, viewer_of


@require_http_methods(["GET", "POST"])
def show_invitations(request: HttpRequest, network: str) -> HttpResponse:
    """Open invitations, and new ones: for administrators, and for owners of communities that are open to guests."""
    viewer = viewer_of(request)
    kind = InvitationKind.MEMBER if viewer.is_administrator else InvitationKind.GUEST
    communities = groups_to_invite_to(viewer, kind)
    if not viewer.is_administrator and not communities:
        raise PermissionDenied
    form = InviteForm(request.POST or None, communities=communities, may_invite_members=viewer.is_administrator)
    if request.method == "POST" and form.is_valid():
        if not spend(request, "invite", str(viewer.person_id)):
            return too_many(request)
        said = form.cleaned_data
        chosen = set(said.get("communities", []))
        groups = [c.group for c in communities if str(c.group_id) in chosen]
        closed = [c.name for c in communities if c.group in groups and not c.has_guests]
        if said["kind"] == InvitationKind.GUEST and closed:
            form.add_error("communities", _("Not open to guests: %(names)s") % {"names": ", ".join(closed)})
        elif said["kind"] == InvitationKind.GUEST and not groups:
            form.add_error("communities", _("Choose a community at least."))
        else:
            made, already = invite_people(viewer, said["emails"], said["kind"], groups)
            n = len(made)
            messages.success(
                request,
                ngettext("%(n)s invitation is on its way.", "%(n)s invitations are on their way.", n) % {"n": n},
            )
            if already:
                messages.info(request, _("Already here: %(emails)s") % {"emails": ", ".join(already[:10])})
            return redirect("invitations", network)
    context = {
        "form": form,
        "invitations": invitations_of(viewer),
        "begins": "begin" in request.GET,
        "desk_url": reverse("desk", args=[network]) if can(viewer, Act.HAND_OUT_CODES) else "",
    }
    return page(request, "networks/invitations.html", context, "invitations", 200 if request.method == "GET" else 422)


@require_POST
def change_invitation(request: HttpRequest, network: str, key: str) -> HttpResponse:
    """Send an open invitation again (`do` send), or take it back (`do` revoke)."""
    viewer = viewer_of(request)
    invitation = invitation_for(viewer, key)
    if request.POST.get("do") == "send":
        if not spend(request, "invite", str(viewer.person_id)):
            return too_many(request)
        send_again(viewer, invitation)
        messages.success(request, _("Sent again: the former link no longer works."))
    elif request.POST.get("do") == "revoke":
        take_back(viewer, invitation)
        messages.success(request, _("Taken back."))
    return redirect("invitations", network)
