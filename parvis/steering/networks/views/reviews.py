"""Opening a thread for review: asked by one administrator, done by the second."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from parvis.core.items.opening import open_for_review, requests_to_open
from parvis.steering.networks.forms import ReviewForm
from parvis.steering.networks.views.common import administered, page, viewer_of


@administered
@require_http_methods(["GET", "POST"])
def show_reviews(request: HttpRequest, network: str) -> HttpResponse:
    """Requests that wait for a second administrator, and a new one."""
    viewer = viewer_of(request)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["thread"]
        try:
            opening = open_for_review(viewer, key, form.cleaned_data["reason"])
        except Http404:
            form.add_error("thread", _("No conversation has this address."))
        except PermissionDenied:
            form.add_error("thread", _("Another administrator must open it: you have asked already."))
        else:
            if opening.until is not None:
                messages.success(request, _("Open to the two of you for 48 hours. Those in the conversation see it."))
                return redirect("thread", network, key)
            messages.success(request, _("Asked. Another administrator opens it, within a week."))
            return redirect("admin_reviews", network)
    context = {"form": form, "requests": requests_to_open(viewer)}
    return page(request, "networks/reviews.html", context, "admin_reviews", 200 if request.method == "GET" else 422)
