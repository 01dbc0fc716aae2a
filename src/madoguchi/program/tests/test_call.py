"""`madoguchi call`: two real telephones, one calling the other, and what the caller reports."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from madoguchi.program.call import call, place
from madoguchi.program.caller.plan import PlanError, Wish, plan
from madoguchi.program.caller.report import Report, report

pytestmark = pytest.mark.live

Answering = Callable[..., Future[Report]]
WAITS_S = 10.0
"""How long a telephone stands there: a call, and time to start the caller on a busy machine."""


@pytest.fixture
def port(free_ports: Callable[[int], int]) -> int:
    return free_ports(1)


@pytest.fixture
def answering(port: int) -> Iterator[Answering]:
    """Start a telephone that waits at the port; gives its report at the end."""
    with ThreadPoolExecutor() as threads:

        def start(**wishes: Any) -> Future[Report]:
            stands_there = threading.Event()

            def notice(line: dict[str, Any]) -> None:
                if line["what"] == "ready":
                    stands_there.set()

            wish = Wish(port=port, caller="provider", seconds=WAITS_S, **wishes)
            report = threads.submit(place, wish, notice)
            assert stands_there.wait(15)
            return report

        yield start


def test_a_caller_reports_what_it_heard(answering: Answering, port: int, tmp_path: Path) -> None:
    other = answering(answer_after_s=0.5, tone_hz=1000)
    heard = tmp_path / "heard.wav"
    said = tmp_path / "say.wav"
    soundfile.write(said, 0.3 * np.sin(np.arange(0, 2 * np.pi * 440 * 5, 2 * np.pi * 440 / 44100)), 44100)

    arguments = ["--to", "0312345678", "--trunk", f"127.0.0.1:{port}", "--seconds", "4", "--json"]
    arguments += ["--keys", "12#", "--keys-after", "0.5", "--heard", str(heard), "--say", str(said)]
    result = CliRunner().invoke(call, arguments)

    told = json.loads(result.stdout)
    assert result.exit_code == 0 and told["exit_code"] == 0
    assert told["ringing_after_s"] < told["answered_after_s"] < 4
    assert told["answered_after_s"] - told["ringing_after_s"] == pytest.approx(0.5, abs=0.4)
    assert (told["ended_by"], told["sip_code"], told["keys_pressed"]) == ("us", 200, "12#")
    assert told["heard_file"] == str(heard) and heard.exists()
    assert told["heard"][1]["pitches_hz"][0] == pytest.approx(1000, abs=3)
    of_the_other = other.result(WAITS_S + 15)
    assert (of_the_other.keys_heard, of_the_other.ended_by) == ("12#", "them")
    assert of_the_other.heard[-2].pitches_hz[0] == pytest.approx(440, abs=3)


def test_a_refused_call_ends_with_one(answering: Answering, port: int) -> None:
    answering(answer_after_s=0.2, answer_code=486)

    arguments = ["--to", "0312345678", "--trunk", f"127.0.0.1:{port}", "--seconds", "6"]
    result = CliRunner().invoke(call, arguments)

    assert result.exit_code == 1
    assert "ended by them: 486 Busy Here" in result.stdout


def test_nobody_at_the_other_end_ends_with_one(port: int) -> None:
    outcome = place(Wish(to="0312345678", trunk=f"127.0.0.1:{port}", seconds=1))
    assert outcome.exit_code == 1 and outcome.answered_after_s is None


def test_a_wrong_option_is_said_plainly(tmp_path: Path) -> None:
    arguments = ["--to", "03;x=y", "--trunk", "127.0.0.1:5060"]
    result = CliRunner().invoke(call, arguments)
    assert result.exit_code == 2 and "is no part of a SIP address" in result.output
    with pytest.raises(PlanError, match="no sound"):
        plan(Wish(say=Path(__file__)), tmp_path)


def test_a_telephone_that_fails_ends_with_three() -> None:
    failed = report([{"what": "error", "at": 0.0, "text": "no network"}])
    assert failed.exit_code == 3 and "no network" in failed.as_text()
