"""Changing what was said, or who reads it. Each page says first what will happen; its form works without a script."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from parvis.core.items import clean
from parvis.core.items.access import Act, require
from parvis.core.items.actions import Conflict, delete_item, edit_item, remove_item, restore_item, widen
from parvis.core.items.audiences import principals_of
from parvis.core.items.kinds import cards, spec_of
from parvis.core.items.models import Item, Kind
from parvis.core.items.places import Place, my_places, place_for, widest
from parvis.core.items.plain import is_typed, to_plain
from parvis.core.items.queries import item_for, thread_for
from parvis.core.items.reach import head_count, names_added, reach_of
from parvis.core.people.requests import PersonRequest
from parvis.core.people.viewer import EVERYONE, Viewer
from parvis.work.conversations.actions import share
from parvis.work.conversations.forms import AudienceForm, EditForm, ShareForm
from parvis.work.conversations.mentions import with_mentions
from parvis.work.conversations.queries import is_draft
from parvis.work.conversations.views.writing import place_choices

BOTH = require_http_methods(["GET", "POST"])


def _words(request: PersonRequest, key: str) -> Item:
    return item_for(request.viewer, key, Kind.POST, Kind.COMMENT)


def _url(viewer: Viewer, item: Item) -> str:
    return spec_of(item.kind).url(item, viewer)


@BOTH
def edit(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """Other words for one's post or answer; when another edit came first, both texts are shown."""
    viewer, item = request.viewer, _words(request, key)
    require(viewer, Act.EDIT, item)
    if is_draft(item):
        return redirect("draft", network, key)
    has_title = item.kind == Kind.POST
    if request.method == "GET":
        initial = {"title": item.title, "body": to_plain(item.body), "revision": item.revision}
        return _edit_page(request, item, EditForm(initial=initial, has_title=has_title))
    form = EditForm(request.POST, has_title=has_title)
    if not form.is_valid():
        return _edit_page(request, item, form, status=422)
    given = form.cleaned_data
    body, mentions = with_mentions(viewer, clean.from_plain(given["body"]), principals_of(item.audience_id))
    title, revision = given.get("title", ""), given["revision"]
    try:
        edit_item(viewer, item, title=title, body=body, revision=revision, mentions=mentions)
    except Conflict as conflict:
        data = request.POST.copy()
        data["revision"] = str(conflict.current.revision)
        again = EditForm(data, has_title=has_title)
        return _edit_page(request, item, again, status=409, current=conflict.current)
    return redirect(_url(viewer, item))


def _edit_page(
    request: PersonRequest, item: Item, form: EditForm, *, status: int = 200, current: Item | None = None
) -> HttpResponse:
    context = {
        "item": item,
        "form": form,
        "current": current,
        "loses_format": not is_typed(item.body),
        "back": _url(request.viewer, item),
    }
    return render(request, "conversations/edit.html", context, status=status)


