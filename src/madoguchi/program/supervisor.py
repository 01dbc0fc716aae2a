"""Keeps the parts of the program running: starts, watches, restarts with back-off, stops in order.

It knows nothing of what a part does. A part is ready when its own check says so; one that ends is started
again, at once the first time, then after growing pauses. What outlived an earlier supervisor is adopted.
"""

import itertools
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from madoguchi.program import process
from madoguchi.program.errors import ProgramError

PAUSES_S = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_AFTER_S = 60.0
"""A part that ran this long starts its pauses from the shortest again."""
LOG_LIMIT_BYTES = 20_000_000
TIDY_EVERY_S = 60.0
Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process of the program, as the supervisor needs to know it."""

    name: str
    start: Callable[[], process.Process]
    ready: Callable[[], bool]
    """Raises ProgramError when it runs and will never be ready: it is then ended and started again."""
    survivor: Callable[[], process.Process | None]
    """One that runs already, left by an earlier supervisor."""
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 5.0
    ready_within_s: float = 30.0
    """Longer without being ready means it hangs: it is killed and started again."""
    hopeless: Callable[[], str | None] = lambda: None
    """Asked again and again once it is ready: why it must be ended and started again although it lives."""


@dataclass(slots=True)
class Watched:
    """A part and what became of it."""

    part: Part
    tell: Tell
    running: process.Process | None = None
    is_ready: bool = False
    begun: float = 0.0
    failures: int = 0
    next_start: float = 0.0
    stopping: bool = field(default=False)
    why: str = ""
    """What was wrong when it last failed, without a full stop."""

    def begin(self) -> None:
        """Adopt the part when it runs already, else start it."""
        self.is_ready = False
        self.begun = time.monotonic()
        self.running = self.part.survivor()
        if self.running is not None:
            self.tell(self.part.name, f"was still running (process {self.running.pid}), taken over")
            return
        try:
            self.running = self.part.start()
        except (ProgramError, OSError) as error:
            self._failed(str(error))

    def look(self) -> None:
        """See what happened since the last look, and act on it."""
        now = time.monotonic()
        if self.running is None:
            if now >= self.next_start:
                self.begin()
        elif not self.running.alive():
            self._ended(now)
        elif not self.is_ready and self._has_become_ready():
            self.is_ready = True
            self.tell(self.part.name, f"ready after {now - self.begun:.1f} s (process {self.running.pid})")
        elif self.running is not None and not self.is_ready and now - self.begun > self.part.ready_within_s:
            process.stop(self.running, signal.SIGKILL, 1.0)
            self._failed(f"was not ready within {self.part.ready_within_s:.0f} s")
        elif self.is_ready and (why := self.part.hopeless()) is not None:
            process.stop(self.running, self.part.stop_signal, self.part.stop_within_s)
            self._failed(why)
        elif self.is_ready and now - self.begun > STEADY_AFTER_S:
            self.failures = 0

    def end(self) -> None:
        """Stop the part, by force when it does not go by itself."""
        if self.running is None:
            return
        began = time.monotonic()
        went = process.stop(self.running, self.part.stop_signal, self.part.stop_within_s)
        how = "stopped" if went else "had to be killed"
        self.tell(self.part.name, f"{how} after {time.monotonic() - began:.1f} s")
        self.running = None

    def _has_become_ready(self) -> bool:
        try:
            return self.part.ready()
        except ProgramError as error:
            if self.running is not None:
                process.stop(self.running, self.part.stop_signal, self.part.stop_within_s)
            self._failed(str(error))
            return False

    def _ended(self, now: float) -> None:
        if self.running is not None:
            if now - self.begun > STEADY_AFTER_S:
                self.failures = 0
            self._failed(f"{self.running.ending()}{_last_words(self.part.log)}")

    def _failed(self, why: str) -> None:
        pause_s = PAUSES_S[min(self.failures, len(PAUSES_S) - 1)]
        self.failures += 1
        self.why = why.rstrip(".")
        self.running = None
        self.is_ready = False
        self.next_start = time.monotonic() + pause_s
        self.tell(self.part.name, f"{why}; starting again in {pause_s:g} s")


class Supervisor:
    """All watched parts of one program."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._watched: list[Watched] = []
        self._next_tidying = 0.0

    def start(self, parts: Iterable[Part]) -> None:
        """Start these parts beside each other and watch them from now on."""
        for part in parts:
            watched = Watched(part, self._tell)
            self._watched.append(watched)
            watched.begin()

    def look(self) -> None:
        """One round of watching; now and then the logs are looked after too."""
        for watched in self._watched:
            watched.look()
        if time.monotonic() >= self._next_tidying:
            self._next_tidying = time.monotonic() + TIDY_EVERY_S
            for watched in self._watched:
                _shorten(watched.part.log)

    def all_ready(self) -> bool:
        """True when every started part is ready."""
        return all(watched.is_ready for watched in self._watched)

    def failing(self) -> Watched | None:
        """A part that has failed several times in a row and never been ready, if there is one."""
        return next((one for one in self._watched if one.failures >= 3 and not one.is_ready), None)

    def stop(self, groups: Iterable[Iterable[str]]) -> None:
        """Stop the parts, group after group; the members of a group are asked at the same time."""
        named = [set(group) for group in groups]
        rest = {watched.part.name for watched in self._watched} - set(itertools.chain.from_iterable(named))
        for group in [rest, *named]:
            members = [watched for watched in self._watched if watched.part.name in group]
            for watched in members:
                if watched.running is not None:
                    watched.running.signal(watched.part.stop_signal)
            for watched in members:
                watched.end()


def _last_words(log: Path) -> str:
    """The last line a part wrote, to be shown beside its end."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - 4000))
            lines = stream.read().decode(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return f" ({lines[-1].strip()[:160]})" if lines else ""


def _shorten(log: Path) -> None:
    """Keep one older part of a log that has grown long."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        # Copied and emptied, not renamed: the process goes on writing into the same file, at its end.
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)
