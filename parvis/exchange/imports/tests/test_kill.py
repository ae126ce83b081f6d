"""An import that is killed goes on where it stopped: nothing is lost, nothing is there twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from parvis.exchange.imports.tests.archives import mail, said, slack_files, zipped
from tests.databases import Databases, fresh_database
from tests.installation import ROOT, Installation, until

__all__ = ["fresh_database"]

MAKE_NETWORK = """
from django.utils import timezone
from parvis.core.people.actions import NewPerson, add_members, administrators_of, create_network, create_people
from parvis.core.people.models import Account
now = timezone.now()
network = create_network("vauban", "Ateliers Vauban", now, language="en")
account = Account.objects.create_user("claire@vauban.example")
claire, = create_people(network, [NewPerson("Claire Martin", account=account, emails=["claire@vauban.example"], verified=True)], now)
add_members(administrators_of(network), [claire], now, actor=claire)
answer = network.slug
"""
COUNT = """
from django.db.models import Count, F
from parvis.core.items.models import Item, Part, Signal
from parvis.core.people.models import Person
from parvis.exchange.imports.models import ImportRun
posts, comments = (Item.objects.filter(kind=kind) for kind in ("post", "comment"))
created = Signal.objects.filter(verb="Create", item__kind__in=["post", "comment"])
run, *others = ImportRun.objects.order_by("pk")
answer = {
    "posts": posts.count(),
    "comments": comments.count(),
    "sources": Item.objects.exclude(source="").values("source_id").distinct().count(),
    "told": created.count(),
    "told once": created.values("item").distinct().count(),
    "answers": sum(posts.values_list("answers", flat=True)),
    "authors": Part.objects.filter(role="author", item__kind__in=["post", "comment"]).count(),
    "documents": Item.objects.filter(kind="document").count(),
    "people": Person.objects.exclude(source__in=["", "parvis"]).count(),
    "run": [run.threads, run.answers, run.files, run.people, run.known, run.problems, run.ended_at is not None],
    # One that was killed as it left, after its end, is followed by another, which finds everything there.
    "brought twice": sum(other.threads + other.answers + other.files + other.people for other in others),
    "batches": list(Item.objects.filter(kind__in=["post", "comment"]).values_list("batch", flat=True).distinct()) == [run.key],
}
"""


@pytest.fixture
def installation(tmp_path: Path, fresh_database: Databases) -> Installation:
    made = Installation(tmp_path / "data", fresh_database.of_this_run())
    made.data.mkdir()
    made.migrate()
    made.python(MAKE_NETWORK)
    return made


def import_with_kills(installation: Installation, arguments: list[str], pauses_s: list[float]) -> int:
    """Runs `parvis import`, killed after each of the pauses, until it comes to its end. Returns how often it was killed."""
    kills = 0
    for pause in pauses_s:
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED_AT_WORK, str(pause), *arguments],
            env=installation.environment(),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if process.wait(120) == 0:
            return kills
        kills += process.returncode == -signal.SIGKILL
    installation.parvis("import", *arguments)
    return kills


# The clock starts with the first chunk, so that start-up, slow or quick, is never what is killed.
KILLED_AT_WORK = f"""
import os, signal, sys, threading
import django
django.setup()
from parvis.web import cli
from parvis.exchange.imports import engine
pause, work, engine.CHUNK = float(sys.argv[1]), engine._Writer.write, 5
engine.import_archive.__kwdefaults__["chunk"] = 5
def write(self, records):
    if pause and threading.active_count() == 1:
        timer = threading.Timer(pause, lambda: os.kill(os.getpid(), {int(signal.SIGKILL)}))
        timer.daemon = True
        timer.start()
    work(self, records)
engine._Writer.write = write
sys.exit(cli.main(["import", *sys.argv[2:]]))
"""


@pytest.mark.slow
def test_a_slack_import_killed_at_random_points_is_whole(installation: Installation, tmp_path: Path) -> None:
    days = {
        f"général/2025-03-{day:02}.json": [
            said(
                f"17409{day:05}.{n:06}",
                f"Message {day}-{n}",
                f"U{1 + n % 2}",
                thread_ts=f"17409{day:05}.{n - n % 5:06}",
            )
            for n in range(50)
        ]
        for day in range(1, 13)
    }
    archive = zipped(tmp_path / "export.zip", slack_files(days))
    chance = random.Random(os.environ.get("PARVIS_TEST_SEED", "import"))
    kills = import_with_kills(
        installation, ["slack", str(archive), "--yes"], [chance.uniform(0.02, 0.5) for _ in range(6)]
    )
    found = installation.python(COUNT)
    assert kills >= 3
    assert found == {
        "posts": 120,
        "comments": 480,
        "sources": 602,
        "told": 600,
        "told once": 600,
        "answers": 480,
        "authors": 600,
        "documents": 0,
        "people": 4,
        "run": [120, 480, 0, 4, 0, 0, True],
        "brought twice": 0,
        "batches": True,
    }


@pytest.mark.slow
def test_a_mail_import_killed_at_random_points_is_whole(installation: Installation, tmp_path: Path) -> None:
    part = "Content-Type: text/csv\nContent-Disposition: attachment; filename=budget.csv\n\n"
    archive = tmp_path / "equipe.mbox"
    archive.write_bytes(
        b"".join(
            mail(
                f"--B\nContent-Type: text/plain\n\nMail {n}\n--B\n{part}{n}\n--B--\n",
                message_id=f"m{n}",
                references=f"m{n - n % 10}" if n % 10 else "",
                content_type='multipart/mixed; boundary="B"',
            )
            for n in range(100)
        )
    )
    arguments = ["mbox", str(archive), "--community", "Équipe", "--yes"]
    chance = random.Random(os.environ.get("PARVIS_TEST_SEED", "import"))
    kills = import_with_kills(installation, arguments, [chance.uniform(0.02, 0.4) for _ in range(5)])
    found = installation.python(COUNT)
    assert kills >= 2
    assert (found["posts"], found["comments"], found["documents"]) == (10, 90, 100)
    assert (found["told"], found["told once"], found["answers"]) == (100, 100, 90)
    assert (found["run"], found["brought twice"]) == ([10, 90, 100, 1, 0, 0, True], 0)


@pytest.mark.full
def test_the_developers_chats_killed_in_the_middle_are_whole(installation: Installation, tmp_path: Path) -> None:
    from tests.archives.devchats import write_export

    archive = tmp_path / "devchats.zip"
    count = write_export(archive)
    command = [sys.executable, "-m", "parvis", "import", "slack", str(archive), "--yes"]
    for share in (0.2, 0.6):
        process = subprocess.Popen(command, env=installation.environment(), cwd=ROOT, stdout=subprocess.DEVNULL)
        until(lambda: process.poll() is not None or installation.python(POSITION) >= share, 120)  # noqa: B023
        process.kill()
        process.wait(30)
    done = installation.parvis("import", "slack", str(archive), "--yes")
    found = installation.python(COUNT)
    assert "Going on" in done.stdout
    assert found["posts"] + found["comments"] == found["told"] == found["told once"] == found["authors"] == count - 1
    assert found["answers"] == found["comments"]
    assert (found["run"][4:], found["brought twice"]) == ([0, 0, True], 0)


POSITION = """
from parvis.exchange.imports.models import ImportRun
run = ImportRun.objects.first()
answer = run.position / run.size if run else 0
"""