@BOTH
def delete(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """Takes one's own post or answer back."""
    item = _words(request, key)
    require(request.viewer, Act.DELETE, item)
    words = {
        "heading": _("Delete this?"),
        "what": _("Its words, its history and the files attached to it alone are erased, for everyone and for good."),
        "verb": _("Delete"),
    }
    return _confirmed(request, item, delete_item, words, _("Deleted."), _after_delete(request, item))


def _after_delete(request: PersonRequest, item: Item) -> str:
    """The thread where an answer stood; the place, or Home, of a thread."""
    if item.root is not None:
        return _url(request.viewer, item.root)
    return f"/{request.viewer.network.slug}/"


@BOTH
def remove(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """Moderation: hides a post with its answers, or an answer, from all but the place's moderators."""
    item = _words(request, key)
    require(request.viewer, Act.MODERATE, item)
    words = {
        "heading": _("Remove this?"),
        "what": _(
            "Only those who look after this community will see it from now on. Nothing is lost: you can restore it."
        ),
        "verb": _("Remove"),
    }
    return _confirmed(request, item, remove_item, words, _("Removed."), _after_delete(request, item))


@BOTH
def restore(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """Undoes a removal."""
    item = _words(request, key)
    require(request.viewer, Act.MODERATE, item)
    words = {
        "heading": _("Give it back?"),
        "what": _("Those who read it before it was removed will see it again."),
        "verb": _("Give it back"),
        "is_mild": True,
    }
    return _confirmed(request, item, restore_item, words, _("It can be read again."), _url(request.viewer, item))


def _confirmed(
    request: PersonRequest,
    item: Item,
    deed: Callable[[Viewer, Item], None],
    words: Mapping[str, object],
    done: str,
    after: str,
) -> HttpResponse:
    """GET: a page that says what will happen. POST: does it."""
    if request.method == "POST":
        deed(request.viewer, item)
        messages.success(request, done)
        return redirect(after)
    (card,) = cards(request.viewer, [item])
    return render(request, "conversations/confirm.html", {**words, "shown": card, "back": _url(request.viewer, item)})


@BOTH
def share_item(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """Tells another place of a conversation, without showing it to anyone who may not open it."""
    viewer, item = request.viewer, item_for(request.viewer, key, Kind.POST, Kind.DOCUMENT, Kind.COMMUNITY)
    if is_draft(item):
        return redirect("draft", network, key)
    choices = place_choices(my_places(viewer))
    form = ShareForm(request.POST if request.method == "POST" else None, places=choices)
    if request.method == "POST" and form.is_valid():
        place = place_for(viewer, form.cleaned_data["place"])
        body, mentions = with_mentions(viewer, clean.from_plain(form.cleaned_data["body"]), place.principals)
        post = share(viewer, item, place.group, widest(viewer, place), body=body, mentions=mentions)
        messages.success(request, _("Shared."))
        return redirect("thread", network, post.key)
    (card,) = cards(viewer, [item])
    context = {"shown": card, "form": form, "has_places": bool(choices), "back": _url(viewer, item)}
    return render(request, "conversations/share.html", context, status=422 if form.errors else 200)


@BOTH
def widen_thread(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """Shows a whole thread to more people: first who they are, then the deed."""
    viewer = request.viewer
    thread = thread_for(viewer, key)
    require(viewer, Act.WIDEN, thread)
    if is_draft(thread):
        return redirect("draft", network, key)
    now_read = principals_of(thread.audience_id)
    choices = _wider(viewer, now_read)
    form = AudienceForm(request.POST if request.method == "POST" else request.GET or None, choices=choices)
    context = {
        "thread": thread,
        "form": form,
        "choices": choices,
        "reach": reach_of(viewer, now_read),
        "back": _url(viewer, thread),
    }
    if form.is_bound and form.is_valid():
        more = _principals(viewer, form.cleaned_data["more"])
        if request.method == "POST":
            widen(viewer, thread, sorted(more))
            messages.success(request, _("More people read it now."))
            return redirect("thread", network, key)
        wider = now_read | more
        names = names_added(viewer, now_read, wider)
        context |= {
            "chosen": form.cleaned_data["more"],
            "wider": reach_of(viewer, wider),
            "added": head_count(viewer, wider) - head_count(viewer, now_read),
            "names": names,
        }
    return render(request, "conversations/audience.html", context, status=422 if form.errors else 200)


def _wider(viewer: Viewer, now_read: frozenset[int]) -> list[tuple[str, str]]:
    choices = [(p.key, p.name) for p in my_places(viewer) if _adds(p, now_read)]
    if EVERYONE not in now_read and viewer.is_member:
        choices.insert(0, ("everyone", _("All members of %(network)s") % {"network": viewer.network.name}))
    return choices


def _adds(place: Place, now_read: frozenset[int]) -> bool:
    """Whether a place holds somebody who may not read yet: to what everyone reads it only adds its guests."""
    return place.group.principal not in now_read and (place.has_guests or EVERYONE not in now_read)


def _principals(viewer: Viewer, chosen: str) -> frozenset[int]:
    return frozenset({EVERYONE}) if chosen == "everyone" else frozenset({place_for(viewer, chosen).group.principal})
