"""What every archive yields, whatever product it comes from: people, groups, messages, problems.

The contract between the readers of `formats/` (which know one product and nothing of Parvis) and the engine (which knows
Parvis and nothing of any product). Pure Python. Texts are tidy (see `formats.texts.tidy`), instants are aware and in UTC.
Identifiers are the archive's own, unique within its `source`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, Protocol


def gettext_noop(message: str) -> str:
    """Marks `message` for translation; whoever shows it translates it."""
    return message


class PersonHint(StrEnum):
    """What the archive says of a person. UNKNOWN: the engine decides by the address's domain."""

    MEMBER = "member"
    GUEST = "guest"
    APPLICATION = "application"
    UNKNOWN = "unknown"


class Visibility(StrEnum):
    PUBLIC = "public"  # every member of the network
    PRIVATE = "private"  # the group's members; others may know that it exists
    SECRET = "secret"  # the group's members, who alone know that it exists


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Somebody whom the archive knows. `is_active` is False for an account that was closed there.

    is_listed: False for who wrote but stands in no list of people: another archive may say who it is.
    """

    source_id: str
    name: str
    email: str | None = None
    kind: PersonHint = PersonHint.UNKNOWN
    is_active: bool = True
    title: str = ""
    is_listed: bool = True


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A place of the archive: channel, group, mailing list. `members` and `owner` are source ids of people."""

    source_id: str
    name: str
    visibility: Visibility
    description: str = ""
    members: tuple[str, ...] = ()
    owner: str | None = None
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class Reaction:
    """`emoji` is a character where one is known, else the archive's name for it."""

    emoji: str
    person: str


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of a message. `open` gives its bytes; None when the archive holds only a link (then `url` is set)."""

    name: str
    media_type: str
    size_bytes: int | None = None
    open: Callable[[], BinaryIO] | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """One message: the head of a thread or an answer in it.

    body: HTML made of p, br, strong, em, s, code, pre, a, ul, ol, li, blockquote, details and summary. A link to a person
      or a group of the archive is `<a href="person:ID">` or `<a href="group:ID">`, with ID percent-encoded; the engine gives
      it its address. A quoted history or signature at the end is
      `<details class="quoted"><summary>…</summary>…</details>`.
    parent: what it answers; thread: the head of its thread as far as the archive knows. Either may be missing from the
      archive: the engine takes the parent that it finds, else the thread, else makes this message the head.
    position: where the archive stands after this message, in its own units (see `Archive.size`).
    private_to: the only people who may see it (a direct message); None when the group decides.
    """

    source_id: str
    author: str
    at: dt.datetime
    body: str
    position: int
    group: str | None = None
    parent: str | None = None
    thread: str | None = None
    title: str = ""
    mentions: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    files: tuple[FileRecord, ...] = ()
    edited_at: dt.datetime | None = None
    private_to: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that could not be read as it should, and was skipped or mended; the rest goes on.

    place: where, in words of the archive ("general/2019-01-02.json, message 3"). reason: an English sentence marked for
    translation, with `values` for its %(name)s parts. position: as in MessageRecord, or 0.
    """

    place: str
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)
    position: int = 0

    def __str__(self) -> str:
        return f"{self.place}: {self.reason % self.values if self.values else self.reason}"


class ArchiveError(Exception):
    """The archive cannot be read at all. `reason` and `values` are as in Problem."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason % values if values else reason)
        self.reason = reason
        self.values = values


Record = PersonRecord | GroupRecord | MessageRecord | Problem


class Archive(Protocol):
    """An opened archive.

    source: up to 40 characters, the same for every archive of the same origin; identifiers are unique within it.
    size: the position at the end.
    """

    source: str

    @property
    def size(self) -> int: ...

    def records(self, after: int = 0) -> Iterator[Record]:
        """All people and groups, then the messages whose position is beyond `after`, heads before answers.

        The order is the same at every call. A person who is met only in a message is yielded just before it.
        """
        ...

    def close(self) -> None: ...
