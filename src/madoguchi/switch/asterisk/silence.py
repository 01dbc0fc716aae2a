"""Counts the attempts to listen that Asterisk took and never answered.

Seen with 22.10: an Asterisk whose ARI has locked itself takes every connection and lets nobody listen, for
good, while its calls go on (asterisk/asterisk issue 2170 is one way to it).
"""

from __future__ import annotations

from datetime import datetime

from madoguchi.switch.listening import Deaf

_OURS_S = 2.0
"""An attempt given up so much later than its patience says that this process itself did not run."""


class Silence:
    """The present run of silent attempts."""

    def __init__(self) -> None:
        self.deaf: Deaf | None = None

    def unanswered(self, began_at: datetime, given_up_at: datetime, *, patience_s: float) -> None:
        """An attempt was taken, or not even that, and nothing came back within `patience_s`."""
        if (given_up_at - began_at).total_seconds() > patience_s + _OURS_S:
            return
        before = self.deaf
        self.deaf = Deaf(
            since=before.since if before else began_at,
            last=given_up_at,
            tries=before.tries + 1 if before else 1,
        )

    def broken(self) -> None:
        """Events come, or somebody else than a deaf switch answered: a refusal, an error."""
        self.deaf = None
