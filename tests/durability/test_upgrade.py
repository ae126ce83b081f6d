"""An upgrade that fails, wherever it does, leaves everything as it was; one that does not goes on with all that was there."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from parvis.web.running import told
from tests.databases import Databases
from tests.installation import ROOT, Installation, free_port, until

pytestmark = pytest.mark.full

# As the real command, only less patient.
UPGRADE = """
import sys
from parvis.web.cli import main, upgrade
upgrade.READY_TIMEOUT_S = float(sys.argv[1])
sys.exit(main(["upgrade"]))
"""

MAKE = """
from django.contrib.sessions.backends.db import SessionStore
from parvis.exchange.demo.actions import load_demo
from parvis.core.people.models import Account, Person
load_demo(dt.datetime.now(dt.UTC), 0)
account = Person.objects.filter(account__isnull=False).order_by("pk").first().account
session = SessionStore()
session["_auth_user_id"] = str(account.pk)
session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
session["_auth_user_hash"] = account.get_session_auth_hash()
session.create()
answer = session.session_key
"""

# Whether the worker has done all that it does by itself as it starts.
SETTLED = """
from django_tasks_db.models import DBTaskResult
from parvis.core.items.readers import behind
from parvis.core.runtime.jobs import all_jobs
from parvis.core.runtime.models import Periodic
from parvis.web import jobs
from parvis.web.readers import READERS
jobs.load()
waiting = DBTaskResult.objects.filter(status__in=["READY", "RUNNING"]).exists() or behind(READERS)
answer = not waiting and Periodic.objects.count() == sum(job.every is not None for job in all_jobs())
"""

# Every row of every table, but what a running installation notes of itself.
LOOK = """
import hashlib
from django.db import connection
OWN = {"django_migrations", "runtime_beat", "runtime_periodic", "django_tasks_db_dbtaskresult", "django_tasks_database_dbtaskresult", "items_readercursor"}
answer = {}
with connection.cursor() as cursor:
    for table in sorted(set(connection.introspection.table_names(cursor)) - OWN):
        cursor.execute(f'SELECT * FROM "{table}"')
        rows = sorted(map(repr, cursor.fetchall()))
        answer[table] = [len(rows), hashlib.sha256(repr([[c[0] for c in cursor.description], rows]).encode()).hexdigest()]
"""

STEP = """
from django.db import migrations, models

def change(apps, editor):
    apps.get_model("people", "Person").objects.update(name="Quelqu’un")
{fails}

class Migration(migrations.Migration):
    dependencies = [("people", "{before}")]
    operations = [{operation}]
