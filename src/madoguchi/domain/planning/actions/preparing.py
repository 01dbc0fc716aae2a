"""What the planner sets: the goal, and events that make people call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from madoguchi.domain.ledger.actions import note
from madoguchi.domain.ledger.changes import applied
from madoguchi.domain.planning.actions.forecasting import ask_forecast
from madoguchi.domain.planning.errors import EventRefused
from madoguchi.domain.planning.models import PlanningEvent, StaffingGoal
from madoguchi.kit.clock import may_be_meant, now


@transaction.atomic
def set_goal(values: Mapping[str, Any], *, acting_user: int | None) -> StaffingGoal:
    """Change how well the centre wants to answer. Raises ValidationError.

    Required staff follows at once; another first day of our own records needs another forecast.
    """
    StaffingGoal.objects.get_or_create(pk=StaffingGoal.ONLY)
    goal = StaffingGoal.objects.select_for_update().get(pk=StaffingGoal.ONLY)
    changes = applied(goal, values)
    if not changes:
        return goal
    goal.changed_at = now()
    goal.save()
    note("changed_goal", "staffing_goal", goal.pk, acting_user=acting_user, changes=changes)
    if "own_since" in changes:
        ask_forecast(acting_user=acting_user)
    return goal


@transaction.atomic
def write_event(
    values: Mapping[str, Any], *, event_id: int | None = None, acting_user: int | None
) -> PlanningEvent | None:
    """Write down an event, or change one, and have a forecast made. Raises EventRefused.

    None where the event to be changed is gone.
    """
    event = PlanningEvent(made_at=now(), by=acting_user)
    if event_id is not None:
        known = PlanningEvent.objects.select_for_update().filter(pk=event_id).first()
        if known is None:
            return None
        event = known
    try:
        changes = applied(event, values)
    except ValidationError as error:
        raise EventRefused from error
    half_said = (event.from_min is None) != (event.to_min is None)
    if half_said or not (may_be_meant(event.first) and may_be_meant(event.last)):
        raise EventRefused
    verb = "wrote_event" if event.pk is None else "changed_event"
    event.save()
    note(verb, "planning_event", event.pk, acting_user=acting_user, changes=changes)
    ask_forecast(acting_user=acting_user)
    return event


@transaction.atomic
def delete_event(event_id: int, *, acting_user: int | None) -> None:
    """Take an event back; the next forecast knows nothing of it."""
    event = PlanningEvent.objects.select_for_update().filter(pk=event_id).first()
    if event is None:
        return
    note("deleted_event", "planning_event", event.pk, acting_user=acting_user, name=event.name)
    event.delete()
    ask_forecast(acting_user=acting_user)
