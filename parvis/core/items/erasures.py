"""The ledger of erasures: what was deleted stays deleted, even when an older backup is restored.

Each deletion is a row, written in the deed, and a line of the file `erasures.jsonl` in the installation's data,
written after it. The file is kept apart from backups; a restore applies it before it serves.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from pathlib import Path

from django.db import transaction

from parvis.core.items.models import Erasure
from parvis.core.runtime import env


def note(key: str, now: dt.datetime) -> None:
    """Note that the item `key` was erased. Part of the deed's transaction.  Queries: 1."""
    Erasure.objects.get_or_create(key=key, defaults={"at": now})
    transaction.on_commit(system_write_out)


def system_write_out() -> int:
    """Append to the file the erasures that it lacks. Returns how many. Safe to run again, and from several processes."""
    path = ledger_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as ledger:
        fcntl.flock(ledger, fcntl.LOCK_EX)
        rows = list(Erasure.objects.filter(is_written=False).order_by("pk"))
        for row in rows:
            ledger.write(json.dumps({"key": row.key, "at": row.at.isoformat()}) + "\n")
        ledger.flush()
        os.fsync(ledger.fileno())
        Erasure.objects.filter(pk__in=[row.pk for row in rows]).update(is_written=True)
    return len(rows)


def read(path: Path | None = None) -> dict[str, dt.datetime]:
    """Key → when it was erased, as the file says; empty without a file. A torn last line is passed over."""
    path = path or ledger_path()
    erased: dict[str, dt.datetime] = {}
    if not path.exists():
        return erased
    for line in path.read_text().splitlines():
        try:
            row = json.loads(line)
            erased[row["key"]] = dt.datetime.fromisoformat(row["at"])
        except (ValueError, KeyError, TypeError):
            continue
    return erased


def ledger_path() -> Path:
    """Where the ledger lies."""
    return env.data_folder() / "erasures.jsonl"
