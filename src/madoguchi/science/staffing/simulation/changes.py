"""What if: the knobs of a planner, each turning a centre into the one it would be."""

from __future__ import annotations

from dataclasses import dataclass, replace

from madoguchi.science.staffing.simulation.centre import Centre, Person, Queue, Stretches


@dataclass(frozen=True, slots=True)
class Change:
    """What is turned; a fresh one changes nothing. Factors multiply times; shares replace what was."""

    people: int = 0
    """More people (or fewer) who serve every queue; those taken away are the last of the list."""
    shift: Stretches | None = None
    """When people added are there; None: the whole time."""
    handling: float = 1.0
    """Talk and wrap-up of every call."""
    wrap_up: float = 1.0
    """Wrap-up of every call, 後処理, besides `handling`."""
    casework: float = 1.0
    """Work after the call, 調査・手配."""
    department: float = 1.0
    """How long other departments take to answer."""
    call_back: float | None = None
    """Share of waiting callers who accept a call back when it is offered after `call_back_after_s`."""
    call_back_after_s: float = 60.0
    self_served: float | None = None
    """Share of fresh calls that the menu serves."""
    outside: float | None = None
    """Share of fresh calls sent to helpers outside."""

    def apply(self, centre: Centre) -> Centre:
        """The centre with this change. Raises ValueError when it takes away more people than there are."""
        if self.people < -len(centre.people):
            raise ValueError(f"{-self.people} people cannot be taken from {len(centre.people)}")
        everywhere = dict.fromkeys(range(len(centre.queues)), 1)
        skills = {skill: 9 for queue in centre.queues for skill in queue.asks}
        more = (Person(everywhere, skills, self.shift),) * max(0, self.people)
        people = centre.people[: len(centre.people) + min(0, self.people)] + more
        return replace(centre, people=people, queues=tuple(self._changed(queue) for queue in centre.queues))

    def _changed(self, queue: Queue) -> Queue:
        after = queue.aftermath
        if self.casework != 1.0 or self.department != 1.0:
            after = replace(
                after,
                casework=after.casework.scaled(self.casework),
                department=after.department.scaled(self.department),
            )
        offered = self.call_back is not None
        return replace(
            queue,
            talk=queue.talk.scaled(self.handling),
            wrap_up=queue.wrap_up.scaled(self.handling * self.wrap_up),
            chaser_talk=queue.chaser_talk and queue.chaser_talk.scaled(self.handling),
            aftermath=after,
            self_served=queue.self_served if self.self_served is None else self.self_served,
            outside=queue.outside if self.outside is None else self.outside,
            offer_call_back_after_s=self.call_back_after_s if offered else queue.offer_call_back_after_s,
            accept_call_back=queue.accept_call_back if self.call_back is None else self.call_back,
        )
