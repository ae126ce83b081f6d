"""Searching. The index gives candidates; `visible_to` is asked again for every one before anything is said of it."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.urls import reverse
from tantivy import Searcher

from parvis.core.items.kinds import KindSpec, spec_of
from parvis.core.items.models import Item, Kind
from parvis.core.items.places import Place, place_for, places
from parvis.core.items.queries import BadCursor, Missing
from parvis.core.people.models import Person
from parvis.core.people.queries import directory
from parvis.core.people.viewer import Viewer
from parvis.insight.search import engine
from parvis.insight.search.engine import Filters
from parvis.insight.search.excerpts import Piece, extract, marked
from parvis.insight.search.index import Found, searcher_of
from parvis.insight.search.ranking import ordered
from parvis.insight.search.rarity import rarity_of
from parvis.insight.search.typed import Term, Typed, parse
from parvis.insight.search.words import fold, variants_of, words_of

RELEVANCE, RECENT = "relevance", "recent"
_ENOUGH = 10  # with fewer that have all the words, those that have some are shown after them
_LOOKS_LIKE = 3  # letters, below which a word is not corrected


@dataclasses.dataclass(frozen=True, slots=True)
class Hit:
    """One thread (or document) among the results, with its best match.

    item: the best match; head: what it is a part of, None when that is not to be seen (or is the item itself).
    place: where it was said, None when the viewer may not know of it (who sees a thread may be more than know its place).
    title: of the thread.  extract: of the item.  also: other matches in the thread that the viewer may see.
    is_partial: it has only some of the words.
    """

    item: Item
    head: Item | None
    spec: KindSpec
    url: str
    title: list[Piece]
    extract: list[Piece]
    place: Place | None = None
    also: int = 0
    is_partial: bool = False

    @property
    def title_text(self) -> str:
        """The title without marks; empty when there is none."""
        return "".join(piece.text for piece in self.title)


@dataclasses.dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of results.

    cursor: of the next page, "" at the end.  count: threads found, a lower bound unless count_is_exact.
    places: communities among what was found, the most frequent first.  proposals: typed texts that would find more.
    is_ready: False while the network's index is being built.
    """

    typed: Typed
    hits: list[Hit] = dataclasses.field(default_factory=list)
    cursor: str = ""
    count: int = 0
    count_is_exact: bool = True
    places: list[Place] = dataclasses.field(default_factory=list)
    proposals: list[str] = dataclasses.field(default_factory=list)
    is_ready: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Suggestions:
    """What the question box offers while one types."""

    people: list[Person] = dataclasses.field(default_factory=list)
    communities: list[Hit] = dataclasses.field(default_factory=list)
    threads: list[Hit] = dataclasses.field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.people or self.communities or self.threads)


@dataclasses.dataclass(frozen=True, slots=True)
class _Match:
    """A candidate that the viewer may see, in the order of results."""

    found: Found
    score: float
    is_partial: bool = False


def search(
    viewer: Viewer,
    words: str,
    *,
    filters: Filters = Filters(),
    order: str = RELEVANCE,
    cursor: str = "",
    limit: int = 20,
) -> SearchPage:
    """What the viewer may see that answers the words, grouped by thread.

    order: 'relevance' (all the words first, then some of them; at most the 256 best candidates) or 'recent' (all of
    them, the newest first, to the end).  limit: threads, 1..50.  Raises BadCursor.
    A word that is in somebody's name finds what they wrote, too: of people whom the viewer may know.
    Queries: 0 without words, 4 with results (5 with proposals), however many items or principals there are.
    """
    typed = parse(words)
    start = _Cursor.parse(cursor) if cursor else None
    if not typed or not viewer.principals:
        return SearchPage(typed)
    searcher = searcher_of(viewer.network.pk)
    if searcher is None:
        return SearchPage(typed, is_ready=False)
    typed = _with_authors(viewer, typed)
    if order == RECENT:
        return _recent(viewer, searcher, typed, filters, start, limit)
    now_s = start.moment if start is not None else int(viewer.now.timestamp())
    matches, is_cut = _matches(viewer, searcher, typed, filters, now_s)
    groups = _grouped(matches)
    rest = groups if start is None else groups[start.after(groups) :]
    known = _known_places(viewer, matches)
    hits = _hits(viewer, typed, rest[:limit], known)
    following = ""
    if len(rest) > limit:
        last = rest[limit - 1][0]
        following = str(_Cursor(now_s, last.is_partial, last.score, last.found.key))
    return SearchPage(
        typed,
        hits,
        following,
        count=len(groups),
        count_is_exact=not is_cut,
        places=_most_frequent(known, matches),
        proposals=_proposals(viewer, searcher, typed, words) if not groups and start is None else [],
    )


