"""Imports an archive: reads its records in chunks and writes each chunk, with how far it came, in one transaction.

Killed at any point, it goes on after the last chunk when called again with the same archive. Run again from the start, it
makes nothing twice. Nobody is notified: what it makes bears the origin `import`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models import F

from parvis.core.files.actions import NewFile, keep_file
from parvis.core.files.blobs import TooLarge, chunks_of
from parvis.core.people.models import Network, Person
from parvis.exchange.imports.models import ImportRun
from parvis.exchange.imports.people import write_people
from parvis.exchange.imports.places import write_places
from parvis.exchange.imports.records import (
    Archive,
    GroupRecord,
    MessageRecord,
    PersonRecord,
    Problem,
    Record,
    gettext_noop,
)
from parvis.exchange.imports.threads import known_messages, write_messages

CHUNK = 250  # records written together
_CHUNK_BYTES = 16 * 2**20  # of texts and files, about
_FILE_BYTES = 64 * 2**20

NOT_WRITTEN = gettext_noop("This cannot be written (%(error)s). It was skipped.")
FILE_NOT_READ = gettext_noop("The file “%(name)s” cannot be read or is too large. It was left out.")


class Overtaken(Exception):
    """Another process is importing the same archive."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run came.

    messages: read by this process, in `seconds`.  share: 0..1 of the archive; share_before: where this process began.
    """

    run: ImportRun
    messages: int
    seconds: float
    share_before: float

    @property
    def share(self) -> float:
        return _share(self.run)


def _share(run: ImportRun) -> float:
    return min(1.0, run.position / run.size) if run.size else 1.0


def fingerprint_of(path: Path) -> str:
    """What tells an archive from another: its size, its first and its last megabyte."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(2**20))
        file.seek(max(0, size - 2**20))
        digest.update(file.read(2**20))
    return digest.hexdigest()


def open_run(network: Network, archive: Archive, path: Path, options: dict[str, Any], now: dt.datetime) -> ImportRun:
    """The unfinished run of this very archive, or a new one."""
    fingerprint = fingerprint_of(path)
    unfinished = ImportRun.objects.select_related("network").filter(
        network=network, source=archive.source, fingerprint=fingerprint, ended_at=None, options=options
    )
    return unfinished.order_by("-started_at").first() or ImportRun.objects.create(
        network=network,
        source=archive.source,
        archive=path.name[:255],
        fingerprint=fingerprint,
        options=options,
        started_at=now,
        size=archive.size,
    )


def import_archive(
    run: ImportRun,
    archive: Archive,
    clock: Callable[[], dt.datetime],
    *,
    owner: Person | None = None,
    tell_problem: Callable[[Problem], None] = lambda problem: None,
    tell_progress: Callable[[Progress], None] = lambda progress: None,
    chunk: int = CHUNK,
) -> ImportRun:
    """Write all that `archive` holds beyond the run's position. Returns the run, ended.

    owner: of the places that name none.  tell_problem: called for each record that was skipped or mended.
    Raises Overtaken; ArchiveError when reading ends early.
    """
    writer = _Writer(run, owner, clock, tell_problem)
    started, before, read = time.monotonic(), _share(run), 0
    for records in _chunks(archive.records(run.position), chunk):
        writer.write(records)
        read += sum(isinstance(record, MessageRecord) for record in records)
        tell_progress(Progress(run, read, time.monotonic() - started, before))
    run.ended_at = clock()
    run.position = run.size
    run.save(update_fields=["ended_at", "position"])
    tell_progress(Progress(run, read, time.monotonic() - started, before))
    return run


