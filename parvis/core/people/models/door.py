"""Ways in that are not a password: invitations, letters with a one-time code, codes of one's own."""

from django.db import models

from parvis.core.people.models.group import Group
from parvis.core.people.models.network import Network
from parvis.core.people.models.person import Person, PersonKind
from parvis.core.runtime.keys import new_key


class InvitationKind(models.TextChoices):
    MEMBER = PersonKind.MEMBER
    GUEST = PersonKind.GUEST


class Invitation(models.Model):
    """That an address may come into a network, by a link mailed to it. One open invitation an address.

    digest: SHA-256 of the link's secret, which is in the mail alone; a new mail has a new one, and the old link dies.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="invitations")
    key = models.CharField(max_length=12, unique=True, default=new_key, editable=False)
    email = models.EmailField()  # lower case
    kind = models.CharField(max_length=12, choices=InvitationKind, default=InvitationKind.MEMBER)
    inviter = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    groups = models.ManyToManyField(Group, related_name="+", blank=True)
    digest = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return self.key


class Letter(models.Model):
    """A one-time code printed for somebody without e-mail. A new letter replaces the former.

    code: hashed as passwords are.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="letter")
    code = models.CharField(max_length=128)
    maker = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"letter of {self.person_id}"


class OwnCode(models.Model):
    """The code that a person without e-mail chose, hashed as passwords are. Good with their personnel number only."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="own_code")
    code = models.CharField(max_length=128)
    chosen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"code of {self.person_id}"
