"""The log: what happened, in the order in which it became visible; and how far each reader has come."""

from django.db import models
from django.utils import timezone

from parvis.core.items.models.audience import Audience
from parvis.core.items.models.item import Item
from parvis.core.people.models import Group, Network, Person


class Verb(models.TextChoices):
    """What happened: ActivityStreams 2.0's verbs where one exists, then a few of our own."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"
    ADD = "Add"  # to a group (target: the person), or who sees was widened
    REMOVE = "Remove"  # from a group (target: the person), or by moderation
    JOIN = "Join"
    LEAVE = "Leave"
    INVITE = "Invite"
    ACCEPT = "Accept"
    ANNOUNCE = "Announce"
    LIKE = "Like"
    UNDO = "Undo"
    FOLLOW = "Follow"
    FLAG = "Flag"
    MENTION = "Mention"  # by an edit, of somebody (target) whom the words did not name before
    VIEW = "View"
    MOVE = "Move"  # who sees changed
    OPEN = "Open"  # a thread, for a time, by two administrators
    UNSEAL = "Unseal"  # asked to read who wrote a sealed item, or read it


class Origin(models.TextChoices):
    LIVE = "live"
    IMPORT = "import"
    CONNECTOR = "connector"
    DEMO = "demo"


class Signal(models.Model):
    """Something that happened. Appended by `record()` only; never holds text or names.

    position: its place in the log; positions become visible in order.  at: when it happened; recorded_at: when it
    was written.  target: a person's id for verbs that have one.  audience, fanout: who could see it, and how many
    principals that was, at that time.  No foreign key is enforced: the log outlives what it names.
    """

    position = models.BigAutoField(primary_key=True)
    network = models.ForeignKey(Network, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    recorded_at = models.DateTimeField(default=timezone.now)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    verb = models.CharField(max_length=12, choices=Verb)
    item = models.ForeignKey(Item, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    root = models.ForeignKey(
        Item, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    target = models.ForeignKey(
        Person, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    audience = models.ForeignKey(
        Audience, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    place = models.ForeignKey(
        Group, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    fanout = models.PositiveIntegerField(default=0)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.LIVE)
    batch = models.CharField(max_length=12, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["actor", "verb", "at"], name="signal_actor")]

    def __str__(self) -> str:
        return f"{self.position} {self.verb}"


class ReaderCursor(models.Model):
    """How far a reader has come: all signals up to `position` took effect or are set aside."""

    reader = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)  # of what the reader makes; another one asks for a rebuild
    moved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.reader} at {self.position}"


class SetAside(models.Model):
    """A signal that a reader could not take. It is retried with growing pauses; later ones of its item wait behind it.

    attempts: 0 for one that only waits.  retry_at: None once the reader gave up: an administrator replays it.
    """

    reader = models.CharField(max_length=40)
    position = models.BigIntegerField()
    item_id = models.BigIntegerField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=400, blank=True, default="")  # the exception's type and place, never its text

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "position"], name="set_aside_once")]
        indexes = [models.Index(fields=["reader", "item_id", "position"], name="set_aside_of_item")]

    def __str__(self) -> str:
        return f"{self.reader} {self.position}"