_NAMESAKES = 50  # beyond, a name says too little of who is meant


def _with_authors(viewer: Viewer, typed: Typed) -> Typed:
    """The words, each with those whom the viewer may know and who bear it in their name.  Queries: 1, 2 where some do."""
    names = Q()
    for term in typed.terms[:6]:
        if len(term.word) > 1:
            names |= Q(sort_name__contains=term.word)
    if not names:
        return typed
    people = Person.objects.visible_to(viewer).filter(names).order_by("pk").values_list("pk", "name")[:1000]
    bearing: dict[int, set[str]] = {pk: {fold(w.text) for w in words_of(name)} for pk, name in people}

    former = Person.objects.filter(merged_into__in=bearing).values_list("pk", "merged_into") if bearing else ()
    for pk, kept in former:  # the index may name them still
        bearing[pk] = bearing[kept or 0]

    def authors(term: Term) -> frozenset[int]:
        found = {
            pk for pk, own in bearing.items()
            if term.word in own or (term.is_prefix and any(word.startswith(term.word) for word in own))
        }  # fmt: skip
        return frozenset(found) if len(found) <= _NAMESAKES else frozenset()

    return dataclasses.replace(typed, terms=tuple(dataclasses.replace(t, authors=authors(t)) for t in typed.terms))


def drafts_about(viewer: Viewer, words: str, limit: int = 3) -> list[Hit]:
    """The viewer's own drafts that hold all the words, the newest first. They are in no index: the table is asked.

    Queries: 1.
    """
    typed = parse(words)
    if not typed or viewer.person is None:
        return []
    drafts = Item.objects.visible_to(viewer).filter(
        author=viewer.person_id, kind=Kind.POST, pending__isnull=False, removed_at=None
    )
    found = []
    for item in drafts.select_related("author").order_by("-created_at", "-pk")[:100]:
        text = [w.text for w in words_of(f"{item.title}\n{item.text}")]
        held = set[str]().union(*variants_of(text, item.language)) if text else set()
        if all(term.variants & held for term in typed.terms):
            url = reverse("draft", args=[viewer.network.slug, item.key])
            hit = Hit(item, None, spec_of(item.kind), url, marked(item.title, typed), extract(item.text, typed))
            found.append(hit)
    return found[:limit]


def _matches(
    viewer: Viewer, searcher: Searcher, typed: Typed, filters: Filters, now_s: int
) -> tuple[list[_Match], bool]:
    """The candidates that the viewer may see, best first, and whether there were more than were looked at.

    Queries: 1, or 2 when few have all the words.
    """
    rarity = rarity_of(viewer.network.pk)

    def weigh(term: Term) -> float:
        return 8 * rarity.weight(term.stems)

    whole, is_cut = engine.best(searcher, viewer, typed, filters, weigh)
    some: list[Found] = []
    if len(whole) < _ENOUGH and len(typed.terms) > 1:
        known = {found.id for found in whole}
        partial, is_cut = engine.best(searcher, viewer, typed, filters, weigh, is_any=True)
        some = [found for found in partial if found.id not in known]
    seen = _visible(viewer, [*whole, *some])
    matches = []
    for part, is_partial in ((whole, False), (some, True)):
        kept = [found for found in part if found.id in seen]
        matches += [_Match(found, score, is_partial) for score, found in ordered(kept, typed, rarity, now_s)]
    return matches, is_cut


def _visible(viewer: Viewer, candidates: Sequence[Found]) -> set[int]:
    """Ids of those that the viewer may see now, whatever the index says.  Queries: 1, 0 for none."""
    if not candidates:
        return set()
    items = Item.objects.visible_to(viewer).filter(pk__in=[found.id for found in candidates])
    return set(items.values_list("pk", flat=True))


