"""The supervisor: restarts with growing pauses, adopts, stops for certain."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from madoguchi.program import process, supervisor
from madoguchi.program.errors import ProgramError

pytestmark = pytest.mark.live

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('here', flush=True); time.sleep(60)"
)


class Stage:
    """A supervisor with one part that runs a small Python program, and what was told of it."""

    def __init__(self, folder: Path, code: str, **settings: float) -> None:
        self.told: list[str] = []
        self.folder = folder
        self.code = code
        self.starts = 0
        self.part = supervisor.Part(
            name="part",
            start=self._start,
            ready=lambda: "here" in self.log.read_text(),
            survivor=lambda: process.recall(folder / "part.pid"),
            log=self.log,
            **settings,  # type: ignore[arg-type]
        )
        self.watched = supervisor.Watched(self.part, lambda _name, text: self.told.append(text))

    @property
    def log(self) -> Path:
        return self.folder / "part.log"

    @property
    def pid(self) -> int:
        assert self.watched.running is not None
        return self.watched.running.pid

    def _start(self) -> process.Process:
        self.starts += 1
        self.log.unlink(missing_ok=True)
        started = process.start([sys.executable, "-c", self.code], os.environ, self.log, dies_with_us=False)
        started.remember(self.folder / "part.pid")
        return started

    def look_until(self, words: str, within_s: float = 10) -> None:
        until = time.monotonic() + within_s
        while not any(words in text for text in self.told):
            assert time.monotonic() < until, f"never told “{words}”, but {self.told}"
            self.watched.look()
            time.sleep(0.02)


@pytest.fixture
def stages(tmp_path: Path) -> Iterator[list[Stage]]:
    made: list[Stage] = []
    yield made
    for stage in made:
        if stage.watched.running is not None:
            process.stop(stage.watched.running, signal.SIGKILL, 2)


def test_a_part_that_was_killed_runs_again_and_the_reason_is_told(
    tmp_path: Path, stages: list[Stage]
) -> None:
    stage = Stage(tmp_path, "import time; print('here', flush=True); time.sleep(60)")
    stages.append(stage)
    stage.watched.begin()
    stage.look_until("ready after")
    first = stage.pid
    os.kill(first, signal.SIGKILL)
    stage.look_until("was ended by SIGKILL (here)")
    stage.told.clear()
    stage.look_until("ready after")
    assert stage.pid != first
    assert stage.starts == 2


def test_pauses_grow_while_a_part_keeps_failing(tmp_path: Path, stages: list[Stage]) -> None:
    stage = Stage(tmp_path, "import sys; sys.exit('no such setting')")
    stages.append(stage)
    stage.watched.begin()
    stage.look_until("starting again in 1 s")
    assert [text.rpartition("again in ")[2] for text in stage.told] == ["0.1 s", "0.5 s", "1 s"]
    assert "ended with exit 1 (no such setting)" in stage.told[0]


def test_a_part_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    def refuse() -> process.Process:
        raise ProgramError("The disk is full.")

    told: list[str] = []
    part = supervisor.Part(
        name="part", start=refuse, ready=lambda: True, survivor=lambda: None, log=tmp_path / "part.log"
    )
    watched = supervisor.Watched(part, lambda _name, text: told.append(text))
    watched.begin()
    assert told == ["The disk is full.; starting again in 0.1 s"]
    assert watched.failures == 1


def test_a_part_that_hangs_before_it_is_ready_is_replaced(tmp_path: Path, stages: list[Stage]) -> None:
    stage = Stage(tmp_path, "import time; time.sleep(60)", ready_within_s=0.5)
    stages.append(stage)
    stage.watched.begin()
    first = stage.pid
    stage.look_until("was not ready within 0 s")
    assert process.birth(first) is None


def test_a_part_that_runs_and_never_can_be_ready_is_ended_and_its_reason_told(
    tmp_path: Path, stages: list[Stage]
) -> None:
    def never() -> bool:
        raise ProgramError("Port 5060 (UDP) is taken by sipp (process 7).")

    stage = Stage(tmp_path, "import time; time.sleep(60)")
    stage.watched.part = dataclasses.replace(stage.part, ready=never)
    stages.append(stage)
    stage.watched.begin()
    first = stage.pid
    stage.look_until("starting again in 0.5 s")
    assert process.birth(first) is None
    assert "taken by sipp" in stage.told[0]
    assert stage.watched.why == "Port 5060 (UDP) is taken by sipp (process 7)"
    assert not stage.watched.is_ready


def test_a_part_that_lives_and_is_hopeless_is_replaced_once(tmp_path: Path, stages: list[Stage]) -> None:
    reasons = ["hears nobody"]
    stage = Stage(tmp_path, "import time; print('here', flush=True); time.sleep(60)")
    part = dataclasses.replace(stage.part, hopeless=lambda: reasons.pop() if reasons else None)
    stage.watched.part = part
    stages.append(stage)
    stage.watched.begin()
    stage.look_until("ready after")
    first = stage.pid
    stage.look_until("hears nobody; starting again in 0.1 s")
    assert process.birth(first) is None
    stage.told.clear()
    stage.look_until("ready after")
    assert stage.pid != first
    assert stage.starts == 2


def test_what_outlived_its_supervisor_is_taken_over(tmp_path: Path, stages: list[Stage]) -> None:
    stage = Stage(tmp_path, "import time; print('here', flush=True); time.sleep(60)")
    stages.append(stage)
    stage.watched.begin()
    stage.look_until("ready after")
    successor = Stage(tmp_path, stage.code)
    successor.watched.begin()
    assert successor.told == [f"was still running (process {stage.pid}), taken over"]
    assert successor.starts == 0
    successor.look_until("ready after")


def test_a_log_that_has_grown_long_is_shortened_while_it_is_written(
    tmp_path: Path, stages: list[Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LOG_LIMIT_BYTES", 1000)
    monkeypatch.setattr(supervisor, "TIDY_EVERY_S", 0.0)
    stage = Stage(tmp_path, "import time\nwhile True: print('here' * 20, flush=True); time.sleep(0.01)")
    stages.append(stage)
    whole = supervisor.Supervisor(lambda _part, _text: None)
    whole.start([stage.part])
    until = time.monotonic() + 2
    while time.monotonic() < until:
        whole.look()
        time.sleep(0.02)
    stage.watched.running = process.recall(tmp_path / "part.pid")
    assert 0 < stage.log.stat().st_size < 3000
    assert stage.log.read_bytes().startswith(b"here")
    assert (tmp_path / "part.log.1").stat().st_size > 1000


def test_a_number_that_was_given_to_another_process_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "part.pid").write_text(f"{os.getpid()} 12345\n")
    assert process.recall(tmp_path / "part.pid") is None


def test_a_part_that_will_not_go_is_killed(tmp_path: Path, stages: list[Stage]) -> None:
    stage = Stage(tmp_path, STUBBORN, stop_within_s=0.3)
    stages.append(stage)
    stage.watched.begin()
    stage.look_until("ready after")
    pid = stage.pid
    stage.watched.end()
    assert process.birth(pid) is None
    assert "had to be killed" in stage.told[-1]


def test_parts_bound_to_us_die_with_us_and_others_do_not(tmp_path: Path) -> None:
    code = (
        "import os, sys, time\nfrom pathlib import Path\nfrom madoguchi.program import process\n"
        "for name, bound in (('bound', True), ('free', False)):\n"
        f"    one = process.start(['sleep', '60'], os.environ, Path({str(tmp_path)!r}) / 'log', bound)\n"
        f"    one.remember(Path({str(tmp_path)!r}) / name)\n"
        "print('started', flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"started\n"
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert process.wait_for(lambda: process.recall(tmp_path / "bound") is None, 3)
    survivor = process.recall(tmp_path / "free")
    assert survivor is not None
    process.stop(survivor, signal.SIGTERM, 2)
