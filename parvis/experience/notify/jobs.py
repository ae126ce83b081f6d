"""Telling by mail."""

import datetime as dt

from django.utils import timezone

from parvis.core.runtime.jobs import job
from parvis.experience.notify.actions import system_enqueue_days, system_mail_day, system_mail_one, system_sweep


@job("notify.mail_one", retries=7)
def mail_one(position: int, recipient: int) -> None:
    """Mail one notification."""
    system_mail_one(position, recipient, timezone.now())


@job("notify.mail_day", retries=7)
def mail_day(recipient: int) -> None:
    """Mail what awaits somebody, all in one."""
    system_mail_day(recipient, timezone.now())


@job("notify.mail_days", every=dt.timedelta(minutes=15))
def mail_days() -> None:
    """Find whose morning it is."""
    system_enqueue_days(timezone.now())


@job("notify.sweep", every=dt.timedelta(days=1))
def sweep() -> None:
    """Forget what is old."""
    system_sweep(timezone.now())
