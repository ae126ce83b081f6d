"""Lets every reader take all that it can. Run inside an installation."""

import django

django.setup()

from django.utils import timezone  # noqa: E402

from parvis.core.items.readers import drain  # noqa: E402
from parvis.web.readers import READERS  # noqa: E402

if __name__ == "__main__":
    drain(READERS, timezone.now())
