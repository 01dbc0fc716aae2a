"""Nobody waits for a compiler: the simulator is made ready when a worker begins."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from madoguchi.domain.planning import warming
from madoguchi.science.staffing import compiled

pytestmark = pytest.mark.pure


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a fresh process did, in order; its compiler takes half a second."""
    done: list[str] = []
    monkeypatch.setattr(warming, "_begun", [])
    monkeypatch.setattr(warming, "run_once", lambda folder: done.append(f"loaded from {folder}"))
    popen = subprocess.Popen

    def compiler(command: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
        done.append("compiler begun")
        assert env["NUMBA_NUM_THREADS"] == "1"
        return popen([sys.executable, "-c", "import time; time.sleep(0.5)"])

    monkeypatch.setattr(subprocess, "Popen", compiler)
    return done


def test_the_code_is_made_once_and_then_loaded(told: list[str]) -> None:
    began = time.monotonic()
    assert warming.warm_up(Path("/there"))
    assert time.monotonic() - began >= 0.5, "loading before it is made would be compiling again"
    assert not warming.warm_up(Path("/there"))
    assert told == ["compiler begun", "loaded from /there"]


def test_a_question_waits_for_a_compiler_at_work_but_not_for_ever(told: list[str]) -> None:
    warming.wait()
    asked = subprocess.Popen(["compiler"], env={"NUMBA_NUM_THREADS": "1"})
    warming._begun.append(asked)
    warming.wait(0.05)
    assert asked.poll() is None
    warming.wait()
    assert asked.poll() == 0


def test_a_compiler_runs_at_the_lowest_priority_and_keeps_what_it_made(tmp_path: Path) -> None:
    # What the other tests compiled lies here; so this one need not.
    kept = compiled.home()
    assert kept is not None
    watched = (
        "import os, sys; from madoguchi.domain.planning import warming;"
        "sys.argv = ['', sys.argv[1]]; warming.main(); print(os.nice(0))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", watched, str(kept)], capture_output=True, text=True, check=True,
        env=os.environ | {"NUMBA_CACHE_DIR": str(kept)},
    )  # fmt: skip
    assert ended.stdout.split() == ["19"]
    assert list(kept.glob("simulation-*/*/*.nbi")), "machine code on disk"
