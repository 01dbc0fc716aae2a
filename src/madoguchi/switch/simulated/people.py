"""Those at the other ends: what a phone does when it rings, and what a caller does."""

from __future__ import annotations

from dataclasses import dataclass

USER_BUSY = 17
NO_ANSWER = 19
REJECTED = 21


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneScript:
    """What the person at a phone does when it rings."""

    answers_after_s: float | None = 2.0
    """None = lets it ring."""
    refuses_after_s: float | None = None
    refuses_with: int = REJECTED
    """Q.850 cause of the refusal."""
    rings: bool = True
    """False = the line goes straight to answer or refusal, as some providers do."""
    sounds_early: bool = False
    """True = its network sends sound of its own before the answer."""
    hangs_up_after_s: float | None = None
    """Seconds from the answer on; None = waits for the other side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerScript:
    """What a caller does by themselves."""

    gives_up_after_s: float | None = None
    """Hangs up when nobody has spoken to them for so long; None = waits for ever."""
    keys: tuple[tuple[float, str], ...] = ()
    """Keys, and the seconds after the answer at which they are pressed."""
    talks_s: float | None = None
    """Hangs up when they have talked with somebody for so long; None = until the other side does."""


IGNORES = PhoneScript(answers_after_s=None)
REFUSES = PhoneScript(answers_after_s=None, refuses_after_s=1.0)
BUSY = PhoneScript(answers_after_s=None, refuses_after_s=0.1, refuses_with=USER_BUSY, rings=False)
