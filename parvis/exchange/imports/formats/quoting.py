"""The plain text of a mail as HTML: its own words first, the quoted history and the signature folded at the end."""

from __future__ import annotations

import re

from parvis.exchange.imports.formats.texts import linkify, tidy

_MAX_DEPTH = 8  # of quotes within quotes

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
    return f'<details class="quoted"><summary>…</summary>{inner}</details>'


def unflow(text: str, *, delete_space: bool = False) -> str:
    """The text of a `format=flowed` part with its paragraphs on one line each (RFC 3676)."""
    paragraphs: list[list[str]] = []
    joins = False
    depth_before = 0
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        kept = content[:-1] if flows and delete_space else content
        if joins and depth == depth_before and content != "-- ":
            paragraphs[-1].append(kept)
        else:
            paragraphs.append([">" * depth + " " if depth else "", kept])
        joins, depth_before = flows, depth
    return "\n".join("".join(pieces) for pieces in paragraphs)


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
