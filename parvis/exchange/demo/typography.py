"""Typed text to typeset text: apostrophes, quotes and the spaces that must not break. Code in backquotes is left alone."""

from __future__ import annotations

import re

NARROW = "\u202f"  # before ; ! ? and between thousands
FIRM = "\u00a0"  # before :, inside « », between a number and its unit

_UNITS = (
    "%|‰|€|°C|mm|cm|m|km|kg|g|t|kN|kW|bars?|l|ppm|min|s|h|tonnes?|pièces|heures?|minutes?|secondes?|jours?|ans?|points?|"
    "weeks?|hours?|days?|years?"
)
_COMMON = (
    (re.compile(r"'"), "’"),
    (re.compile(r"\.\.\."), "…"),
    (re.compile(r"(?<=\d) (?=\d{3}(?!\d))"), NARROW),
    (re.compile(rf"(?<=\d) (?=(?:{_UNITS})(?!\w))"), FIRM),
    (re.compile(r" × "), f"{FIRM}×{FIRM}"),
)
_FRENCH = (
    (re.compile(r"« "), f"«{FIRM}"),
    (re.compile(r" »"), f"{FIRM}»"),
    (re.compile(r" (?=[;!?])"), NARROW),
    (re.compile(r" (?=:)"), FIRM),
    (re.compile(r"(?<=\d) h (?=\d)"), f"{FIRM}h{FIRM}"),
    (re.compile(r"(?<=\bnº) (?=\d)"), FIRM),
    (re.compile(r" (?=–)"), FIRM),
)
_ENGLISH = ((re.compile(r'(?<!\w)"(?=\S)'), "“"), (re.compile(r'"'), "”"))
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.S)


def typeset(text: str, language: str) -> str:
    """`text` as a typesetter would have it in `language` (fr or en). Typesetting twice changes nothing more."""
    rules = _COMMON + (_FRENCH if language == "fr" else _ENGLISH)
    pieces = _CODE.split(text)
    for at in range(0, len(pieces), 2):
        for pattern, right in rules:
            pieces[at] = pattern.sub(right, pieces[at])
    return "".join(pieces)
