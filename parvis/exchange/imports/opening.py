"""Opens an archive by its format, and says what it holds before anything is written."""

from __future__ import annotations

import hashlib
import unicodedata
from itertools import takewhile
from pathlib import Path

from parvis.exchange.imports.formats.mbox import Mbox
from parvis.exchange.imports.formats.slack import SlackExport
from parvis.exchange.imports.records import Archive, ArchiveError, GroupRecord, MessageRecord, Visibility, gettext_noop

NOT_FOUND = gettext_noop("There is no file %(path)s that can be read.")


def open_mbox(path: Path, *, community: str, is_public: bool) -> Archive:
    """A mail archive, which becomes the community of that name.  Raises ArchiveError."""
    visibility = Visibility.PUBLIC if is_public else Visibility.PRIVATE
    try:
        return Mbox(path, name=community, source=f"mbox:{_short(community)}", visibility=visibility)
    except OSError:
        raise ArchiveError(NOT_FOUND, path=path) from None


def open_slack(path: Path) -> Archive:
    """A Slack export.  Raises ArchiveError."""
    try:
        return SlackExport(path)
    except OSError:
        raise ArchiveError(NOT_FOUND, path=path) from None


def groups_of(archive: Archive) -> list[GroupRecord]:
    """The places of an archive, read before its messages."""
    before = takewhile(lambda record: not isinstance(record, MessageRecord), archive.records())
    return [record for record in before if isinstance(record, GroupRecord)]


def _short(name: str) -> str:
    """A name as part of a source: at most 34 letters and digits, the same for the same name."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    plain = "-".join(
        "".join(c if c.isascii() and c.isalnum() else " " for c in folded if not unicodedata.combining(c)).split()
    )
    digest = hashlib.sha256(unicodedata.normalize("NFC", name.strip().casefold()).encode()).hexdigest()[:8]
    return f"{plain[:25]}-{digest}" if plain else digest
