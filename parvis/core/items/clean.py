"""Words on their way in: HTML made harmless, plain text out of it, and which language they are in."""

from __future__ import annotations

import html as _html
import re
import unicodedata

import nh3

TAGS = frozenset(
    "p br strong em u s a ul ol li blockquote pre code h3 h4 hr table thead tbody tr th td details summary span".split()
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "details": {"class"},
    "span": {"class"},
    "p": {"dir"},
}
_CLASSES = {"details": {"quoted", "signature"}, "span": {"mention"}}


def html(text: str) -> str:
    """HTML with only the tags, attributes and link schemes that Parvis shows. Never raises."""
    attributes = {tag: names - {"class"} if tag in _CLASSES else names for tag, names in _ATTRIBUTES.items()}
    return nh3.clean(
        _without_controls(text),
        tags=set(TAGS),
        attributes=attributes,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def line(text: str) -> str:
    """One line of plain text: no control characters, no runs of spaces."""
    return re.sub(r"[ \t\r\n]+", " ", _without_controls(text)).strip()


_BLOCK = re.compile(r"</(?:p|li|blockquote|pre|h3|h4|tr|details|summary|ul|ol|table)>|<br\s*/?>|<hr\s*/?>", re.I)
_CELL = re.compile(r"</t[dh]>", re.I)
_TAG = re.compile(r"<[^>]*>")


def text_of(clean_html: str) -> str:
    """The plain text of clean HTML: blocks become lines."""
    spaced = _CELL.sub(" ", _BLOCK.sub("\n", clean_html))
    plain = _html.unescape(_TAG.sub("", spaced))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(part.strip() for part in plain.split("\n"))).strip()


def from_plain(text: str) -> str:
    """Clean HTML of plain typed text: blank lines part paragraphs, addresses become links, **bold**, *italic*, `code`,
    lines that begin with `- `, `> ` or `1. ` become lists and quotes, ``` fences code."""
    return html(_Markup(_without_controls(text)).render())


def language_of(text: str) -> str:
    """'fr', 'en', or '' when there is too little to tell: by the share of each language's commonest words."""
    words = re.findall(r"[^\W\d_]+", text.lower()[:4000])
    french = sum(word in _FRENCH for word in words)
    english = sum(word in _ENGLISH for word in words)
    if max(french, english) < 2 or french == english:
        return ""
    return "fr" if french > english else "en"


_FRENCH = frozenset(
    "le la les un une des du de et est en que qui dans pour pas sur au aux avec ce cette ces il elle nous vous je tu "
    "ils elles on ne se sont mais ou où plus par son sa ses leur être avoir fait été comme bonjour merci très".split()
)
_ENGLISH = frozenset(
    "the of and to in is that it for you was on are with as this be at have from or not by but they we he she can "
    "what all there an which their if will has been would who when more about hi thanks please very".split()
)


def _without_controls(text: str) -> str:
    """Without NUL and other control characters (tab and newlines kept), lone surrogates and bidi overrides."""
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text).translate(_DROPPED)


# Control characters other than tab and newline; embeddings and overrides of writing direction.
_DROPPED = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class _Markup:
    """Plain typed text to HTML, line by line."""

    _ITEM = re.compile(r"^\s{0,3}(?:[-*•]|(\d{1,4})[.)])\s+(.*)$")

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._out: list[str] = []

    def render(self) -> str:
        at = 0
        while at < len(self._lines):
            at = self._block(at)
        return "".join(self._out)

    def _block(self, at: int) -> int:
        text = self._lines[at]
        if not text.strip():
            return at + 1
        if text.startswith("```"):
            return self._fence(at)
        if text.startswith(">"):
            return self._run(at, lambda x: x.startswith(">"), self._quote)
        if self._ITEM.match(text):
            return self._run(at, lambda x: bool(self._ITEM.match(x)), self._list)
        return self._run(at, self._is_plain, self._paragraph)

    def _is_plain(self, text: str) -> bool:
        return bool(text.strip()) and not text.startswith(("```", ">")) and not self._ITEM.match(text)

    def _run(self, at: int, belongs, render) -> int:  # type: ignore[no-untyped-def]
        end = at
        while end < len(self._lines) and belongs(self._lines[end]):
            end += 1
        render(self._lines[at:end])
        return end

    def _fence(self, at: int) -> int:
        end = at + 1
        while end < len(self._lines) and not self._lines[end].startswith("```"):
            end += 1
        code = _html.escape("\n".join(self._lines[at + 1 : end]), quote=False)
        self._out.append(f"<pre><code>{code}</code></pre>")
        return end + 1

    def _quote(self, lines: list[str]) -> None:
        inner = "<br>".join(_inline(x.lstrip(">").strip()) for x in lines)
        self._out.append(f"<blockquote><p>{inner}</p></blockquote>")

    def _list(self, lines: list[str]) -> None:
        first = self._ITEM.match(lines[0])
        number = first.group(1) if first else None
        tag = "ol" if number else "ul"
        start = f' start="{int(number)}"' if number and number != "1" else ""
        items = "".join(f"<li>{_inline(m.group(2))}</li>" for m in map(self._ITEM.match, lines) if m)
        self._out.append(f"<{tag}{start}>{items}</{tag}>")

    def _paragraph(self, lines: list[str]) -> None:
        self._out.append("<p>" + "<br>".join(_inline(x) for x in lines) + "</p>")


_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]»’']")


def _inline(text: str) -> str:
    """Bold, italic, code and addresses of one line."""
    out, last = [], 0
    for match in _LINK.finditer(text):
        out.append(_marks(text[last : match.start()]))
        address = _html.escape(match.group(), quote=True)
        out.append(f'<a href="{address}">{address}</a>')
        last = match.end()
    out.append(_marks(text[last:]))
    return "".join(out)


def _marks(text: str) -> str:
    parts = re.split(r"(`[^`\n]+`)", text)
    made = []
    for part in parts:
        if len(part) > 2 and part[0] == part[-1] == "`":
            made.append(f"<code>{_html.escape(part[1:-1], quote=False)}</code>")
            continue
        escaped = _html.escape(part, quote=False)
        escaped = re.sub(r"\*\*(\S(?:[^*]*\S)?)\*\*", r"<strong>\1</strong>", escaped)
        made.append(re.sub(r"(?<![\w*])\*(\S(?:[^*]*\S)?)\*(?![\w*])", r"<em>\1</em>", escaped))
    return "".join(made)
