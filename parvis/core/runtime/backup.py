"""Backups: one archive with every table as lines of JSON, then the blobs. The same for SQLite and PostgreSQL.

A backup is a tar file:

    manifest.json        format, when, which migrations, where the log's numbering stands, rows and SHA-256 of each table
    tables/<table>.jsonl one line a row, an array in the order of the manifest's columns
    blobs/<ab>/<sha256>  bytes of files

Keys and the search index are not in it: the first are kept apart, the second is rebuilt. Sessions are not either.
A backup `in_place` is for this very installation, as `parvis upgrade` makes one: with sessions, without blobs.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, connections, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from parvis import __version__
from parvis.core.runtime import env
from parvis.core.runtime.values import to_json

FORMAT = 1
# Made by each installation for itself, or short-lived: not in backups.
LEFT_OUT = frozenset(
    {"django_session", "usersessions_usersession", "django_content_type", "auth_permission", "django_migrations"}
)


class BadBackup(Exception):
    """A backup that cannot be read or restored; the message says why, for an administrator."""


def left_out(*, in_place: bool) -> frozenset[str]:
    """The tables that a backup lacks."""
    return frozenset({"django_migrations"}) if in_place else LEFT_OUT


def write_backup(path: Path, now: dt.datetime, *, in_place: bool = False) -> dict[str, Any]:
    """Write a backup to `path` while people go on working; it shows one instant. Returns its manifest.

    The file appears under its name only when whole. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder, _snapshot(Path(folder)) as alias:
        tables = Path(folder) / "tables"
        tables.mkdir()
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "parvis": __version__,
            "at": now.isoformat(),
            "in_place": in_place,
            "migrations": _migrations(alias),
            "sequences": _sequences(alias),
            "tables": {m._meta.db_table: _write_table(m, alias, tables) for m in _models(in_place)},
        }
        digests = [] if in_place else _blob_digests(alias)
        manifest["blobs"] = len(digests)
        fresh = Path(folder) / "backup.tar"
        with tarfile.open(fresh, "w") as archive:
            (Path(folder) / "manifest.json").write_text(json.dumps(manifest, indent=1))
            archive.add(Path(folder) / "manifest.json", "manifest.json")
            for name in sorted(tables.iterdir()):
                archive.add(name, f"tables/{name.name}")
            manifest["missing_blobs"] = _add_blobs(archive, digests)
        fresh.chmod(0o600)
        fresh.replace(path)
    return manifest


def _models(in_place: bool) -> list[type[models.Model]]:
    every = apps.get_models(include_auto_created=True)
    without = left_out(in_place=in_place)
    return [m for m in every if m._meta.managed and not m._meta.proxy and m._meta.db_table not in without]


@contextlib.contextmanager
def _snapshot(folder: Path) -> Iterator[str]:
    """The alias of a database that stands still: a copy for SQLite, one transaction for PostgreSQL."""
    if connection.vendor != "sqlite":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield "default"
        return
    copy = folder / "snapshot.sqlite3"
    with contextlib.closing(sqlite3.connect(copy)) as target:
        connection.ensure_connection()
        connection.connection.backup(target)
    settings = {**connections.settings["default"], "NAME": str(copy), "ENGINE": "django.db.backends.sqlite3"}
    connections.settings["snapshot"] = {**settings, "OPTIONS": {}}
    try:
        yield "snapshot"
    finally:
        connections["snapshot"].close()
        del connections["snapshot"]
        del connections.settings["snapshot"]
        copy.unlink()


def _migrations(alias: str) -> list[list[str]]:
    recorder = MigrationRecorder(connections[alias])
    return sorted([app, name] for app, name in recorder.applied_migrations())


def _sequences(alias: str) -> dict[str, int]:
    """The highest key that each table ever gave: numbering goes on above it, even where the last rows are gone."""
    db = connections[alias]
    given: dict[str, int] = {}
    with db.cursor() as cursor:
        if db.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            return {str(name): int(seq) for name, seq in cursor.fetchall()}
        for model in _models(in_place=True):
            key = model._meta.pk
            if isinstance(key, models.AutoField | models.BigAutoField | models.SmallAutoField):
                cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [model._meta.db_table, key.column])
                (sequence,) = cursor.fetchone()
                if sequence:
                    cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")
                    given[model._meta.db_table] = int(cursor.fetchone()[0])
    return given


def _write_table(model: type[models.Model], alias: str, folder: Path) -> dict[str, Any]:
    fields = list(model._meta.concrete_fields)
    digest, rows = hashlib.sha256(), 0
    with (folder / f"{model._meta.db_table}.jsonl").open("wb") as out:
        query = model._base_manager.using(alias).order_by("pk").values_list(*(f.attname for f in fields))
        for row in query.iterator(chunk_size=2000):
            line = json.dumps([to_json(value) for value in row], ensure_ascii=False).encode() + b"\n"
            digest.update(line)
            out.write(line)
            rows += 1
    return {
        "model": model._meta.label_lower,
        "columns": [f.attname for f in fields],
        "rows": rows,
        "sha256": digest.hexdigest(),
    }


def _blob_digests(alias: str) -> list[str]:
    blobs = apps.get_model("files", "Blob")
    return list(blobs._base_manager.using(alias).order_by("pk").values_list("pk", flat=True))


def _add_blobs(archive: tarfile.TarFile, digests: list[str]) -> list[str]:
    """Add the bytes. Returns the digests whose bytes are gone (deleted while the backup ran)."""
    missing = []
    for digest in digests:
        path = blob_folder() / digest[:2] / digest
        try:
            archive.add(path, f"blobs/{digest[:2]}/{digest}")
        except FileNotFoundError:
            missing.append(digest)
    return missing


def blob_folder() -> Path:
    """Where blobs lie."""
    return env.data_folder() / "blobs"
