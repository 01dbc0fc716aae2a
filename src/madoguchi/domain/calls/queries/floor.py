"""The floor of this moment: who waits where since when, what everybody does, and what asks for a decision.

No duration is given, only moments from which the screen counts, so that equal rows give an equal answer;
`now` decides nothing but whether a cooling-off has run out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.queries import newest_beat
from madoguchi.domain.agents.states import Activity, Presence
from madoguchi.domain.calls.models import Call, Consult, Offer, QueueVisit, Recording
from madoguchi.domain.calls.states import ConsultStage, OfferStage, Phase, RecordingStage
from madoguchi.domain.cases import queries as promises
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.queues.models import Membership, Queue

ALARM_DAYS = 7
"""A missing recording stands on the list of alarms for so long."""
MOST_LISTED = 50
AWAY = {Presence.GONE_HOME, Presence.DAY_OFF, Presence.TRIP}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One caller in a queue."""

    call: Call
    since: datetime
    """Place in the queue: kept through missed rings and restarts."""
    rings_at: tuple[str, ...] = ()
    """Names of those who ring just now."""


@dataclass(frozen=True, slots=True)
class QueueNow:
    """One queue: who waits, in the order in which they will be served, and who could serve them."""

    queue: Queue
    callers: tuple[Waiting, ...]
    free: int
    """People of the queue who take calls and have none."""
    on_duty: int
    """People of the queue who are at work, whatever they do."""

    @property
    def count(self) -> int:
        return len(self.callers)

    @property
    def longest_since(self) -> datetime | None:
        """When the one who waits longest came; None: nobody waits."""
        return min((each.since for each in self.callers), default=None)


@dataclass(frozen=True, slots=True)
class PersonNow:
    """One person at the phone, and whatever asks a leader to look at them."""

    agent: Agent
    call: Call | None
    needs: tuple[str, ...]
    """Of: phone_unreachable, desk_silent, cooling_off, restoring, consulting. Empty: nothing."""
    rank: int
    """Need of attention: lower stands first."""

    @property
    def since(self) -> datetime:
        """When what stands on the tile began: the activity, or while idle the presence."""
        agent = self.agent
        return agent.presence_since if agent.activity == Activity.IDLE else agent.activity_since


@dataclass(frozen=True, slots=True)
class Attention:
    """What asks for a decision, each list the most pressing first."""

    lost_calls: list[Promise]
    broken: list[Promise]
    call_backs: list[Promise]
    missing_recordings: list[Recording]

    @property
    def count(self) -> int:
        owed = len(self.lost_calls) + len(self.broken) + len(self.call_backs)
        return owed + len(self.missing_recordings)


def queues_now(now: datetime, client_id: int | None = None) -> list[QueueNow]:
    """Every queue in use, those with the longest wait first, then by name; five statements."""
    queues = Queue.objects.filter(active=True).select_related("client")
    if client_id is not None:
        queues = queues.filter(client_id=client_id)
    waiting = _waiting_by_queue()
    free, on_duty = _people_by_queue(now)
    found = [
        QueueNow(queue, tuple(waiting.get(queue.pk, ())), free[queue.pk], on_duty[queue.pk])
        for queue in queues
    ]
    # The sort is stable: queues where nobody waits keep the order of their names.
    return sorted(found, key=lambda each: each.longest_since or now + timedelta(days=1))


def people_now(now: datetime) -> list[PersonNow]:
    """Everybody with a phone whose account is in use, by need of attention; four statements."""
    agents = Agent.objects.filter(account__is_active=True).select_related("account")
    calls = Call.objects.filter(phase__in=[phase for phase in Phase if phase != Phase.ENDED])
    by_id = {call.pk: call for call in calls.select_related("customer__company", "client")}
    asking = set(
        Consult.objects.filter(stage__in=[ConsultStage.RINGING, ConsultStage.TALKING]).values_list(
            "by_agent_id", flat=True
        )
    )
    newest = newest_beat()
    people = [_person(agent, by_id, asking, now, newest) for agent in agents]
    return sorted(people, key=lambda each: (each.rank, each.since, each.agent.pk))


