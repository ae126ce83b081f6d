"""Reads `content/*.txt`: one file a community, with its threads. The format is for people to write:

name: Soudure & laser            headers, then threads
open: yes                        yes: public; no: private.  guests: yes, if people from outside belong to it

=== buse-alu: Title              a thread, with the name that links use: [words](buse-alu), [words](c:soudure-laser)
J-1 16:40 Marc Petit + a.csv     working day, hour, author, attachments
Text, in the markup of `clean.from_plain`, with @[Claire Martin] and {J+2} (see `wording`).

--- J-1 17:08 Aoife Brennan (en)
A comment, in English.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CONTENT = Path(__file__).parent / "content"
MENTION = re.compile(r"@\[([^\]]+)\]")
LINK = re.compile(r"\[([^\]]+)\]\((c:)?([a-z0-9-]+)\)")
_HEAD = re.compile(r"J(-\d+|0) (\d{2}):(\d{2}) ([^(+]+?)(?: \((en|fr)\))?((?: \+ [\w.-]+)*)")


class BadScript(ValueError):
    """A content file is not as the format says; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A post or comment as told: on which working day back, when, by whom, in which language."""

    day: int
    at: dt.time
    author: str
    language: str
    text: str
    files: tuple[str, ...]

    @property
    def mentions(self) -> list[str]:
        """Names of those mentioned, in order."""
        return MENTION.findall(self.text)


@dataclass(frozen=True, slots=True)
class Story:
    """A thread: its first entry is the post, the others are comments."""

    name: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A community as told."""

    slug: str
    name: str
    is_open: bool
    has_guests: bool
    owner: str
    moderators: tuple[str, ...]
    members: tuple[str, ...]
    purpose: str
    welcome: str
    stories: tuple[Story, ...]


@cache
def read_places(folder: Path = CONTENT) -> tuple[Place, ...]:
    """All communities told in a folder, by file name. Raises BadScript."""
    return tuple(_place(path) for path in sorted(folder.glob("*.txt")))


def _place(path: Path) -> Place:
    head, *threads = re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.M)
    told = dict(line.split(": ", 1) for line in head.strip().splitlines())
    try:
        return Place(
            slug=path.stem,
            name=told["name"],
            is_open=told["open"] == "yes",
            has_guests=told.get("guests") == "yes",
            owner=told["owner"],
            moderators=_names(told.get("moderators", "")),
            members=_names(told["members"]),
            purpose=told["purpose"],
            welcome=told["welcome"],
            stories=tuple(_story(text) for text in threads),
        )
    except (KeyError, ValueError) as error:
        raise BadScript(f"{path.name}: {error}") from error


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _story(text: str) -> Story:
    first, rest = text.split("\n", 1)
    name, _, title = first.partition(": ")
    if not title:
        raise BadScript(f"a thread without a title: {first}")
    return Story(name, title, tuple(_entries(rest)))


def _entries(text: str) -> Iterator[Entry]:
    for part in re.split(r"^--- ", text, flags=re.M):
        line, _, body = part.partition("\n")
        found = _HEAD.fullmatch(line)
        if found is None or not body.strip():
            raise BadScript(f"not an entry: {line}")
        day, hour, minute, author, language, files = found.groups()
        at = dt.time(int(hour), int(minute))
        yield Entry(int(day), at, author, language or "fr", body.strip(), tuple(files.split(" + ")[1:]))
