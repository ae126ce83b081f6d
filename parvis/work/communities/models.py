"""Communities: what a group of kind community has beside its members."""

from django.db import models

from parvis.core.items.models import Item
from parvis.core.people.models import Group, Network
from parvis.work.communities.querysets import CommunityQuerySet


class Visibility(models.TextChoices):
    PUBLIC = "public"  # every member of the network reads and may join
    PRIVATE = "private"  # everybody may know of it; its members read
    SECRET = "secret"  # only its members know of it


class Community(models.Model):
    """A community: its group (who belongs), its moderators' group, and its item (who may know that it exists)."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, db_index=False)
    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="community")
    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="community")
    slug = models.CharField(max_length=60)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PUBLIC)
    has_guests = models.BooleanField(default=False)  # open to guests: pages and composers say so

    objects = CommunityQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "slug"], name="community_slug_once")]

    def __str__(self) -> str:
        return self.slug

    @property
    def name(self) -> str:
        return self.item.title
