"""Runs of the engine, and what an archive's identifiers stand for here."""

from django.db import models
from django.utils import timezone

from parvis.core.items.models import Item
from parvis.core.people.models import Network, Person
from parvis.core.runtime.keys import new_key


class ImportRun(models.Model):
    """One import of one archive. Its key is the `batch` of all that it made.

    position: how far it came, in the archive's own units, of `size`; it moves in the transaction that writes, so that a
      run that was killed goes on where it stopped.  fingerprint: of the archive's bytes.
    known: messages that were here already, from an earlier import of the same source.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE)
    key = models.CharField(max_length=12, unique=True, default=new_key, editable=False)
    source = models.CharField(max_length=40)
    archive = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    position = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    groups = models.PositiveIntegerField(default=0)
    threads = models.PositiveIntegerField(default=0)
    answers = models.PositiveIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    problems = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["network", "source", "fingerprint"], name="import_run_of_archive")]

    def __str__(self) -> str:
        return f"{self.key} of {self.source}"


class KnownPerson(models.Model):
    """Whom a person of a source is here: a placeholder made for them, or somebody with their verified address.

    is_listed: whether an archive said who they are, and not only that they wrote.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE)
    source = models.CharField(max_length=40)
    source_id = models.CharField(max_length=255)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    is_listed = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "source", "source_id"], name="known_person_once")]

    def __str__(self) -> str:
        return f"{self.source_id} is {self.person_id}"


class KnownThread(models.Model):
    """Which thread here continues one whose head no archive held so far: its first answer became the head."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE)
    source = models.CharField(max_length=40)
    source_id = models.CharField(max_length=255)
    head = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "source", "source_id"], name="known_thread_once")]

    def __str__(self) -> str:
        return f"{self.source_id} is {self.head_id}"
