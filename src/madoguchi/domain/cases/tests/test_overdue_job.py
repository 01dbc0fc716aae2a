"""Each minute the worker marks what has fallen due."""

from datetime import timedelta

import pytest

from madoguchi.domain.cases import actions, jobs
from madoguchi.domain.cases.models import Promise
from madoguchi.kit.clock import now

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_all_that_is_due_is_marked_in_one_run_however_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "OVERDUE_BATCH", 2)
    due = now() - timedelta(minutes=1)
    Promise.objects.bulk_create(
        Promise(kind=Promise.Kind.DO, what="x", made_at=due, due_at=due) for _each in range(5)
    )
    later = Promise.objects.create(kind=Promise.Kind.DO, made_at=due, due_at=now() + timedelta(hours=1))
    jobs.mark_overdue(timestamp=0)
    assert Promise.objects.filter(stage="broken").count() == 5
    later.refresh_from_db()
    assert later.stage == "open"
