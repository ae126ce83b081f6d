"""Where blobs lie: one folder, content-addressed, written beside and renamed, so that a name never holds half a file."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from parvis.core.files.models import Blob
from parvis.core.runtime import env

CHUNK = 1 << 18


class TooLarge(ValueError):
    """A file is larger than what may be kept. `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """The bytes of an open file, in pieces."""
    while piece := file.read(CHUNK):
        yield piece


def keep(pieces: Iterable[bytes], *, limit: int) -> Blob:
    """Keep bytes and return their blob, the same one for the same bytes.  limit: in bytes. Raises TooLarge.

    The bytes are on disk before the row is written: a row without bytes cannot be, bytes without a row are swept.
    """
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as fresh:
        try:
            for piece in pieces:
                size += len(piece)
                if size > limit:
                    raise TooLarge(limit)
                digest.update(piece)
                fresh.write(piece)
            fresh.flush()
            os.fsync(fresh.fileno())
        except BaseException:
            Path(fresh.name).unlink(missing_ok=True)
            raise
    sha256 = digest.hexdigest()
    path = path_of(sha256)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    Path(fresh.name).replace(path)
    Blob.objects.bulk_create([Blob(sha256=sha256, size_bytes=size)], ignore_conflicts=True)
    return Blob.objects.get(pk=sha256)


def path_of(sha256: str) -> Path:
    """Where the bytes of this digest lie. Raises ValueError for what is not a digest."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("not a SHA-256")
    return _folder() / sha256[:2] / sha256


def _folder() -> Path:
    return env.data_folder() / "blobs"