def _chunks(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    """Records in lists of `size`, fewer where they are heavy."""
    held: list[Record] = []
    weight = 0
    for record in records:
        held.append(record)
        if isinstance(record, MessageRecord):
            weight += len(record.body) + sum(file.size_bytes or 0 for file in record.files if file.open)
        if len(held) >= size or weight > _CHUNK_BYTES:
            yield held
            held, weight = [], 0
    if held:
        yield held


class _Writer:
    def __init__(
        self,
        run: ImportRun,
        owner: Person | None,
        clock: Callable[[], dt.datetime],
        tell_problem: Callable[[Problem], None],
    ) -> None:
        self._run, self._owner, self._clock, self._tell = run, owner, clock, tell_problem
        self._places: dict[str, GroupRecord] = {}  # without their members
        self._advanced: tuple[int, dict[str, int]] = (0, {})

    def write(self, records: Sequence[Record]) -> None:
        """Write a chunk; where the database refuses it, its halves, down to the one record that is at fault."""
        for record in records:
            if isinstance(record, GroupRecord):
                self._places[record.source_id] = replace(record, members=(), description="")
        files, problems = self._keep_files(records)
        try:
            problems += self._write_once(records, files)
        except (OperationalError, InterfaceError):
            raise  # the database is away or full: nothing is wrong with the records
        except (DatabaseError, ValueError) as error:
            if len(records) > 1:
                middle = len(records) // 2
                self.write(records[:middle])
                self.write(records[middle:])
                return
            problems += self._skip(records[0], error)
        self._settle()
        for problem in problems:
            self._tell(problem)

    def _keep_files(self, records: Sequence[Record]) -> tuple[dict[str, list[NewFile]], list[Problem]]:
        """Keeps the bytes of files before the transaction, which is kept short."""
        bearing = [
            record for record in records if isinstance(record, MessageRecord) and any(f.open for f in record.files)
        ]
        known = known_messages(self._run, [message.source_id for message in bearing])
        kept: dict[str, list[NewFile]] = {}
        problems: list[Problem] = []
        for message in bearing:
            for file in message.files:
                if file.open is None or message.source_id in known:
                    continue
                try:
                    with file.open() as opened:
                        new = keep_file(file.name, chunks_of(opened), limit=_FILE_BYTES)
                    kept.setdefault(message.source_id, []).append(new)
                except (TooLarge, EOFError, ValueError):
                    problems.append(Problem(message.source_id, FILE_NOT_READ, {"name": file.name}))
        return kept, problems

    @transaction.atomic
    def _write_once(self, records: Sequence[Record], files: dict[str, list[NewFile]]) -> list[Problem]:
        now = self._clock()
        people, problems = write_people(self._run, [r for r in records if isinstance(r, PersonRecord)], now)
        places, more = write_places(self._run, [r for r in records if isinstance(r, GroupRecord)], self._owner, now)
        problems += more
        messages = [record for record in records if isinstance(record, MessageRecord)]
        written = write_messages(self._run, messages, self._places, files)
        problems += [record for record in records if isinstance(record, Problem)]
        problems += written.problems
        self._advance(
            records,
            people=people,
            groups=places,
            threads=written.threads,
            answers=written.answers,
            files=written.files,
            known=written.known,
            problems=len(problems),
        )
        return problems

    def _skip(self, record: Record, error: Exception) -> list[Problem]:
        place = record.place if isinstance(record, Problem) else record.source_id
        with transaction.atomic():
            self._advance([record], problems=1)
        return [Problem(place, NOT_WRITTEN, {"error": type(error).__name__})]

    def _advance(self, records: Sequence[Record], **counts: int) -> None:
        """Move the run in the transaction that wrote.  Raises Overtaken when another process moved it meanwhile."""
        run = self._run
        positions = [record.position for record in records if isinstance(record, (MessageRecord, Problem))]
        position = max([run.position, *positions])
        row = ImportRun.objects.filter(pk=run.pk, position=run.position, ended_at=None)
        if not row.update(position=position, **{name: F(name) + count for name, count in counts.items()}):
            raise Overtaken
        self._advanced = position, counts

    def _settle(self) -> None:
        """Once committed: the run in memory is as in the database."""
        self._run.position, counts = self._advanced
        for name, count in counts.items():
            setattr(self._run, name, getattr(self._run, name) + count)
