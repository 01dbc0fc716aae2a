"""What calls tell of the lines they came by."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Min, Q

from madoguchi.domain.calls.models import Leg
from madoguchi.domain.trunks.health import Tried

SILENCE = 18
"""Q.850 “no user responding”: what the switch says of a call to which the far end answered nothing."""
GIVEN_UP_AFTER = timedelta(seconds=31)
"""An INVITE is repeated for 32 s (RFC 3261, timer B); what ended earlier likewise was an answer."""
SEVERAL = 2


def tried(endpoint: str, since: datetime) -> Tried:
    """What calls after `since` tell of this line.

    A call that came in, or rang or was answered out there, proves it. Those that were dialled later, and met
    only silence, speak against it when there are several.
    """
    legs = Leg.objects.filter(
        role=Leg.Role.CUSTOMER, call__trunk_endpoint=endpoint, call__arrived_at__gt=since, began_at__gt=since
    )
    came_in = Q(address="")
    proved = legs.filter(came_in | Q(rang_at__isnull=False) | Q(answered_at__isnull=False))
    heard_at: datetime | None = proved.aggregate(last=Max("began_at"))["last"]
    silent = legs.filter(rang_at=None, answered_at=None, cause=SILENCE, gone_at__isnull=False)
    waited = Q(gone_at__gte=F("began_at") + GIVEN_UP_AFTER)
    later = silent.exclude(came_in).filter(waited, began_at__gt=heard_at or since)
    found = later.aggregate(many=Count("pk"), first=Min("began_at"))
    return Tried(heard_at=heard_at, in_vain_since=found["first"] if found["many"] >= SEVERAL else None)
