"""The ledger of erasures: what was deleted stays deleted, even when an older backup is restored.

Each deletion is a row, written in the deed, and a line of the file `erasures.jsonl` in the installation's data,
written after it; a worker writes what a process had no time to write. The file is kept apart from backups; a restore
applies it before it serves.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from pathlib import Path
from typing import IO

from django.db import transaction

from parvis.core.items.models import Erasure
from parvis.core.runtime import env


def note(key: str, now: dt.datetime) -> None:
    """Note that the item `key` was erased. Part of the deed's transaction.  Queries: 1."""
    Erasure.objects.get_or_create(key=key, defaults={"at": now})
    transaction.on_commit(system_write_out, robust=True)  # the deed is done, whether or not the disk is full


def system_write_out() -> int:
    """Append to the file the erasures that it lacks. Returns how many. Safe to run again, and from several processes.

    Queries: 1 when it lacks none.
    """
    lacking = Erasure.objects.filter(is_written=False)
    if not lacking.exists():
        return 0
    path = ledger_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as ledger:
        fcntl.flock(ledger, fcntl.LOCK_EX)
        rows = list(lacking.order_by("pk"))
        lines = [json.dumps({"key": row.key, "at": row.at.isoformat()}).encode() + b"\n" for row in rows]
        ledger.write(_end_of_torn_line(ledger) + b"".join(lines))
        ledger.flush()
        os.fsync(ledger.fileno())
        Erasure.objects.filter(pk__in=[row.pk for row in rows]).update(is_written=True)
    return len(rows)


def _end_of_torn_line(ledger: IO[bytes]) -> bytes:
    """What parts the next line from one that a process began and did not finish."""
    if not ledger.seek(0, os.SEEK_END):
        return b""
    ledger.seek(-1, os.SEEK_END)
    return b"" if ledger.read(1) == b"\n" else b"\n"


def read(path: Path | None = None) -> dict[str, dt.datetime]:
    """Key → when it was erased, as the file says; empty without a file. A torn line is passed over."""
    path = path or ledger_path()
    erased: dict[str, dt.datetime] = {}
    if not path.exists():
        return erased
    for line in path.read_text(errors="replace").splitlines():
        try:
            row = json.loads(line)
            erased[row["key"]] = dt.datetime.fromisoformat(row["at"])
        except (ValueError, KeyError, TypeError):
            continue
    return erased


def ledger_path() -> Path:
    """Where the ledger lies."""
    return env.data_folder() / "erasures.jsonl"
