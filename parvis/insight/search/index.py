"""The index of each network: a folder of Tantivy's, written by one process, read by all.

`index/<network id>/v<format>` is a link to the folder in use, so that another one is built beside it and takes its
place in one step. Nothing here knows the database: it keeps rows and gives them back.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import tantivy
from django.conf import settings

from parvis.core.items.readers import Unavailable
from parvis.insight.search import words

logger = logging.getLogger("parvis.search")

FORMAT = 1  # of the folder; another number is built anew
LEAD = 100  # words at the beginning of a text that count more
TRACED = 1000  # words of a text that the order of results looks at
_HEAP_BYTES = 32_000_000
_WHITESPACE = "words"  # the texts are cut by `words.py`; the engine only parts them at spaces


class IndexBusy(Unavailable):
    """Another process writes this index; it must be the only one. The reader tries again later."""


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """What the index keeps of an item.  principals: who may see it, as in audiences."""

    id: int
    key: str
    kind: str
    place: int
    author: int
    thread: int
    language: str
    at: dt.datetime
    principals: tuple[int, ...]
    title: str
    body: str = ""


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    # Signed, never unsigned: deleting by an unsigned number silently deletes nothing.
    builder.add_integer_field("id", stored=True, indexed=True)
    builder.add_integer_field("thread", stored=True, indexed=True)
    builder.add_integer_field("place", stored=True, indexed=True)
    builder.add_integer_field("author", stored=True, indexed=True)
    builder.add_integer_field("principals", stored=True, indexed=True)
    builder.add_integer_field("moment", stored=True, indexed=True, fast=True)
    builder.add_float_field("tie", fast=True)
    for name in ("key", "kind", "language"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("title", "lead", "body"):
        builder.add_text_field(name, tokenizer_name=_WHITESPACE, index_option="basic")
    for name in ("title_words", "words"):
        builder.add_text_field(name, tokenizer_name=_WHITESPACE, index_option="position")
    for name in ("trace", "stem_trace"):
        builder.add_bytes_field(name, stored=True)
    return builder.build()


SCHEMA = _schema()


def moment_of(at: dt.datetime, item_id: int) -> int:
    """An instant, to the second, with the item's id behind it: no two items share one, so that lists have an order."""
    return (int(at.timestamp()) << 30) + (item_id & 0x3FFF_FFFF)


_YEAR_2000 = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def _tie_of(row: Row) -> float:
    """What settles equal scores: the newer day first, then by key. At most 1 % of a score."""
    days = min(max((row.at - _YEAR_2000).days, 0), 0x3FFF)
    return (days * 4 + ord(words.mark_of(row.key)) % 4) / 65536 * 0.02


def _document(row: Row) -> tantivy.Document:
    title = [w.text for w in words.words_of(row.title)]
    body = [w.text for w in words.words_of(row.body)]
    texts = title + body
    stems = words.stems_of(texts, row.language)
    columns = [stems.stems, stems.accented]
    if row.language not in words.LANGUAGES:
        columns.append(words.stems_of(texts, "en").stems)
    document = tantivy.Document()
    for name in ("id", "thread", "place", "author"):
        document.add_integer(name, getattr(row, name))
    for principal in sorted(row.principals):
        document.add_integer("principals", principal)
    document.add_integer("moment", moment_of(row.at, row.id))
    document.add_float("tie", _tie_of(row))
    for name in ("key", "kind", "language"):
        document.add_text(name, getattr(row, name))
    document.add_text("title", _joined(columns, len(title)))
    document.add_text("lead", _joined(columns, LEAD))
    document.add_text("body", _joined(columns, len(texts)))
    document.add_text("title_words", " ".join(stems.folded[: len(title)]))
    for part in (stems.folded[: len(title)], stems.folded[len(title) :]):
        document.add_text("words", " ".join(part))  # apart: no phrase runs from a title into a body
    second = [b for a, b in zip(stems.stems[:TRACED], stems.accented[:TRACED], strict=True) if a != b]
    document.add_bytes("trace", _traced(stems.folded, len(title)))
    document.add_bytes("stem_trace", _traced(stems.stems, len(title), second))
    return document


_NEXT = "\x01"  # in a trace: what follows is the body; then, the other stems of the same words


def _traced(texts: Sequence[str], title: int, more: Sequence[str] = ()) -> bytes:
    parts = (texts[: min(title, TRACED)], texts[title:TRACED], more)
    return _NEXT.join(words.trace_of(part) for part in parts).encode("utf-16-le")