def _grouped(matches: Sequence[_Match]) -> list[list[_Match]]:
    """Matches by thread, in the order of each thread's first."""
    groups: dict[int, list[_Match]] = {}
    for match in matches:
        groups.setdefault(match.found.thread, []).append(match)
    return list(groups.values())


def _hits(viewer: Viewer, typed: Typed, groups: Sequence[Sequence[_Match]], known: Mapping[int, Place]) -> list[Hit]:
    """The results of these threads, in order.  Queries: 1, 0 for none."""
    if not groups:
        return []
    wanted = {group[0].found.id for group in groups} | {group[0].found.thread for group in groups}
    rows = Item.objects.visible_to(viewer).filter(pk__in=wanted).select_related("author", "place", "root")
    items = {item.pk: item for item in rows}
    hits = []
    for group in groups:
        item, head = items.get(group[0].found.id), items.get(group[0].found.thread)
        if item is None:
            continue
        spec = spec_of(item.kind)
        heading = (head or item).title
        text = spec.texts(item).body
        hits.append(
            Hit(
                item,
                None if head is None or head.pk == item.pk else head,
                spec,
                spec.url(item, viewer),
                marked(heading, typed),
                extract(text, typed) if text else [],
                place=known.get(item.place_id or 0),
                also=len(group) - 1,
                is_partial=group[0].is_partial,
            )
        )
    return hits


def _known_places(viewer: Viewer, matches: Sequence[_Match]) -> dict[int, Place]:
    """The places of what was found that the viewer may know of.  Queries: 1, 0 for none."""
    return places(viewer, {match.found.place for match in matches if match.found.place})


def _most_frequent(known: Mapping[int, Place], matches: Sequence[_Match], limit: int = 6) -> list[Place]:
    """These places, those where most was found first."""
    counts = Counter(match.found.place for match in matches if match.found.place in known)
    return [known[pk] for pk in sorted(counts, key=lambda pk: (-counts[pk], known[pk].name))][:limit]


def _recent(
    viewer: Viewer, searcher: Searcher, typed: Typed, filters: Filters, start: _Cursor | None, limit: int
) -> SearchPage:
    below = start.moment if start is not None else None
    found = engine.newest(searcher, viewer, typed, filters, below=below)
    more_than_looked_at = len(found) >= engine.POOL
    seen = _visible(viewer, found)
    shown = set()
    if below is not None:
        shown = engine.threads_above(searcher, viewer, typed, filters, (f.thread for f in found), below)
    matches = [_Match(f, 0.0) for f in found if f.id in seen and f.thread not in shown]
    known = _known_places(viewer, matches)
    groups = _grouped(matches)
    is_last = len(groups) <= limit and not more_than_looked_at
    following = ""
    if len(groups) > limit:
        following = str(_Cursor(groups[limit - 1][0].found.moment))
    elif more_than_looked_at:
        following = str(_Cursor(found[-1].moment))
    return SearchPage(
        typed,
        _hits(viewer, typed, groups[:limit], known),
        following,
        count=len(groups),
        count_is_exact=is_last and start is None or len(groups) > limit and not more_than_looked_at and start is None,
        places=_most_frequent(known, matches),
        proposals=_proposals(viewer, searcher, typed, "") if not groups and start is None else [],
    )


def _proposals(viewer: Viewer, searcher: Searcher, typed: Typed, words: str) -> list[str]:
    """The typed words with those that nothing visible holds spelt as something visible does; at most one text.

    Only words of items that the viewer may see are proposed.  Queries: 1 for each word of the first 4, at most.
    """
    better: dict[str, str] = {}
    for term in typed.terms[:4]:
        if len(term.word) <= _LOOKS_LIKE or term.word.isdigit():
            continue
        spelt = _spelt_as(viewer, searcher, term.word)
        if spelt is not None and spelt != term.word:
            better[term.word] = spelt
    if not better:
        return []
    return [" ".join(better.get(term.word, term.word) for term in typed.terms)]


def _spelt_as(viewer: Viewer, searcher: Searcher, word: str) -> str | None:
    """The commonest visible spelling near a word: itself where it stands somewhere.  Queries: 1, 0 for none."""
    near = engine.alike(searcher, viewer, Filters(), word)
    if not near:
        return None
    rows = Item.objects.visible_to(viewer).filter(pk__in=[found.id for found in near[:64]])
    spelt: Counter[str] = Counter()
    for title, text in rows.values_list("title", "text"):
        spelt.update({w.text.lower() for w in words_of(f"{title}\n{text[:8000]}") if _is_near(fold(w.text), word)})
    best = sorted(spelt, key=lambda s: (fold(s) != word, -spelt[s], s))
    return best[0] if best else None


