"""Candidates: what the engine may give for typed words, before our own order.

It is asked for constant scores only, made of weights that add up exactly, never for its own statistics, which what the
viewer may not see would move. Where more match than are wanted, equal scores at the cut are all left out or all kept:
what is found depends on nothing but the viewer's own items.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Sequence

from tantivy import DocAddress, FieldType, Occur, Query, Searcher

from parvis.core.items.models import Kind
from parvis.core.people.viewer import Viewer
from parvis.insight.search.index import SCHEMA, Found, found_at
from parvis.insight.search.typed import Term, Typed

POOL = 256  # candidates that our own formula orders
_WIDEST = 4096
_LOWEST, _HIGHEST = -(2**62), 2**62

Weigh = Callable[[Term], float]


@dataclasses.dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search.  place, author: ids, None for any; since, until: seconds since 1970, until excluded."""

    kinds: tuple[str, ...] = ()
    place: int | None = None
    author: int | None = None
    since: int | None = None
    until: int | None = None

    def __bool__(self) -> bool:
        return self != Filters()


def best(
    searcher: Searcher, viewer: Viewer, typed: Typed, filters: Filters, weigh: Weigh, *, is_any: bool = False
) -> tuple[list[Found], bool]:
    """At most about `POOL` candidates of the highest scores, and whether there are more.

    is_any: some of the words suffice (half of them) instead of all.
    """
    query = _query(viewer, typed, filters, weigh, is_any=is_any)
    hits, is_cut = _highest(searcher, query)
    return [found_at(searcher, address) for address in hits], is_cut


def titled(searcher: Searcher, viewer: Viewer, typed: Typed, filters: Filters) -> tuple[list[Found], bool]:
    """Candidates whose title holds all the words; as `best` otherwise."""
    parts = [_in_title(term) for term in typed.terms]
    query = Query.boolean_query(
        [(Occur.Must, part) for part in [*parts, *_limits(viewer, filters)]]
        + [(Occur.MustNot, _phrase(phrase)) for phrase in typed.without]
    )
    hits, is_cut = _highest(searcher, query)
    return [found_at(searcher, address) for address in hits], is_cut


def _in_title(term: Term) -> Query:
    parts = [Query.term_set_query(SCHEMA, "title", sorted(term.variants))]
    if term.is_prefix:
        parts.append(Query.regex_query(SCHEMA, "title_words", re.escape(term.word) + ".*"))
    return Query.boolean_query([(Occur.Should, _constant(part, 1.0)) for part in parts], 1)


def newest(
    searcher: Searcher, viewer: Viewer, typed: Typed, filters: Filters, *, below: int | None = None
) -> list[Found]:
    """What has all the words, the newest first, older than the moment `below`."""
    parts = [_query(viewer, typed, filters, lambda term: 1.0)]
    if below is not None:
        parts.append(_moments(None, below))
    hits = searcher.search(_all(parts), POOL, count=False, order_by_field="moment").hits
    return [found_at(searcher, address) for _, address in hits]


def threads_above(
    searcher: Searcher, viewer: Viewer, typed: Typed, filters: Filters, threads: Iterable[int], moment: int
) -> set[int]:
    """Those of these threads that have a match at `moment` or later: an earlier page showed them."""
    ids = sorted(set(threads))
    if not ids:
        return set()
    query = _all(
        [
            _query(viewer, typed, filters, lambda term: 1.0),
            Query.term_set_query(SCHEMA, "thread", ids),
            _moments(moment, None),
        ]
    )
    hits = searcher.search(query, _WIDEST, count=False, order_by_field="moment").hits
    return {found_at(searcher, address).thread for _, address in hits}


def alike(searcher: Searcher, viewer: Viewer, filters: Filters, word: str) -> list[Found]:
    """Candidates that hold a word spelt nearly so: one letter away, two from eight letters on."""
    distance = 2 if len(word) >= 8 else 1
    near = Query.const_score_query(Query.fuzzy_term_query(SCHEMA, "words", word, distance), 1.0)
    hits, _ = _highest(searcher, _all([near, *_limits(viewer, filters)]))
    return [found_at(searcher, address) for address in hits]


