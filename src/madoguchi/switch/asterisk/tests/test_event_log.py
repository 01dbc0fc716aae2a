"""The switch's own event log: whole lines only, over rotations, with true times and causes."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.switch.asterisk import cel

pytestmark = pytest.mark.pure

T0 = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


def line(kind: str, at_s: float, leg: str, *, name: str = "PJSIP/line-a-01", extra: str = "") -> str:
    at = f"{(T0 + timedelta(seconds=at_s)).timestamp():.6f}"
    values = [kind, at, leg, name, "from-trunk", "0312345678", "0901234567", "", "", extra]
    return ",".join('"' + value.replace('"', '""') + '"' for value in values) + "\n"


def arrival(leg: str, at_s: float) -> str:
    facts = '{"extra":"purpose=in&presentation=allowed&From=%3Csip%3A1%3E"}'
    return line("CHAN_START", at_s, leg) + line("ARRIVAL", at_s, leg, extra=facts)


def ended(leg: str, at_s: float, cause: int = 16) -> str:
    extra = f'{{"hangupcause":{cause},"hangupsource":""}}'
    return line("HANGUP", at_s, leg, extra=extra) + line("CHAN_END", at_s, leg)


def test_a_call_is_told_with_its_times(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(arrival("n-1.0", 0) + line("ANSWER", 2, "n-1.0") + ended("n-1.0", 9, 31))

    (past,) = cel.read(file, node="n", since=T0)

    assert past.arrival is not None
    assert (past.arrival.trunk, past.arrival.called_raw, past.arrival.purpose) == (
        "line-a",
        "0312345678",
        "in",
    )
    assert past.arrival.headers == {"From": "<sip:1>"}
    assert past.answered_at == T0 + timedelta(seconds=2)
    assert past.ended_at == T0 + timedelta(seconds=9)
    assert past.cause == 31


def test_a_leg_that_we_dialled_and_a_snoop_are_no_arrivals(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    snoop = line("CHAN_START", 0, "snoop.r.heard", name="Snoop/x-1")
    file.write_text(line("CHAN_START", 0, "leg-1", name="PJSIP/op-x-01") + snoop)

    (past,) = cel.read(file, node="n", since=T0)

    assert past.leg_id == "leg-1" and past.arrival is None and past.ended_at is None


def test_a_released_call_names_its_place(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(arrival("n-1.0", 0) + line("RELEASED", 1, "n-1.0", extra='{"extra":"emergency"}'))
    assert cel.read(file, node="n", since=T0)[0].released_to == "emergency"


def test_what_began_before_and_ended_after_is_told(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(arrival("n-1.0", 0) + ended("n-1.0", 50) + arrival("n-1.1", 1) + ended("n-1.1", 10))

    past = cel.read(file, node="n", since=T0 + timedelta(seconds=20))

    assert [leg.leg_id for leg in past] == ["n-1.0"]


def test_a_leg_is_put_together_over_rotated_files(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(arrival("n-1.0", 0))
    assert cel.rotate(file, at_bytes=10) and not file.exists()
    file.write_text(arrival("n-1.1", 20))
    assert cel.rotate(file, at_bytes=10)
    file.write_text(ended("n-1.0", 40))
    for number, at_s in ((2, 0), (1, 20)):
        stamp = (T0 + timedelta(seconds=at_s)).timestamp()
        os.utime(tmp_path / f"m.csv.{number}", (stamp, stamp))

    past = cel.read(file, node="n", since=T0)

    assert [(leg.leg_id, leg.ended_at is not None) for leg in past] == [("n-1.0", True), ("n-1.1", False)]


def test_a_small_log_is_not_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    assert not cel.rotate(file)
    file.write_text(arrival("n-1.0", 0))
    assert not cel.rotate(file) and file.exists()


def test_a_half_written_line_is_left_for_later(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    whole = arrival("n-1.0", 0)
    file.write_text(whole + ended("n-1.0", 9)[:-30])

    (past,) = cel.read(file, node="n", since=T0)

    assert past.cause == 16 and past.ended_at is None


def test_a_line_begun_by_a_process_that_died_spoils_not_the_next_one(tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(arrival("n-1.0", 0) + ended("n-1.0", 9)[:-30] + arrival("n-2.0", 20))

    past = cel.read(file, node="n", since=T0)

    assert [(leg.leg_id, leg.ended_at) for leg in past] == [("n-1.0", None), ("n-2.0", None)]


@given(rubbish=st.binary(max_size=120))
def test_rubbish_in_between_spoils_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, rubbish: bytes
) -> None:
    file = tmp_path_factory.mktemp("cel") / "m.csv"
    file.write_bytes(arrival("n-1.0", 0).encode() + rubbish + b"\n" + arrival("n-1.1", 5).encode())

    past = cel.read(file, node="n", since=T0)

    assert [leg.leg_id for leg in past] == ["n-1.0", "n-1.1"]


def test_no_log_is_no_past(tmp_path: Path) -> None:
    assert cel.read(tmp_path / "m.csv", node="n", since=T0) == ()


def test_a_time_without_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        cel.read(tmp_path / "m.csv", node="n", since=datetime(2026, 1, 1))  # noqa: DTZ001
