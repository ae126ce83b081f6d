"""What a process does by itself once a second is done by hand in tests."""

from collections.abc import Iterator

import pytest

__all__ = ["reading_by_hand"]


@pytest.fixture(autouse=True)
def reading_by_hand() -> Iterator[None]:
    """What is read is written by `reading.flush()` alone, and forgotten after each test."""
    from parvis.core.items import reading
    from parvis.core.runtime import gather

    gather.step_by_hand()
    yield
    reading.forget()
