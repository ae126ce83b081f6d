"""Values of database columns as JSON, and back."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.db import models


def to_json(value: Any) -> Any:
    """A column's value as JSON can hold it. Raises TypeError for a type that no column of ours has."""
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, uuid.UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"no JSON for {type(value).__name__}")


def from_json(field: models.Field[Any, Any], value: Any) -> Any:
    """The inverse of `to_json`, for a field's column."""
    if value is None:
        return None
    if isinstance(field, models.BinaryField):
        return base64.b64decode(value)
    if isinstance(field, models.DurationField):
        return dt.timedelta(seconds=value)
    if isinstance(field, models.JSONField):
        return value
    return field.target_field.to_python(value) if isinstance(field, models.ForeignKey) else field.to_python(value)
