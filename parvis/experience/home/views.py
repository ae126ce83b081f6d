"""Home, and a person's page: what several rooms say, put together."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from parvis.core.items.actions import mark_all_seen
from parvis.core.items.feeds import entries, news_count
from parvis.core.items.kinds import cards
from parvis.core.items.log import head
from parvis.core.items.models import Item
from parvis.core.items.queries import cursor_after, newest_threads, parse_cursor, parse_position
from parvis.core.people.queries import person_for
from parvis.core.people.requests import PersonRequest
from parvis.work.communities.queries import communities_of, communities_to_discover
from parvis.work.conversations.queries import written_by

PAGE = 20
MOST_MARKED = 100  # threads that "mark all as read" goes through


@require_GET
def show_home(request: PersonRequest, network: str) -> HttpResponse:
    """The newest threads of the viewer's audiences, first those that grew since they last read them; then the end.

    ?before= is where an older page begins: it is in plain order.
    """
    viewer = request.viewer
    before = request.GET.get("before", "")
    position = head()
    threads = newest_threads(viewer, before=parse_cursor(before) if before else None, limit=PAGE + 1)
    shown = entries(viewer, threads[:PAGE])
    fresh = [] if before else [e for e in shown if e.is_fresh]
    context = {
        "before": before,
        "fresh": fresh,
        "known": [e for e in shown if e not in fresh],
        "older": cursor_after(threads[:PAGE]) if len(threads) > PAGE else None,
        "position": position,
        "helpable": [e for e in shown if _waits(e.card.item) and e.card.item.author_id != viewer.person_id][:3],
        "first_name": _first_name(viewer.person.name if viewer.person else ""),
        "discover": [] if before else cards(viewer, [c.item for c in communities_to_discover(viewer, limit=4)]),
    }
    return render(request, "home/home.html", context)


def _waits(thread: Item) -> bool:
    """Whether a thread asks something that nobody has answered."""
    return not thread.answers and ("?" in thread.title or "?" in thread.text)


def _first_name(name: str) -> str:
    """The first word of a name: how the greeting calls somebody."""
    return name.split()[0] if name.split() else ""


@require_GET
def home_news(request: PersonRequest, network: str) -> HttpResponse:
    """The pill "3 new" of Home, as a part: what grew after ?since=, a position of the log."""
    since = parse_position(request.GET.get("since", ""))
    context = {"n": news_count(request.viewer, since), "url": reverse("home", args=[network])}
    return render(request, "ui/components/pill.html", context)


@require_POST
def mark_read(request: PersonRequest, network: str) -> HttpResponse:
    """Marks the newest threads as read."""
    viewer = request.viewer
    if viewer.person is not None:
        mark_all_seen(viewer.person, newest_threads(viewer, limit=MOST_MARKED))
    return redirect("home", network)


@require_GET
def show_person(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """Who somebody is, where they belong, and what they wrote lately, as far as the viewer may see. No counts."""
    viewer = request.viewer
    person = person_for(viewer, key)
    if person.key != key:
        return redirect("person", network, person.key)
    context = {
        "person": person,
        "is_me": person.pk == viewer.person_id,
        "communities": cards(viewer, [c.item for c in communities_of(viewer, person)]),
        "written": cards(viewer, written_by(viewer, person)),
    }
    return render(request, "home/person.html", context)
