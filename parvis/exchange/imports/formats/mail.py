"""One mail (RFC 5322 and MIME), read kindly: its headers, its text as HTML, its files."""

from __future__ import annotations

import binascii
import datetime as dt
import email.message
import email.parser
import email.policy
import email.utils
import io
import mimetypes
import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from parvis.exchange.imports.formats.mail_html import html_to_html
from parvis.exchange.imports.formats.quoting import plain_to_html, unflow
from parvis.exchange.imports.formats.texts import decode, one_line, short_id, tidy
from parvis.exchange.imports.formats.threading import base_subject
from parvis.exchange.imports.records import FileRecord

UNKNOWN_SENDER = "unknown"
_MAX_PARTS = 1000
_MAX_TITLE = 240
_MAX_NAME = 120
_NOT_FILES = frozenset(  # seals that are of no use without the mail as it was
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,998})>")
_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?]{0,20})?\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?)")
_ADDRESS = re.compile(r"^[^\s@<>()\"',;:\\]{1,64}@[^\s@<>()\"',;:\\]{1,253}$")
# Newer Pythons drop a whole header for one odd address unless asked not to; nothing is decided by these addresses here.
_LENIENT: dict[str, bool] = {"strict": False} if getattr(email.utils, "supports_strict_parsing", False) else {}
_FIRST_YEAR, _LAST_YEAR = 1971, 2200
_SAFE_ERRORS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
)  # of the email package


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody in a header. `address` is in lower case, or "" where none can be read."""

    name: str
    address: str

    @property
    def source_id(self) -> str:
        return short_id(self.address or (f"name:{self.name.casefold()}" if self.name else UNKNOWN_SENDER))


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as far as it could be read; `body` is HTML as MessageRecord says."""

    author: Mailbox
    recipients: tuple[Mailbox, ...]
    title: str
    body: str
    files: tuple[FileRecord, ...]


def parse_mail(raw: bytes) -> Mail:
    """The mail in `raw`.  Raises ValueError when its parts are nested or numerous beyond reason."""
    try:
        message = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(raw)
        headers = Headers(message.raw_items())
        texts, files = _contents(message)
    except RecursionError:
        raise ValueError("parts nested too deep") from None
    lists = headers.lists()
    return Mail(
        author=next(
            iter([*headers.people("from"), *headers.people("sender"), *headers.people("reply-to")]), Mailbox("", "")
        ),
        recipients=tuple(
            dict.fromkeys(one for one in headers.people("to", "cc") if one.address and one.address not in lists)
        ),
        title=_title(one_line(headers.text("subject"), _MAX_TITLE)),
        body="".join(texts),
        files=tuple(files),
    )