def attention(now: datetime) -> Attention:
    """What a leader has to decide or to do; four statements."""
    lost = list(promises.lost_calls()[:MOST_LISTED])
    listed = {promise.pk for promise in lost}
    broken = list(promises.broken().exclude(pk__in=listed)[:MOST_LISTED])
    listed |= {promise.pk for promise in broken}
    missing = (
        Recording.objects.filter(
            stage=RecordingStage.MISSING, requested_at__gte=now - timedelta(days=ALARM_DAYS)
        )
        .select_related("call__customer", "agent__account")
        .order_by("-requested_at")
    )
    return Attention(
        lost_calls=lost,
        broken=broken,
        call_backs=list(promises.call_backs().exclude(pk__in=listed)[:MOST_LISTED]),
        missing_recordings=list(missing[:MOST_LISTED]),
    )


def _waiting_by_queue() -> dict[int, list[Waiting]]:
    visits = (
        QueueVisit.objects.filter(left_at__isnull=True)
        .select_related("call__customer__company", "call__client")
        .order_by("-priority", "enqueued_at", "pk")
    )
    ringing = _ringing()
    found: dict[int, list[Waiting]] = defaultdict(list)
    for visit in visits:
        found[visit.queue_id].append(
            Waiting(visit.call, visit.enqueued_at, tuple(ringing.get(visit.call_id, ())))
        )
    return found


def _ringing() -> dict[UUID, list[str]]:
    names: dict[UUID, list[str]] = defaultdict(list)
    rings = Offer.objects.filter(stage=OfferStage.OPEN, visit__isnull=False).order_by("offered_at", "pk")
    for call_id, name in rings.values_list("call_id", "agent__account__name"):
        names[call_id].append(name)
    return names


def _people_by_queue(now: datetime) -> tuple[Counter[int], Counter[int]]:
    newest = newest_beat()
    free: Counter[int] = Counter()
    on_duty: Counter[int] = Counter()
    members: Iterable[Membership] = Membership.objects.filter(agent__account__is_active=True).select_related(
        "agent"
    )
    for member in members:
        agent = member.agent
        if agent.presence not in AWAY:
            on_duty[member.queue_id] += 1
        if _takes_calls(agent, now, newest) and agent.activity == Activity.IDLE:
            free[member.queue_id] += 1
    return free, on_duty


def _takes_calls(agent: Agent, now: datetime, newest: datetime | None) -> bool:
    """Whether a call could ring at them, were they idle."""
    reachable = agent.phone_reachable and not agent.desk_is_silent(newest)
    return agent.presence == Presence.AVAILABLE and reachable and not _cools_off(agent, now)


def _cools_off(agent: Agent, now: datetime) -> bool:
    return agent.cooling_off_until is not None and agent.cooling_off_until > now


_BY_ACTIVITY = {
    Activity.HOLDING: 10,
    Activity.WRAP_UP: 11,
    Activity.TALKING: 12,
    Activity.RINGING: 13,
    Activity.DIALLING: 13,
}


def _person(
    agent: Agent, calls: dict[UUID, Call], asking: set[int], now: datetime, newest: datetime | None
) -> PersonNow:
    call = calls.get(agent.activity_call_id) if agent.activity_call_id else None
    needs = []
    if call is not None and call.phase == Phase.RESTORING:
        needs.append("restoring")
    if agent.presence == Presence.AVAILABLE and not agent.phone_reachable:
        needs.append("phone_unreachable")
    elif agent.presence == Presence.AVAILABLE and agent.desk_is_silent(newest):
        needs.append("desk_silent")
    if _cools_off(agent, now):
        needs.append("cooling_off")
    if agent.pk in asking:
        needs.append("consulting")
    return PersonNow(agent, call, tuple(needs), _rank(agent, needs))


def _rank(agent: Agent, needs: list[str]) -> int:
    if needs:
        return 0 if "restoring" in needs else 1
    if agent.activity != Activity.IDLE:
        return _BY_ACTIVITY[Activity(agent.activity)]
    if agent.presence == Presence.AVAILABLE:
        return 20
    return 40 if agent.presence in AWAY else 30
