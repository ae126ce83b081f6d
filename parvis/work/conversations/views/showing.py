"""A thread, and what an item said before."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from parvis.core.items.access import Act, can
from parvis.core.items.kinds import spec_of
from parvis.core.items.log import head
from parvis.core.items.models import Item, Kind
from parvis.core.items.opening import openings_of
from parvis.core.items.queries import item_for, parse_cursor, thread_for
from parvis.core.items.reach import reach_of_audience
from parvis.core.items.reading import note_read
from parvis.core.people.requests import PersonRequest
from parvis.work.conversations.forms import AnswerForm
from parvis.work.conversations.queries import revisions_of, thread_page


@require_GET
def show_thread(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """A conversation.

    ?from= is where a further page of answers begins, ?before= where one ends; ?at= an answer that the page shows, ?to=
    the one that one answers.
    """
    thread = thread_for(request.viewer, key)
    to = request.GET.get("to", "")
    return thread_response(request, thread, AnswerForm(initial={"to": to}), to=to)


def thread_response(
    request: PersonRequest, thread: Item, form: AnswerForm, *, to: str = "", status: int = 200
) -> HttpResponse:
    """The thread's page with this form at its end.  to: key of the answer that is being answered."""
    viewer = request.viewer
    position = head()  # before the page's own queries: what comes meanwhile is still new afterwards
    start, before = (parse_cursor(text) if text else None for text in (request.GET.get(n) for n in ("from", "before")))
    page = thread_page(viewer, thread, start=start, before=before, at=to or request.GET.get("at", ""))
    note_read(viewer, thread, position if page.position is None else page.position)
    files = [file for branch in page.branches for file in _files(branch)]
    shown = [answer for branch in page.branches for answer in (branch, *branch.replies)]
    context = {
        "thread": thread,
        "page": page,
        "position": position,
        "files": [*page.root.extra["files"], *files],
        "reach": reach_of_audience(viewer, thread.audience_id) if thread.deleted_at is None else None,
        "openings": openings_of(viewer, thread),
        "form": form,
        "answering": next((b for b in shown if b.key == to and b.card), None) if to else None,
        "can_answer": can(viewer, Act.COMMENT, thread),
        "can_widen": can(viewer, Act.WIDEN, thread),
    }
    return render(request, "conversations/thread.html", context, status=status)


def _files(branch) -> list:  # type: ignore[no-untyped-def, type-arg]
    own = list(branch.card.extra["files"]) if branch.card else []
    return own + [file for reply in branch.replies for file in _files(reply)]


@require_GET
def show_revisions(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """What a post or an answer said before it was edited."""
    item = item_for(request.viewer, key, Kind.POST, Kind.COMMENT)
    revisions = revisions_of(request.viewer, item)
    context = {"item": item, "revisions": revisions, "back": spec_of(item.kind).url(item, request.viewer)}
    return render(request, "conversations/revisions.html", context)
