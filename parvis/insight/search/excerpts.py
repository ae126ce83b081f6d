"""The part of a text that answers best, with the words found in it marked."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from parvis.insight.search.typed import Typed
from parvis.insight.search.words import Word, fold, variants_of, words_of

_LOOKED_AT = 8000  # characters of a text


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text, plain; is_found: to be marked."""

    text: str
    is_found: bool = False


def marked(text: str, typed: Typed) -> list[Piece]:
    """All of a (short) text, its found words marked."""
    return _cut(text, _matches(text, typed), 0, len(text))


def extract(text: str, typed: Typed, limit: int = 240) -> list[Piece]:
    """At most about `limit` characters round the most different words found; the beginning when none is."""
    text = " ".join(text[:_LOOKED_AT].split())
    matches = _matches(text, typed)
    if len(text) <= limit:
        return _cut(text, matches, 0, len(text))
    start, end = _window(text, matches, limit)
    pieces = _cut(text, matches, start, end)
    before = [Piece("… ")] if start > 0 else []
    return [*before, *pieces, *([Piece(" …")] if end < len(text) else [])]


def _matches(text: str, typed: Typed) -> list[tuple[Word, str]]:
    """The words of a text that were asked for, each with the typed word that it answers."""
    found = words_of(text)
    by_stem = {stem: term.word for term in reversed(typed.terms) for stem in term.variants}
    begins = [term.word for term in typed.terms if term.is_prefix]
    matches = []
    for word, stems in zip(found, variants_of([w.text for w in found], ""), strict=True):
        plain = fold(word.text)
        answer = next((by_stem[s] for s in sorted(stems) if s in by_stem), None)
        answer = answer or next((b for b in begins if plain.startswith(b)), None)
        if answer is not None:
            matches.append((word, answer))
    return matches


def _window(text: str, matches: Sequence[tuple[Word, str]], limit: int) -> tuple[int, int]:
    """From where to where the text is shown: whole words, with a little before the first that was found."""
    best, best_start = (0, 0), 0
    for n, (first, _) in enumerate(matches):
        within = [answer for word, answer in matches[n : n + 40] if word.end <= first.start + limit - 50]
        if (len(set(within)), len(within)) > best:
            best, best_start = (len(set(within)), len(within)), max(0, first.start - 50)
    start = 0 if best_start == 0 else text.find(" ", best_start) + 1
    end = min(start + limit, len(text))
    if end < len(text):
        space = text.rfind(" ", start, end + 1)
        end = space if space > start + limit // 2 else end
    return start, end


def _cut(text: str, matches: Sequence[tuple[Word, str]], start: int, end: int) -> list[Piece]:
    pieces, at = [], start
    for word, _ in matches:
        if word.start < start or word.end > end:
            continue
        if word.start > at:
            pieces.append(Piece(text[at : word.start]))
        pieces.append(Piece(text[word.start : word.end], is_found=True))
        at = word.end
    if at < end:
        pieces.append(Piece(text[at:end]))
    return pieces
