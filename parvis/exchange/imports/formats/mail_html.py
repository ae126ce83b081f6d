"""The HTML of a mail in a few tags: paragraphs for layout, the history that a mail program appended folded at the end."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import nh3

from parvis.exchange.imports.formats.quoting import fold, plain_to_html
from parvis.exchange.imports.formats.texts import escape, tidy

_MAX_DEPTH = 1000  # of elements in elements: the time to parse grows with its square
_MAX_LENGTH = 2_000_000  # characters; of more, the words alone are kept
_LAYOUT = {
    "p",
    "div",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "section",
    "article",
    "center",
    "dd",
    "dt",
    "hr",
}
_BLOCKS = {"blockquote", "ul", "ol", "li", "pre"}
_INLINE = {"strong", "em", "s", "code"}
_MEANT = {"b": "strong", "i": "em", "strike": "s", "del": "s"}
_READ = _LAYOUT | _BLOCKS | _INLINE | _MEANT.keys() | {"a", "br", "td", "th"}
_WRITTEN = _BLOCKS | _INLINE | {"p", "br", "a", "details", "summary"}
_NEVER_DEEP = {
    "br",
    "hr",
    "img",
    "p",
    "li",
    "td",
    "th",
    "tr",
    "dd",
    "dt",
    "meta",
    "link",
    "input",
    "col",
    "wbr",
    "area",
}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_ANY_TAG = re.compile(r"<[^<>]{0,5000}>")
_QUOTE = re.compile(r"gmail_quote|moz-cite-prefix|yahoo_quoted", re.IGNORECASE)  # classes of what holds the history
_HISTORY = re.compile(r"divRplyFwdMsg|appendonsend", re.IGNORECASE)  # ids of what stands before the history
_EDGES = re.compile(r"^(?:\s|<br>|\xa0)+|(?:\s|<br>|\xa0)+$")
_NO_WORDS = re.compile(r"<[^>]*>|\s|\xa0")


def html_to_html(source: str) -> str:
    """The HTML of a mail in our few tags. Styles, pictures and whatever could act are dropped; blocks become paragraphs."""
    if len(source) > _MAX_LENGTH or _is_too_deep(source):
        return plain_to_html(html.unescape(_ANY_TAG.sub(" ", source[:_MAX_LENGTH])))
    clean = nh3.clean(
        tidy(source),
        tags=_READ,
        clean_content_tags={"script", "style", "title"},
        attributes={"a": {"href"}, "div": {"class", "id"}, "blockquote": {"type"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    writer = _Writer()
    writer.feed(clean)
    writer.close()
    return nh3.clean(writer.result(), tags=_WRITTEN, attributes={"a": {"href"}, "details": {"class"}}, link_rel=None)


def _is_too_deep(source: str) -> bool:
    """Whether opened elements could pile up so far that parsing takes minutes; told without parsing.

    A closing tag takes away only its own name's, since the parser may ignore others.
    """
    depth: dict[str, int] = {}
    total = 0
    for match in _TAG.finditer(source):
        name = match[2].lower()
        if name in _NEVER_DEEP:
            continue
        if not match[1]:
            depth[name] = depth.get(name, 0) + 1
            total += 1
            if total > _MAX_DEPTH:
                return True
        elif depth.get(name):
            depth[name] -= 1
            total -= 1
    return False


class _Writer(HTMLParser):
    """Writes cleaned, well-formed HTML again: paragraphs for blocks, a fold for the history at the end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[tuple[str, bool]] = []  # a piece, and whether it is quoted
        self._line: list[str] = []
        self._is_quote: list[bool] = []  # of each open element
        self._is_history = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag, values = _MEANT.get(tag, tag), {name: value or "" for name, value in attrs}
        if tag in _LAYOUT or tag in _BLOCKS:
            self._flush()
        self._is_history = self._is_history or bool(_HISTORY.search(values.get("id", "")))
        if tag not in ("br", "hr"):
            self._is_quote.append(values.get("type") == "cite" or bool(_QUOTE.search(values.get("class", ""))))
        if tag in _BLOCKS:
            self._write(f"<{tag}>")
        elif tag == "br":
            self._line.append("<br>")
        elif tag in ("td", "th"):
            self._line.append(" ")
        elif tag == "a":
            self._line.append(f'<a href="{html.escape(values.get("href", ""))}">')
        elif tag in _INLINE:
            self._line.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        tag = _MEANT.get(tag, tag)
        if tag in _LAYOUT or tag in _BLOCKS:
            self._flush()
        if tag in _BLOCKS:
            self._write(f"</{tag}>")
        elif tag in _INLINE or tag == "a":
            self._line.append(f"</{tag}>")
        if self._is_quote and tag not in ("br", "hr"):
            self._is_quote.pop()

    def handle_data(self, data: str) -> None:
        self._line.append(escape(data))

    def _flush(self) -> None:
        line = _EDGES.sub("", "".join(self._line))
        if _NO_WORDS.sub("", line):
            self._write(f"<p>{line}</p>")
        self._line = []

    def _write(self, piece: str) -> None:
        self._out.append((piece, self._is_history or any(self._is_quote)))

    def result(self) -> str:
        self._flush()
        start = len(self._out)
        while start and self._out[start - 1][1]:
            start -= 1
        own, tail = ("".join(piece for piece, _ in part) for part in (self._out[:start], self._out[start:]))
        return f"{own}{fold(tail)}" if own and tail else own or tail
