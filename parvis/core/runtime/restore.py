"""Restoring a backup into an empty installation, on either database; the log's numbering goes on where it stood."""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.management import call_command
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor

from parvis.core.runtime.backup import FORMAT, BadBackup, blob_folder, left_out
from parvis.core.runtime.values import from_json

_CHUNK = 1000


def read_manifest(path: Path) -> dict[str, Any]:
    """What a backup says of itself. Raises BadBackup."""
    try:
        with tarfile.open(path, "r:") as archive:
            file = archive.extractfile("manifest.json")
            manifest = json.loads(file.read()) if file else None
    except (tarfile.TarError, KeyError, ValueError, OSError) as error:
        raise BadBackup(f"{path} is not a Parvis backup ({type(error).__name__}).") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BadBackup(f"{path} was written in a format that this version does not read.")
    return manifest


def restore_backup(path: Path, *, in_place: bool = False) -> dict[str, Any]:
    """Restore a backup into this installation, which must be empty. Returns its manifest.

    The tables are first made as they were at the backup, filled, then migrated forward. All or nothing: nothing is
    kept of a restore that fails (blobs excepted, which harm nobody).

    in_place: instead, whatever tables are there are dropped first, and they stay as they were at the backup: what
    runs next brings them forward. One that fails can be run again.  Raises BadBackup.
    """
    manifest = read_manifest(path)
    _verify(path, manifest)
    nodes = _nodes(manifest)
    if in_place:
        _drop_tables()
    elif manifest.get("in_place"):
        raise BadBackup("This backup has no files: it goes back where it was made (parvis restore --in-place).")
    elif _is_in_use():
        raise BadBackup("This installation is not empty. Restore into an empty database and data folder.")
    _migrate_to(nodes)
    with transaction.atomic(), tarfile.open(path, "r:") as archive:
        _fill(archive, manifest, nodes, left_out(in_place=in_place))
        _set_sequences(manifest)
        connection.check_constraints()
    _restore_blobs(path)
    if not in_place:
        call_command("migrate", verbosity=0, interactive=False)
    return manifest


def _verify(path: Path, manifest: dict[str, Any]) -> None:
    with tarfile.open(path, "r:") as archive:
        for table, told in manifest["tables"].items():
            digest = hashlib.sha256()
            with _member(archive, f"tables/{table}.jsonl") as file:
                while piece := file.read(1 << 20):
                    digest.update(piece)
            if digest.hexdigest() != told["sha256"]:
                raise BadBackup(f"The table {table} of this backup is damaged.")


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        file = archive.extractfile(name)
    except KeyError:
        file = None
    if file is None:
        raise BadBackup(f"{name} is missing from this backup.")
    return file


def _nodes(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """The migrations that the backup's tables had. Raises BadBackup when this version lacks one."""
    executor = MigrationExecutor(connection)
    known = set(executor.loader.graph.nodes)
    wanted = [(app, name) for app, name in manifest["migrations"]]
    unknown = [f"{app}.{name}" for app, name in wanted if (app, name) not in known]
    if unknown:
        raise BadBackup(
            f"This backup comes from a newer Parvis ({manifest['parvis']}): it has {', '.join(unknown[:3])}."
        )
    return wanted


def _is_in_use() -> bool:
    if "people_network" not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM people_network LIMIT 1")
        return cursor.fetchone() is not None


def _drop_tables() -> None:
    tables = [connection.ops.quote_name(name) for name in connection.introspection.table_names()]
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {', '.join(tables)} CASCADE" if tables else "SELECT 1")
        return
    connection.disable_constraint_checking()
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DROP TABLE {table}")
    connection.enable_constraint_checking()


def _migrate_to(nodes: list[tuple[str, str]]) -> None:
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    wanted = set(nodes)
    leaves = [n for n in nodes if not any(c.key in wanted and c.key[0] == n[0] for c in graph.node_map[n].children)]
    executor.migrate(leaves)


def _fill(
    archive: tarfile.TarFile, manifest: dict[str, Any], nodes: list[tuple[str, str]], without: frozenset[str]
) -> None:
    state = MigrationExecutor(connection).loader.project_state(nodes)
    for table, told in manifest["tables"].items():
        if table in without:
            continue
        app, name = told["model"].split(".")
        model: type[models.Model] = state.apps.get_model(app, name)
        model._base_manager.all().delete()
        fields = {f.attname: f for f in model._meta.concrete_fields}
        columns = [fields[c] for c in told["columns"]]
        with _member(archive, f"tables/{table}.jsonl") as file:
            for rows in _chunks(file):
                model._base_manager.bulk_create(
                    [model(**{f.attname: from_json(f, v) for f, v in zip(columns, row, strict=True)}) for row in rows]
                )


def _chunks(file: IO[bytes]) -> Iterator[list[list[Any]]]:
    rows: list[list[Any]] = []
    for line in file:
        rows.append(json.loads(line))
        if len(rows) == _CHUNK:
            yield rows
            rows = []
    if rows:
        yield rows


def _set_sequences(manifest: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        for table, last in manifest["sequences"].items():
            if table not in manifest["tables"]:
                continue
            if connection.vendor == "sqlite":
                cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [last, table])
                if not cursor.rowcount:
                    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
                continue
            key = manifest["tables"][table]["columns"][0]
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, key])
            (sequence,) = cursor.fetchone()
            if sequence:
                cursor.execute("SELECT setval(%s, %s, %s)", [sequence, max(last, 1), last > 0])


def _restore_blobs(path: Path) -> None:
    with tarfile.open(path, "r:") as archive:
        for member in archive:
            parts = member.name.split("/")
            if parts[0] != "blobs" or len(parts) != 3 or not member.isfile():
                continue
            _restore_blob(_member(archive, member.name), parts[2])


def _restore_blob(file: IO[bytes], sha256: str) -> None:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise BadBackup("A file of this backup has a name that is not one.")
    folder = blob_folder() / sha256[:2]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as fresh:
        while piece := file.read(1 << 20):
            digest.update(piece)
            fresh.write(piece)
    if digest.hexdigest() != sha256:
        Path(fresh.name).unlink()
        raise BadBackup("A file of this backup is damaged.")
    Path(fresh.name).replace(folder / sha256)
