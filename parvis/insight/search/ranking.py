"""The order of results: a formula of what the viewer asked and what each candidate says, and of nothing else.

After the measurements in `docs/decisions/search.md`: BM25 with k1 = 3.5 and b = .85 on stems, how early each word comes,
how often neighbours in the question stand within eight words of each other; then the title, and a little of how recent.
"""

from __future__ import annotations

from collections.abc import Iterable

from parvis.insight.search.index import Found
from parvis.insight.search.rarity import Rarity
from parvis.insight.search.typed import Term, Typed
from parvis.insight.search.words import LANGUAGES, mark_of

_NEAR = 8  # words
_DAY_S = 86_400
_RECENT_DAYS = 90  # half-life of what being recent adds
_OCCURRENCES = 50  # of one word in one text that are placed


def ordered(candidates: Iterable[Found], typed: Typed, rarity: Rarity, now_s: int) -> list[tuple[float, Found]]:
    """Candidates with their scores, best first; equals by key."""
    scored = [(score(found, typed, rarity, now_s), found) for found in candidates]
    return sorted(scored, key=lambda pair: (-pair[0], pair[1].key))


def score(found: Found, typed: Typed, rarity: Rarity, now_s: int) -> float:
    """How well a candidate answers: about 1 to 8 a word."""
    language = found.language if found.language in LANGUAGES else "fr"
    table = rarity.table(found.language, found.kind)
    length = 0.15 + 0.85 * len(found.trace) / table.mean_words
    weights = [table.weight(term.stems[language]) for term in typed.terms]
    places = [_places(found.stems, term, language) for term in typed.terms]
    total = 0.0
    for term, weight, stands in zip(typed.terms, weights, places, strict=True):
        times = len(stands) + found.others.count(mark_of(term.stems[language]))
        exact = found.trace.find(mark_of(term.word))
        total += weight * 4.5 * times / (times + 3.5 * length)
        if exact >= 0:
            total += weight * 1.5 / (1 + exact / 50)
        elif stands:
            total += weight * 1.0 / (1 + stands[0] / 50)
        if 0 <= exact < found.title:
            total += weight * 1.5
        elif stands and stands[0] < found.title:
            total += weight
        if found.author in term.authors:
            total += weight * 1.5
    for n in range(len(places) - 1):
        near = _near(places[n], places[n + 1])
        total += 1.5 * min(weights[n], weights[n + 1]) * 2.2 * near / (near + 1.2 * (0.5 + 0.5 * length))
    age_days = max(now_s - found.at, 0) / _DAY_S
    return round(total + 0.5 * 2 ** (-age_days / _RECENT_DAYS), 6)


def _places(trace: str, term: Term, language: str) -> list[int]:
    """Where a word's stem stands in a text, in words from its beginning."""
    places: list[int] = []
    mark, at = mark_of(term.stems[language]), -1
    while len(places) < _OCCURRENCES and (at := trace.find(mark, at + 1)) >= 0:
        places.append(at)
    return places


def _near(some: list[int], others: list[int]) -> int:
    """How many of the places `some` have one of `others` within eight words."""
    return sum(any(abs(a - b) <= _NEAR for b in others) for a in some)
