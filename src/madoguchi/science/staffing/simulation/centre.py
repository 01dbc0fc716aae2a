"""A centre as the simulator takes it: who calls, who is there, and what a call leaves behind.

Times are seconds from the origin (the first midnight), rates per hour, shares between 0 and 1. Everything has
a default under which it does not matter, so that a plain centre is plain to write:

    Centre(queues=(Queue(rates_per_h=(120.0,)),), people=(Person(),) * 10, horizon_s=36_000.0)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from madoguchi.science.routing.model import Order
from madoguchi.science.staffing.simulation.distributions import Distribution, constant, exponential, never
from madoguchi.science.staffing.simulation.hindsight import Hindsight

Stretches = tuple[tuple[float, float], ...]
_NOTHING, _PATIENT = constant(0.0), never()
_MINUTE, _TWO_MINUTES, _THREE_MINUTES, _FIVE_MINUTES, _TWO_HOURS, _DAY = (
    exponential(seconds) for seconds in (60.0, 120.0, 180.0, 300.0, 7_200.0, 86_400.0)
)


@dataclass(frozen=True, slots=True)
class Redial:
    """Callers who were lost and try again; each try decides anew."""

    after_abandon: float = 0.0
    after_block: float = 0.0
    delay: Distribution = _FIVE_MINUTES


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What answered calls leave behind (D2, second cause), and what comes of it."""

    share: float = 0.0
    """Of answered fresh calls and returns: a case stays open."""
    casework: Distribution = _NOTHING
    """調査・手配, by the operator who took the call."""
    first: float = 0.0
    """Chance that they do it right after the call, before any ringing phone; else when nobody waits."""
    ask: float = 0.0
    """Share of cases in which another department must be asked (他部署確認中)."""
    department: Distribution = _NOTHING
    """Until it answers."""
    call_back: float = 0.0
    """Share of cases that end with a call back (折り返し); the others end with the casework or the answer."""
    calling_back: Distribution = _TWO_MINUTES
    """How long the call back takes the operator."""
    promised_s: float = 14_400.0
    """The call back is promised within so long of the call."""
    chase: float = 0.0
    """Chance, at each chance to lose patience, that the customer calls to chase (催促); else never again."""
    chase_after: Distribution = _TWO_HOURS
    """From the call to the first such chance, and from each to the next, while the case is open; counted in
    opening hours: nobody chases at night."""
    named: float = 0.0
    """Share of chasers who ask for the owner by name (指名)."""
    named_hold_s: float = 60.0
    """So long such a call waits for that one person only."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One kind of calls: how they come, how they are routed, how long they take."""

    name: str = ""
    rates_per_h: tuple[float, ...] = ()
    """Fresh calls per hour, interval after interval from the origin; none after the last."""
    talk: Distribution = _THREE_MINUTES
    wrap_up: Distribution = _NOTHING
    chaser_talk: Distribution | None = None
    """Of chasers, where it differs."""
    patience: Distribution = _PATIENT
    redial: Redial = Redial()
    aftermath: Aftermath = Aftermath()
    returns: float = 0.0
    """Share of answered calls after which the customer calls again, whatever was done (Erlang-R)."""
    return_delay: Distribution = _DAY

    priority: int = 0
    order: Order = Order.LONGEST_IDLE
    asks: Mapping[int, int] = field(default_factory=dict)
    """Skill → least level."""
    ring_s: float = 20.0
    cooling_off_s: float = 60.0
    retry_after_s: float = 30.0
    short_abandon_s: float = 5.0
    max_wait_s: float = 0.0
    """Then the caller is turned away; 0: never."""
    places: int = -1
    """Callers who may wait; -1: any number."""
    menu: Distribution = _NOTHING
    self_served: float = 0.0
    """Share that the menu serves: they never come to the queue."""
    outside: float = 0.0
    """Share sent to helpers outside (D15)."""
    offer_call_back_after_s: float = 0.0
    """After so long in the queue a call back is offered; 0: never."""
    accept_call_back: float = 0.0
    consult: float = 0.0
    """Share of calls in which the operator needs a leader (SV呼出) before the call can end."""
    consulting: Distribution = _MINUTE


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the phone."""

    queues: Mapping[int, int] = field(default_factory=lambda: {0: 1})
    """Queue → rank; rank 1 is asked before rank 2."""
    skills: Mapping[int, int] = field(default_factory=dict)
    planned: Stretches | None = None
    """When the roster has them at the phone, breaks taken out; None: from beginning to end."""
    present: Stretches | None = None
    """When they were, where that is known; None: the plan, kept as `Centre.adherence` says."""
    miss: float = 0.0
    """Chance that a ring is let go unanswered."""
    wear: float = 0.0
    """Chance to hide in casework instead of taking the next call when pressed (D2, third cause)."""
    leader: bool = False
    """Answers operators' questions in calls; takes calls as well only as far as `queues` says (D4)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Written contacts: work that can wait (D23)."""

    rates_per_h: tuple[float, ...] = ()
    writing: Distribution = _FIVE_MINUTES


@dataclass(frozen=True, slots=True)
class Centre:
    """Everything that a run needs besides the seed."""

    queues: tuple[Queue, ...]
    people: tuple[Person, ...]
    horizon_s: float
    """The run ends here; calls and cases still open then have no outcome."""
    interval_s: float = 1_800.0
    """Length of the intervals of all rates."""
    lines: int = -1
    """Callers who can be connected at once, waiting or talking; -1: any number."""
    open: Stretches | None = None
    """Opening hours; None: always."""
    evict_at_close: bool = False
    """Whether callers still waiting at closing time are turned away; else they are served."""
    pick_up: Distribution = _NOTHING
    """From the first ring until a person answers; longer than `ring_s` is a missed ring too."""
    adherence: float = 1.0
    """Share of planned time that people are there."""
    away_s: float = 600.0
    """Mean length of an unplanned absence."""
    hiding: Distribution = _FIVE_MINUTES
    """How long somebody hides in casework."""
    pressed_from: int = 1
    """People feel pressed when so many callers wait."""
    leaders_always: bool = False
    """Whether a leader is there for every question at once, as if nothing else kept them."""
    mail: Mail = Mail()
    reserve: int = 0
    """So many free people are kept for calls: work that can wait is begun only by those beyond."""
    trace: tuple[tuple[float, int], ...] | None = None
    """Fresh calls as they came (second, queue), instead of chance by the rates."""
    chasers: tuple[tuple[float, int], ...] = ()
    """Calls that chase matters from before the origin, as they came (second, queue)."""
    keep_spells: bool = True
    """Whether the people's stretches of time are written down."""
    hindsight: Hindsight | None = None
    """What records tell of the calls of `trace`; None: their times and turns are left to chance."""
