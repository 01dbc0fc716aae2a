"""`madoguchi verify`: what arrived in a period, and what became of it; the rules are the calls room's own."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from madoguchi.domain.calls.models import Call


@dataclass(frozen=True, slots=True)
class Balance:
    """What arrived in a period, and what became of it."""

    arrivals: int
    living: int
    outcomes: dict[str, int]

    @property
    def even(self) -> bool:
        return self.arrivals == self.living + sum(self.outcomes.values())


def balance_of(begin: datetime, end: datetime) -> Balance:
    """Arrivals and outcomes of incoming calls; a living call has none yet."""
    arrived = Call.objects.filter(direction="inbound", arrived_at__gte=begin, arrived_at__lt=end)
    ended = arrived.exclude(outcome="").values_list("outcome")
    outcomes = dict(ended.annotate(number=Count("pk")).order_by("outcome"))
    return Balance(arrived.count(), arrived.exclude(phase="ended").count(), outcomes)
