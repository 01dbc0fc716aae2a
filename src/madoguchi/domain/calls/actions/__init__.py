"""The verbs of a call: the only writers of its tables."""

from madoguchi.domain.calls.actions.arriving import arrive
from madoguchi.domain.calls.actions.consulting import consult, hand_over, take_back
from madoguchi.domain.calls.actions.dialling import dial
from madoguchi.domain.calls.actions.drafting import forget_draft, keep_draft
from madoguchi.domain.calls.actions.offering import offer
from madoguchi.domain.calls.actions.recording import (
    heard_recording,
    hold_recording,
    keep_recordings_for,
)
from madoguchi.domain.calls.actions.ringing import refuse_offer, ring_out
from madoguchi.domain.calls.actions.talking import (
    check_identity,
    hang_up,
    hold,
    mute,
    resume,
    say_who,
    send_keys,
)
from madoguchi.domain.calls.actions.transferring import transfer_to_agent, transfer_to_queue
from madoguchi.domain.calls.actions.wrapping import acknowledge, end_wrap_up, extend_wrap_up
from madoguchi.domain.calls.actions.writing import write_down

__all__ = [
    "acknowledge",
    "arrive",
    "check_identity",
    "consult",
    "dial",
    "end_wrap_up",
    "extend_wrap_up",
    "forget_draft",
    "hand_over",
    "hang_up",
    "heard_recording",
    "hold",
    "hold_recording",
    "keep_draft",
    "keep_recordings_for",
    "mute",
    "offer",
    "refuse_offer",
    "resume",
    "ring_out",
    "say_who",
    "send_keys",
    "take_back",
    "transfer_to_agent",
    "transfer_to_queue",
    "write_down",
]
