"""`madoguchi call`: two real telephones, one calling the other, and what the caller reports."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from madoguchi.program.call import call, place
from madoguchi.program.caller.plan import PlanError, Wish, plan
from madoguchi.program.caller.report import Report, report

pytestmark = pytest.mark.live

_PORT = 44500


@pytest.fixture
def answering() -> object:
    """Start a telephone that waits at the port for the given seconds; gives its report at the end."""
    threads: list[threading.Thread] = []

    def start(seconds: float, **wishes: object) -> list[Report]:
        reports: list[Report] = []
        wish = Wish(port=_PORT, caller="provider", seconds=seconds, **wishes)  # type: ignore[arg-type]
        thread = threading.Thread(target=lambda: reports.append(place(wish)))
        thread.start()
        threads.append(thread)
        time.sleep(0.6)
        return reports

    yield start
    for thread in threads:
        thread.join(30)


def test_a_caller_reports_what_it_heard(answering: object, tmp_path: Path) -> None:
    assert callable(answering)
    other = answering(5.0, answer_after_s=0.5, tone_hz=1000)
    heard = tmp_path / "heard.wav"
    said = tmp_path / "say.wav"
    soundfile.write(said, 0.3 * np.sin(np.arange(0, 2 * np.pi * 440 * 5, 2 * np.pi * 440 / 44100)), 44100)

    arguments = ["--to", "0312345678", "--trunk", f"127.0.0.1:{_PORT}", "--seconds", "4", "--json"]
    arguments += ["--keys", "12#", "--keys-after", "0.5", "--heard", str(heard), "--say", str(said)]
    result = CliRunner().invoke(call, arguments)

    told = json.loads(result.stdout)
    assert result.exit_code == 0 and told["exit_code"] == 0
    assert told["ringing_after_s"] < told["answered_after_s"] < 1.5
    assert (told["ended_by"], told["sip_code"], told["keys_pressed"]) == ("us", 200, "12#")
    assert told["heard_file"] == str(heard) and heard.exists()
    assert told["heard"][1]["pitches_hz"][0] == pytest.approx(1000, abs=3)
    time.sleep(2.5)
    assert other and other[0].keys_heard == "12#" and other[0].ended_by == "them"
    assert other[0].heard[-2].pitches_hz[0] == pytest.approx(440, abs=3)


def test_a_refused_call_ends_with_one(answering: object) -> None:
    assert callable(answering)
    answering(3.0, answer_after_s=0.2, answer_code=486)

    arguments = ["--to", "0312345678", "--trunk", f"127.0.0.1:{_PORT}", "--seconds", "3"]
    result = CliRunner().invoke(call, arguments)

    assert result.exit_code == 1
    assert "ended by them: 486 Busy Here" in result.stdout


def test_nobody_at_the_other_end_ends_with_one() -> None:
    outcome = place(Wish(to="0312345678", trunk=f"127.0.0.1:{_PORT + 9}", seconds=1))
    assert outcome.exit_code == 1 and outcome.answered_after_s is None


def test_a_wrong_option_is_said_plainly(tmp_path: Path) -> None:
    arguments = ["--to", "03;x=y", "--trunk", f"127.0.0.1:{_PORT}"]
    result = CliRunner().invoke(call, arguments)
    assert result.exit_code == 2 and "is no part of a SIP address" in result.output
    with pytest.raises(PlanError, match="no sound"):
        plan(Wish(say=Path(__file__)), tmp_path)


def test_a_telephone_that_fails_ends_with_three() -> None:
    failed = report([{"what": "error", "at": 0.0, "text": "no network"}])
    assert failed.exit_code == 3 and "no network" in failed.as_text()
