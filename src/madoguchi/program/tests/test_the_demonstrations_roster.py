"""The demonstration works by a roster from the first moment, and keeps the law in it."""

from typing import Any

import pytest

from madoguchi.domain.roster.models import Roster, Wish
from madoguchi.domain.roster.on_paper import broken
from madoguchi.domain.roster.queries import planned_stretches
from madoguchi.kit.clock import business_day, now
from madoguchi.program import demonstration

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_last_week_and_this_one_are_published_without_a_broken_rule(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    demonstration.seed()
    rosters = list(Roster.objects.all())
    assert [one.stage for one in rosters] == ["published", "published"]
    assert [broken(one, {}) for one in rosters] == [[], []]
    assert len(planned_stretches(business_day(now()))) >= 3
    assert Wish.objects.count() == 3
