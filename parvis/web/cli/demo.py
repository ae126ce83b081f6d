"""`parvis demo`: makes the demonstration network, once."""

import argparse

from django.utils import timezone

from parvis.exchange.demo.actions import load_demo
from parvis.exchange.demo.cast import NETWORK_NAME, NETWORK_SLUG

help = "Make the demonstration network “Ateliers Vauban”."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The seed."""
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, other hours and addresses (0)")


def run(args: argparse.Namespace) -> int:
    """0, whether it was made now or before."""
    if load_demo(timezone.now(), args.seed) is None:
        print(f"A network is already at /{NETWORK_SLUG}/; nothing was changed.")
    else:
        print(f"{NETWORK_NAME} is at /{NETWORK_SLUG}/.")
    return 0