"""
TABLE = (
    'migrations.CreateModel("Novelty", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())])'
)


class Clone:
    """The code in a repository that a clone follows, as an installation has it."""

    def __init__(self, folder: Path) -> None:
        self.origin, self.here = folder / "origin", folder / "clone"
        self.origin.mkdir()
        for name in ("parvis", "requirements"):
            shutil.copytree(ROOT / name, self.origin / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
        shutil.copy(ROOT / ".gitignore", self.origin)
        command = self.origin / "bin" / "parvis"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m parvis "$@"\n')  # it installs nothing here
        command.chmod(0o755)
        self.git("init", "--quiet", "--initial-branch=main")
        self.publish()
        subprocess.run(["git", "clone", "--quiet", self.origin, self.here], check=True)

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Parvis", "-c", "user.email=parvis@localhost"]
        done = subprocess.run(["git", "-C", self.origin, *who, *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def publish(self, **files: str) -> str:
        """A version with these files, beside the first one. Returns its commit."""
        if files:
            self.git("reset", "--quiet", "--hard", "first")
        for path, text in files.items():
            (self.origin / path).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "repo: A version.")
        if not files:
            self.git("tag", "first")
        return self.git("rev-parse", "HEAD")


def step(before: str, operation: str, fails: str = "") -> str:
    return STEP.format(before=before, operation=operation, fails=fails)


def test_an_upgrade_that_fails_leaves_everything_as_it_was_and_one_that_does_not_goes_on(
    tmp_path: Path, fresh_database: Databases
) -> None:
    clone = Clone(tmp_path)
    place = Installation(tmp_path / "data", fresh_database.of_this_run())
    place.migrate()
    session = place.python(MAKE)
    people = "parvis/core/people/migrations"
    last = max(path.stem for path in (clone.here / people).glob("0*.py"))
    good = {f"{people}/0901_novelty.py": step(last, TABLE)}
    change = "migrations.RunPython(change)"
    failures = {
        "a migration that fails half way": (
            {
                f"{people}/0900_change.py": step(last, change),
                f"{people}/0901_novelty.py": step("0900_change", f"{TABLE}, {change}", "    raise OSError('broken')"),
            },
            "OSError: broken",
        ),
        "a check that fails": (
            good | {"parvis/web/apps.py": (ROOT / "parvis/web/apps.py").read_text() + "\nraise ValueError('wrong')\n"},
            "ValueError: wrong",
        ),
        "pages that do not start": (
            good | {"parvis/web/wsgi.py": "raise SystemExit('no pages')\n"},
            "did not start in time",
        ),
    }
    with running(place, clone.here) as (port, process):
        until(lambda: place.python(SETTLED))
        before = place.python(LOOK)
        for name, (files, says) in failures.items():
            clone.publish(**files)
            done = upgrade(place, clone.here, port, patience_s=10 if "start" in name else 300)
            assert done.returncode == 1 and says in done.stdout + done.stderr, f"{name}:\n{done.stdout}\n{done.stderr}"
            assert "Everything is as it was." in done.stderr, f"{name}:\n{done.stdout}\n{done.stderr}"
            there = told(place.data / "run")
            assert there is not None and (there.state, there.pid) == ("running", process.pid), name
            assert there.commit == clone.git("rev-parse", "first"), name
            assert differences(before, place.python(LOOK)) == [], name
            assert is_signed_in(port, session), name
        newest = clone.publish(**good)
        done = upgrade(place, clone.here, port, patience_s=300)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        there = told(place.data / "run")
        assert there is not None and (there.state, there.commit) == ("running", newest)
        after = place.python(LOOK)
        assert after.pop("people_novelty")[0] == 0
        for table in ("django_content_type", "auth_permission"):  # where Django lists its tables
            del before[table], after[table]
        assert differences(before, after) == []
        assert is_signed_in(port, session)
        assert "Nothing was changed" in upgrade(place, clone.here, port, patience_s=300).stdout


def differences(before: dict[str, list[object]], after: dict[str, list[object]]) -> list[str]:
    return [
        f"{name}: {before.get(name)} before, {after.get(name)} after"
        for name in sorted(before | after)
        if before.get(name) != after.get(name)
    ]


def is_signed_in(port: int, session: str) -> bool:
    answer = httpx.get(f"http://127.0.0.1:{port}/vauban/", cookies={"parvis_session": session}, timeout=120)
    return answer.status_code == 200


def upgrade(place: Installation, code: Path, port: int, *, patience_s: float) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-c", UPGRADE, str(patience_s)]
    return subprocess.run(
        command, env=environment(place, code, port), cwd=code, capture_output=True, text=True, timeout=1200, check=False
    )


def environment(place: Installation, code: Path, port: int) -> dict[str, str]:
    return place.environment(PYTHONPATH=str(code), PARVIS_PORT=str(port), PARVIS_LOG="warning")


@contextlib.contextmanager
def running(place: Installation, code: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    log = place.data / "log.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "parvis", "run", "--empty"],
            env=environment(place, code, port),
            cwd=code,
            stdout=out,
            stderr=out,
        )
    try:
        until(lambda: (there := told(place.data / "run")) is not None and there.state == "running", pause_s=0.1)
        yield port, process
    except AssertionError as error:
        error.add_note(log.read_text()[-3000:])
        raise
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(180)
