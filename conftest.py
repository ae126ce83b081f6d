"""One cast for all tests, by role; databases of their own; the background stepped by hand."""

from tests.by_hand import *  # noqa: F403
from tests.cast import *  # noqa: F403
from tests.databases import *  # noqa: F403
