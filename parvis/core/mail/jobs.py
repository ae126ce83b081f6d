"""Sending what is queued."""

import datetime as dt

from django.utils import timezone

from parvis.core.mail.actions import system_deliver, system_sweep
from parvis.core.runtime.jobs import job


@job("mail.deliver", retries=7)
def deliver(key: str) -> None:
    """Send one mail; tried again for a day while the server is away."""
    system_deliver(key, timezone.now())


@job("mail.sweep", every=dt.timedelta(days=1))
def sweep() -> None:
    """Forget old mails."""
    system_sweep(timezone.now())
