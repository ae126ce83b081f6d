"""`parvis worker`: readers, jobs and what is due, until it is told to stop."""

import argparse

from parvis.web import worker
from parvis.web.readers import READERS

help = "Run a worker: readers of the log, jobs, what is scheduled."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(args: argparse.Namespace) -> int:
    """Returns when it was stopped by SIGTERM or SIGINT."""
    return worker.main(READERS)
