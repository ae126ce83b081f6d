"""`parvis restore`: a backup into an empty installation, on either database."""

import argparse
import sys
from pathlib import Path

from parvis.core.items.actions import system_erase_again
from parvis.core.items.erasures import read
from parvis.core.runtime.backup import BadBackup
from parvis.core.runtime.restore import restore_backup

help = "Restore a backup into an empty installation."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--erasures", type=Path, help="the erasures.jsonl of the lost installation (default: that of the data folder)"
    )


def run(args: argparse.Namespace) -> int:
    try:
        manifest = restore_backup(args.file)
    except BadBackup as error:
        print(f"parvis: {error}", file=sys.stderr)
        return 1
    again = system_erase_again(read(args.erasures))
    rows = sum(table["rows"] for table in manifest["tables"].values())
    print(f"Restored {rows} rows and {manifest['blobs']} files, as they were on {manifest['at']}.")
    if again:
        print(f"{again} items that were deleted since that backup were deleted again.")
    print("Now make the search index anew: parvis rebuild search.index")
    return 0
