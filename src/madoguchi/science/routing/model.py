"""What the matcher looks at and what it answers: plain data, with no way back to where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Order(StrEnum):
    """Whom a queue rings first, among those who may take the call."""

    LONGEST_IDLE = "longest_idle"  # rank, then who has waited longest for a call
    BEST_SKILLED = "best_skilled"  # rank, then the sum of levels in what is asked, then longest idle
    RING_ALL = "ring_all"  # everybody free at once


class Reason(StrEnum):
    """Why a person is not offered a call. The codes are stable: they are stored and counted."""

    NOT_MEMBER = "not_member"  # does not serve this queue
    PRESENCE = "presence"  # has not said they take calls
    RESERVED = "reserved"  # an offer or a dial of theirs is under way
    BUSY = "busy"  # rings, talks, holds or wraps up
    PHONE_UNREACHABLE = "phone_unreachable"
    COOLING_OFF = "cooling_off"  # missed or refused a call a moment ago
    SKILL_MISSING = "skill_missing"
    SKILL_LEVEL = "skill_level"  # has the skill, but less of it than is asked
    HELD_FOR_PREFERRED = "held_for_preferred"  # this call waits for one person for a while
    TRIED_LATELY = "tried_lately"  # this very call rang at them a moment ago
    OUTRANKED = "outranked"  # could take it, but a call before it got them


@dataclass(frozen=True, slots=True)
class QueueRule:
    """How one queue picks."""

    id: int
    order: Order = Order.LONGEST_IDLE
    requires: Mapping[int, int] = field(default_factory=dict)
    """Skill id → least level."""
    retry_after_s: float = 30.0
    """So long a call is not offered again to a person who did not take it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A call that waits and rings nowhere."""

    id: int
    queue: QueueRule
    priority: int
    """Higher is served first."""
    enqueued_at: datetime
    """Its place: kept through missed rings."""
    requires: Mapping[int, int] = field(default_factory=dict)
    """Skill id → least level, asked beyond what the queue asks; the higher of the two counts."""
    preferred_agent_id: int | None = None
    preferred_until: datetime | None = None
    """Until then only the preferred agent may have it, and membership and skills are not asked of them."""
    tried: Mapping[int, datetime] = field(default_factory=dict)
    """Agent id → when the last offer that they did not take ended."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A person as the matcher sees them."""

    id: int
    queues: Mapping[int, int]
    """Queue id → rank; rank 1 is asked before rank 2."""
    idle_since: datetime
    """End of the last call or wrap-up; not moved by a missed ring."""
    skills: Mapping[int, int] = field(default_factory=dict)
    """Skill id → level."""
    receivable: bool = True
    """Whether their presence takes calls (受付可)."""
    idle: bool = True
    """Whether the system has them doing nothing (待機)."""
    reachable: bool = True
    """Whether their phone is registered and, for a browser, its desk alive."""
    reserved: bool = False
    cooling_off_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Ring this call at these people: one, or all that are free where the queue rings all."""

    visit: Visit
    agent_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a call goes on waiting: every person stands under exactly one reason."""

    visit: Visit
    counts: Mapping[Reason, int]


@dataclass(frozen=True, slots=True)
class Decision:
    """One round of matching."""

    pairs: tuple[Pair, ...]
    """In the order in which the calls are served."""
    rejections: tuple[Rejection, ...]
    """The calls left over, in order."""
    look_again_at: datetime | None
    """When a reason lapses by time alone; None when only an event can change the answer."""