class Headers:
    """The headers of a mail, decoded when asked for. Names are in lower case."""

    def __init__(self, items: Iterable[tuple[str, object]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in items:
            self._values.setdefault(name.lower(), []).append(str(value)[:100_000])

    def raw(self, name: str) -> str:
        """All bearers of `name`, as they came, on one line."""
        return " ".join(" ".join(self._values.get(name, ())).split())

    def text(self, name: str) -> str:
        """The first bearer of `name`, decoded."""
        return decode_words(next(iter(self._values.get(name, ())), ""))

    def people(self, *names: str) -> list[Mailbox]:
        """Who stands in these headers."""
        values = [_eight_bit(value) for name in names for value in self._values.get(name, ())]
        try:
            pairs = email.utils.getaddresses([_ask_at(" ".join(value.split())) for value in values], **_LENIENT)
        except (*_SAFE_ERRORS, RecursionError):
            return []
        people = []
        for name, address in pairs:
            name = one_line(decode_words(name), _MAX_NAME).strip("'\" ")
            address = address.strip().lower()
            if not _ADDRESS.match(address):
                name, address = name or one_line(decode_words(address), _MAX_NAME), ""
            if name or address:
                people.append(Mailbox(name if name.lower() != address else "", address))
        return people

    def message_ids(self, name: str) -> list[str]:
        """The ids in header `name`, without their brackets."""
        return _MESSAGE_ID.findall(_eight_bit(self.raw(name)))

    def references(self) -> tuple[str, ...]:
        """What the mail answers, farthest first: References, else the first id of In-Reply-To (RFC 5256)."""
        return tuple(self.message_ids("references") or self.message_ids("in-reply-to")[:1])

    def date(self) -> dt.datetime | None:
        """When it was written, in UTC; by who received it where the writer's date cannot be read."""
        received = next(iter(self._values.get("received", ())), "")
        for text in (self.text("date"), received.rpartition(";")[2]):
            if (at := parse_date(text)) is not None:
                return at
        return None

    def lists(self) -> frozenset[str]:
        """Addresses of the mailing lists that carried it: they stand in To, but are nobody."""
        found = re.findall(r"mailto:([^>?\s]+)", self.raw("list-post"))
        found += [self.raw("x-beenthere"), self.raw("x-mailing-list").strip("<>")]
        found += [one.replace(".", "@", 1) for one in re.findall(r"<([^<>\s]+)>", self.raw("list-id"))]
        return frozenset(one.lower() for one in found if one)


def parse_date(text: str) -> dt.datetime | None:
    """The instant that a mail's date means, in UTC; None where it means none."""
    try:
        at = email.utils.parsedate_to_datetime(" ".join(text[:200].split()))
        at = at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
    except _SAFE_ERRORS:
        return None
    return at if _FIRST_YEAR <= at.year <= _LAST_YEAR else None


def decode_words(text: str) -> str:
    """A header as people read it (RFC 2047), in whatever charset; what cannot be decoded stays."""
    text = _BETWEEN_WORDS.sub(r"\1", _eight_bit(text))
    out: list[str] = []
    pending, charset, at = b"", "", 0
    for match in _ENCODED_WORD.finditer(text):
        if match.start() != at or match[1].lower() != charset:  # else a character may be cut between two words
            out += [decode(pending, charset), text[at : match.start()]]
            pending, charset = b"", match[1].lower()
        pending += _word_bytes(match[2].lower(), match[3])
        at = match.end()
    return tidy("".join([*out, decode(pending, charset), text[at:]]))


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("ascii", "ignore")
    if encoding == "q":
        return quopri.decodestring(data, header=True)
    try:
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return b""


def _eight_bit(value: str) -> str:
    """A header in which raw bytes came (the email package smuggles them as surrogates), decoded."""
    if value.isascii():
        return value
    try:
        return decode(value.encode("ascii", "surrogateescape"))
    except UnicodeEncodeError:
        return tidy(value)


def _ask_at(value: str) -> str:
    """Public list archives write "ada at example.org (Ada)"."""
    return value if "@" in value else re.sub(r"^(\S{1,64}) at (\S{1,253}\.\S{2,})", r"\1@\2", value)


def _contents(message: email.message.Message) -> tuple[list[str], list[FileRecord]]:
    """The texts as HTML, in order, and the files."""
    texts: list[str] = []
    files: list[FileRecord] = []
    for number, part in enumerate(_leaves(message)):
        if number >= _MAX_PARTS:
            raise ValueError("too many parts")
        kind, name = part.get_content_type(), _file_name(part)
        if kind in ("text/plain", "text/html") and not name and not _is_attachment(part):
            text = decode(_data(part), _charset(part))
            if text.strip():
                texts.append(html_to_html(text) if kind == "text/html" else _plain(part, text))
        elif kind not in _NOT_FILES:
            files.append(_file(part, kind, name, len(files) + 1))
    return texts, files


def _leaves(message: email.message.Message) -> Iterator[email.message.Message]:
    """The parts to show, in order; of alternatives the one that is easiest to keep: plain text, else HTML."""
    stack = [message]
    while stack:
        part = stack.pop()
        kind = part.get_content_type()
        if kind == "message/rfc822" or not part.is_multipart():
            yield part
            continue
        children = [child for child in part.get_payload() if isinstance(child, email.message.Message)]
        if kind == "multipart/alternative":
            children = _best(children)
        stack.extend(reversed(children))


def _best(alternatives: list[email.message.Message]) -> list[email.message.Message]:
    for part in alternatives:
        if part.get_content_type() == "text/plain" and _data(part).strip():
            return [part]
    readable = [part for part in alternatives if part.is_multipart() or part.get_content_type() == "text/html"]
    others = [part for part in alternatives if _is_attachment(part) or part.get_content_type() == "text/calendar"]
    return [*(readable[-1:] or alternatives[-1:]), *(one for one in others if one not in readable[-1:])]


def _plain(part: email.message.Message, text: str) -> str:
    if str(_parameter(part, "format")).lower() == "flowed":
        text = unflow(text, delete_space=str(_parameter(part, "delsp")).lower() == "yes")
    return plain_to_html(text)


def _file(part: email.message.Message, kind: str, name: str, number: int) -> FileRecord:
    if kind == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        data = first.as_bytes() if isinstance(first, email.message.Message) else _data(part)
        suffix = ".eml"
    else:
        data = _data(part)
        suffix = mimetypes.guess_extension(kind) or ".bin"
    return FileRecord(name or f"{number}{suffix}", kind, len(data), lambda: io.BytesIO(data))


def _data(part: email.message.Message) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except _SAFE_ERRORS:
        data = None
    return data if isinstance(data, bytes) else b""


def _charset(part: email.message.Message) -> str:
    try:
        return part.get_content_charset() or ""
    except _SAFE_ERRORS:
        return ""


def _parameter(part: email.message.Message, name: str) -> object:
    try:
        return part.get_param(name)
    except _SAFE_ERRORS:
        return None


def _is_attachment(part: email.message.Message) -> bool:
    try:
        return part.get_content_disposition() == "attachment"
    except _SAFE_ERRORS:
        return False


def _file_name(part: email.message.Message) -> str:
    """The file's name without any folder, or ""."""
    try:
        name = decode_words(part.get_filename() or "")
    except _SAFE_ERRORS:
        return ""
    return one_line(re.split(r"[/\\]", name)[-1], 200).strip(". ")


def _title(subject: str) -> str:
    """The subject, or nothing where it says only that it answers ("Re:"): the text's first words then stand for it."""
    return subject if base_subject(subject)[0] else ""
