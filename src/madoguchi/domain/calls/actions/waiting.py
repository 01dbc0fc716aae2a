"""A caller waits: into a queue, what they hear there, and out again when nobody can come."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from madoguchi.domain.calls.models import QueueVisit, WaitReason
from madoguchi.domain.calls.scene import Scene, scene
from madoguchi.domain.calls.states import CallEvent, Outcome, Phase
from madoguchi.domain.ledger.keys import new_key
from madoguchi.domain.prompts.built_in import BuiltIn, while_waiting
from madoguchi.domain.prompts.queries import playable
from madoguchi.domain.prompts.refs import PromptRef, Ready
from madoguchi.domain.queues.models import Queue
from madoguchi.kit.ids import new_id
from madoguchi.switch import port

LAST_MESSAGE_LIMIT = timedelta(seconds=60)
"""If the end of a last message is never reported, the call is ended after so long."""
HANG_UP_LIMIT = timedelta(seconds=10)
"""If the end of a line that we hung up is never reported, our books are closed after so long (pain 1)."""


def enqueue(
    acted: Scene,
    queue: Queue,
    *,
    event: CallEvent = CallEvent.ENQUEUED,
    priority: int = 0,
    place: datetime | None = None,
    named_agent_id: int | None = None,
    named_until: datetime | None = None,
    tried: dict[str, str] | None = None,
) -> QueueVisit:
    """Put the call into a queue, with music. `place` is an earlier time that the caller keeps."""
    at = acted.at
    visit = QueueVisit(
        pk=new_key(QueueVisit),
        call=acted.call,
        queue=queue,
        priority=queue.priority + priority,
        enqueued_at=place or at,
        named_agent_id=named_agent_id,
        named_until=named_until,
        announce_at=at + timedelta(seconds=queue.announce_every_s) if queue.announce_every_s else None,
        leave_by=at + timedelta(seconds=queue.max_wait_s) if queue.max_wait_s else None,
        tried=tried or {},
    )
    acted.visit = visit
    acted.add(visit)
    acted.move(event, {"queue": queue.pk}, step_due_at=None, playback_id="", flow_position=None)
    acted.step("visit", visit.pk, "", "waiting", "enqueued", {"queue": queue.pk, "priority": visit.priority})
    leg = acted.customer_leg
    if leg is not None:
        acted.tell(port.StartMusic(leg_id=leg.pk, music=queue.music))
    acted.ring("control", "match")
    acted.ring("desks", "waiting")
    return visit


def leave_queue(acted: Scene, visit: QueueVisit, left: QueueVisit.Left) -> None:
    """Close a visit."""
    acted.save(visit, left_at=acted.at, left=left)
    acted.visit = None
    acted.step("visit", visit.pk, "waiting", left, "left", {"queue": visit.queue_id})
    acted.ring("desks", "waiting")


def say(acted: Scene, refs: tuple[PromptRef, ...] | list[PromptRef]) -> bool:
    """Play prompts to the customer; False when there is nothing to play or nobody to hear it."""
    leg = acted.customer_leg
    files = tuple(str(path) for path in playable(refs))
    if leg is None or not files:
        return False
    playback_id = f"p-{new_id()}"
    acted.set(playback_id=playback_id)
    acted.tell(port.Play(leg_id=leg.pk, playback_id=playback_id, files=files))
    return True


def turn_away(acted: Scene, outcome: Outcome, refs: tuple[PromptRef, ...] | list[PromptRef]) -> None:
    """Say a last message and end the call; its outcome is known from here on."""
    acted.move(
        CallEvent.TURNED_AWAY,
        {"outcome": outcome},
        coming_outcome=outcome,
        step_due_at=acted.at + LAST_MESSAGE_LIMIT,
    )
    if not say(acted, refs):
        hang_up_customer(acted)


def hang_up_customer(acted: Scene, cause: int = 16) -> None:
    """Ask the switch to end the customer's leg; the call ends when it says so, or else after a while."""
    leg = acted.customer_leg
    if leg is not None:
        acted.tell(port.HangUp(leg_id=leg.pk, cause=cause))
        acted.set(
            hung_up_by=acted.call.hung_up_by or "system", step_due_at=acted.at + HANG_UP_LIMIT, playback_id=""
        )


def announce_position(visit_id: int, position: int, expected_wait_s: float | None) -> None:
    """Tell a waiting caller their place; the music goes on after it (`playback_ended`)."""
    call_id = QueueVisit.objects.values_list("call_id", flat=True).get(pk=visit_id)
    with scene(call_id) as acted:
        visit = acted.visit
        if acted.call.phase != Phase.WAITING or visit is None or visit.pk != visit_id:
            return
        every_s = visit.queue.announce_every_s
        acted.save(visit, announce_at=acted.at + timedelta(seconds=every_s) if every_s else None)
        say(acted, [Ready(a.key, number=a.number) for a in while_waiting(position, expected_wait_s)])


def evict(visit_id: int, *, closing: bool) -> None:
    """End a wait that lasted too long, or that closing time ended by the client's rule."""
    call_id = QueueVisit.objects.values_list("call_id", flat=True).get(pk=visit_id)
    with scene(call_id) as acted:
        visit = acted.visit
        if acted.call.phase != Phase.WAITING or visit is None or visit.pk != visit_id:
            return
        leave_queue(acted, visit, QueueVisit.Left.CLOSED if closing else QueueVisit.Left.EVICTED)
        words = BuiltIn.CLOSING_NOW if closing else BuiltIn.WAITED_TOO_LONG
        turn_away(acted, Outcome.SYSTEM_EVICTED, [Ready(words)])


def note_wait_reasons(counts_by_visit: dict[int, dict[str, int]], *, at: datetime) -> None:
    """Store why visits were not matched; called by the matcher only for those whose reasons changed."""
    WaitReason.objects.bulk_create(
        WaitReason(visit_id=visit_id, at=at, counts=counts) for visit_id, counts in counts_by_visit.items()
    )


def free_named(visit_id: int) -> None:
    """The named person did not come in time: anybody of the queue may take the call now."""
    call_id: UUID = QueueVisit.objects.values_list("call_id", flat=True).get(pk=visit_id)
    with scene(call_id) as acted:
        freed = QueueVisit.objects.filter(pk=visit_id, left_at__isnull=True, named_agent__isnull=False)
        if freed.update(named_agent=None, named_until=None):
            acted.step("visit", visit_id, "waiting", "waiting", "named_person_did_not_come")
            acted.ring("control", "match")
