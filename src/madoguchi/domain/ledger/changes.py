"""What a change of settings changes, so that the ledger can say who altered what from what to what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import models

HIDDEN = "•••"


def applied(
    row: models.Model, values: Mapping[str, Any], *, hidden: Collection[str] = ()
) -> dict[str, list[Any]]:
    """Set `values` on an unsaved or loaded row, examine it, and return field → [old, new] where they differ.

    Values of the fields in `hidden` (passwords) are masked. The caller saves and notes. Raises Django's
    `ValidationError` with the fields' names when the row would not be valid.
    """
    changes: dict[str, list[Any]] = {}
    for name, new in values.items():
        old = getattr(row, name, None)
        if old != new:
            shown = [HIDDEN, HIDDEN] if name in hidden else [_plain(old), _plain(new)]
            changes[name] = [None, shown[1]] if row.pk is None else shown
        setattr(row, name, new)
    row.full_clean()
    return changes


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return str(value)
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