def _highest(searcher: Searcher, query: Query) -> tuple[list[DocAddress], bool]:
    """The addresses of the highest scores, and whether some were cut off. Ties at the cut are left out together."""
    limit = POOL
    while True:
        hits = searcher.search(query, limit, count=False, weight_by_field="tie").hits
        if len(hits) < limit:
            return [address for _, address in hits], False
        last = hits[-1][0]
        kept = [address for score, address in hits if score > last]
        if len(kept) >= POOL // 2:
            return kept, True
        if limit >= _WIDEST:  # thousands alike, of one day: the newest of all that match
            hits = searcher.search(query, POOL, count=False, order_by_field="moment").hits
            return [address for _, address in hits], True
        limit *= 4


def _query(viewer: Viewer, typed: Typed, filters: Filters, weigh: Weigh, *, is_any: bool = False) -> Query:
    terms = [_term(term, weigh(term)) for term in typed.terms]
    if is_any:
        words = Query.boolean_query([(Occur.Should, t) for t in terms], max(1, (len(terms) + 1) // 2))
    else:
        words = _all(terms)
    parts: list[tuple[Occur, Query]] = [(Occur.Must, words)]
    parts += [(Occur.Must, limit) for limit in _limits(viewer, filters)]
    parts += [(Occur.Must, _constant(_phrase(phrase), 1.0)) for phrase in typed.phrases]
    parts += [(Occur.MustNot, _phrase(phrase)) for phrase in typed.without]
    return Query.boolean_query(parts)


def _term(term: Term, weight: float) -> Query:
    """A word: its weight where it stands in the text, half more near the beginning, as much again in the title; half where its author
    bears it."""
    weight = min(max(round(weight * 8), 1), 128) / 8  # sums of eighths are exact, in whatever order they are added
    stems = sorted(term.variants)
    parts = [
        _constant(Query.term_set_query(SCHEMA, field, stems), weight * times)
        for field, times in (("body", 1.0), ("lead", 0.5), ("title", 1.0))
    ]
    if term.is_prefix:
        begins = re.escape(term.word) + ".*"
        parts += [
            _constant(Query.regex_query(SCHEMA, field, begins), weight * times)
            for field, times in (("words", 0.5), ("title_words", 1.0))
        ]
    if term.authors:
        by_them = Query.term_set_query(SCHEMA, "author", sorted(term.authors))
        community = Query.term_query(SCHEMA, "kind", Kind.COMMUNITY.value)  # one makes it, one does not write it
        wrote = Query.boolean_query([(Occur.Must, by_them), (Occur.MustNot, community)])
        parts.append(_constant(wrote, weight * 0.5))
    return Query.boolean_query([(Occur.Should, part) for part in parts], 1)


def _phrase(words: Sequence[str]) -> Query:
    if len(words) == 1:
        return Query.term_query(SCHEMA, "words", words[0])
    return Query.phrase_query(SCHEMA, "words", list(words))


def _limits(viewer: Viewer, filters: Filters) -> list[Query]:
    """Who may see, always; then what was asked. None of them adds to a score."""
    limits = [_seen_by(viewer.principals)]
    if filters.kinds:
        limits.append(Query.term_set_query(SCHEMA, "kind", sorted(filters.kinds)))
    for field, value in (("place", filters.place), ("author", filters.author)):
        if value is not None:
            limits.append(Query.term_query(SCHEMA, field, value))
    if filters.since is not None or filters.until is not None:
        since = None if filters.since is None else filters.since << 30
        limits.append(_moments(since, None if filters.until is None else filters.until << 30))
    return [_constant(limit, 0.0) for limit in limits]


@functools.lru_cache(maxsize=64)
def _seen_by(principals: frozenset[int]) -> Query:
    """What any of these principals may see. Kept: with thousands of them it takes milliseconds to make."""
    return Query.term_set_query(SCHEMA, "principals", sorted(principals))


def _moments(since: int | None, below: int | None) -> Query:
    low, high = (_LOWEST if since is None else since), (_HIGHEST if below is None else below)
    within = Query.range_query(SCHEMA, "moment", FieldType.Integer, low, high, include_upper=False)
    return _constant(within, 0.0)


def _constant(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)


def _all(parts: Sequence[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, part) for part in parts])
