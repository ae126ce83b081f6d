"""Mails on their way out."""

from django.db import models
from django.utils import timezone


class Outgoing(models.Model):
    """One mail to one address. Its words are blanked once it was sent or given up; that it was sent is kept a while.

    key: what the mail is about; the same key is never sent twice.  claimed_at: when a worker last began to send it.
    """

    key = models.CharField(max_length=190, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=400, blank=True, default="")
    text = models.TextField(blank=True, default="")
    html = models.TextField(blank=True, default="")
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True, default="")  # a code, never what the server said

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="outgoing_created")]

    def __str__(self) -> str:
        return self.key
