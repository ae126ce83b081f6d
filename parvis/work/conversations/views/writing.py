"""Writing a conversation, and answering in one."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from parvis.core.files.actions import NewFile, keep_file
from parvis.core.files.blobs import TooLarge
from parvis.core.items import clean
from parvis.core.items.access import Act, require
from parvis.core.items.audiences import principals_of
from parvis.core.items.models import Audience, Item, Kind
from parvis.core.items.places import Place, my_places, place_for, widest
from parvis.core.items.queries import item_for, parse_position, thread_for
from parvis.core.people.models import Group, Person
from parvis.core.people.requests import PersonRequest
from parvis.core.people.viewer import EVERYONE, Viewer
from parvis.core.runtime.keys import new_key
from parvis.work.conversations.actions import narrowed, publish_comment, publish_post, save_post
from parvis.work.conversations.forms import PEOPLE, AnswerForm, PostForm
from parvis.work.conversations.kinds import thread_url
from parvis.work.conversations.mentions import with_mentions
from parvis.work.conversations.queries import Branch, new_answers, people_of_keys, people_to_name
from parvis.work.conversations.views.showing import thread_response


@require_http_methods(["GET", "POST"])
def write_post(request: PersonRequest, network: str) -> HttpResponse:
    """A new conversation.  ?place= is the key of the place that is chosen at first, ?to= of somebody to write to."""
    viewer = request.viewer
    places = place_choices(my_places(viewer))
    if request.method == "GET" or "look" in request.POST:
        given = request.GET if request.method == "GET" else request.POST
        return write_page(request, PostForm(places=places, **_begun(viewer, given)))
    people = people_of_keys(viewer, request.POST.getlist("to"))
    form = PostForm(request.POST, request.FILES, places=places, people=people)
    files = kept(form, form.cleaned_data["files"]) if form.is_valid() else None
    if files is None:
        return write_page(request, form, status=422)
    to = addressed(viewer, form)
    title, body = form.cleaned_data["title"], clean.from_plain(form.cleaned_data["body"])
    if "keep" in request.POST:
        save_post(viewer, to.place, to.audience, title=title, body=body, files=files)
        messages.success(request, _("Your draft is kept. You alone see it."))
        return redirect("drafts", network)
    body, mentions = with_mentions(viewer, body, to.principals)
    post = publish_post(
        viewer,
        to.place,
        to.audience,
        title=title,
        body=body,
        files=files,
        mentions=mentions,
        recipients=to.people,
        once=form.cleaned_data["once"],
    )
    messages.success(request, _("Your message is published."))
    return redirect("thread", network, post.key)


def _begun(viewer: Viewer, given: QueryDict) -> dict[str, Any]:
    """What a form shows of an address (?place=, ?to=) or of itself, before it is sent."""
    people = people_of_keys(viewer, given.getlist("to"))
    names = ("place", "title", "body", "once") if "look" in given else ("place",)
    initial: dict[str, Any] = {name: given[name] for name in names if given.get(name)}
    if people or "look" in given:
        initial |= {"to": [p.key for p in people], "place": PEOPLE}
    return {"initial": initial, "people": people}


def write_page(request: PersonRequest, form: PostForm, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page where one writes, with whom one looks for by name."""
    return render(
        request, "conversations/write.html", {"form": form, **_to_name(request, form.people), **more}, status=status
    )


@require_safe
def people_part(request: PersonRequest, network: str) -> HttpResponse:
    """Whom one may choose, as a part of that page: those named already (?to=), then those found (?find=)."""
    people = people_of_keys(request.viewer, request.GET.getlist("to"))
    return render(request, "conversations/people.html#choices", _to_name(request, people))


def _to_name(request: PersonRequest, people: Sequence[Person]) -> dict[str, Any]:
    given = request.POST if request.method == "POST" else request.GET
    words = given.get("find", "")[:100].replace("\0", "")
    chosen = {person.pk for person in people}
    found = [p for p in people_to_name(request.viewer, words) if p.pk not in chosen]
    return {"named": people, "found": found, "find": words}


