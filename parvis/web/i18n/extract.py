"""Finds the texts of an app: in its Python sources by Babel, in its templates by Django's own lexer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract_from_file
from django.template.base import Lexer, Token, TokenType
from django.utils.text import unescape_string_literal
from django.utils.translation import trim_whitespace

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_CONSTANT = re.compile(r"""_\(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)""")
_LITERAL = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the interface; `plural` is empty where there is one form only, `context` where none is given."""

    text: str
    plural: str = ""
    context: str = ""


def texts_of(app: Path) -> set[Text]:
    """Every text in the Python files and templates of the folder `app`, its tests left out."""
    found: set[Text] = set()
    for path in sorted(app.rglob("*")):
        if "tests" in path.relative_to(app).parts or not path.is_file():
            continue
        if path.suffix == ".py":
            found.update(_from_python(path))
        elif "templates" in path.parts:
            found.update(from_template(path.read_text()))
    return found


def _from_python(path: Path) -> Iterator[Text]:
    for _line, message, _comments, context in extract_from_file("python", path, keywords=KEYWORDS):
        if isinstance(message, str):
            yield Text(message, context=context or "")
        else:
            yield Text(message[0], message[1], context or "")


def from_template(source: str) -> Iterator[Text]:
    """The texts of one template: translate, blocktranslate (plural, context, trimmed), and `_("…")` anywhere in a tag."""
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type is TokenType.BLOCK:
            bits = token.split_contents()
            if bits[0] == "comment":
                _skip_to(tokens, "endcomment")
                continue
            if bits[0] in {"trans", "translate"} and (literal := _LITERAL.match(bits[1])):
                yield Text(_msgid(literal.group(1)), context=_context(bits))
            elif bits[0] in {"blocktrans", "blocktranslate"}:
                yield _from_block(bits, tokens)
        if token.token_type in {TokenType.BLOCK, TokenType.VAR}:
            for literal in _CONSTANT.finditer(token.contents):
                yield Text(_msgid(literal.group(1)))


def _from_block(bits: list[str], tokens: Iterator[Token]) -> Text:
    forms = [""]
    for token in tokens:
        if token.token_type is TokenType.BLOCK:
            if token.contents.strip() != "plural":
                break  # the end: Django refuses every other tag in here
            forms.append("")
        elif token.token_type is TokenType.VAR:
            forms[-1] += f"%({token.contents})s"
        elif token.token_type is TokenType.TEXT:
            forms[-1] += token.contents.replace("%", "%%")
    if "trimmed" in bits:
        forms = [trim_whitespace(form) for form in forms]
    return Text(forms[0], forms[1] if len(forms) > 1 else "", _context(bits))


def _context(bits: list[str]) -> str:
    literal = _LITERAL.match(bits[bits.index("context") + 1]) if "context" in bits[:-1] else None
    return unescape_string_literal(literal.group(1)) if literal else ""


def _msgid(literal: str) -> str:
    """The text as Django looks it up: templates double the percent sign before they ask for a translation."""
    return unescape_string_literal(literal).replace("%", "%%")


def _skip_to(tokens: Iterator[Token], end: str) -> None:
    for token in tokens:
        if token.token_type is TokenType.BLOCK and token.contents.strip() == end:
            return
