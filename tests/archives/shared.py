"""Where the real data lies: `../shared` beside the checkout, or the folder that PARVIS_SHARED names."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_CHECKOUT = Path(__file__).resolve().parents[2]


def shared(path: str) -> Path:
    """A file of the real data; the test that asks is skipped where it is absent."""
    folder = Path(os.environ.get("PARVIS_SHARED") or _CHECKOUT.parent / "shared")
    found = folder / path
    if not found.exists():
        pytest.skip(f"real data is absent: {path} (set PARVIS_SHARED to its folder)")
    return found


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a packed file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
