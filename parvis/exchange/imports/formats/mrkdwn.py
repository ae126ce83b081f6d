"""Slack's markup ("mrkdwn") as HTML.

Only what the source wrote as markup becomes an element: all else is text. & < > come escaped; links, mentions and channels
come as <…>.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from parvis.exchange.imports.formats.emoji import replace_short_names
from parvis.exchange.imports.formats.texts import escape, inner_link, link, tidy

_PRE = re.compile(r"```(.*?)```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_ANGLE = re.compile(r"<([^<>\n]{1,4000})>")
_STYLES = [
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,2000}?)(?<=\S)\*(?![\w*])"), "strong"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]{1,2000}?)(?<=\S)_(?![\w_])"), "em"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]{1,2000}?)(?<=\S)~(?![\w~])"), "s"),
]
_KEPT = re.compile("\ue000(\\d+)\ue001")  # private characters: places of what is already HTML
_SCHEMES = ("http://", "https://", "mailto:", "tel:")
_BULLET = re.compile(r"^\s*[•◦▪]\s+")


@dataclass(frozen=True, slots=True)
class Names:
    """How people and places of the archive are called. A place that not everyone may know of is called ""."""

    person: Callable[[str], str]
    group: Callable[[str], str]


def mentions(text: str) -> tuple[str, ...]:
    """The people named in `text`, by their ids, once each."""
    without_code = _CODE.sub("", _PRE.sub("", text))
    return tuple(dict.fromkeys(re.findall(r"<@([UW][A-Za-z0-9]{1,30})(?:\|[^<>]*)?>", without_code)))


def to_html(text: str, names: Names) -> str:
    """Slack's markup in `text` as HTML in paragraphs."""
    return _Renderer(names).render(tidy(text).replace("\ue000", "").replace("\ue001", ""))


def _block(kind: str, lines: list[str]) -> str:
    if kind == "ul":
        return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"
    paragraph = f"<p>{'<br>'.join(lines)}</p>"
    return f"<blockquote>{paragraph}</blockquote>" if kind == "blockquote" else paragraph


class _Renderer:
    """Works from what nests least to what nests most, putting aside each piece that is finished."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._kept: list[str] = []

    def render(self, text: str) -> str:
        text = _PRE.sub(lambda match: f"\n{self._keep(self._pre(match[1]))}\n", text)
        blocks: list[str] = []
        lines: list[str] = []
        kind = "p"
        quotes_rest = False

        def close() -> None:
            if lines:
                blocks.append(_block(kind, lines))
                lines.clear()

        for line in text.split("\n"):
            if not quotes_rest and line.startswith("&gt;&gt;&gt;"):
                quotes_rest, line = True, line[12:]
                close()
            kept = _KEPT.fullmatch(line.strip())
            if kept is not None and self._kept[int(kept[1])].startswith("<pre>"):
                close()
                blocks.append(line.strip())
                continue
            if quotes_rest or line.startswith("&gt;"):
                now, line = "blockquote", line if quotes_rest else line[4:]
            elif match := _BULLET.match(line):
                now, line = "ul", line[match.end() :]
            else:
                now = "p"
            if now != kind or not line.strip():
                close()
                kind = now
            if line.strip():
                lines.append(self._inline(line.strip()))
        close()
        return self._restore("".join(blocks))

    def _inline(self, line: str) -> str:
        line = _CODE.sub(lambda match: self._keep(f"<code>{self._plain(match[1])}</code>"), line)
        line = _ANGLE.sub(lambda match: self._keep(self._angle(match[1])), line)
        return self._styled(replace_short_names(escape(html.unescape(line))), 0)

    def _styled(self, text: str, first: int) -> str:
        """`text` with its styles; a finished piece is put aside, so that styles nest and never cross."""
        for number, (pattern, tag) in enumerate(_STYLES[first:], start=first + 1):
            text = pattern.sub(partial(self._style, tag, number), text)
        return text

    def _style(self, tag: str, following: int, match: re.Match[str]) -> str:
        return self._keep(f"<{tag}>{self._styled(match[1], following)}</{tag}>")

    def _pre(self, text: str) -> str:
        return f"<pre>{self._plain(text.strip(chr(10)))}</pre>"

    def _plain(self, text: str) -> str:
        """Code: links and mentions inside it are shown as words."""
        return escape(html.unescape(_ANGLE.sub(lambda match: self._words(match[1]), text)))

    def _words(self, inner: str) -> str:
        target, _, label = inner.partition("|")
        if target.startswith("@"):
            return f"@{self._names.person(target[1:]) or label}"
        if target.startswith("#"):
            return f"#{self._names.group(target[1:]) or '…'}"
        return label or target

    def _angle(self, inner: str) -> str:
        """`<…>` as HTML: a person, a place, a group of people, a date, or a link."""
        target, _, label = inner.partition("|")
        label = html.unescape(label)
        if target.startswith("@"):
            name = self._names.person(target[1:]) or label.removeprefix("@") or target[1:]
            return inner_link("person", target[1:], f"@{name}")
        if target.startswith("#"):
            name = self._names.group(target[1:])
            return inner_link("group", target[1:], f"#{name}") if name else "#…"
        if target.startswith("!"):
            command = target[1:].split("^")[0]
            return escape(label or f"@{command}")
        url = html.unescape(target)
        if not url.lower().startswith(_SCHEMES) or _KEPT.search(url):
            return escape(label or f"<{url}>")
        return link(url, escape(label or url.removeprefix("mailto:").removeprefix("tel:")))

    def _keep(self, finished: str) -> str:
        self._kept.append(finished)
        return f"\ue000{len(self._kept) - 1}\ue001"

    def _restore(self, text: str) -> str:
        """Puts back what was put aside; a piece holds only pieces that were finished before it."""
        finished: list[str] = []
        for piece in self._kept:
            finished.append(_KEPT.sub(lambda match: finished[int(match[1])], piece))
        return _KEPT.sub(lambda match: finished[int(match[1])], text)
