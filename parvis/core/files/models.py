"""Files: bytes named by their SHA-256, and the versions of documents that are made of them."""

from django.db import models
from django.utils import timezone

from parvis.core.items.models import Item
from parvis.core.people.models import Person


class Blob(models.Model):
    """Bytes, once each, however many files hold them. Kept in the folder `blobs/` of the installation's data."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size_bytes = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.sha256[:12]


class FileVersion(models.Model):
    """One version of a document's file. `media_type` is what Parvis recognised in the bytes, not what was claimed."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="file_versions")
    number = models.PositiveIntegerField(default=1)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="file_version_once")]

    def __str__(self) -> str:
        return f"{self.item_id}.{self.number}"
