"""One cast for all tests, by role; a folder of their own; the background stepped by hand."""

import os
import tempfile

os.environ.setdefault("PARVIS_DATA", tempfile.mkdtemp(prefix="parvis-test-"))
os.environ.setdefault("PARVIS_SECRET_KEY", "only-for-tests")

from tests.cast import *  # noqa: E402, F403
from tests.databases import *  # noqa: E402, F403
