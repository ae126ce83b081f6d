"""The queue of jobs, as a worker sees it: take one, run it, put back what a dead worker left running.

Several workers may do all of this at the same time.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import socket
import traceback
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from parvis.core.runtime.jobs import all_jobs, enqueue
from parvis.core.runtime.models import Beat, Periodic

logger = logging.getLogger("parvis.jobs")

DEAD_AFTER = dt.timedelta(seconds=60)  # without a beat
GIVE_UP_AFTER = 5  # times that a job was left running: it may well be what kills its workers
_KEPT_DONE = dt.timedelta(days=1)
_KEPT_FAILED = dt.timedelta(days=30)


def take_next(worker: str, now: dt.datetime) -> DBTaskResult[..., Any] | None:
    """The next job that is due, now this worker's; None when there is none.  Queries: 1 when there is none, else 5."""
    if not DBTaskResult.objects.ready().exists():  # no transaction, hence no writers' gate, for nothing
        return None
    with transaction.atomic():
        task = DBTaskResult.objects.ready().select_for_update(skip_locked=True).first()
        if task is not None:
            task.status, task.started_at = "RUNNING", now
            task.worker_ids = [*task.worker_ids, worker]
            task.save(update_fields=["status", "started_at", "worker_ids"])
    return task


def run(task: DBTaskResult[..., Any]) -> bool:
    """Run a job that was taken, and note how it ended. Returns whether it ended well. Raises nothing of the job's."""
    error: BaseException | None = None
    try:
        task.task.call(*task.args_kwargs["args"], **task.args_kwargs["kwargs"])
    except Exception as raised:
        error = raised
        logger.error("job %s gave up: %s", task.id, _where(raised))
    DBTaskResult.objects.filter(pk=task.pk, status="RUNNING").update(
        status="FAILED" if error else "SUCCESSFUL",
        finished_at=timezone.now(),
        exception_class_path=f"{type(error).__module__}.{type(error).__qualname__}" if error else "",
        traceback=_where(error) if error else "",
    )
    return error is None


def _where(error: BaseException) -> str:
    """The exception's type and where it was raised; not its message, which may quote what people wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def put_back(tasks: Iterable[DBTaskResult[..., Any]], now: dt.datetime) -> int:
    """Have jobs that were left running be run again. Returns how many."""
    done = 0
    for task in tasks:
        tries = len(task.worker_ids)
        status = "READY" if tries < GIVE_UP_AFTER else "FAILED"
        rows = DBTaskResult.objects.filter(pk=task.pk, status="RUNNING", started_at=task.started_at)
        if rows.update(status=status, finished_at=None if status == "READY" else now):
            logger.warning("job %s was left running %d times: %s", task.id, tries, status.lower())
            done += status == "READY"
    return done


def put_back_of_dead(now: dt.datetime) -> int:
    """Put back the jobs of workers that no longer live, and forget those workers. Returns how many jobs.

    One whose process on this very machine is gone is dead at once; any other after a minute without a beat.
    """
    beats = list(Beat.objects.all())
    dead = [b.worker for b in beats if b.beat_at < now - DEAD_AFTER or _is_gone(b)]
    Beat.objects.filter(worker__in=dead).delete()
    alive = {b.worker for b in beats} - set(dead)
    running = DBTaskResult.objects.filter(status="RUNNING")
    return put_back([t for t in running if not t.worker_ids or t.worker_ids[-1] not in alive], now)


def _is_gone(beat: Beat) -> bool:
    if beat.host != socket.gethostname():
        return False
    try:
        os.kill(beat.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def enqueue_periodic(now: dt.datetime) -> int:
    """Enqueue the jobs that run by themselves and are due; each is enqueued by one worker only. Returns how many.

    Queries: 1 when none is due.
    """
    periodic = {j.name: j.every for j in all_jobs() if j.every is not None}
    known = dict(Periodic.objects.values_list("job", "next_at"))
    fresh = [Periodic(job=name, next_at=now) for name in periodic if name not in known]
    if fresh:
        Periodic.objects.bulk_create(fresh, ignore_conflicts=True)
    done = 0
    for name, every in periodic.items():
        if known.get(name, now) <= now:
            with transaction.atomic():
                if Periodic.objects.filter(job=name, next_at__lte=now).update(next_at=now + every):
                    enqueue(name)
                    done += 1
    return done


def sweep(now: dt.datetime) -> int:
    """Forget jobs that ended long ago. Returns how many."""
    done = DBTaskResult.objects.filter(status="SUCCESSFUL", finished_at__lt=now - _KEPT_DONE)
    failed = DBTaskResult.objects.filter(status="FAILED", finished_at__lt=now - _KEPT_FAILED)
    return done.delete()[0] + failed.delete()[0]
