"""`madoguchi verify`: examines every room's invariants over a period and names each violation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from madoguchi.domain.calls import invariants as calls
from madoguchi.domain.calls.models import Call
from madoguchi.domain.ledger import invariants as ledger
from madoguchi.domain.ledger.rules import Violation, violations

RULES = (*calls.RULES, *ledger.RULES)


@dataclass(frozen=True, slots=True)
class Balance:
    """What arrived in a period, and what became of it."""

    arrivals: int
    living: int
    outcomes: dict[str, int]

    @property
    def even(self) -> bool:
        return self.arrivals == self.living + sum(self.outcomes.values())


def examine(begin: datetime, end: datetime, now: datetime) -> Iterator[Violation]:
    """Every violation of every rule, for what began in the period (`end` excluded)."""
    yield from violations(RULES, begin, end, now)


def balance(begin: datetime, end: datetime) -> Balance:
    """Arrivals and outcomes of incoming calls; a living call has none yet."""
    arrived = Call.objects.filter(direction="inbound", arrived_at__gte=begin, arrived_at__lt=end)
    ended = arrived.exclude(outcome="").values_list("outcome")
    outcomes = dict(ended.annotate(number=Count("pk")).order_by("outcome"))
    return Balance(arrived.count(), arrived.exclude(phase="ended").count(), outcomes)
