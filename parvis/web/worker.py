"""The worker: steps all readers as the log grows, runs jobs, publishes what is due. Several may run at once on PostgreSQL.

Threads: one for the readers (woken by the database), a few for jobs, and the main one, which keeps the house. Each
reconnects by itself, with growing pauses, when the database goes away. SIGTERM ends it within seconds: what a job has
not finished by then is put back by the next worker.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TextIO
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from prometheus_client import CollectorRegistry, Counter, Gauge

from parvis.core.items import readers as log_readers
from parvis.core.items.actions import system_publish_due
from parvis.core.items.erasures import system_write_out
from parvis.core.items.log import CHANNEL
from parvis.core.items.models import ReaderCursor, SetAside, Signal
from parvis.core.items.readers import Reader
from parvis.core.runtime import metrics, queue
from parvis.core.runtime.models import Beat
from parvis.core.runtime.watch import Watch, open_watch
from parvis.web import jobs

logger = logging.getLogger("parvis.worker")

JOB_THREADS = 2
BEAT_S = 5.0
TIDY_S = 15.0
RETRY_S = 1.0
STOP_S = 8.0
_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_LOST: tuple[type[BaseException], ...] = (OperationalError, InterfaceError)


class Worker:
    """One worker. `run()` returns once `stop()` was called."""

    def __init__(self, readers: Sequence[Reader], *, job_threads: int = JOB_THREADS) -> None:
        self.name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._readers = list(readers)
        self._job_threads = job_threads
        self._stop = threading.Event()
        self._is_asked_to_stop = False
        self._woken = threading.Event()  # there may be a job
        self._running: set[UUID] = set()  # ids of the jobs that this worker runs
        self._numbers = Numbers()
        self._locks: dict[str, TextIO] = {}
        self._not_before: dict[str, float] = {}  # reader that raised → when it is tried again
        self._failures: dict[str, int] = {}

    def stop(self) -> None:
        """End soon: no new batch and no new job is begun. May be called by a signal handler."""
        self._is_asked_to_stop = True  # no lock is taken here: the main thread, interrupted, may hold it

    def rest(self, seconds: float) -> None:
        """Sleep, for this long or until the end."""
        until = time.monotonic() + seconds
        while not self._stop.is_set() and time.monotonic() < until:
            if self._is_asked_to_stop:
                self._stop.set()
                self._woken.set()
                return
            time.sleep(min(0.05, seconds))

    def run(self) -> None:
        """Work until `stop()`."""
        logger.info("worker %s starts: %d readers", self.name, len(self._readers))
        threads = [threading.Thread(target=self._forever, args=(self._read_once,), name="readers", daemon=True)]
        for number in range(self._job_threads):
            thread = threading.Thread(target=self._forever, args=(self._run_job,), name=f"jobs-{number}", daemon=True)
            threads.append(thread)
        self._house = House(self)
        self._forever(self._house.begin, once=True)
        for thread in threads:
            thread.start()
        self._forever(self._house.keep)
        until = time.monotonic() + STOP_S
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        with contextlib.suppress(*_LOST):
            self._house.end(left=[t.name for t in threads if t.is_alive()])
        connections.close_all()
        logger.info("worker %s stopped", self.name)

    def _forever(self, act: Callable[[], bool], *, once: bool = False) -> None:
        """Do `act` again and again until the end (once: until it succeeded), with pauses while the database is away.

        act returns whether it may be called again at once; otherwise it has waited by itself.
        """
        failures = 0
        while not self._stop.is_set():
            try:
                act()
                failures = 0
                if once:
                    return
            except Exception as error:
                pause = _PAUSES_S[min(failures, len(_PAUSES_S) - 1)]
                failures += 1
                if _is_lost(error):
                    logger.warning("the database is away (%s); again in %.1f s", type(error).__name__, pause)
                else:
                    logger.exception("%s failed; again in %.1f s", threading.current_thread().name, pause)
                self._close_watch()
                connection.close()
                self.rest(pause)
        if not once and threading.current_thread() is not threading.main_thread():
            self._close_watch()
            connection.close()

    # The readers' thread

    _watch: Watch | None = None
    _last_retry = 0.0

    def _close_watch(self) -> None:
        if threading.current_thread().name == "readers" and self._watch is not None:
            self._watch.close()
            self._watch = None

    def _read_once(self) -> bool:
        """Let every reader that is behind take one batch, in turn; wait where none is."""
        if self._watch is None:
            self._watch = open_watch(CHANNEL, connection.settings_dict)
        for reader in log_readers.needs_rebuild(self._mine()):
            self._guarded(reader, partial(self._rebuild, reader))
        while not self._stop.is_set():
            late = log_readers.behind(self._mine())
            ready = [r for r in self._mine() if r.name in late and time.monotonic() >= self._not_before.get(r.name, 0)]
            passed = sum(self._guarded(reader, partial(self._step, reader)) for reader in ready)
            if not passed:
                break
        if time.monotonic() - self._last_retry >= RETRY_S:
            self._last_retry = time.monotonic()
            for reader in self._mine():
                self._guarded(reader, partial(log_readers.retry, reader, timezone.now()))
        if self._watch.wait(RETRY_S, self._stop.is_set):
            self._woken.set()
        return True

    def _step(self, reader: Reader) -> int:
        passed = log_readers.step(reader, timezone.now())
        self._numbers.read.labels(reader.name).inc(passed)
        return passed

    def _rebuild(self, reader: Reader) -> int:
        logger.info("rebuilding what %s makes", reader.name)
        log_readers.rebuild(reader, timezone.now())
        return 0

    def _guarded(self, reader: Reader, act: Callable[[], int]) -> int:
        """One reader that breaks (not over a signal: as a whole) is tried again later; the others go on."""
        try:
            done = act()
            self._failures.pop(reader.name, None)
            return done
        except Exception as error:
            if _is_lost(error):
                raise
            failures = self._failures[reader.name] = self._failures.get(reader.name, 0) + 1
            pause = min(60, 2**failures)
            self._not_before[reader.name] = time.monotonic() + pause
            logger.exception("reader %s failed; again in %d s", reader.name, pause)
            return 0

    def _mine(self) -> list[Reader]:
        """The readers that this worker steps: those with an effect outside the database belong to one at a time."""
        return [r for r in self._readers if r.inside or self._owns(r.name)]

    def _owns(self, name: str) -> bool:
        if name in self._locks:
            return True
        file = (metrics.run_folder() / f"reader-{name}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._locks[name] = file
        return True

    # The jobs' threads

    def _run_job(self) -> bool:
        """Run the next job, or wait for one."""
        self._woken.clear()
        task = queue.take_next(self.name, timezone.now())
        if task is None:
            self._woken.wait(0.5)
            return True
        self._running.add(task.pk)
        try:
            ended_well = queue.run(task)
            self._numbers.jobs.labels("done" if ended_well else "failed").inc()
        finally:
            self._running.discard(task.pk)
        return True


class House:
    """What the worker's main thread does: says that it lives, enqueues what is due, counts."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._next_beat = self._next_tidy = 0.0

    def begin(self) -> bool:
        """Say that this worker lives, before it takes anything."""
        now = timezone.now()
        Beat.objects.update_or_create(
            worker=self._worker.name, defaults={"host": socket.gethostname(), "pid": os.getpid(), "beat_at": now}
        )
        return True

    def keep(self) -> bool:
        """One round, every half second."""
        now = timezone.now()
        if time.monotonic() >= self._next_beat:
            self.begin()
            self._worker._numbers.write(self._worker._readers, now)
            self._next_beat = time.monotonic() + BEAT_S
        if time.monotonic() >= self._next_tidy:
            queue.put_back_of_dead(now)
            self._put_back_own(now)
            system_write_out()
            self._next_tidy = time.monotonic() + TIDY_S
        if system_publish_due(now) + queue.enqueue_periodic(now):
            self._worker._woken.set()
        self._worker.rest(0.5)
        return True

    def _put_back_own(self, now: dt.datetime) -> None:
        """Jobs that were taken just as the database went away are nobody's: they are put back."""
        before = now - dt.timedelta(seconds=5)
        mine = [
            t
            for t in DBTaskResult.objects.filter(status="RUNNING", started_at__lt=before)
            if t.worker_ids[-1:] == [self._worker.name]
        ]
        queue.put_back([t for t in mine if t.pk not in self._worker._running], now)

    def end(self, left: list[str]) -> None:
        """Say that this worker ends; what it leaves running is put back, for it dies with the process."""
        now = timezone.now()
        if left:
            logger.warning("still busy at the end: %s", ", ".join(left))
        running = DBTaskResult.objects.filter(pk__in=self._worker._running)
        queue.put_back(running, now)
        Beat.objects.filter(worker=self._worker.name).delete()


