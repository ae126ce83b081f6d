"""`parvis backup`: everything in one file, while people go on working."""

import argparse
import sys
from pathlib import Path

from django.utils import timezone

from parvis.core.items.erasures import system_write_out
from parvis.core.runtime import env
from parvis.core.runtime.backup import write_backup

help = "Write everything into one file, while people go on working."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, help="default: backups/parvis-<time>.tar in the data folder")
    parser.add_argument(
        "--in-place", action="store_true", help="for this very installation: with sessions, without the files' bytes"
    )


def run(args: argparse.Namespace) -> int:
    now = timezone.now()
    path = args.file or env.data_folder() / "backups" / f"parvis-{now:%Y%m%d-%H%M%S}.tar"
    if path.exists():
        print(f"parvis: {path} is there already: name another file.", file=sys.stderr)
        return 1
    system_write_out()
    manifest = write_backup(path.absolute(), now, in_place=args.in_place)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    print(f"{path}: {rows} rows of {len(manifest['tables'])} tables, {manifest['blobs']} files.")
    if manifest["missing_blobs"]:
        print(f"{len(manifest['missing_blobs'])} files were not found on disk.")
    print("Keep apart, they are not in it: the folder secrets/ and the file erasures.jsonl of the data folder.")
    return 0
