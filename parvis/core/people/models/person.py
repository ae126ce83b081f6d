"""Persons: somebody, or an application, in one network; their addresses; the organisations of outsiders."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from parvis.core.people.models.network import Network
from parvis.core.people.querysets import PersonQuerySet
from parvis.core.runtime.keys import new_key


class OrganisationKind(models.TextChoices):
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    PARTNER = "partner"
    PEER = "peer"
    UNKNOWN = "unknown"


class Organisation(models.Model):
    """A company outside the network, to which guests and contacts belong."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="organisations")
    key = models.CharField(max_length=12, unique=True, default=new_key, editable=False)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=OrganisationKind, default=OrganisationKind.UNKNOWN)
    domain = models.CharField(max_length=253, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "name"], name="organisation_once")]

    def __str__(self) -> str:
        return self.name


class PersonKind(models.TextChoices):
    MEMBER = "member"
    GUEST = "guest"  # from outside, with an account
    CONTACT = "contact"  # from outside, known from mail, meetings or the CRM, without an account
    APPLICATION = "application"


class PersonState(models.TextChoices):
    ACTIVE = "active"
    PLACEHOLDER = "placeholder"  # named by an import or a mail, not yet claimed
    LEFT = "left"
    MERGED = "merged"  # see merged_into


class Person(models.Model):
    """Somebody, or an application, in one network."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="people")
    key = models.CharField(max_length=12, unique=True, default=new_key, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="people"
    )
    kind = models.CharField(max_length=12, choices=PersonKind, default=PersonKind.MEMBER)
    state = models.CharField(max_length=12, choices=PersonState, default=PersonState.ACTIVE)
    name = models.CharField(max_length=160)
    sort_name = models.CharField(max_length=160, blank=True, default="")  # folded: the directory's order
    title = models.CharField(max_length=160, blank=True, default="")
    department = models.CharField(max_length=120, blank=True, default="")
    site = models.CharField(max_length=120, blank=True, default="")
    about = models.TextField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    language = models.CharField(max_length=8, blank=True, default="")  # empty: the network's
    zone = models.CharField(max_length=64, blank=True, default="")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.SET_NULL)
    manager = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reports")
    personnel_number = models.CharField(max_length=40, null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged")
    source = models.CharField(max_length=40, blank=True, default="")
    source_id = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "account"], name="person_once_per_account"),
            models.UniqueConstraint(fields=["network", "personnel_number"], name="personnel_number_once"),
            models.UniqueConstraint(
                fields=["network", "source", "source_id"], condition=~models.Q(source=""), name="person_source_once"
            ),
        ]
        indexes = [models.Index(fields=["network", "sort_name", "id"], name="person_directory")]

    def __str__(self) -> str:
        return self.key

    @property
    def principal(self) -> int:
        """The person as a principal of audiences: minus its id."""
        return -self.pk


class Address(models.Model):
    """A mail address of a person. Only a verified one identifies them; an unverified one can be claimed."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="addresses")
    email = models.EmailField()  # lower case
    verified_at = models.DateTimeField(null=True, blank=True)
    is_primary = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "email"], name="address_once")]

    def __str__(self) -> str:
        return self.email