def _joined(columns: Sequence[Sequence[str]], count: int) -> str:
    """All stems of the first `count` words, each once."""
    return " ".join(sorted({stem for column in columns for stem in column[:count]}))


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A candidate, as the index kept it.

    trace: its words, those of its title first; stems: their stems, in the same places; others: the stems with accents
    of those that have others; each word or stem being one character (see `words.mark_of`).  title: how many words.
    """

    id: int
    key: str
    kind: str
    language: str
    place: int
    author: int
    thread: int
    moment: int
    trace: str
    stems: str
    others: str
    title: int

    @property
    def at(self) -> int:
        """When it was made, in seconds since 1970."""
        return self.moment >> 30


def found_at(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Found:
    """The candidate at an address that a search gave."""
    kept = searcher.doc(address)
    first: Callable[[str], Any] = kept.get_first
    title, body, _ = bytes(first("trace")).decode("utf-16-le").split(_NEXT)
    title_stems, body_stems, others = bytes(first("stem_trace")).decode("utf-16-le").split(_NEXT)
    names = ("id", "key", "kind", "language", "place", "author", "thread", "moment")
    return Found(
        **{name: first(name) for name in names},
        trace=title + body,
        stems=title_stems + body_stems,
        others=others,
        title=len(title),
    )


# --- where it is


def _link(network_id: int) -> Path:
    return Path(settings.SEARCH_INDEX) / str(network_id) / f"v{FORMAT}"


def _folder(network_id: int) -> Path | None:
    """The folder in use, None when the network has no index of this format yet."""
    link = _link(network_id)
    try:
        return link.parent / link.readlink()
    except OSError:
        return None


def is_built(network_id: int) -> bool:
    """Whether the network has an index of this format."""
    return _folder(network_id) is not None


def _open(folder: Path, *, new: bool = False) -> tantivy.Index:
    index = tantivy.Index(SCHEMA, str(folder), reuse=True) if new else tantivy.Index.open(str(folder))
    index.register_tokenizer(_WHITESPACE, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    index.config_reader("manual")
    return index


# --- reading

_lock = threading.Lock()
_open_readers: dict[int, tuple[Path, tantivy.Index, tuple[int, int]]] = {}


def searcher_of(network_id: int) -> tantivy.Searcher | None:
    """What the index holds as of its last commit; None when the network has no index yet."""
    for _ in range(3):  # the folder may be replaced between finding and opening it
        folder = _folder(network_id)
        if folder is None:
            return None
        try:
            with _lock:
                return _reloaded(network_id, folder).searcher()
        except (OSError, ValueError):
            _open_readers.pop(network_id, None)
    return None


def _reloaded(network_id: int, folder: Path) -> tantivy.Index:
    state = (folder / "meta.json").stat()
    stamp = (state.st_mtime_ns, state.st_ino)
    known = _open_readers.get(network_id)
    if known is not None and known[0] == folder:
        if known[2] == stamp:
            return known[1]
        index = known[1]
    else:
        index = _open(folder)
    index.reload()
    _open_readers[network_id] = (folder, index, stamp)
    return index


# --- writing


class Writer:
    """The one writer of a folder. Raises IndexBusy when another process has it."""

    def __init__(self, folder: Path, *, new: bool = False) -> None:
        self.folder = folder
        try:
            self._writer = _open(folder, new=new).writer(_HEAP_BYTES, 1)
        except ValueError as error:
            if "LockBusy" in str(error):
                raise IndexBusy(f"the search index in {folder} is being written by another process") from error
            raise Unavailable(f"the search index in {folder} cannot be opened") from error

    def replace(self, rows: Sequence[Row], gone: Iterable[int]) -> None:
        """Put these rows in place of what was known of their items; forget the items `gone`. All of it, or nothing."""
        try:
            for item_id in {*gone, *(row.id for row in rows)}:
                self._writer.delete_documents_by_term("id", item_id)
            for row in rows:
                self._writer.add_document(_document(row))
            self._writer.commit()
        except (OSError, ValueError) as error:
            raise Unavailable(f"the search index in {self.folder} cannot be written") from error

    def close(self) -> None:
        """Let go of the folder once the engine has tidied it."""
        self._writer.wait_merging_threads()


_writers: dict[int, Writer] = {}


def replace(network_id: int, rows: Sequence[Row], gone: Iterable[int]) -> None:
    """As `Writer.replace`, in the folder in use, whose writer this process keeps.  Raises Unavailable, IndexBusy."""
    folder = _folder(network_id)
    if folder is None:
        raise Unavailable(f"the network {network_id} has no search index")
    writer = _writers.get(network_id)
    if writer is None or writer.folder != folder:
        _writers.pop(network_id, None)
        writer = None  # let go of the old folder before its files disappear
        writer = _writers[network_id] = Writer(folder)
    try:
        writer.replace(rows, gone)
    except Unavailable:
        _writers.pop(network_id, None)  # what was not committed is forgotten with it
        raise


def close_all() -> None:
    """Let go of every index that this process holds."""
    for network_id in list(_writers):
        _writers.pop(network_id).close()
    with _lock:
        _open_readers.clear()


class Building:
    """An index made beside the one in use. `publish` puts it in its place; until then nobody sees it."""

    def __init__(self, network_id: int) -> None:
        self._link = _link(network_id)
        self._name = f"v{FORMAT}-{secrets.token_hex(6)}"
        self._folder = self._link.parent / f"building-{self._name}"
        self._folder.mkdir(parents=True)
        self.writer = Writer(self._folder, new=True)

    def publish(self) -> None:
        """Make it the index in use, in one step, and drop those that came before it."""
        self.writer.close()
        self._folder.rename(self._link.parent / self._name)
        fresh = self._link.parent / f"link-{self._name}"
        fresh.symlink_to(self._name)
        fresh.replace(self._link)
        for other in self._link.parent.iterdir():
            if other.is_dir() and not other.is_symlink() and not other.name.startswith("building-"):
                if other.name != self._name:
                    shutil.rmtree(other, ignore_errors=True)
            elif other.is_symlink() and not other.exists():
                other.unlink(missing_ok=True)

    def abandon(self) -> None:
        """Throw it away."""
        self.writer.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def system_sweep(older_than_s: float, now_s: float) -> None:
    """Drop what an interrupted rebuild left behind."""
    root = Path(settings.SEARCH_INDEX)
    for folder in root.glob("*/building-*"):
        try:
            if now_s - folder.stat().st_mtime > older_than_s:
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:
            continue
    logger.debug("swept %s", os.fspath(root))
