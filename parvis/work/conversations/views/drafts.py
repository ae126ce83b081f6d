"""Drafts: what one has written and nobody else sees."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from parvis.core.items import clean
from parvis.core.items.kinds import cards
from parvis.core.items.models import Item
from parvis.core.items.places import my_places
from parvis.core.items.plain import to_plain
from parvis.core.people.models import Person
from parvis.core.people.requests import PersonRequest
from parvis.work.conversations.actions import change_draft, publish_draft
from parvis.work.conversations.forms import PEOPLE, PostForm
from parvis.work.conversations.mentions import with_mentions
from parvis.work.conversations.queries import draft_for, drafts_of, people_of_draft, people_of_keys
from parvis.work.conversations.views.writing import addressed, kept, place_choices, write_page


@require_GET
def list_drafts(request: PersonRequest, network: str) -> HttpResponse:
    """One's own drafts."""
    return render(request, "conversations/drafts.html", {"drafts": cards(request.viewer, drafts_of(request.viewer))})


@require_http_methods(["GET", "POST"])
def edit_draft(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """Goes on with a draft: kept again, or published."""
    viewer = request.viewer
    draft = draft_for(viewer, key)
    choices = place_choices(my_places(viewer))
    if request.method == "GET":
        chosen = draft.place.key if draft.place else PEOPLE
        people = people_of_draft(viewer, draft)
        initial = {
            "place": chosen, "to": [p.key for p in people], "title": draft.title, "body": to_plain(draft.body)
        }  # fmt: skip
        return _draft_page(request, draft, PostForm(places=choices, people=people, initial=initial))
    people = people_of_keys(viewer, request.POST.getlist("to"))
    if "look" in request.POST:
        sent = {"place": PEOPLE, "to": [p.key for p in people]}
        initial = {"title": request.POST.get("title", ""), "body": request.POST.get("body", ""), **sent}
        return _draft_page(request, draft, PostForm(places=choices, people=people, initial=initial))
    form = PostForm(request.POST, request.FILES, places=choices, people=people)
    files = kept(form, form.cleaned_data["files"]) if form.is_valid() else None
    if files is None:
        return _draft_page(request, draft, form, status=422)
    to = addressed(viewer, form)
    body = clean.from_plain(form.cleaned_data["body"])
    mentions: list[Person] = []
    if "keep" not in request.POST:
        body, mentions = with_mentions(viewer, body, to.principals)
    change_draft(viewer, draft, to.place, to.audience, title=form.cleaned_data["title"], body=body, files=files)
    if "keep" in request.POST:
        messages.success(request, _("Your draft is kept. You alone see it."))
        return redirect("drafts", network)
    publish_draft(viewer, draft, mentions, to.people)
    messages.success(request, _("Your message is published."))
    return redirect("thread", network, draft.key)


def _draft_page(request: PersonRequest, draft: Item, form: PostForm, status: int = 200) -> HttpResponse:
    (card,) = cards(request.viewer, [draft])
    return write_page(request, form, status=status, draft=draft, files=card.extra["files"])
