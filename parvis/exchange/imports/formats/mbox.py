"""Mail archives: one file of mails (mbox, RFC 4155; mboxrd quoting), one place in the network.

The file is read twice: once for the headers, to know what answers what, then mail by mail in the order of their dates.
Between the two only ids, dates and offsets are kept: some 500 bytes a mail.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from parvis.exchange.imports.formats.mail import UNKNOWN_SENDER, Headers, Mailbox, decode_words, parse_date, parse_mail
from parvis.exchange.imports.formats.texts import one_line, short_id
from parvis.exchange.imports.formats.threading import Envelope, Gather, Node, thread, walk
from parvis.exchange.imports.records import (
    ArchiveError,
    GroupRecord,
    MessageRecord,
    PersonRecord,
    Problem,
    Record,
    Visibility,
    gettext_noop,
)

MAX_MAIL_BYTES = 64 * 2**20
_MAX_HEAD_BYTES = 256 * 2**10
_LINE_BYTES = 64 * 2**10  # a longer line is read in pieces
_SEPARATOR = re.compile(rb"^From .{0,300}\b\d{1,2}:\d{2}(?::\d{2})?\b.{0,60}\b(?:19|20|21)\d\d\b")
_SEPARATOR_DATE = re.compile(
    r"\b(?:[A-Z][a-z]{2}\s+)?([A-Z][a-z]{2})\s+(\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?)\s.*?(\d{4})\b"
)
_FIELD = re.compile(rb"^[!-9;-~]{1,200}[ \t]*:")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_COMPRESSED = {b"\x1f\x8b": "gzip", b"BZ": "bzip2", b"PK": "zip", b"\xfd7": "xz"}
_NEEDED = frozenset(["message-id", "references", "in-reply-to", "subject", "date", "received"])

NOT_AN_MBOX = gettext_noop("This is not a mail archive: its first line must begin with “From ” (mbox format).")
COMPRESSED = gettext_noop("This file is compressed (%(format)s). Decompress it first, then import what is inside.")
EMPTY = gettext_noop("This file is empty.")
TOO_LARGE = gettext_noop("This mail is larger than %(limit)d MB. It was skipped.")
NO_DATE = gettext_noop("This mail bears no date that can be read. It was skipped.")
NOT_READ = gettext_noop("This mail cannot be read (%(error)s). It was skipped.")


@dataclass(frozen=True, slots=True)
class Span:
    """Where a mail lies in the file. `head` is its header block, `digest` tells it from any other."""

    offset: int
    size_bytes: int
    line: int
    separator: bytes
    head: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class _Entry:
    offset: int
    size_bytes: int
    line: int
    id: str
    parent: str | None
    thread: str
    at: dt.datetime


class Mbox:
    """The archive of one mailing list or folder.

    name: of the place that it becomes; `source` (up to 40 characters) must be the same each time the list is imported.
    """

    def __init__(self, path: Path, *, name: str, source: str, visibility: Visibility = Visibility.PRIVATE) -> None:
        self.source = source
        self._path = path
        self._group = GroupRecord("list", one_line(name, 120), visibility)
        self._problems: list[Problem] = []
        self._file = path.open("rb")
        try:
            self._entries = self._index()
        except BaseException:
            self._file.close()
            raise

    @property
    def size(self) -> int:
        return len(self._entries)

    def close(self) -> None:
        self._file.close()

    def records(self, after: int = 0) -> Iterator[Record]:
        yield self._group
        if not after:
            yield from self._problems
        met: set[str] = set()
        for position, entry in enumerate(self._entries[after:], start=after + 1):
            yield from self._read(entry, position, met)

    def _read(self, entry: _Entry, position: int, met: set[str]) -> Iterator[Record]:
        self._file.seek(entry.offset)
        raw = _QUOTED_FROM.sub(rb"\1", self._file.read(entry.size_bytes))
        try:
            mail = parse_mail(raw)
        except ValueError as error:
            yield Problem(self._place(entry.line), NOT_READ, {"error": error}, position)
            return
        for person in (mail.author, *mail.recipients):
            if person.source_id not in met:
                met.add(person.source_id)
                yield _person(person)
        yield MessageRecord(
            source_id=entry.id,
            author=mail.author.source_id,
            at=entry.at,
            body=mail.body,
            position=position,
            group=self._group.source_id,
            parent=entry.parent,
            thread=entry.thread,
            title=mail.title,
            recipients=tuple(one.source_id for one in mail.recipients),
            files=mail.files,
        )

    def _place(self, line: int) -> str:
        return f"{self._path.name}:{line}"

    def _index(self) -> list[_Entry]:
        """Where each mail lies, in the order in which to yield them."""
        spans: dict[str, Span] = {}
        envelopes: list[Envelope] = []
        for span in split(self._file):
            envelope = self._envelope(span)
            if envelope is None:
                continue
            twin = spans.get(envelope.id)
            if twin is not None and twin.digest == span.digest:
                continue  # the same mail twice, as in a mailbox that was merged
            if twin is not None:
                envelope = replace(envelope, id=_derived_id(span))
                if envelope.id in spans:
                    continue
            spans[envelope.id] = replace(span, head=b"", separator=b"")
            envelopes.append(envelope)
        return _in_order(thread(envelopes, Gather.ANSWERS), spans)

    def _envelope(self, span: Span) -> Envelope | None:
        if span.size_bytes > MAX_MAIL_BYTES:
            self._problems.append(Problem(self._place(span.line), TOO_LARGE, {"limit": MAX_MAIL_BYTES // 2**20}))
            return None
        headers = Headers(_fields(span.head))
        at = headers.date() or _separator_date(span.separator)
        if at is None:
            self._problems.append(Problem(self._place(span.line), NO_DATE))
            return None
        ids = headers.message_ids("message-id")
        return Envelope(
            id=short_id(ids[0]) if ids else _derived_id(span),
            references=tuple(short_id(one) for one in headers.references()),
            subject=one_line(decode_words(headers.raw("subject")), 500),
            at=at,
        )


def split(file: BinaryIO) -> Iterator[Span]:
    """The mails of an mbox, in the order of the file.  Raises ArchiveError when it is none.

    A line that begins with "From " separates only if it bears a time and a year and a header follows, since many programs
    did not quote such lines in the text.
    """
    file.seek(0)
    first = file.readline(_LINE_BYTES)
    if not first:
        raise ArchiveError(EMPTY)
    if not first.startswith(b"From "):
        if (found := _COMPRESSED.get(first[:2])) is not None:
            raise ArchiveError(COMPRESSED, format=found)
        raise ArchiveError(NOT_AN_MBOX)
    current = _Collector(first, file.tell(), 2)
    offset, number, whole = file.tell(), 2, first.endswith(b"\n")
    pending: bytes | None = None
    while True:
        line = file.readline(_LINE_BYTES)
        if pending is not None:
            if _FIELD.match(line):
                yield current.span(offset - len(pending))
                current = _Collector(pending, offset, number)
            else:
                current.add(pending)
            pending = None
        if not line:
            break
        if whole and _SEPARATOR.match(line):
            pending = line
        else:
            current.add(line)
        whole = line.endswith(b"\n")
        offset += len(line)
        number += whole
    yield current.span(offset)


class _Collector:
    """Gathers what the index needs of the mail being read."""

    def __init__(self, separator: bytes, offset: int, line: int) -> None:
        self._separator, self._offset, self._line = separator, offset, line
        self._head: list[bytes] = []
        self._head_bytes = 0
        self._in_head = True
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, line: bytes) -> None:
        self._digest.update(line)
        if not self._in_head:
            return
        if line in (b"\n", b"\r\n") or self._head_bytes > _MAX_HEAD_BYTES:
            self._in_head = False
            return
        self._head.append(line)
        self._head_bytes += len(line)

    def span(self, end: int) -> Span:
        head, digest = b"".join(self._head), self._digest.digest()
        return Span(self._offset, end - self._offset, self._line, self._separator, head, digest)


def _fields(head: bytes) -> Iterator[tuple[str, str]]:
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", head)
    for line in unfolded.splitlines():
        name, colon, value = line.partition(b":")
        key = name.decode("ascii", "replace").strip().lower()
        if colon and key in _NEEDED:
            yield key, value.decode("ascii", "surrogateescape").strip()


def _derived_id(span: Span) -> str:
    """An id for a mail that has none of its own: the same each time the same mail is read."""
    return f"{span.digest.hex()}@derived"


def _separator_date(separator: bytes) -> dt.datetime | None:
    """The date in "From ada@example.org Sat Jan  3 01:05:34 1996" (UTC, RFC 4155)."""
    match = _SEPARATOR_DATE.search(separator.decode("ascii", "replace"))
    return parse_date(f"{match[2]} {match[1]} {match[4]} {match[3]} +0000") if match else None


def _in_order(threads: list[Node], spans: dict[str, Span]) -> list[_Entry]:
    """Mails by date, but none before the one that it answers."""
    found: list[tuple[dt.datetime, int, _Entry]] = []
    effective: dict[str, dt.datetime] = {}
    for head in threads:
        for node in walk(head):
            if node.envelope is None:
                continue
            envelope, span = node.envelope, spans[node.id]
            above = effective.get(node.parent.id) if node.parent is not None else None
            at = effective[node.id] = max(envelope.at, above) if above is not None else envelope.at
            parent, top = _answered(node, head, spans)
            entry = _Entry(span.offset, span.size_bytes, span.line, node.id, parent, top, envelope.at)
            found.append((at, len(found), entry))
    found.sort(key=lambda row: row[:2])
    return [entry for _, _, entry in found]


def _answered(node: Node, head: Node, spans: dict[str, Span]) -> tuple[str | None, str]:
    """What `node` answers and the head of its thread; they may lie in another archive of the same list."""
    assert node.envelope is not None
    missing = [one for one in node.envelope.references if one not in spans]
    if node.parent is not None and node.parent.envelope is not None:
        parent: str | None = node.parent.id
    else:
        parent = missing[-1] if missing else None
    if node is head:
        return parent, missing[0] if missing else node.id
    return parent, short_id(head.id)


def _person(person: Mailbox) -> PersonRecord:
    if person.source_id == UNKNOWN_SENDER:
        return PersonRecord(UNKNOWN_SENDER, "?")
    return PersonRecord(person.source_id, person.name or _name_of(person.address), person.address or None)


def _name_of(address: str) -> str:
    """A name out of an address, which is not for everyone to see: "steven.kean@…" → "Steven Kean"."""
    words = [word for word in re.split(r"[._+\-]+", address.partition("@")[0]) if word]
    return one_line(" ".join(word.capitalize() if word.isalpha() else word for word in words) or "?", 120)
