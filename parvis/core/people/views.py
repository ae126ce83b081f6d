"""The directory, and what one says of oneself."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from parvis.core.people.access import require_person
from parvis.core.people.account_pages import code_url
from parvis.core.people.actions import edit_profile as edit
from parvis.core.people.actions.letters import change_own_code
from parvis.core.people.actions.sessions import drop_session_rows
from parvis.core.people.door_forms import ChangeCodeForm
from parvis.core.people.forms import ProfileForm
from parvis.core.people.limits import spend, too_many
from parvis.core.people.queries import directory, name_cursor, parse_name_cursor, system_has_own_code
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
    context = {"form": form, "person": person, "code_url": code_url(person)}
    return render(request, "people/profile.html", context, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("current", "code", "again")
@require_http_methods(["GET", "POST"])
def change_code(request: PersonRequest, network: str) -> HttpResponse:
    """Somebody without e-mail changes the code of their own; their other devices are signed out."""
    person = require_person(request.viewer)
    if not system_has_own_code(person):
        raise Http404
    form = ChangeCodeForm(request.POST if request.method == "POST" else None, person=person)
    if request.method == "POST" and form.is_valid():
        tries = spend(request, "code_failed", f"{network}:{person.personnel_number}")
        if not tries:
            return too_many(request)
        if change_own_code(request.viewer, form.cleaned_data["current"], form.cleaned_data["code"]):
            tries.rollback()
            assert person.account is not None
            drop_session_rows(person.account, but=request.session.session_key or "")
            messages.success(request, _("Your code is changed. Your other devices are signed out."))
            return redirect("profile", network)
        form.add_error("current", _("This is not your current code. Lost? The desk prints you a new letter."))
    context = {"form": form, "code_url": request.path}
    return render(request, "people/change_code.html", context, status=422 if form.errors else 200)
