"""Doors: views under a network's slug that answer before anybody is known there, as sign-in pages do."""

from collections.abc import Callable
from typing import Any


def is_open(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that answers without a viewer: it looks by itself who asks, and for what."""
    view.is_open = True  # type: ignore[attr-defined]
    return view
