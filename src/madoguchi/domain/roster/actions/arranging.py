"""Ways to work, contracts, and who works under which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from madoguchi.domain.ledger.actions import note
from madoguchi.domain.ledger.changes import applied
from madoguchi.domain.roster.errors import BreakTooShort, WrongContract
from madoguchi.domain.roster.models import Contract, ShiftType, Term
from madoguchi.domain.roster.on_paper import duty_of, lawful
from madoguchi.science.staffing.shifts.errors import WrongShift


@transaction.atomic
def set_shift_type(pk: int | None, values: Mapping[str, Any], *, acting_user: int | None) -> ShiftType:
    """Make or change a way to work; shifts that were given already keep their hours.

    Raises ValidationError, and BreakTooShort where the law asks for a longer break.
    """
    one = ShiftType() if pk is None else ShiftType.objects.select_for_update().get(pk=pk)
    changes = applied(one, values)
    try:
        duty_of(one)
    except WrongShift as error:
        raise BreakTooShort from error
    latest = one.break_until_min + one.break_min
    fits = one.begin_min <= one.break_from_min <= one.break_until_min and latest <= one.end_min
    if one.break_min and not fits:
        raise BreakTooShort
    one.save()
    note("set_shift_type", "shift_type", one.pk, acting_user=acting_user, changes=changes)
    return one


@transaction.atomic
def set_contract(
    pk: int | None,
    values: Mapping[str, Any],
    *,
    shift_types: Sequence[int] | None = None,
    acting_user: int | None,
) -> Contract:
    """Make or change a contract; `shift_types` are those agreed upon, none: any.

    Raises ValidationError, WrongContract.
    """
    one = Contract() if pk is None else Contract.objects.select_for_update().get(pk=pk)
    changes = applied(one, values)
    sensible = 1 <= one.day_hours <= 16 and 0 < one.week_hours <= 80 and 0 <= one.rest_hours <= 24
    if not sensible or not 1 <= one.days_in_row <= 12:
        raise WrongContract
    try:
        lawful(one)
    except WrongShift as error:
        raise WrongContract from error
    one.save()
    if shift_types is not None:
        one.shift_types.set(ShiftType.objects.filter(pk__in=shift_types))
        changes["shift_types"] = [None, sorted(shift_types)]
    note("set_contract", "contract", one.pk, acting_user=acting_user, changes=changes)
    return one


@transaction.atomic
def set_term(account_id: int, contract_id: int | None, *, acting_user: int | None) -> None:
    """Say under which contract somebody works from now on; None: they are not rostered."""
    old = Term.objects.filter(account_id=account_id).values_list("contract_id", flat=True).first()
    if old == contract_id:
        return
    if contract_id is None:
        Term.objects.filter(account_id=account_id).delete()
    elif not Contract.objects.filter(pk=contract_id).exists():
        raise ValidationError({"contract": []})
    else:
        Term.objects.update_or_create(account_id=account_id, defaults={"contract_id": contract_id})
    note("set_term", "account", account_id, acting_user=acting_user, contract=[old, contract_id])
