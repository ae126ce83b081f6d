"""The queue's own job."""

import datetime as dt

from django.utils import timezone

from parvis.core.runtime.jobs import job
from parvis.core.runtime.queue import sweep


@job("runtime.sweep_jobs", every=dt.timedelta(hours=6))
def sweep_jobs() -> None:
    """Forget jobs that ended long ago."""
    sweep(timezone.now())
