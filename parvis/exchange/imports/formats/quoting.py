"""The body of a mail as HTML: its own words first, the quoted history and the signature folded at the end."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import nh3

from parvis.exchange.imports.formats.texts import escape, linkify, tidy

TAGS = frozenset(
    ["p", "br", "strong", "em", "b", "i", "s", "code", "pre", "a", "ul", "ol", "li", "blockquote", "details", "summary"]
)
_MAX_DEPTH = 8  # of quotes within quotes
_MAX_HTML_DEPTH = 1000  # the time to parse grows with its square
_MAX_HTML = 2_000_000  # characters; beyond, the words alone are kept

_ATTRIBUTION = re.compile(  # "On Monday, Ada wrote:", "Le lundi 3 mars, Ada a écrit :", over two lines at most
    r"^(?:on\b.{4,300}\bwrote|le\b.{4,300}\ba écrit|am\b.{4,300}\bschrieb.{0,100}|el\b.{4,300}\bescribió|\S.{1,150}\b(?:writes|wrote|a écrit))\s*:\s*$",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"^\s*(?:[-_]{3,}\s*(?:original message|message d.origine|message original|forwarded (?:message|by)\b.*|message transféré.*|"
    r"ursprüngliche nachricht)\s*[-_]*|[-_]{20,})\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^\s*\*?(?:from|de|von)\s?:\*?\s?\S", re.IGNORECASE)
_SENT = re.compile(r"^\s*\*?(?:sent|date|to|subject|envoyé|à|objet|gesendet|cc)\s?:", re.IGNORECASE)
_NOTES_DATE = re.compile(
    r"^\s*\d{1,4}[/-]\d{1,2}[/-]\d{1,4}\s+\d{1,2}:\d{2}(?::\d{2})?\s*(?:[AP]M)?\s*$", re.IGNORECASE
)
_NOTES_TO = re.compile(r"^\s*To:\s", re.IGNORECASE)


def plain_to_html(text: str) -> str:
    """The text of a mail as HTML, its tail (quoted history, signature) inside details."""
    lines = tidy(text).strip("\n").split("\n")
    end = _tail_start(lines)
    own, tail = _render(lines[:end]), _render(lines[end:])
    if not tail:
        return own
    return f"{own}{fold(tail)}" if own else tail


def fold(inner: str) -> str:
    """`inner` behind a small handle, as quoted history is shown."""
    return f"<details><summary>…</summary>{inner}</details>"


def unflow(text: str, *, delete_space: bool = False) -> str:
    """The text of a `format=flowed` part with its paragraphs on one line each (RFC 3676)."""
    out: list[str] = []
    joins = False
    depth_before = 0
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        if joins and depth == depth_before and content != "-- ":
            out[-1] += content
        else:
            out.append((">" * depth + " " if depth else "") + content)
        joins = content.endswith(" ") and content != "-- "
        if joins and delete_space:
            out[-1] = out[-1][:-1]
        depth_before = depth
    return "\n".join(out)


def _tail_start(lines: list[str]) -> int:
    """Where the tail begins: the line after which there are no more words of the author."""
    end = len(lines)
    for index, line in enumerate(lines):
        if line.rstrip() == "--" and index:
            end = index
            break
        if index and _opens_history(lines, index):
            end = index
            break
    while end and not lines[end - 1].strip():
        end -= 1
    start = end
    while start and (lines[start - 1].startswith(">") or not lines[start - 1].strip()):
        start -= 1
    if start < end and any(line.startswith(">") for line in lines[start:end]):
        end = start
        for size in (1, 2):  # who wrote what is quoted, on one line or two
            if end >= size and _ATTRIBUTION.match(" ".join(part.strip() for part in lines[end - size : end])):
                end -= size
                break
    return end if any(line.strip() for line in lines[:end]) else len(lines)


def _opens_history(lines: list[str], index: int) -> bool:
    """Whether the line is the head of a copied mail, as Outlook and Notes write it."""
    line = lines[index]
    if _BANNER.match(line):
        return line.lstrip().startswith("---") or _looks_like_headers(lines, index + 1)
    if _FROM.match(line) and not lines[index - 1].strip():
        return _looks_like_headers(lines, index + 1)
    after = lines[index + 1 : index + 5]
    return bool(_NOTES_DATE.match(line) and any(_NOTES_TO.match(one) for one in after) and lines[index - 1].strip())


def _looks_like_headers(lines: list[str], index: int) -> bool:
    found = [line for line in lines[index : index + 5] if _SENT.match(line) or _FROM.match(line)]
    return len(found) >= 2


def _render(lines: list[str]) -> str:
    """Lines as paragraphs, with `>` as quotes within quotes."""
    out: list[str] = []
    paragraph: list[str] = []
    depth = 0

    def close() -> None:
        if paragraph:
            out.append(f"<p>{'<br>'.join(linkify(line) for line in paragraph)}</p>")
            paragraph.clear()

    for line in lines:
        level, content = _depth(line)
        if level != depth:
            close()
            out.append("<blockquote>" * (level - depth) + "</blockquote>" * (depth - level))
            depth = level
        if content.strip():
            paragraph.append(content.rstrip())
        else:
            close()
    close()
    out.append("</blockquote>" * depth)
    return re.sub(r"(?:<blockquote>)+(?:</blockquote>)+", "", "".join(out))


def _depth(line: str) -> tuple[int, str]:
    level = 0
    while level < _MAX_DEPTH and line.startswith(">"):
        line, level = line[1:].removeprefix(" "), level + 1
    return level, line


# HTML mails ------------------------------------------------------------------------------------------------------------

_BLOCKS = frozenset(
    ["p", "div", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section", "article", "center", "dd", "dt", "hr"]
)
_KEPT = frozenset(["strong", "em", "b", "i", "s", "code", "pre", "a", "ul", "ol", "li", "blockquote"])
_READ = _BLOCKS | _KEPT | {"br", "td", "th", "u"}
_NEVER_DEEP = frozenset(
    [
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
        "base",
        "embed",
        "source",
        "param",
    ]
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_ANY_TAG = re.compile(r"<[^<>]{0,5000}>")
_QUOTES = re.compile(
    r"gmail_quote|moz-cite-prefix|yahoo_quoted|divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION", re.IGNORECASE
)


def html_to_html(source: str) -> str:
    """The HTML of a mail in our few tags, the history that a mail program appended inside details.

    Layout, styles, pictures and whatever could act are dropped; blocks become paragraphs.
    """
    if len(source) > _MAX_HTML or _too_deep(source):
        return plain_to_html(html.unescape(_ANY_TAG.sub(" ", source[:_MAX_HTML])))
    clean = nh3.clean(
        tidy(source),
        tags=set(_READ),
        clean_content_tags={"script", "style", "title"},
        attributes={"a": {"href"}, "div": {"class", "id"}, "blockquote": {"type"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    writer = _MailHtml()
    writer.feed(clean)
    writer.close()
    return nh3.clean(writer.result(), tags=set(TAGS), attributes={"a": {"href"}}, link_rel=None)


def _too_deep(source: str) -> bool:
    """Whether opened elements could pile up so far that parsing takes minutes; told without parsing.

    A closing tag takes away only its own name's, since others may be ignored by the parser.
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
            if total > _MAX_HTML_DEPTH:
                return True
        elif depth.get(name):
            depth[name] -= 1
            total -= 1
    return False


