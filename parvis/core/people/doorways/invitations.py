"""Coming in by an invitation."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from parvis.core.people.actions.entry import account_of_address
from parvis.core.people.actions.invitations import accept_as_newcomer, accept_invitation, invitation_of
from parvis.core.people.door_forms import AcceptForm
from parvis.core.people.doors import sign_in
from parvis.core.people.limits import limited


@never_cache
@require_http_methods(["GET", "POST"])
@limited("invitation", ("GET", "POST"))
def show_invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """What one is invited to, and the way in: with the account that one has, or a new one."""
    now = timezone.now()
    invitation = invitation_of(secret, now)
    if invitation is None:
        return render(request, "people/invitation_over.html", status=410)
    context = {"invitation": invitation, "path": request.path, "network": invitation.network}
    home = f"/{invitation.network.slug}/"
    if request.user.is_authenticated:
        if request.method == "POST":
            person = accept_invitation(secret, request.user, "", now)
            if person is None:
                return render(request, "people/invitation_refused.html", context, status=409)
            messages.success(request, _("Welcome to %(network)s.") % {"network": invitation.network.name})
            return redirect(home)
        return render(request, "people/invitation_accept.html", context)
    if account_of_address(invitation.email) is not None:
        return render(request, "people/invitation_sign_in.html", context)
    form = AcceptForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and form.is_valid():
        account = accept_as_newcomer(secret, form.cleaned_data["name"], form.cleaned_data["password"], now)
        if account is None:
            return render(request, "people/invitation_refused.html", context, status=409)
        return sign_in(request, account, "invitation", home)
    return render(request, "people/invitation_new.html", {**context, "form": form})
