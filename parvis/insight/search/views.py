"""The page of results, and what the question box offers while one types."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from parvis.core.items.kinds import all_specs
from parvis.core.items.places import Place
from parvis.core.items.queries import Missing
from parvis.core.people.models import Person
from parvis.core.people.queries import person_for
from parvis.core.people.viewer import Viewer
from parvis.insight.search.engine import Filters
from parvis.insight.search.queries import (
    RECENT,
    RELEVANCE,
    communities_about,
    drafts_about,
    people_named,
    place_of,
    search,
    suggestions,
)
from parvis.insight.search.typed import MAX_CHARACTERS

PERIODS: dict[str, tuple[int, str | Promise]] = {
    "week": (7, _("Last 7 days")),
    "month": (30, _("Last 30 days")),
    "year": (365, _("Last 12 months")),
}


@dataclasses.dataclass(frozen=True)
class Choice:
    """A value of a filter, as a link."""

    label: str | Promise
    url: str
    icon: str = ""
    is_current: bool = False


@require_safe
def results(request: HttpRequest, network: str) -> HttpResponse:
    """What answers `q`, and the people and communities of that name."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    asked = _Asked(viewer, request)
    page = search(viewer, asked.words, filters=asked.filters, order=asked.order, cursor=asked.cursor)
    is_first = not asked.cursor and not asked.is_narrowed
    communities = communities_about(viewer, asked.words) if is_first else []
    context = {
        "asked": asked,
        "ask_text": asked.words,
        "page": page,
        "people": _people(viewer, asked.words) if is_first else [],
        "communities": communities,
        "drafts": drafts_about(viewer, asked.words) if is_first else [],
        "chips": asked.chips(),
        "kinds": asked.kind_choices(),
        "places": asked.place_choices(page.places),
        "periods": asked.period_choices(),
        "orders": asked.order_choices(),
        "wide_url": asked.wide_url(),
        "ask_in_url": _ask_in_url(viewer),
        "following_url": asked.url(after=page.cursor) if page.cursor else "",
        "proposals": [Choice(text, asked.url(q=text)) for text in page.proposals],
    }
    return render(request, "search/results.html", context)


@require_safe
def suggest(request: HttpRequest, network: str) -> HttpResponse:
    """Names and titles that hold what was typed so far: a fragment for the question box."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    words = request.GET.get("q", "")[:MAX_CHARACTERS]
    found = suggestions(viewer, words)
    people = [_with_url(viewer, person) for person in found.people]
    all_url = f"{reverse('search', args=[network])}?{urlencode({'q': words})}"
    context = {"found": found, "people": people, "words": words, "all_url": all_url}
    answer = render(request, "search/suggestions.html", context)
    answer["Cache-Control"] = "private, max-age=20"
    return answer


def _people(viewer: Viewer, words: str) -> list[dict[str, Any]]:
    return [_with_url(viewer, person) for person in people_named(viewer, words)]


def _ask_in_url(viewer: Viewer) -> str:
    """Where one chooses a community to ask in; empty for who may not see any."""
    return reverse("communities", args=[viewer.network.slug]) if viewer.principals else ""


def _with_url(viewer: Viewer, person: Person) -> dict[str, Any]:
    note = " · ".join(part for part in (person.title, person.department or person.site) if part)
    if person.organisation is not None:
        note = " · ".join(part for part in (person.title, person.organisation.name) if part)
    return {"person": person, "url": reverse("person", args=[viewer.network.slug, person.key]), "note": note}


class _Asked:
    """What the address asks for: words, filters, order, page; and the addresses that ask for something else."""

    def __init__(self, viewer: Viewer, request: HttpRequest) -> None:
        self.viewer = viewer
        given = {
            name: request.GET.get(name, "").replace("\x00", "") for name in ("q", "kind", "in", "by", "since", "sort")
        }
        self.words = given["q"][:MAX_CHARACTERS]
        self.cursor = request.GET.get("after", "")
        self.order = RECENT if given["sort"] == RECENT else RELEVANCE
        self.specs = [spec for spec in all_specs() if spec.is_found and spec.facets]
        self.kind = given["kind"] if given["kind"] in {spec.kind for spec in self.specs} else ""
        self.period = given["since"] if given["since"] in PERIODS else ""
        self.place = place_of(viewer, given["in"]) if given["in"] else None
        self.author = _person(viewer, given["by"]) if given["by"] else None
        since = int((viewer.now - dt.timedelta(days=PERIODS[self.period][0])).timestamp()) if self.period else None
        self.filters = Filters(
            kinds=(self.kind,) if self.kind else tuple(spec.kind for spec in self.specs),  # communities stand apart
            place=self.place.group.pk if self.place else None,
            author=self.author.pk if self.author else None,
            since=since,
        )
        self.is_narrowed = bool(self.kind or self.place or self.author or self.period or self.order == RECENT)

    def url(self, **changed: str) -> str:
        """The address of the same search with something changed; an empty value drops it."""
        now = {
            "q": self.words,
            "kind": self.kind,
            "in": self.place.key if self.place else "",
            "by": self.author.key if self.author else "",
            "since": self.period,
            "sort": RECENT if self.order == RECENT else "",
        }
        asked = {name: value for name, value in {**now, **changed}.items() if value}
        return f"{reverse('search', args=[self.viewer.network.slug])}?{urlencode(asked)}"

    def wide_url(self) -> str:
        """The address of the same words without any filter."""
        return self.url(**{"kind": "", "in": "", "by": "", "since": "", "sort": ""})

    def chips(self) -> list[dict[str, Any]]:
        """The place and author in force, each with the address without it."""
        chips: list[dict[str, Any]] = []
        if self.place is not None:
            chips.append({"text": self.place.name, "icon": "groups", "off_url": self.url(**{"in": ""})})
        if self.author is not None:
            chips.append({"text": self.author.name, "icon": "person", "off_url": self.url(by="")})
        return chips

    def kind_choices(self) -> list[Choice]:
        """Any kind, then each."""
        every = Choice(_("Everything"), self.url(kind=""), "search", not self.kind)
        kinds = [Choice(s.plural, self.url(kind=s.kind), s.icon, s.kind == self.kind) for s in self.specs]
        return [every, *kinds]

    def period_choices(self) -> list[Choice]:
        """Any time, then each period."""
        every = Choice(_("Any time"), self.url(since=""), "", not self.period)
        periods = [Choice(label, self.url(since=n), "", n == self.period) for n, (_days, label) in PERIODS.items()]
        return [every, *periods]

    def place_choices(self, places: list[Place]) -> list[Choice]:
        """The communities among what was found, unless one is chosen already."""
        if self.place is not None:
            return []
        return [Choice(place.name, self.url(**{"in": place.key})) for place in places]

    def order_choices(self) -> list[Choice]:
        """By relevance or by date."""
        return [
            Choice(_("Most relevant"), self.url(sort=""), "", self.order == RELEVANCE),
            Choice(_("Newest"), self.url(sort=RECENT), "", self.order == RECENT),
        ]


def _person(viewer: Viewer, key: str) -> Person | None:
    try:
        return person_for(viewer, key)
    except Missing:
        return None
