"""The directory, and what one says of oneself."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from parvis.core.people.access import require_person
from parvis.core.people.actions import edit_profile as edit
from parvis.core.people.forms import ProfileForm
from parvis.core.people.queries import directory, name_cursor, parse_name_cursor
from parvis.core.people.requests import PersonRequest

PAGE = 40


@require_GET
def show_directory(request: PersonRequest, network: str) -> HttpResponse:
    """The people whom one may know of, by last name.  ?q= words, ?after= where a further page begins."""
    words, after = request.GET.get("q", "").strip()[:100], request.GET.get("after", "")
    people = directory(request.viewer, words=words, after=parse_name_cursor(after) if after else None, limit=PAGE + 1)
    older = name_cursor(people[PAGE - 1]) if len(people) > PAGE else ""
    context = {"people": people[:PAGE], "words": words, "older": older, "after": after}
    return render(request, "people/directory.html", context)


@require_http_methods(["GET", "POST"])
def edit_profile(request: PersonRequest, network: str) -> HttpResponse:
    """What one says of oneself, one's language and time zone."""
    viewer = request.viewer
    person = require_person(viewer)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        initial={f: getattr(person, f) for f in ProfileForm.base_fields},
    )
    if request.method == "POST" and form.is_valid():
        edit(viewer, **form.cleaned_data)
        with translation.override(form.cleaned_data["language"] or viewer.network.language):
            messages.success(request, _("Saved."))
        return redirect("person", network, person.key)
    return render(request, "people/profile.html", {"form": form, "person": person}, status=422 if form.errors else 200)
