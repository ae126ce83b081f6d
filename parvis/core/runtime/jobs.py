"""Jobs: work done later, in the worker, enqueued by name within the deed's transaction.

    enqueue("conversations.fetch_preview", item_key=item.key)

A job is run at least once: it must bear being run twice. One that raises is run again with growing pauses.
The network is touched in jobs only.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django_tasks import task

logger = logging.getLogger("parvis.jobs")


@dataclasses.dataclass(frozen=True)
class Job:
    """What a name stands for.  retries: how often it is tried again.  every: its period when it runs by itself."""

    name: str
    run: Callable[..., None]
    retries: int = 5
    every: dt.timedelta | None = None


_jobs: dict[str, Job] = {}


def job(
    name: str, *, retries: int = 5, every: dt.timedelta | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare a function as the job `name` (`app.verb_noun`). Its arguments are JSON. Raises ValueError if taken."""

    def declare(run: Callable[..., None]) -> Callable[..., None]:
        if name in _jobs and _jobs[name].run is not run:
            raise ValueError(f"the job {name} is declared twice")
        _jobs[name] = Job(name, run, retries, every)
        return run

    return declare


def all_jobs() -> list[Job]:
    """All declared jobs, by name."""
    return sorted(_jobs.values(), key=lambda j: j.name)


def enqueue(name: str, *, after: dt.datetime | None = None, **arguments: Any) -> None:
    """Have the job `name` run in the worker, not before `after`. Part of the current transaction.  Queries: 1."""
    _enqueue(name, arguments, 0, after)


def _enqueue(name: str, arguments: dict[str, Any], attempt: int, after: dt.datetime | None) -> None:
    queued = run_job.using(run_after=after) if after is not None else run_job
    queued.enqueue(name, arguments, attempt)


@task()
def run_job(name: str, arguments: dict[str, Any], attempt: int) -> None:
    """Run one job; when it raises, enqueue it again after 15 s, 1 min, 4 min… until its retries are used up."""
    found = _jobs.get(name)
    if found is None:
        logger.error("no job is named %s", name)
        return
    try:
        found.run(**arguments)
    except Exception:
        logger.exception("job %s failed at attempt %d", name, attempt + 1)
        if attempt >= found.retries:
            raise
        _enqueue(name, arguments, attempt + 1, timezone.now() + dt.timedelta(seconds=15 * 4**attempt))
