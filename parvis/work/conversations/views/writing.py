"""Writing a conversation, and answering in one."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from parvis.core.files.actions import NewFile, keep_file
from parvis.core.files.blobs import TooLarge
from parvis.core.items import clean
from parvis.core.items.access import Act, require
from parvis.core.items.audiences import principals_of
from parvis.core.items.models import Item, Kind
from parvis.core.items.places import Place, my_places, place_for, widest
from parvis.core.items.queries import item_for, parse_position, thread_for
from parvis.core.people.requests import PersonRequest
from parvis.core.people.viewer import EVERYONE
from parvis.core.runtime.keys import new_key
from parvis.work.conversations.actions import publish_comment, publish_post, save_post
from parvis.work.conversations.forms import AnswerForm, PostForm
from parvis.work.conversations.kinds import thread_url
from parvis.work.conversations.mentions import with_mentions
from parvis.work.conversations.queries import Branch, new_answers
from parvis.work.conversations.views.showing import thread_response


@require_http_methods(["GET", "POST"])
def write_post(request: PersonRequest, network: str) -> HttpResponse:
    """A new conversation.  ?place= is the key of the place that is chosen at first."""
    viewer = request.viewer
    places = my_places(viewer)
    if request.method == "GET":
        form = PostForm(places=place_choices(places), initial={"place": request.GET.get("place", "")})
        return _write_page(request, form, places)
    form = PostForm(request.POST, request.FILES, places=place_choices(places))
    if not form.is_valid():
        return _write_page(request, form, places, status=422)
    place = place_for(viewer, form.cleaned_data["place"])
    files = kept(form, form.cleaned_data["files"])
    if files is None:
        return _write_page(request, form, places, status=422)
    title, body = form.cleaned_data["title"], clean.from_plain(form.cleaned_data["body"])
    audience = widest(viewer, place)
    if "keep" in request.POST:
        save_post(viewer, place.group, audience, title=title, body=body, files=files)
        messages.success(request, _("Your draft is kept. You alone see it."))
        return redirect("drafts", network)
    body, mentions = with_mentions(viewer, body, place.principals)
    once = form.cleaned_data["once"]
    post = publish_post(
        viewer, place.group, audience, title=title, body=body, files=files, mentions=mentions, once=once
    )
    messages.success(request, _("Your message is published."))
    return redirect("thread", network, post.key)


def _write_page(request: PersonRequest, form: PostForm, places: list[Place], status: int = 200) -> HttpResponse:
    context = {"form": form, "has_places": bool(places)}
    return render(request, "conversations/write.html", context, status=status)


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
