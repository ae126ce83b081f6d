"""Words as search knows them: cut from a text, folded, and reduced to stems in French and English.

Folded: lower case, without accents or ligatures. Two stems are kept of each word. Stemming what was folded finds
`présentée` for who types `presentee`; folding what was stemmed finds it for who types `présenter`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

LANGUAGES = {"fr": "french", "en": "english"}
LONGEST = 60  # characters of a word that are looked at; longer ones are keys and addresses of machines

# What stands before an apostrophe in French says nothing: l'équipe, d’accord, qu'il, jusqu’ici.
_ELIDED = r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu)['’ʼ](?=[^\W\d_])"
_WORD = re.compile(rf"(?<!\w){_ELIDED}|((?:[^\W_][\u0300-\u036f]*)+)", re.IGNORECASE)
_JOINED = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


class Word(NamedTuple):
    """A word of a text, and where it stands there, in characters."""

    text: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """The words of a text in order. French elisions are dropped, words of one character kept."""
    return [Word(m.group(1), m.start(1), m.end(1)) for m in _WORD.finditer(text) if m.group(1)]


@functools.lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """Lower case, without accents and ligatures, at most `LONGEST` characters."""
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_JOINED))
    kept = "".join(c for c in plain if not unicodedata.combining(c) and not c.isspace())
    return kept[:LONGEST] or "_"


@functools.cache
def _stemmer(language: str) -> TextAnalyzer:
    return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer(LANGUAGES[language])).build()


class Stems(NamedTuple):
    """For each word of a text: folded; its stem once folded; its stem with accents, then folded."""

    folded: list[str]
    stems: list[str]
    accented: list[str]


def stems_of(texts: Sequence[str], language: str) -> Stems:
    """The stems of words (each without spaces) in 'fr' or 'en'; any other language counts as French."""
    known = language if language in LANGUAGES else "fr"
    folded = [fold(text) for text in texts]
    stems = _stemmer(known).analyze(" ".join(folded))
    if known == "en":
        return Stems(folded, stems, stems)
    whole = ["".join(unicodedata.normalize("NFC", text).lower().split())[:LONGEST] or "_" for text in texts]
    accented = [fold(stem) for stem in _stemmer(known).analyze(" ".join(whole))]
    return Stems(folded, stems, accented if len(accented) == len(folded) else stems)


def variants_of(texts: Sequence[str], language: str) -> list[frozenset[str]]:
    """For each word, all the stems under which it is indexed: those of its language, or of both when unknown."""
    languages = [language] if language in LANGUAGES else list(LANGUAGES)
    found = [stems_of(texts, each) for each in languages]
    columns = [column for one in found for column in (one.stems, one.accented)]
    return [frozenset(stems) for stems in zip(*columns, strict=True)]


_FIRST, _COUNT = 0x100, 0xD800 - 0x100  # one UTF-16 unit each, none of them half of a pair


@functools.lru_cache(maxsize=65536)
def mark_of(word: str) -> str:
    """A character that stands for a word: counting and placing words is then counting and placing characters.

    One word in 55,000 shares the character of another: it moves an order by a hair, never what is found.
    """
    return chr(_FIRST + zlib.crc32(word.encode()) % _COUNT)


def trace_of(words: Iterable[str]) -> str:
    """A text as one character a word."""
    return "".join(map(mark_of, words))