@dataclasses.dataclass(frozen=True, slots=True)
class Addressed:
    """Whom a form's message is for.  place: None when it is for people."""

    place: Group | None
    audience: Audience
    principals: frozenset[int]
    people: Sequence[Person] = ()


def addressed(viewer: Viewer, form: PostForm) -> Addressed:
    """Whom a valid form names. Raises Missing.  Queries: at most 5."""
    if form.cleaned_data["place"] == PEOPLE:
        principals = frozenset({-viewer.person_id, *(p.principal for p in form.people)})
        return Addressed(None, narrowed(viewer, form.people), principals, form.people)
    place = place_for(viewer, form.cleaned_data["place"])
    return Addressed(place.group, widest(viewer, place), place.principals)


def place_choices(places: Sequence[Place]) -> list[tuple[str, str]]:
    """(key, name and who reads there) of each place.  Queries: 0."""
    return [(p.key, _("%(place)s: %(readers)s") % {"place": p.name, "readers": _short(p)}) for p in places]


def _short(place: Place) -> str:
    if EVERYONE in place.principals:
        said = _("read by the whole network")
    else:
        said = ngettext("read by its only member", "read by its %(n)s members", place.group.size) % {
            "n": place.group.size
        }
    return _("%(readers)s, guests included") % {"readers": said} if place.has_guests else said


def kept(form: AnswerForm | PostForm, files: Sequence[UploadedFile[Any]]) -> list[NewFile] | None:
    """The bytes of uploaded files, kept; None when one was refused, which the form then says."""
    try:
        return [keep_file(file.name or "", file.chunks()) for file in files]
    except TooLarge as error:
        form.add_error("files", _("A file is larger than %(mb)s MB.") % {"mb": error.limit // 2**20})
        return None


@require_http_methods(["GET", "POST"])
def thread_answers(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """GET: the answers after a position of the log (?after=), or the form to answer one (?to=), as parts of a page.

    POST: answer.
    """
    viewer = request.viewer
    thread = thread_for(viewer, key)
    if request.method == "POST":
        return _answer(request, thread)
    if "to" in request.GET:
        to = request.GET["to"]
        answered = item_for(viewer, to, Kind.COMMENT)
        require(viewer, Act.COMMENT, thread)
        context = {"thread": thread, "form": AnswerForm(initial={"to": to}, prefix=""), "answered": answered}
        return render(request, "conversations/answers.html#reply", context)
    return _new_part(request, thread, new_answers(viewer, thread, parse_position(request.GET.get("after", ""))))


def _new_part(request: PersonRequest, thread: Item, branches: list[Branch], **more: str) -> HttpResponse:
    """once: the name of the form's next deed, when it stays on the page."""
    return render(request, "conversations/answers.html", {"thread": thread, "branches": branches, **more})


def _answer(request: PersonRequest, thread: Item) -> HttpResponse:
    viewer = request.viewer
    form = AnswerForm(request.POST, request.FILES)
    files = kept(form, form.cleaned_data["files"]) if form.is_valid() else None
    if files is None:
        return _refused(request, thread, form)
    to = form.cleaned_data["to"]
    parent = item_for(viewer, to, Kind.COMMENT) if to else None
    require(viewer, Act.COMMENT, thread)
    body, mentions = with_mentions(
        viewer, clean.from_plain(form.cleaned_data["body"]), principals_of(thread.audience_id)
    )
    once = form.cleaned_data["once"]
    made = publish_comment(viewer, thread, body=body, parent=parent, files=files, mentions=mentions, once=once)
    if not request.htmx:
        return redirect(thread_url(made, viewer))
    mine = [
        branch for branch in new_answers(viewer, thread, made.position - 1) if branch.card and branch.card.item == made
    ]
    return _new_part(request, thread_for(viewer, thread.key), mine, once=new_key(), to=to)


def _refused(request: PersonRequest, thread: Item, form: AnswerForm) -> HttpResponse:
    to = str(form.data.get("to", ""))
    if not request.htmx:
        return thread_response(request, thread, form, to=to, status=422)
    answer = render(request, "conversations/answers.html#form", {"thread": thread, "form": form}, status=422)
    answer["HX-Retarget"], answer["HX-Reswap"] = f"#answer{'-' + to if to else ''}", "outerHTML"
    return answer
