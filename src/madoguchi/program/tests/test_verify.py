"""`madoguchi verify` finds nothing in the demonstration's past, and its sum comes out even."""

from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.program import demonstration, verify

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_the_demonstrations_past_is_true() -> None:
    demonstration.seed()
    now = datetime.now(UTC)
    begin = now - timedelta(days=60)
    assert [f"{found.code}: {found.said}" for found in verify.examine(begin, now, now)][:5] == []
    balance = verify.balance(begin, now)
    assert balance.even
    assert balance.arrivals > 50
    assert set(balance.outcomes) >= {"answered", "queue_abandon"}
