"""A worker, as a process: it reads as the log grows, runs jobs, survives what happens to it, and stops when told."""

from __future__ import annotations

import datetime as dt
import os
import socket
import subprocess
from collections.abc import Iterator

import pytest
from django_tasks_db.models import DBTaskResult

from parvis.core.runtime import jobs, queue
from parvis.core.runtime.models import Beat, Periodic
from tests.cast import at
from tests.installation import SETUP, Installation, installation, until

_WORKER = """
from pathlib import Path
from django.utils import timezone
from parvis.core.items.models import Signal, Verb
from parvis.core.items.readers import Reader, Sort
from parvis.core.runtime.jobs import job
from parvis.core.people.models import Person
from parvis.web import worker

folder = Path(sys.argv[1])

def note(name, line):
    with (folder / name).open("a") as file:
        file.write(line + "\\n")

@job("test.slow")
def slow():
    note("slow", "begin")
    (folder / "gate").read_text()  # a pipe: it waits until the test lets it go on
    note("slow", "end")

@job("test.broken", retries=0)
def broken():
    raise ValueError("secret words")

def read(signals):
    for signal in signals:
        Person.objects.filter(pk=signal.actor_id).update(about=str(signal.position))

def outside(signals):
    for signal in signals:
        note("outside", str(signal.position))

def rebuild():
    note("rebuilt", "yes")

READERS = [
    Reader("test.inside", Sort.STATE, read, rebuild=rebuild),
    Reader("test.outside", Sort.STATE, outside, inside=False),
]
"""
_RUN = _WORKER + "\nsys.exit(worker.main(READERS))\n"
_BEGIN = """
from django.utils import timezone
from parvis.core.people.actions import create_network, create_people, NewPerson
network = create_network("vauban", "Vauban", timezone.now())
create_people(network, [NewPerson("Claire Martin")], timezone.now())
"""
_DEEDS = """
from django.db import transaction
from django.utils import timezone
from parvis.core.items.log import record
from parvis.core.items.models import Verb
from parvis.core.people.models import Person
claire = Person.objects.get(name="Claire Martin")
for _ in range({count}):
    with transaction.atomic():
        position = record(claire, Verb.FOLLOW, at=timezone.now(), target=claire)
answer = position
"""
_FAILED = """
from django_tasks_db.models import DBTaskResult
answer = [task.traceback for task in DBTaskResult.objects.filter(status="FAILED")]
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("worker")) as made:
        made.python(_BEGIN)
        yield made


def _start(house: Installation) -> subprocess.Popen[str]:
    (house.data / "run/metrics-worker.prom").unlink(missing_ok=True)
    process = house.start("-c", SETUP + _RUN, str(house.data))
    until(lambda: (house.data / "run/metrics-worker.prom").exists() or process.poll() is not None)
    assert process.poll() is None, house.logs()
    return process


def _lines(house: Installation, name: str) -> list[str]:
    path = house.data / name
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.slow
def test_a_worker_reads_what_is_written_while_it_runs_and_stops_when_told(house: Installation) -> None:
    process = _start(house)
    position = house.python(_DEEDS.format(count=3))
    until(lambda: str(position) in _lines(house, "outside"))
    house.stop(process)
    assert process.returncode == 0, house.logs()
    metrics = (house.data / "run/metrics-worker.prom").read_text()
    assert 'parvis_reader_lag_signals{reader="test.inside"}' in metrics and "Claire" not in metrics
    assert house.python("from parvis.core.runtime.models import Beat; answer = Beat.objects.count()") == 0


@pytest.mark.slow
def test_a_job_of_a_killed_worker_is_run_again_and_a_broken_one_tells_no_words(house: Installation) -> None:
    gate = house.data / "gate"
    os.mkfifo(gate)
    house.python("from parvis.core.runtime.jobs import enqueue\nenqueue('test.slow')\nenqueue('test.broken')")
    process = _start(house)
    until(lambda: _lines(house, "slow") == ["begin"])
    house.kill(process)
    process = _start(house)
    until(lambda: _lines(house, "slow") == ["begin", "begin"])
    gate.write_text("go on")
    until(lambda: _lines(house, "slow") == ["begin", "begin", "end"])
    until(lambda: house.python(_FAILED))
    (told,) = house.python(_FAILED)
    assert told.startswith("ValueError") and "secret" not in told
    house.stop(process)


@pytest.mark.slow
def test_two_workers_share_readers_and_jobs_and_what_is_outside_is_read_by_one(house: Installation) -> None:
    (house.data / "outside").unlink(missing_ok=True)
    first = _start(house)
    second = _start(house)
    house.python(_DEEDS.format(count=60))
    until(lambda: len(_lines(house, "outside")) >= 60)
    positions = [int(line) for line in _lines(house, "outside")]
    assert len(set(positions)) == len(positions) == 60 and positions == sorted(positions)
    house.kill(first)
    house.python(_DEEDS.format(count=1))
    until(lambda: len(_lines(house, "outside")) == 61)
    house.stop(second)


@pytest.mark.slow
def test_a_rebuild_that_is_asked_for_is_done_by_the_worker(house: Installation) -> None:
    house.python(
        "from parvis.core.items.models import ReaderCursor\nReaderCursor.objects.filter(pk='test.inside').update(version=0)"
    )
    process = _start(house)
    until(lambda: _lines(house, "rebuilt") == ["yes"])
    house.stop(process)


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="a server that can hang up")
def test_a_worker_survives_the_loss_of_all_its_connections(house: Installation) -> None:
    (house.data / "outside").unlink(missing_ok=True)
    process = _start(house)
    house.python(
        "from django.db import connection\nwith connection.cursor() as c:\n"
        " c.execute('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()')"
    )
    house.python(_DEEDS.format(count=2))
    until(lambda: len(_lines(house, "outside")) == 2)
    assert process.poll() is None
    house.stop(process)


# Without a process: the queue's own rules


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    monkeypatch.setattr(jobs, "_jobs", {})
    jobs.job("test.once")(lambda: done.append("once"))
    jobs.job("test.often", every=dt.timedelta(hours=1))(lambda: done.append("often"))
    return done


def _run_all() -> int:
    count = 0
    while (task := queue.take_next("w", at())) is not None:
        queue.run(task)
        count += 1
    return count


def test_a_job_is_taken_by_one_worker_and_run(db: None, ran: list[str]) -> None:
    jobs.enqueue("test.once")
    task = queue.take_next("w", at())
    assert task is not None and queue.take_next("v", at()) is None
    assert queue.run(task) and ran == ["once"]


def test_a_periodic_job_is_enqueued_once_a_period_whoever_asks(db: None, ran: list[str]) -> None:
    assert [queue.enqueue_periodic(at(minutes=m)) for m in (0, 1, 59, 60, 61)] == [1, 0, 0, 1, 0]
    assert _run_all() == 2 and ran == ["often", "often"] and Periodic.objects.count() == 1


def test_jobs_of_the_dead_are_put_back_and_those_of_the_living_are_not(db: None, ran: list[str]) -> None:
    for name, host, pid, beat in [
        ("alive", "elsewhere", 1, 0),
        ("silent", "elsewhere", 1, 300),
        ("gone", socket.gethostname(), 2**22 + 1, 0),
    ]:
        Beat.objects.create(worker=name, host=host, pid=pid, beat_at=at(seconds=-beat))
        jobs.enqueue("test.once")
        assert queue.take_next(name, at())
    assert queue.put_back_of_dead(at()) == 2
    assert DBTaskResult.objects.get(status="RUNNING").worker_ids == ["alive"]
    assert _run_all() == 2 and set(Beat.objects.values_list("worker", flat=True)) == {"alive"}


def test_a_job_that_kills_its_workers_is_given_up(db: None, ran: list[str]) -> None:
    jobs.enqueue("test.once")
    for _ in range(queue.GIVE_UP_AFTER):
        assert queue.take_next("dead", at())
        queue.put_back_of_dead(at())
    assert queue.take_next("dead", at()) is None and DBTaskResult.objects.get().status == "FAILED"


def test_old_jobs_are_forgotten(db: None, ran: list[str]) -> None:
    jobs.enqueue("test.once")
    _run_all()
    ended = DBTaskResult.objects.get().finished_at
    assert queue.sweep(ended + dt.timedelta(hours=23)) == 0 and queue.sweep(ended + dt.timedelta(hours=25)) == 1


def test_every_job_module_can_be_loaded() -> None:
    from parvis.web.jobs import load

    load()
    assert {"mail.deliver", "items.erase_views", "runtime.sweep_jobs"} <= {j.name for j in jobs.all_jobs()}
