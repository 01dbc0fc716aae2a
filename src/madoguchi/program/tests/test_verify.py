"""`madoguchi verify` finds nothing in the demonstration's past, and its sum comes out even."""

from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.domain.calls.invariants import violations
from madoguchi.domain.roster import invariants as rosters
from madoguchi.domain.roster.models import Roster
from madoguchi.program import demonstration
from madoguchi.program.balance import balance_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_the_demonstrations_past_is_true() -> None:
    demonstration.seed()
    now = datetime.now(UTC)
    begin = now - timedelta(days=60)
    assert [str(found) for found in violations(begin, now)][:5] == []
    assert [str(found) for found in rosters.violations(begin, now)][:5] == []
    assert Roster.objects.filter(stage="published").exists()
    balance = balance_of(begin, now)
    assert balance.even
    assert balance.arrivals > 50
    assert set(balance.outcomes) >= {"answered", "queue_abandon"}
