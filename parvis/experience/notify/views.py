"""What awaits you."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from parvis.core.items.queries import BadCursor
from parvis.experience.notify.actions import note_shown, sentence, set_mail
from parvis.experience.notify.models import Rhythm
from parvis.experience.notify.queries import notices, wish_of

PAGE = 30


class WishForm(forms.Form):
    """When mails come."""

    mail = forms.ChoiceField(
        label=gettext_lazy("By mail"),
        choices=Rhythm.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("What awaits you is always on its page; this is about mails only."),
    )


@require_GET
def notifications(request: HttpRequest, network: str) -> HttpResponse:
    """The list, newest first.  ?before= is where a further page begins."""
    viewer = request.viewer  # type: ignore[attr-defined]
    before = request.GET.get("before", "0")
    if not (before.isascii() and before.isdigit() and len(before) < 19):
        raise BadCursor("before")
    found = notices(viewer, before=int(before), limit=PAGE + 1)
    shown = [(notice, sentence(notice.notification)) for notice in found[:PAGE]]
    if found:
        note_shown(viewer, found[0].notification.position)
    context: dict[str, Any] = {
        "fresh": [pair for pair in shown if pair[0].is_new],
        "former": [pair for pair in shown if not pair[0].is_new],
        "more": found[PAGE - 1].notification.position if len(found) > PAGE else None,
    }
    return render(request, "notify/notifications.html", context)


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest, network: str) -> HttpResponse:
    """When mails come."""
    viewer = request.viewer  # type: ignore[attr-defined]
    form = WishForm(request.POST or None, initial={"mail": wish_of(viewer).mail})
    if request.method == "POST" and form.is_valid():
        set_mail(viewer, form.cleaned_data["mail"])
        messages.success(request, _("Your choice is kept."))
        return redirect("notification_settings", network)
    return render(request, "notify/settings.html", {"form": form}, status=422 if form.errors else 200)
