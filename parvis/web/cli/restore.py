"""`parvis restore`: a backup into an empty installation, on either database; or this installation put back as it was."""

import argparse
import sys
from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from parvis.core.items.actions import system_erase_again
from parvis.core.items.erasures import read
from parvis.core.items.readers import ask_rebuild
from parvis.core.runtime.backup import BadBackup
from parvis.core.runtime.metrics import run_folder
from parvis.core.runtime.restore import restore_backup
from parvis.web.readers import READERS
from parvis.web.running import running

help = "Restore a backup into an empty installation."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--erasures", type=Path, help="the erasures.jsonl of the lost installation (default: that of the data folder)"
    )
    parser.add_argument(
        "--in-place", action="store_true", help="put this installation back as it was; whatever came since is lost"
    )


def run(args: argparse.Namespace) -> int:
    there = running(run_folder())
    try:
        if there is not None and there.state != "paused":
            raise BadBackup("Parvis is running here. Stop it first.")
        if not args.file.is_file():
            raise BadBackup(f"There is no file {args.file}.")
        if args.erasures is not None and not args.erasures.is_file():
            raise BadBackup(f"There is no file {args.erasures}.")
        manifest = restore_backup(args.file, in_place=args.in_place)
    except BadBackup as error:
        print(f"parvis: {error}", file=sys.stderr)
        return 1
    rows = sum(table["rows"] for table in manifest["tables"].values())
    print(f"Restored {rows} rows and {manifest['blobs']} files, as they were on {manifest['at']}.")
    if _is_at_latest_step():  # in place, tables may be those of former code: nothing was erased since
        if again := system_erase_again(read(args.erasures)):
            print(f"{again} items that were deleted since that backup were deleted again.")
        for reader in READERS:
            if reader.rebuild is not None and not reader.inside:
                ask_rebuild(reader)
        print("The search index is made anew as soon as Parvis runs.")
    return 0


def _is_at_latest_step() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
