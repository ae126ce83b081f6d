"""Groups: any set of people who change together, and who belongs to them from when to when."""

from django.db import models
from django.utils import timezone

from parvis.core.people.models.network import Network
from parvis.core.people.models.person import Person
from parvis.core.people.querysets import MembershipQuerySet
from parvis.core.runtime.keys import new_key


class GroupKind(models.TextChoices):
    COMMUNITY = "community"
    MODERATORS = "moderators"  # of the group named by `parent`
    ADMINISTRATORS = "administrators"  # of the network
    DESK = "desk"  # who hands out codes to people without e-mail (human resources)
    TEAM = "team"
    SITE = "site"
    CIRCLE = "circle"  # one person's private list
    ROOM = "room"
    MEETING = "meeting"
    REVIEW = "review"  # time-bound: two administrators opened something


class Role(models.TextChoices):
    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"


class Group(models.Model):
    """A set of people. Its id is its principal in audiences."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="groups")
    key = models.CharField(max_length=12, unique=True, default=new_key, editable=False)
    kind = models.CharField(max_length=16, choices=GroupKind)
    name = models.CharField(max_length=160)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    closed_at = models.DateTimeField(null=True, blank=True)  # read-only from then on
    size = models.PositiveIntegerField(default=0)  # memberships in force, moved in the deed
    source = models.CharField(max_length=40, blank=True, default="")
    source_id = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "source", "source_id"], condition=~models.Q(source=""), name="group_source_once"
            ),
            models.UniqueConstraint(
                fields=["network"], condition=models.Q(kind="administrators"), name="administrators_once"
            ),
            models.UniqueConstraint(fields=["parent"], condition=models.Q(kind="moderators"), name="moderators_once"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def principal(self) -> int:
        """The group as a principal of audiences: its id."""
        return int(self.pk)


class Membership(models.Model):
    """That a person belongs to a group, with a role, since an instant and until another (None: still)."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role, default=Role.MEMBER)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "person"], condition=models.Q(until=None), name="membership_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "until", "group", "role"], name="membership_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.group_id}"
