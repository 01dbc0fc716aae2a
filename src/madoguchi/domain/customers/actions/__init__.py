"""The only writers of customers, their numbers, their important points, and of files that are taken in."""

from madoguchi.domain.customers.actions.importing import (
    STALE_AFTER,
    begin_import,
    carry_on,
    confirm_import,
    examine,
    forget_import,
    forget_old,
    take_in,
)
from madoguchi.domain.customers.actions.people import (
    DETAILS,
    add_number,
    change,
    create,
    note_important_point,
    read_number,
    remove_number,
    stored,
    withdraw_important_point,
)

__all__ = [
    "DETAILS",
    "STALE_AFTER",
    "add_number",
    "begin_import",
    "carry_on",
    "change",
    "confirm_import",
    "create",
    "examine",
    "forget_import",
    "forget_old",
    "note_important_point",
    "read_number",
    "remove_number",
    "stored",
    "take_in",
    "withdraw_important_point",
]
