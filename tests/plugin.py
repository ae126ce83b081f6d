"""What every test run needs before Django's settings are read: a data folder of its own, no settings of the machine's.

Loaded by `-p tests.plugin` (see pyproject.toml), so that it comes before everything else, in each of pytest's processes.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest

from parvis.core.runtime import env

_data = tempfile.mkdtemp(prefix="parvis-test-")


@atexit.register
def _remove_data(owner: int = os.getpid()) -> None:
    if os.getpid() == owner:  # a process that a test forks ends through here too
        shutil.rmtree(_data, ignore_errors=True)


for _setting in env.SETTINGS:
    if _setting.name != "DATABASE_URL":  # bin/test gives it, to run on PostgreSQL
        os.environ.pop(_setting.name, None)
os.environ["PARVIS_DATA"] = _data


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        from parvis.web.i18n import catalogues

        catalogues.compile_all()
    # A slow machine is no mistake of what is tested; in CI (which sets CI) what is drawn is the same each time.
    HealthCheck = hypothesis.HealthCheck
    hypothesis.settings.register_profile(
        "parvis",
        deadline=None,
        derandomize="CI" in os.environ,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    hypothesis.settings.load_profile("parvis")
    from django.contrib.auth.hashers import Argon2PasswordHasher

    # The same way of keeping passwords, not meant to withstand anybody: each costs 50 ms otherwise.
    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What bin/test could not run, and how the run on the other engine went, just above pytest's closing line."""
    note = os.environ.get("PARVIS_TEST_NOTE")
    if not note or hasattr(config, "workerinput"):
        return
    if os.environ.get("PARVIS_TEST_LAST"):
        if text := Path(note).read_text():
            terminalreporter.section("besides")
            terminalreporter.write(text)
        return
    counts = {name: len(reports) for name, reports in terminalreporter.stats.items() if name in _TOLD}
    with Path(note).open("a") as file:
        told = ", ".join(f"{counts[name]} {_TOLD[name]}" for name in _TOLD if name in counts)
        file.write(f"On PostgreSQL: {told or 'nothing was run'}.\n")


_TOLD = {
    "failed": "failed",
    "error": "errors",
    "passed": "passed",
    "skipped": "skipped",
    "xfailed": "expected failures",
}
