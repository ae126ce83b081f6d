"""`parvis check`: whether this installation can run, line by line, before it has to. Changes nothing."""

import argparse
import io
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from parvis.core.runtime import env

help = "Say whether this installation can run, and what is wrong."

OLDEST_SQLITE = (3, 37)
OLDEST_POSTGRESQL = 15
LOW_DISK_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the answer. `is_wrong`: it cannot run like that."""

    text: str
    is_wrong: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(args: argparse.Namespace) -> int:
    """1 when something is wrong."""
    findings = [finding for look in (_settings, _python, _data, _database, _django) for finding in look()]
    for finding in findings:
        print(("WRONG  " if finding.is_wrong else "  ok   ") + finding.text)
    return int(any(finding.is_wrong for finding in findings))


def _settings() -> Iterator[Finding]:
    set_here = []
    for setting in env.SETTINGS:
        try:
            {"number": env.number, "flag": env.flag}.get(setting.kind, env.get)(setting.name)
        except env.BadSetting as error:
            yield Finding(str(error), is_wrong=True)
        set_here += [setting.name] if setting.name in os.environ else []
    yield Finding(f"settings: {', '.join(set_here) or 'all by default'}")


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(f"Python {version}", is_wrong=not (3, 11) <= sys.version_info[:2] <= (3, 13))


def _data() -> Iterator[Finding]:
    folder = env.data_folder()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    yield Finding(f"data in {folder}", is_wrong=not (existing.is_dir() and os.access(existing, os.W_OK)))
    yield Finding(f"{free // (1 << 20):,} MB of free disk", is_wrong=free < LOW_DISK_BYTES)


def _database() -> Iterator[Finding]:
    if connection.vendor == "sqlite":
        yield Finding(f"SQLite {sqlite3.sqlite_version}", is_wrong=sqlite3.sqlite_version_info < OLDEST_SQLITE)
        if not Path(str(connection.settings_dict["NAME"])).exists():
            yield Finding("database: not made yet; it will be at the first start")
            return
    try:
        if connection.vendor == "postgresql":
            connection.ensure_connection()
            version = connection.pg_version // 10000  # type: ignore[attr-defined]
            yield Finding(f"PostgreSQL {version}", is_wrong=version < OLDEST_POSTGRESQL)
        executor = MigrationExecutor(connection)
        steps = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        yield Finding(f"database: {error}".strip(), is_wrong=True)
        return
    yield Finding(
        f"database: {steps} migrations to make at the next start" if steps else "database: at the latest step"
    )


def _django() -> Iterator[Finding]:
    deployed = env.get("PARVIS_ORIGIN").startswith("https://")
    told = io.StringIO()
    try:
        call_command("check", deploy=deployed, fail_level="ERROR", stdout=told, stderr=told, no_color=True)
    except CommandError as error:
        yield Finding(str(error).strip(), is_wrong=True)
        return
    notes = told.getvalue().strip()
    yield Finding(notes if "WARNINGS" in notes else "Django's own checks")