class _MailHtml(HTMLParser):
    """Writes cleaned, well-formed HTML again: paragraphs for blocks, a fold for the quoted history."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._line: list[str] = []
        self._history: int | None = None  # where it begins in _out
        self._open: list[str] = []  # inline elements that a new paragraph must open again

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS or tag in ("blockquote", "ul", "ol", "li", "pre"):
            self._flush()
        if self._history is None and (
            values.get("type") == "cite" or _QUOTES.search(f"{values.get('class', '')} {values.get('id', '')}")
        ):
            self._history = len(self._out)
        if tag == "br":
            self._line.append("<br>")
        elif tag in ("td", "th"):
            self._line.append(" ")
        elif tag in ("blockquote", "ul", "ol", "li", "pre"):
            self._out.append(f"<{tag}>")
        elif tag == "a":
            self._line.append(f'<a href="{escape(values.get("href", "")).replace(chr(34), "&quot;")}">')
        elif tag in _KEPT:
            self._line.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS or tag in ("blockquote", "ul", "ol", "li", "pre"):
            self._flush()
        if tag in ("blockquote", "ul", "ol", "li", "pre"):
            self._out.append(f"</{tag}>")
        elif tag in _KEPT:
            self._line.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._line.append(escape(data))

    def _flush(self) -> None:
        line = re.sub(r"^(?:\s|<br>|\xa0)+|(?:\s|<br>|\xa0)+$", "", "".join(self._line))
        if re.sub(r"<[^>]*>|\s|\xa0", "", line):
            self._out.append(f"<p>{line}</p>")
        self._line = []

    def result(self) -> str:
        self._flush()
        if self._history is None:
            return "".join(self._out)
        own, tail = "".join(self._out[: self._history]), "".join(self._out[self._history :])
        return f"{own}{fold(tail)}" if own else tail
