"""The simulated switch's own knowledge of a leg."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from madoguchi.switch.port import CallArrived, LivingLeg, PastLeg
from madoguchi.switch.simulated.clock import Timer
from madoguchi.switch.simulated.people import CallerScript, PhoneScript


@dataclass(slots=True)
class Playing:
    """A playback that is being heard, or waits for the one before it."""

    playback_id: str
    files: tuple[str, ...]
    timer: Timer | None = None


@dataclass(slots=True)
class SimulatedLeg:
    """One channel."""

    leg_id: str
    began_at: datetime
    arrival: CallArrived | None = None
    call_id: str = ""
    phone: PhoneScript | None = None
    caller: CallerScript | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cause: int = 0
    entered: bool = False
    """Under the application's command."""
    early: bool = False
    """May be joined before it is answered."""
    ringing: bool = False
    released_to: str = ""
    music: str = ""
    playing: list[Playing] = field(default_factory=list)
    muted: bool = False
    bridge_id: str = ""
    timers: list[Timer] = field(default_factory=list)
    patience: Timer | None = None
    talk: Timer | None = None
    keys_got: str = ""
    """Keys that we sent to its far end."""

    @property
    def living(self) -> bool:
        return self.ended_at is None

    @property
    def is_heard(self) -> bool:
        """Whether those who are with it in a bridge hear something of it."""
        silent = self.phone is not None and self.answered_at is None and not self.phone.sounds_early
        return not self.muted and not silent

    def as_living(self) -> LivingLeg:
        """The leg as a snapshot tells it."""
        return LivingLeg(
            leg_id=self.leg_id,
            call_id=self.call_id,
            answered=self.answered_at is not None,
            created_at=self.began_at,
            arrival=self.arrival,
            ours=self.entered or self.arrival is None,
        )

    def as_past(self) -> PastLeg:
        """The leg as the event log tells it."""
        return PastLeg(
            leg_id=self.leg_id,
            arrival=replace(self.arrival, at=self.began_at) if self.arrival else None,
            began_at=self.began_at,
            answered_at=self.answered_at,
            ended_at=self.ended_at,
            cause=self.cause,
            released_to=self.released_to,
        )
