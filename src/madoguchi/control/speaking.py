"""What callers hear first is spoken before anybody calls."""

from __future__ import annotations

from madoguchi.domain.flows.queries import published_prompts
from madoguchi.domain.prompts.built_in import BuiltIn
from madoguchi.domain.prompts.queries import playable
from madoguchi.domain.prompts.refs import Ready
from madoguchi.science.voice.speech import speak

SOON_NEEDED = (
    BuiltIn.RECORDING_NOTICE,
    BuiltIn.CONNECTING,
    BuiltIn.PLEASE_WAIT,
    BuiltIn.NEXT_IN_LINE,
    BuiltIn.LINE_RESTORING,
)


def speak_ahead() -> int:
    """Make the sound of every published flow and of the house's commonest sentences; returns how many.

    Seconds on a new installation, a moment on any later start. Without it the first arrival waits for the
    synthesiser to be loaded, and on a busy machine so long that its caller is let go.
    """
    return len(playable([*(Ready(key) for key in SOON_NEEDED), *published_prompts()]))


def load_synthesiser() -> None:
    """Load what speaking needs, also where all was on the shelf: a new text may be published while we run."""
    speak("はい。")
