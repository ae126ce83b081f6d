"""`parvis run`: prepares the data folder, then keeps pages, streams and worker running until it is told to stop."""

import argparse
import os
from pathlib import Path

from parvis.web import supervisor

help = "Run Parvis: pages, live streams and the worker."
uses_django = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The three things that one wants to say without learning the settings."""
    parser.add_argument("--empty", action="store_true", help="start without the demonstration network")
    parser.add_argument("--port", type=int, metavar="N", help="port of the pages; the streams take the next (8000)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of all that is written (./data)")


def run(args: argparse.Namespace) -> int:
    """Returns when it was stopped: 0, or the code of what could not start."""
    if args.port is not None:
        os.environ["PARVIS_PORT"] = str(args.port)
    if args.data is not None:
        os.environ["PARVIS_DATA"] = str(args.data.absolute())
    return supervisor.run_installation(empty=args.empty)
