"""What files do after a deed: the bytes of deleted documents go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef

from parvis.core.files.blobs import path_of
from parvis.core.files.models import Blob, FileVersion
from parvis.core.items.models import Item, Kind, Signal, Verb
from parvis.core.items.readers import Reader, Sort


def sweep(signals: Sequence[Signal]) -> None:
    """Take the versions of deleted documents away, and the blobs that no other file holds.  Queries: 2, 4 if any."""
    gone = [s.item_id for s in signals if s.verb == Verb.DELETE and s.item_id]
    if gone:
        _sweep(Item.objects.filter(pk__in=gone))


def sweep_all() -> None:
    """The same for every deleted document: what `parvis rebuild files` does."""
    _sweep(Item.objects.all())


def _sweep(items: Iterable[Item]) -> None:
    versions = FileVersion.objects.filter(item__in=items, item__kind=Kind.DOCUMENT, item__deleted_at__isnull=False)
    held = set(versions.values_list("blob_id", flat=True))
    if not held:
        return
    versions.delete()
    alone = Blob.objects.filter(pk__in=held).exclude(Exists(FileVersion.objects.filter(blob=OuterRef("pk"))))
    digests = list(alone.values_list("pk", flat=True))
    alone.delete()
    transaction.on_commit(lambda: _unlink(digests))


def _unlink(digests: Iterable[str]) -> None:
    for digest in digests:
        if not Blob.objects.filter(pk=digest).exists():  # kept again meanwhile
            path_of(digest).unlink(missing_ok=True)


FILES_SWEEP = Reader("files.sweep", Sort.STATE, sweep, rebuild=sweep_all)
