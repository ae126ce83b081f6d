"""What somebody typed, as search understands it. Anything can be typed: nothing here raises.

soudure laser        both words; then, where too little has both, one of them
"procédé de collage" these words in this order       -budget, -"plan social"   without
sou*                 words that begin so
"""

from __future__ import annotations

import dataclasses
import re

from parvis.insight.search import words

MAX_CHARACTERS = 1000
MAX_TERMS = 32
MIN_PREFIX = 2

_PIECE = re.compile(r'(?P<minus>(?<!\S)[-−–])?(?:["“”„«»]\s*(?P<phrase>[^"“”„«»]*)["“”„«»]|(?P<word>[^\s"“”„«»]+))')


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """A word to find.  stems: by language, once folded; variants: all under which it may be indexed.

    authors: ids of those who bear it in their name, whose words are found by it too.
    """

    word: str
    stems: dict[str, str]
    variants: frozenset[str]
    is_prefix: bool = False
    authors: frozenset[int] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Typed:
    """terms: the words wanted, each once; phrases: of folded words; without: phrases (of one word or more) to leave out."""

    terms: tuple[Term, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    without: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)


def parse(text: str, *, instant: bool = False) -> Typed:
    """The words, phrases and exclusions of a typed text; at most 32 words of its first 1,000 characters.

    instant: it is still being typed, so that the last word may lack its end.
    """
    text = text[:MAX_CHARACTERS].replace("\x00", " ")
    wanted: dict[str, tuple[str, bool]] = {}
    phrases: list[tuple[str, ...]] = []
    without: list[tuple[str, ...]] = []
    for piece in _PIECE.finditer(text):
        raw = piece["phrase"] if piece["phrase"] is not None else piece["word"]
        found = [w.text for w in words.words_of(raw)][:MAX_TERMS]
        if not found:
            continue
        folded = tuple(words.fold(w) for w in found)
        if piece["minus"]:
            without.append(folded)
            continue
        if piece["phrase"] is not None and len(found) > 1:
            phrases.append(folded)
        ends_open = piece["word"] is not None and (
            raw.endswith("*") or (instant and piece.end() == len(text) and text[-1:].isalnum())
        )
        for n, (word, plain) in enumerate(zip(found, folded, strict=True)):
            is_prefix = ends_open and n == len(found) - 1 and len(plain) >= MIN_PREFIX
            if plain not in wanted or not is_prefix:
                wanted[plain] = (word, is_prefix)
    kept = list(wanted.items())[:MAX_TERMS]
    return Typed(tuple(_terms(kept)), tuple(phrases[:8]), tuple(without[:MAX_TERMS]))


def _terms(kept: list[tuple[str, tuple[str, bool]]]) -> list[Term]:
    if not kept:
        return []
    raw = [word for _, (word, _) in kept]
    stems = {language: words.stems_of(raw, language).stems for language in words.LANGUAGES}
    variants = words.variants_of(raw, "")
    return [
        Term(plain, {language: stems[language][n] for language in stems}, variants[n], is_prefix)
        for n, (plain, (_, is_prefix)) in enumerate(kept)
    ]