def _is_near(one: str, other: str) -> bool:
    """Whether two words are one change apart, two from eight letters on (a swap of neighbours is one)."""
    allowed = 2 if len(other) >= 8 else 1
    if abs(len(one) - len(other)) > allowed:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        following = [i]
        for j, b in enumerate(other, 1):
            cost = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        before, row = row, following
    return row[-1] <= allowed


def suggestions(viewer: Viewer, words: str) -> Suggestions:
    """People, communities and threads whose names or titles hold the words typed so far, all visible to the viewer.

    Queries: 2 (people, items), 3 where few threads match.
    """
    typed = parse(words, instant=True)
    if not typed or not viewer.principals:
        return Suggestions()
    people = people_named(viewer, words, limit=4)
    searcher = searcher_of(viewer.network.pk)
    if searcher is None:
        return Suggestions(people)
    matches = _titled(viewer, searcher, typed)
    hits = _hits(viewer, typed, _grouped(matches)[:24], _known_places(viewer, matches))
    communities = [hit for hit in hits if hit.item.kind == Kind.COMMUNITY][:3]
    threads = [hit for hit in hits if hit.item.kind != Kind.COMMUNITY and hit.title_text][:5]
    return Suggestions(people, communities, threads)


def communities_about(viewer: Viewer, words: str, limit: int = 3) -> list[Hit]:
    """Communities that the viewer may know of whose name or purpose holds all the words.  Queries: 2, 0 for none."""
    typed = parse(words, instant=True)
    searcher = searcher_of(viewer.network.pk)
    if not typed or not viewer.principals or searcher is None:
        return []
    now_s = int(viewer.now.timestamp())
    matches, _ = _matches(viewer, searcher, typed, Filters(kinds=(Kind.COMMUNITY,)), now_s)
    whole = [match for match in matches if not match.is_partial]
    return _hits(viewer, typed, _grouped(whole)[:limit], _known_places(viewer, whole))


def _titled(viewer: Viewer, searcher: Searcher, typed: Typed) -> list[_Match]:
    """Candidates whose title holds all the words (the last one may lack its end), best first.  Queries: 0."""
    found, _ = engine.titled(searcher, viewer, typed, Filters())
    rarity = rarity_of(viewer.network.pk)
    scored = ordered(found, typed, rarity, int(viewer.now.timestamp()))
    return [_Match(f, score) for score, f in scored]


def people_named(viewer: Viewer, words: str, limit: int = 5) -> list[Person]:
    """People whom the viewer may know of, whose name, job, department or site holds each of the words.  Queries: 1."""
    typed = parse(words, instant=True)
    if not typed or len(typed.terms) > 4 or typed.phrases or typed.without or len(typed.terms[0].word) < 2:
        return []
    return directory(viewer, words=" ".join(w.text for w in words_of(words)), limit=limit)


def place_of(viewer: Viewer, key: str) -> Place | None:
    """The place whose group has this key, if the viewer may know of it.  Queries: 2."""
    try:
        return place_for(viewer, key)
    except Missing:
        return None


@dataclasses.dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a page ends. By relevance: the instant whose scores are meant, and the last result. By date: its moment."""

    moment: int
    is_partial: bool = False
    score: float = 0.0
    key: str = ""

    def __str__(self) -> str:
        raw = json.dumps([self.moment, int(self.is_partial), self.score, self.key]).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @staticmethod
    def parse(text: str) -> _Cursor:
        """The cursor that `str` wrote. Raises BadCursor."""
        try:
            moment, is_partial, score, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            if not (type(moment) is int and abs(moment) < 2**62 and type(key) is str):
                raise ValueError
            return _Cursor(moment, bool(is_partial), float(score), key)
        except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
            raise BadCursor("cursor") from error

    def after(self, groups: Sequence[Sequence[_Match]]) -> int:
        """How many of the threads come before the page."""
        end = (self.is_partial, -self.score, self.key)
        return sum((g[0].is_partial, -g[0].score, g[0].found.key) <= end for g in groups)
