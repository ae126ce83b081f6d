"""What a process does by itself once a second is done by hand in tests, and nothing that it keeps goes on to the next test."""

import shutil
from collections.abc import Iterator

import pytest

from parvis.core.runtime import env

__all__ = ["nothing_kept", "reading_by_hand"]


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Tries counted by doors, codes used up, mails written to the folder: those of this test alone."""
    from django.core.cache import cache

    cache.clear()
    folder = env.data_folder() / "mail"
    yield
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def reading_by_hand() -> Iterator[None]:
    """What is read is written by `reading.flush()` alone, and forgotten after each test."""
    from parvis.core.items import reading
    from parvis.core.runtime import gather

    gather.step_by_hand()
    yield
    reading.forget()
