"""What must be so before pages are served: the database at the latest step, and a network to show unless told otherwise.

`python -m parvis.web.prepare [--empty]`, a process of its own, so that the supervisor stays small.
"""

import os
import sys


def main(*, empty: bool) -> int:
    """Migrates; loads the demonstration network where there is no network at all and not `empty`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parvis.web.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from parvis.core.people.models import Network
    from parvis.web import cli

    call_command("migrate", interactive=False, verbosity=0)
    if Network.objects.exists():
        return 0
    if empty:
        from parvis.steering.networks.setup import setup_address

        print(f"\nThere is no network yet. To begin:  {setup_address()}\n", flush=True)
        return 0
    print("Making the demonstration network…", flush=True)
    return cli.main(["demo"])


if __name__ == "__main__":
    sys.exit(main(empty="--empty" in sys.argv))
