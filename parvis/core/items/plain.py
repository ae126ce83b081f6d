"""Clean HTML back to the plain text that one types: what an edit form shows. The other way is `clean.from_plain`."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from parvis.core.items import clean

_BLOCKS = frozenset("p ul ol blockquote pre h3 h4 table details hr".split())
_MARKS = {"strong": "**", "em": "*", "code": "`"}


def to_plain(html: str) -> str:
    """The text that gives this HTML again, as far as typing can: tables, headings and folds become plain paragraphs."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return re.sub(r"\n{3,}", "\n\n", writer.text()).strip()


def is_typed(html: str) -> bool:
    """Whether editing as plain text loses nothing of this HTML, mentions aside."""
    return _bare(clean.from_plain(to_plain(html))) == _bare(html)


def _bare(html: str) -> str:
    without = re.sub(r'<span class="mention"><a [^>]*>(.*?)</a></span>', r"\1", html)
    return re.sub(r"\s+", " ", without).strip()


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._lists: list[int] = []  # 0 for a bulleted one, else the next number
        self._quotes = 0
        self._fenced = False
        self._link: tuple[str, int] | None = None

    def text(self) -> str:
        return "".join(self._out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag in _BLOCKS and not (self._quotes and tag == "p"):
            self._break()
        if tag == "p" and self._quotes and not self.text().endswith("> "):
            self._line()
        elif tag == "blockquote":
            self._quotes += 1
            self._out.append("> ")
        elif tag == "pre":
            self._fenced = True
            self._out.append("```\n")
        elif tag in ("ul", "ol"):
            self._lists.append(int(known.get("start") or 1) if tag == "ol" else 0)
        elif tag == "li":
            self._out.append(self._bullet())
        elif tag == "br":
            self._line()
        elif tag == "a":
            self._link = (known.get("href") or "", len(self._out))
        elif tag in _MARKS and not self._fenced:
            self._out.append(_MARKS[tag])

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self._quotes -= 1
            self._break()
        elif tag == "pre":
            self._fenced = False
            self._out.append("\n```")
            self._break()
        elif tag in ("ul", "ol"):
            if self._lists:
                self._lists.pop()
            self._break()
        elif tag in ("li", "tr", "summary"):
            self._line()
        elif tag in ("td", "th"):
            self._out.append(" ")
        elif tag == "a" and self._link is not None:
            self._end_link(*self._link)
        elif tag in _MARKS and not self._fenced:
            self._out.append(_MARKS[tag])
        elif tag in _BLOCKS and not self._quotes:
            self._break()

    def handle_data(self, data: str) -> None:
        self._out.append(data if self._fenced else data.replace("\n", " "))

    def _end_link(self, href: str, start: int) -> None:
        """An address whose words say something else is written after them."""
        words = "".join(self._out[start:])
        if href.startswith(("http://", "https://", "mailto:")) and words.strip() not in (
            href,
            href.removeprefix("mailto:"),
        ):
            self._out.append(f" ({href})")
        self._link = None

    def _bullet(self) -> str:
        if not self._lists or self._lists[-1] == 0:
            return "- "
        self._lists[-1] += 1
        return f"{self._lists[-1] - 1}. "

    def _line(self) -> None:
        self._out.append("\n> " if self._quotes else "\n")

    def _break(self) -> None:
        if self._out:
            self._out.append("\n\n")
