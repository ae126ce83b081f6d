"""Zip archives from strangers: read entry by entry in memory, never unpacked to disk, within limits."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from parvis.exchange.imports.records import ArchiveError, gettext_noop

NOT_A_ZIP = gettext_noop("This is not a zip archive, or it is damaged: %(error)s.")
TOO_MANY = gettext_noop("This archive holds %(count)d entries; at most %(limit)d are read.")
BOMB = gettext_noop(
    "This archive says that it unpacks to %(size)d MB from %(packed)d MB. That looks like a trap; it was not read."
)
ENCRYPTED = gettext_noop("This archive is protected by a password. Make one without.")
ENTRY_TOO_LARGE = gettext_noop("This entry is %(size)d MB; at most %(limit)d MB are read. It was skipped.")
ENTRY_DAMAGED = gettext_noop("This entry is damaged (%(error)s). It was skipped.")
ENTRY_OUTSIDE = gettext_noop("This entry's name points outside of the archive. It was skipped.")


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """What is read at most. ratio: unpacked size over packed size, of the whole; text packs to a tenth or so.

    list_bytes: of the few entries that list people and places; entry_bytes: of any other.
    """

    entries: int = 1_000_000
    list_bytes: int = 256 * 2**20
    entry_bytes: int = 32 * 2**20
    total_bytes: int = 64 * 2**30
    ratio: int = 150
    ratio_from_bytes: int = 32 * 2**20  # smaller archives may have any ratio


class EntryError(Exception):
    """One entry cannot be read. `reason` and `values` are as in Problem."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason % values if values else reason)
        self.reason = reason
        self.values = values


class SafeZip:
    """An opened zip archive; `names` are its files' names in good order, with / between folders."""

    def __init__(self, path: Path, limits: ZipLimits | None = None) -> None:
        self.limits = limits or ZipLimits()
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise ArchiveError(NOT_A_ZIP, error=error) from None
        try:
            self._check(path.stat().st_size)
        except BaseException:
            self._zip.close()
            raise
        self.outside: list[str] = []
        self._entries = dict(self._named())

    @property
    def names(self) -> list[str]:
        return sorted(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def close(self) -> None:
        self._zip.close()

    def size_bytes(self, name: str) -> int:
        """The unpacked size that the archive states; reading never gives more."""
        return self._entries[name].file_size

    def read(self, name: str, *, is_list: bool = False) -> bytes:
        """The bytes of an entry.  Raises EntryError."""
        entry = self._entries[name]
        limit = self.limits.list_bytes if is_list else self.limits.entry_bytes
        if entry.file_size > limit:
            raise EntryError(ENTRY_TOO_LARGE, size=entry.file_size // 2**20, limit=limit // 2**20)
        try:
            with self._zip.open(entry) as file:
                return file.read(limit)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise EntryError(ENTRY_DAMAGED, error=error) from None

    def _check(self, packed: int) -> None:
        entries = self._zip.infolist()
        if len(entries) > self.limits.entries:
            raise ArchiveError(TOO_MANY, count=len(entries), limit=self.limits.entries)
        total = sum(entry.file_size for entry in entries)
        is_bomb = total > self.limits.ratio_from_bytes and total > packed * self.limits.ratio
        if is_bomb or total > self.limits.total_bytes:
            raise ArchiveError(BOMB, size=total // 2**20, packed=packed // 2**20)
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise ArchiveError(ENCRYPTED)

    def _named(self) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        for entry in self._zip.infolist():
            name = _utf8_name(entry)
            if entry.is_dir() or name.startswith("__MACOSX/"):
                continue
            if name.startswith(("/", "\\")) or "\\" in name or ":" in name.split("/")[0] or ".." in name.split("/"):
                self.outside.append(name)
                continue
            yield name, entry


def _utf8_name(entry: zipfile.ZipInfo) -> str:
    """The entry's name; some tools write UTF-8 without saying so, which Python then takes for the charset of DOS."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename
