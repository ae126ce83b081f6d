"""What awaits each person, and how each wishes to hear of it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parvis.core.items.models import Item
from parvis.core.people.models import Group, Network, Person


class Reason(models.TextChoices):
    """Why somebody is told, from the strongest down."""

    MENTIONED = "mentioned"
    WRITTEN = "written"  # a message to oneself by name
    ANSWERED_ME = "answered_me"  # an answer to one's own
    ANSWERED_THREAD = "answered_thread"  # an answer in the thread that one began
    ADDED = "added"  # to a community


class Channel(models.TextChoices):
    PAGE = "page"
    MAIL = "mail"


class Notification(models.Model):
    """That a person is told of a signal, once on each channel. It holds no words: they are read when it is shown.

    ended_at: of one to be mailed, when it was sent or no longer had to be.
    """

    reader = models.CharField(max_length=40)
    position = models.BigIntegerField()  # of the signal
    recipient = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel)
    network = models.ForeignKey(Network, on_delete=models.CASCADE)
    reason = models.CharField(max_length=16, choices=Reason)
    actor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, null=True, on_delete=models.CASCADE, related_name="+")
    place = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "position", "recipient", "channel"], name="notification_once")
        ]
        indexes = [
            models.Index(fields=["recipient", "channel", "-position"], name="notification_list"),
            models.Index(
                fields=["recipient"], condition=models.Q(channel="mail", ended_at=None), name="notification_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} to {self.recipient_id} by {self.channel}"


class Rhythm(models.TextChoices):
    EACH = "each", _("As it comes")
    DAILY = "daily", _("Once a day")
    NEVER = "never", _("Never")


class Wish(models.Model):
    """How a person wishes to hear by mail, and how far they have looked at what awaits them."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    mail = models.CharField(max_length=8, choices=Rhythm, default=Rhythm.EACH)
    seen = models.BigIntegerField(default=0)  # position of the newest that was shown
    digest_at = models.DateTimeField(default=timezone.now)  # when the last daily mail was made

    def __str__(self) -> str:
        return f"{self.person_id}: {self.mail}"
