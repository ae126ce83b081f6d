"""Attaching files to items: each becomes an item of kind document, with a form from the first day."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Iterable, Sequence

from django.db import transaction

from parvis.core.files.blobs import keep
from parvis.core.files.forms_of import form_of, media_type_of
from parvis.core.files.models import Blob, FileVersion
from parvis.core.items.actions import NewItem, create_items
from parvis.core.items.models import Item, Kind, Link, Origin, Relation
from parvis.core.people.models import Person

LIMIT_BYTES = 200 * 1024 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class NewFile:
    """A file to attach: its name as given, and its bytes already kept."""

    name: str
    blob: Blob
    head: bytes = b""  # the first bytes, to recognise its type


def keep_file(name: str, pieces: Iterable[bytes], *, limit: int = LIMIT_BYTES) -> NewFile:
    """Keep the bytes of a file that is about to be attached. Raises TooLarge.

    Called before the deed's transaction: writing bytes takes time, and a blob without a row harms nobody.
    """
    first: list[bytes] = []

    def noting() -> Iterable[bytes]:
        for piece in pieces:
            if not first:
                first.append(piece[:4096])
            yield piece

    blob = keep(noting(), limit=limit)
    return NewFile(safe_name(name), blob, first[0] if first else b"")


def safe_name(name: str) -> str:
    """A file name without folders, control characters or leading dots; never empty, at most 200 characters."""
    flat = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = (
        "".join(c for c in unicodedata.normalize("NFC", flat) if unicodedata.category(c)[0] != "C").strip().lstrip(".")
    )
    if len(kept) <= 200:
        return kept or "file"
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[: 199 - len(ending)]}.{ending}" if dot and len(ending) < 12 else kept[:200]


@transaction.atomic(savepoint=False)
def attach(
    author: Person,
    item: Item,
    files: Sequence[NewFile],
    *,
    recorded: bool = True,
    origin: str = Origin.LIVE,
    batch: str = "",
) -> list[Item]:
    """Make a document of each file, seen by those who see `item`, and link it as attached.  Queries: fixed."""
    if not files:
        return []
    rows = [
        NewItem(
            kind=Kind.DOCUMENT,
            author=author,
            audience=item.audience,
            at=item.created_at,
            place=item.place,
            title=file.name,
            form=form_of(media_type_of(file.name, file.head)),
            language=item.language,
        )
        for file in files
    ]
    documents = create_items(rows, origin=origin, batch=batch, recorded=recorded)
    FileVersion.objects.bulk_create(
        [
            FileVersion(
                item=document,
                blob=file.blob,
                name=file.name,
                media_type=media_type_of(file.name, file.head),
                by=author,
                at=item.created_at,
            )
            for document, file in zip(documents, files, strict=True)
        ]
    )
    Link.objects.bulk_create([Link(item=item, relation=Relation.ATTACHED, other=d) for d in documents])
    return documents
