"""Items: anything that can be seen; who had a part in them, how they are linked, what they were before."""

from django.db import models
from django.utils import timezone

from parvis.core.items.models.audience import Audience
from parvis.core.items.querysets import ItemQuerySet
from parvis.core.people.models import Group, Network, Person
from parvis.core.runtime.keys import new_key


class Kind(models.TextChoices):
    """What an item is. How a kind looks and what it offers is its KindSpec."""

    COMMUNITY = "community"
    POST = "post"
    COMMENT = "comment"
    DOCUMENT = "document"


class Item(models.Model):
    """Anything that can be seen. `audience` alone decides by whom.

    root: the thread that the item answers in; None for a thread's first item and for what has no thread.
    parent: the comment that a comment answers, None when it answers the root.
    active_at: when the thread last grew; None for what feeds do not list (comments, attachments, communities).
    body: clean HTML.  text: the same without tags, as searched and excerpted.
    """

    # Without the index that a foreign key brings where another begins with the same column: planners fall for it.
    network = models.ForeignKey(Network, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=12, unique=True, default=new_key, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    form = models.CharField(max_length=16, blank=True, default="")  # of a document: presentation, pdf, image…
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    root = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=300, blank=True, default="")
    body = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")
    language = models.CharField(max_length=8, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    active_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)  # by moderation; its audience are the moderators
    revision = models.PositiveIntegerField(default=1)
    answers = models.PositiveIntegerField(default=0)  # comments of the thread that still stand
    position = models.BigIntegerField(default=0)  # of the log, when the item (for a root: its thread) last grew
    is_sealed = models.BooleanField(default=False)  # the true author is in SealedAuthor
    source = models.CharField(max_length=40, blank=True, default="")
    source_id = models.CharField(max_length=255, blank=True, default="")
    batch = models.CharField(max_length=12, blank=True, default="")

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "source", "source_id"], condition=~models.Q(source=""), name="item_source_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["audience", "-active_at", "-id"], condition=models.Q(active_at__isnull=False), name="item_feed"
            ),
            models.Index(
                fields=["place", "-active_at", "-id"], condition=models.Q(active_at__isnull=False), name="item_place"
            ),
            models.Index(fields=["root", "created_at", "id"], name="item_thread"),
            models.Index(fields=["author", "-created_at"], name="item_author"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def thread_id(self) -> int:
        """Id of the thread's first item: its own when it is one."""
        return int(self.root_id or self.pk)


class PartRole(models.TextChoices):
    AUTHOR = "author"
    RECIPIENT = "recipient"
    MENTIONED = "mentioned"
    ATTENDEE = "attendee"
    PRESENTER = "presenter"
    ASSIGNEE = "assignee"


class Part(models.Model):
    """That a person has a part in an item."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="parts", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="parts")
    role = models.CharField(max_length=12, choices=PartRole)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "person", "role"], name="part_once")]

    def __str__(self) -> str:
        return f"{self.role} of {self.item_id}"


class Relation(models.TextChoices):
    ATTACHED = "attached"  # item: the post; other: the document
    SHARED_FROM = "shared_from"  # item: the new post; other: the original
    MENTIONS = "mentions"
    REPLACES = "replaces"
    PRESENTED_IN = "presented_in"
    DECIDED_IN = "decided_in"


class Link(models.Model):
    """That an item stands in a relation to another. Shown only to those who may open both."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="links", db_index=False)
    relation = models.CharField(max_length=16, choices=Relation)
    other = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="linked_from")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "relation", "other"], name="link_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.relation} {self.other_id}"


class Revision(models.Model):
    """What an item said before it was edited. `number` is that of the text kept here."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField()
    editor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    title = models.CharField(max_length=300, blank=True, default="")
    body = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="revision_once")]

    def __str__(self) -> str:
        return f"{self.item_id}.{self.number}"


class Seen(models.Model):
    """How far a person has read a thread. "New" and "since your last visit" come from here, never from View."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    thread = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    position = models.BigIntegerField()  # of the log, when the page was served

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "thread"], name="seen_once")]

    def __str__(self) -> str:
        return f"{self.thread_id} to {self.position}"


class Pending(models.Model):
    """An item that its author alone sees so far: a draft, a scheduled post, or one in its grace minute.

    audience: who will see it once published.  publish_at: when it publishes itself; None for a draft.
    """

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="pending")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+")
    publish_at = models.DateTimeField(null=True, blank=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.item_id} at {self.publish_at}"


class SealedAuthor(models.Model):
    """Who truly wrote an anonymous item. Read by one action only, by two moderators, logged."""

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return "sealed"


class Unsealing(models.Model):
    """A moderator's reasoned request to read a sealed author. Two different moderators open it."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    moderator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "moderator"], name="unsealing_once")]

    def __str__(self) -> str:
        return f"{self.item_id} by {self.moderator_id}"


class Erasure(models.Model):
    """That an item was erased, for good. `is_written`: whether the ledger's file has it too; see `erasures`."""

    key = models.CharField(max_length=12, unique=True)
    at = models.DateTimeField()
    is_written = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.key


class Opening(models.Model):
    """An administrator's reasoned request to open a thread for review. Another administrator opens it, for a time.

    until: when it closes by itself, with the memberships of its group; None until it is opened.
    """

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="openings")
    asker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    asked_at = models.DateTimeField()
    seconder = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    group = models.OneToOneField(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=models.Q(opened_at=None), name="opening_asked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} by {self.asker_id}"
