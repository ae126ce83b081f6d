"""What the workers of an installation tell one another."""

from django.db import models
from django.utils import timezone


class Beat(models.Model):
    """That a worker lives: written every few seconds while it does."""

    worker = models.CharField(max_length=64, primary_key=True)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.worker


class Periodic(models.Model):
    """When a job that runs by itself is due next."""

    job = models.CharField(max_length=100, primary_key=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.job
