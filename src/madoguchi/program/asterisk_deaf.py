"""Whether Asterisk must be started anew although it lives: it lets nobody listen to its events, for good.

Starting anew cuts every conversation, so two witnesses of different kind must agree (docs/adr/0016): the
controller, whose attempts to listen were swallowed one after another; and ourselves, who look from another
process whether a listener of our own gets in, whether SIP answers, and whether Asterisk only lacks processor.
The deciding is pure (`decide`); the looking blocks nowhere, since it happens between other parts' turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from madoguchi.config.installation import Installation
from madoguchi.program import process
from madoguchi.program.asterisk_look import Look, Looking
from madoguchi.switch.listening import REPORT_FILE, Report, report

LEAST_TRIES = 4
LEAST = timedelta(seconds=20)
"""So long, and so many attempts of five seconds each, none of which an overloaded machine prolonged."""
LEAST_ALONE = timedelta(seconds=60)
"""Where a listener of our own does get in, what is locked can only be the controller's application: rarer."""
FRESH = timedelta(seconds=15)
"""The controller tells of each attempt, at most eight seconds apart; one that hangs itself is no witness."""
PATIENCE = timedelta(seconds=120)
"""How long conversations are waited for while SIP answers. Meanwhile every new caller is turned away."""
REST = timedelta(minutes=5)
"""What was started anew and is deaf again so soon is not cured by starting it anew."""
MOST_AN_HOUR = 3
LOOK_AGAIN_S = 5.0
KEPT = 20
_HISTORY_FILE = "asterisk.replaced"

Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do; `why` is a sentence's beginning for whoever reads the log."""

    replace: bool
    why: str


def suspicious(told: Report, at: datetime) -> bool:
    """Whether the controller's own account is enough to look for ourselves."""
    return told.tries >= LEAST_TRIES and told.last - told.since >= LEAST and at - told.last <= FRESH


def decide(told: Report, look: Look, replaced: Sequence[datetime], at: datetime) -> Verdict:
    """Weigh both witnesses; `replaced` are the times of earlier replacements, oldest first."""
    deaf_for = at - told.since
    if not look.there:
        return Verdict(False, "takes no connections: it is starting or ending by itself")
    if look.starved:
        return Verdict(False, "gets too little processor to be judged: the machine is overloaded")
    if look.listener_opened and deaf_for < LEAST_ALONE:
        return Verdict(False, "lets us listen, but not the controller; looked at again")
    said = (
        f"takes connections and lets nobody listen for {deaf_for.total_seconds():.0f} s ({told.tries} tries)"
    )
    recent = [one for one in replaced if at - one < timedelta(hours=1)]
    if len(recent) >= MOST_AN_HOUR:
        return Verdict(
            False, f"{said}, but was started anew {len(recent)} times within an hour: a person must look"
        )
    if recent and at - recent[-1] < REST:
        return Verdict(False, f"{said}, but was started anew {_clock(recent[-1])}: not again so soon")
    # Without SIP there is no sound either, or nobody could end it: nothing is left to wait for.
    if look.sip_answers and told.conversations != 0 and deaf_for < PATIENCE:
        count = "some" if told.conversations is None else str(told.conversations)
        until = _clock(told.since + PATIENCE)
        return Verdict(False, f"{said}; waiting for the end of {count} conversations, until {until}")
    return Verdict(True, f"{said}, {_seen(look)}")


def _seen(look: Look) -> str:
    listening = "another listener gets in" if look.listener_opened else "no other listener gets in either"
    return f"{listening}, SIP {'answers' if look.sip_answers else 'is silent'}"


def _clock(at: datetime) -> str:
    return f"{at.astimezone():%H:%M:%S}"


class Watch:
    """Looks after one installation's Asterisk; asked at each turn of the supervisor."""

    def __init__(self, installation: Installation, pid: Callable[[], int | None], tell: Tell) -> None:
        self._here = installation
        self._pid = pid
        self._tell = tell
        self._looking: Looking | None = None
        self._next_look = 0.0
        self._said = ""

    def hopeless(self) -> str | None:
        """Why Asterisk must be started anew now; None while it need not, or that is not certain."""
        told = read_report(self._here)
        at = datetime.now(UTC)
        if told is None or not suspicious(told, at):
            self._give_up_looking()
            self._said = ""
            return None
        if self._looking is None:
            if time.monotonic() >= self._next_look and (pid := self._pid()) is not None:
                self._looking = Looking(self._here, pid)
            return None
        look = self._looking.step()
        if look is None:
            return None
        self._give_up_looking()
        self._next_look = time.monotonic() + LOOK_AGAIN_S
        history = replacements(self._here)
        verdict = decide(told, look, history, at)
        if not verdict.replace:
            self._say(verdict.why)
            return None
        _remember(self._here, [*history, at])
        return verdict.why

    def _say(self, why: str) -> None:
        # The seconds and tries in it change with each look; what is said does not.
        kind = why.translate(str.maketrans("", "", "0123456789"))
        if kind != self._said:
            self._tell("asterisk", why)
        self._said = kind

    def _give_up_looking(self) -> None:
        if self._looking is not None:
            self._looking.close()
            self._looking = None


def read_report(installation: Installation) -> Report | None:
    """What the living controller tells of a deaf switch, None when it tells nothing."""
    try:
        told = report((installation.run / REPORT_FILE).read_text())
    except OSError:
        return None
    running = process.recall(installation.run / "control.pid")
    if told is None or (running is not None and running.pid != told.pid):
        return None
    return told if process.birth(told.pid) is not None else None


def replacements(installation: Installation) -> list[datetime]:
    """When Asterisk was started anew for being deaf, oldest first."""
    try:
        lines = (installation.run / _HISTORY_FILE).read_text().split()
        return [datetime.fromisoformat(line) for line in lines]
    except (OSError, ValueError):
        return []


def _remember(installation: Installation, times: Sequence[datetime]) -> None:
    file: Path = installation.run / _HISTORY_FILE
    file.write_text("".join(f"{one.isoformat()}\n" for one in times[-KEPT:]))
