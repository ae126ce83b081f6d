"""`parvis rebuild NAME|all`: makes anew what readers make out of tables and log."""

import argparse
import sys
import time

from django.utils import timezone

from parvis.core.items import readers as log_readers
from parvis.core.items.readers import Reader
from parvis.core.runtime.models import Beat
from parvis.core.runtime.queue import DEAD_AFTER
from parvis.web.readers import READERS

help = "Make anew what readers make: the search index, the measures…"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which."""
    names = [reader.name for reader in READERS if reader.rebuild]
    parser.add_argument("name", choices=["all", *names], help="a reader, or all of them")


def run(args: argparse.Namespace) -> int:
    """Returns 0 once it is done. A running worker does it, for some effects are its alone; without one, this process."""
    chosen = [reader for reader in READERS if reader.rebuild and args.name in {"all", reader.name}]
    has_worker = Beat.objects.filter(beat_at__gte=timezone.now() - DEAD_AFTER / 4).exists()
    for reader in chosen:
        print(f"{reader.name}…", end=" ", flush=True)
        began = time.monotonic()
        if has_worker:
            log_readers.ask_rebuild(reader)
            if not _wait_for(reader):
                print("no worker took it", file=sys.stderr)
                return 1
        else:
            log_readers.rebuild(reader, timezone.now())
        print(f"done in {time.monotonic() - began:.1f} s", flush=True)
    return 0


def _wait_for(reader: Reader) -> bool:
    while log_readers.needs_rebuild([reader]):
        time.sleep(0.2)
        if not Beat.objects.filter(beat_at__gte=timezone.now() - DEAD_AFTER).exists():
            return False
    return True