class Numbers:
    """What a worker counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.read = Counter("parvis_reader_signals", "Signals taken.", ["reader"], registry=self.registry)
        self.jobs = Counter("parvis_jobs", "Jobs run, by how they ended.", ["end"], registry=self.registry)
        self._lag = Gauge("parvis_reader_lag_signals", "Signals not yet taken.", ["reader"], registry=self.registry)
        self._lag_s = Gauge(
            "parvis_reader_lag_seconds", "Age of the oldest of them.", ["reader"], registry=self.registry
        )
        self._aside = Gauge("parvis_reader_set_aside", "Signals set aside.", ["reader"], registry=self.registry)
        self._queued = Gauge("parvis_jobs_waiting", "Jobs that wait.", registry=self.registry)
        self._beat = Gauge(
            "parvis_worker_beat_timestamp_seconds", "When the worker last lived.", registry=self.registry
        )

    def write(self, readers: Sequence[Reader], now: dt.datetime) -> None:
        """Count what is to be counted, and write it.  Queries: 4, and one for each reader that is late."""
        late = log_readers.behind(readers)
        at = dict(ReaderCursor.objects.values_list("reader", "position"))
        for reader in readers:
            self._lag.labels(reader.name).set(late.get(reader.name, 0))
            oldest = None
            if reader.name in late:
                rows = Signal.objects.filter(position__gt=at.get(reader.name, 0)).order_by("position")
                oldest = rows.values_list("recorded_at", flat=True).first()
            self._lag_s.labels(reader.name).set(max(0.0, (now - oldest).total_seconds()) if oldest else 0)
            self._aside.labels(reader.name).set(SetAside.objects.filter(reader=reader.name).count())
        self._queued.set(DBTaskResult.objects.filter(status="READY").count())
        self._beat.set(now.timestamp())
        metrics.write_registry("worker", self.registry)


def _is_lost(error: BaseException) -> bool:
    """Whether it is the database that is away, rather than our mistake."""
    if isinstance(error, _LOST):
        return True
    return type(error).__module__.startswith("psycopg") and "OperationalError" in [
        c.__name__ for c in type(error).__mro__
    ]


@contextlib.contextmanager
def stopped_by_signals(worker: Worker) -> Iterator[None]:
    """SIGTERM and SIGINT stop the worker."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    yield


def main(readers: Sequence[Reader]) -> int:
    """Run a worker in this process until it is told to stop. Returns the exit code."""
    jobs.load()
    worker = Worker(readers)
    with stopped_by_signals(worker):
        worker.run()
    return 0
