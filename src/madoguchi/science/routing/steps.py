"""The conditions under which a person may be offered a call: a named list, each giving its reason.

The first step that objects is the reason that is stored and shown. What the steps say of a person alone,
of a person and what a queue asks, and of a person and one call, are three groups, so that the matcher
asks each only as often as its answer can differ.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from madoguchi.science.routing.model import Agent, Reason, Visit

Requires = Mapping[int, int]


def presence(agent: Agent, now: datetime) -> Reason | None:
    return None if agent.receivable else Reason.PRESENCE


def reserved(agent: Agent, now: datetime) -> Reason | None:
    return Reason.RESERVED if agent.reserved else None


def busy(agent: Agent, now: datetime) -> Reason | None:
    return None if agent.idle else Reason.BUSY


def phone(agent: Agent, now: datetime) -> Reason | None:
    return None if agent.reachable else Reason.PHONE_UNREACHABLE


def cooling_off(agent: Agent, now: datetime) -> Reason | None:
    until = agent.cooling_off_until
    return Reason.COOLING_OFF if until is not None and now < until else None


OF_THE_PERSON: tuple[Callable[[Agent, datetime], Reason | None], ...] = (
    presence,
    reserved,
    busy,
    phone,
    cooling_off,
)


def skills(agent: Agent, requires: Requires) -> Reason | None:
    """A missing skill is told before a low level: the cure is another."""
    low = False
    for skill_id, least in requires.items():
        level = agent.skills.get(skill_id)
        if level is None:
            return Reason.SKILL_MISSING
        low = low or level < least
    return Reason.SKILL_LEVEL if low else None


def held(agent_id: int, visit: Visit, now: datetime) -> Reason | None:
    if is_held(visit, now) and agent_id != visit.preferred_agent_id:
        return Reason.HELD_FOR_PREFERRED
    return None


def tried_lately(agent_id: int, visit: Visit, now: datetime) -> Reason | None:
    at = visit.tried.get(agent_id)
    return Reason.TRIED_LATELY if at is not None and now < at + retry_after(visit) else None


def of_the_person(agent: Agent, now: datetime) -> Reason | None:
    """Why nobody's call may be offered to this person now, or None."""
    for step in OF_THE_PERSON:
        reason = step(agent, now)
        if reason is not None:
            return reason
    return None


def objection(agent: Agent, visit: Visit, now: datetime) -> Reason | None:
    """The first step that objects to offering `visit` to `agent`, or None: they may take it.

    Of the preferred agent, while the call is held for them, neither membership nor skills are asked:
    they have spoken with this customer before.
    """
    waived = is_held(visit, now) and agent.id == visit.preferred_agent_id
    if not waived and visit.queue.id not in agent.queues:
        return Reason.NOT_MEMBER
    return (
        of_the_person(agent, now)
        or (None if waived else skills(agent, asked(visit)))
        or held(agent.id, visit, now)
        or tried_lately(agent.id, visit, now)
    )


def is_held(visit: Visit, now: datetime) -> bool:
    """Whether the call waits for its preferred agent."""
    until = visit.preferred_until
    return visit.preferred_agent_id is not None and until is not None and now < until


def asked(visit: Visit) -> Requires:
    """What is asked of a person: by the queue and by the call, the higher level of both."""
    if not visit.requires:
        return visit.queue.requires
    both = dict(visit.queue.requires)
    for skill_id, least in visit.requires.items():
        both[skill_id] = max(least, both.get(skill_id, least))
    return both


def retry_after(visit: Visit) -> timedelta:
    """So long the call is not offered again to one who did not take it."""
    return timedelta(seconds=visit.queue.retry_after_s)
