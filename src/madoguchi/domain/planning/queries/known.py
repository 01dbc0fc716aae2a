"""The centre of some recorded days as the simulator takes it: its queues, and its people as planned.

Needs the compiled simulator, which takes a second and 100 MB to load: only the worker imports this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from madoguchi.domain.agents.models import AgentSkill
from madoguchi.domain.planning.queries.past import Recorded
from madoguchi.domain.planning.queries.rota import HALF_S, Rota, opening
from madoguchi.domain.queues.models import Membership, Requirement
from madoguchi.domain.queues.models import Queue as Row
from madoguchi.science.routing.model import Order
from madoguchi.science.staffing.simulation import flat
from madoguchi.science.staffing.simulation.centre import Centre, Person, Queue
from madoguchi.science.staffing.simulation.distributions import Distribution, exponential
from madoguchi.science.staffing.simulation.flat import OUTCOME, Rows
from madoguchi.science.staffing.simulation.kinds import Past
from madoguchi.science.staffing.simulation.survival import observed


def known_of(recorded: Recorded, past: Past) -> Centre:
    """What the centre knows of itself; everything else is learned from `past`, its records as rerun.

    Planned is what `rota` says. Lines are left open: `lines` tells what the records let expect of them.
    """
    return Centre(
        _queues(recorded.queues, past),
        _people(recorded, past),
        past.ended_s,
        interval_s=HALF_S,
        open=(opening(past),),
    )


def to_run_again(recorded: Recorded) -> Past:
    """The records as the simulator can be asked to repeat them.

    1. Calls that never came to a queue make nobody wait: they are left out.
    2. Mail is work off the phone like any other, and so is a call back that nobody had promised.
    3. A colleague who was asked made the customer's own call longer, which its talk says already; a leader is
       somebody whom operators wait for, and is there whenever one was asked.
    """
    past = recorded.past
    keep = past.calls["queue"] >= 0
    place = np.append(np.where(keep, np.cumsum(keep) - 1, -1), -1)
    leaders = [number for number, agent in enumerate(recorded.agents) if agent in recorded.leaders]
    spells = past.spells[(past.spells["kind"] != flat.CONSULT) | np.isin(past.spells["agent"], leaders)]
    spells, cases = np.concatenate([spells, *_there_for_questions(spells, leaders, past.ended_s)]), past.cases
    cases = cases.copy()
    spells["call"], cases["call"] = place[spells["call"]], place[cases["call"]]
    due = np.append(~np.isnan(cases["due_s"]), False)
    other = (spells["kind"] == flat.CALL_BACK) & ~due[spells["case"]]
    spells["kind"][other | (spells["kind"] == flat.MAIL)] = flat.CASEWORK
    return replace(past, calls=past.calls[keep], spells=spells, cases=cases)


def _there_for_questions(spells: Rows, leaders: list[int], ended_s: float) -> list[Rows]:
    """Presence of leaders beyond what they chose: a question finds them whatever their presence says.

    Each is there from the first question on; the last one answered for stays, or a run could wait for ever.
    """
    asked = spells[spells["kind"] == flat.CONSULT]
    last = int(asked["agent"][np.argmax(asked["ended_s"])]) if asked.size else -1
    found = []
    for leader in leaders:
        own = asked[asked["agent"] == leader]
        there = spells[(spells["agent"] == leader) & (spells["kind"] == flat.PRESENT)]
        began = float(min([*own["began_s"], *there["began_s"]]))
        ended = ended_s if leader == last else float(max([*own["ended_s"], *there["ended_s"]]))
        row = np.zeros(1, flat.SPELLS)
        row["agent"], row["kind"], row["call"], row["case"] = leader, flat.PRESENT, -1, -1
        row["began_s"], row["ended_s"] = began, ended
        found.append(row)
    return found


def _queues(ids: Sequence[int], past: Past) -> tuple[Queue, ...]:
    rows = Row.objects.in_bulk(ids)
    asks: dict[int, dict[int, int]] = {}
    for queue, skill, least in Requirement.objects.values_list("queue_id", "skill_id", "min_level"):
        asks.setdefault(queue, {})[skill] = least
    answered = past.calls[past.calls["outcome"] == OUTCOME["answered"]]
    talk, wrap_up = _usual(answered["talk_s"]), _usual(answered["wrap_up_s"])
    return tuple(
        Queue(
            rows[key].name,
            talk=talk,
            wrap_up=wrap_up,
            priority=rows[key].priority,
            order=Order(rows[key].order),
            asks=asks.get(key, {}),
            ring_s=float(rows[key].ring_s),
            cooling_off_s=float(rows[key].cooling_off_s),
            short_abandon_s=float(rows[key].short_abandon_s),
            max_wait_s=float(rows[key].max_wait_s),
        )
        for key in ids
    )


def _usual(seconds: Rows) -> Distribution:
    """Of all queues together: what a queue with few calls falls back on."""
    return observed(seconds) if seconds.size else exponential(180.0)


def _people(recorded: Recorded, past: Past) -> tuple[Person, ...]:
    """Everybody who was there, in the order of `recorded.agents`; then who was planned and did not come."""
    rota = Rota.of(recorded, past)
    agents = (*recorded.agents, *rota.missing(recorded.agents))
    place = {key: number for number, key in enumerate(recorded.queues)}
    ranks: dict[int, dict[int, int]] = {}
    members = Membership.objects.filter(agent_id__in=agents, queue_id__in=recorded.queues)
    for agent, queue, rank in members.values_list("agent_id", "queue_id", "rank"):
        ranks.setdefault(agent, {})[place[queue]] = rank
    skills: dict[int, dict[int, int]] = {}
    able = AgentSkill.objects.filter(agent_id__in=agents)
    for agent, skill, level in able.values_list("agent_id", "skill_id", "level"):
        skills.setdefault(agent, {})[skill] = level
    served = _served(past)
    return tuple(
        Person(
            # Whoever answered a queue's call served it, whatever the office says by now.
            dict.fromkeys(served.get(number, ()), 1) | ranks.get(agent, {}),
            skills.get(agent, {}),
            planned=rota.planned(agent, number),
            leader=agent in recorded.leaders,
        )
        for number, agent in enumerate(agents)
    )


def _served(past: Past) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = {}
    answered = past.calls[past.calls["outcome"] == OUTCOME["answered"]]
    for agent, queue in zip(answered["agent"].tolist(), answered["queue"].tolist(), strict=True):
        found.setdefault(agent, set()).add(queue)
    return found
