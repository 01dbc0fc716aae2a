"""Commands become requests; what a stranger could smuggle in is refused for good."""

from __future__ import annotations

import pytest

from madoguchi.switch.asterisk.client import Answer as Got
from madoguchi.switch.asterisk.commands import Request, dial, refusal, requests
from madoguchi.switch.port import Command, CommandRefused, Dial, HangUp, Play, Release, SendKeys, StopPlayback

pytestmark = pytest.mark.pure


def test_a_phone_is_dialled_under_our_id_with_our_headers() -> None:
    request = dial(
        Dial(
            leg_id="leg/1",
            address="phone:op-x1",
            caller_number="0901234567",
            caller_name='山田"<evil>',
            timeout_s=20,
            headers={"X-Madoguchi-Call": "c-1"},
            call_id="c-1",
        )
    )

    assert request.path == "/channels/leg%2F1"
    assert request.params == {
        "endpoint": "PJSIP/op-x1",
        "context": "dialled",
        "extension": "s",
        "priority": "1",
        "timeout": "20",
        "callerId": '"山田evil" <0901234567>',
    }
    assert request.body == {
        "variables": {"PJSIP_HEADER(add,X-Madoguchi-Call)": "c-1", "MADOGUCHI_CALL": "c-1"}
    }
    assert 409 in request.settled


def test_a_number_is_dialled_out_over_its_line() -> None:
    request = dial(Dial(leg_id="a", address="trunk:line-a:0312345678"))
    assert request.params is not None and request.params["endpoint"] == "PJSIP/0312345678@line-a"


@pytest.mark.parametrize(
    "command",
    [
        Dial(leg_id="a", address="phone:op-x1/../&PJSIP/x"),
        Dial(leg_id="a", address="trunk:line-a:03;phone-context=x"),
        Dial(leg_id="a", address="Local/1@from-trunk"),
        Dial(leg_id="a", address="phone:op-x1", headers={"Route": "x"}),
        Dial(leg_id="a", address="phone:op-x1", headers={"X-Madoguchi-A": "x\r\nRoute: y"}),
        Dial(leg_id="a", address="phone:op-x1", caller_number="0312>,x"),
    ],
)
def test_an_address_or_header_that_is_not_ours_is_refused_for_good(command: Dial) -> None:
    with pytest.raises(CommandRefused) as refused:
        dial(command)
    assert refused.value.permanent


@pytest.mark.parametrize(
    "command",
    [
        Play(leg_id="a", playback_id="p", files=()),
        Play(leg_id="a", playback_id="p", files=("relative/name",)),
        Play(leg_id="a", playback_id="p", files=("/sounds/../../etc/passwd",)),
        Play(leg_id="a", playback_id="p", files=("tone:ring",)),
        SendKeys(leg_id="a", keys="1w2"),
        Release(leg_id="a", place="from-trunk"),
    ],
)
def test_a_command_that_can_never_work_is_refused_for_good(command: Command) -> None:
    with pytest.raises(CommandRefused) as refused:
        requests(command)
    assert refused.value.permanent


def test_files_are_played_in_order() -> None:
    (request,) = requests(Play(leg_id="a", playback_id="p", files=("/a/b", "/a/c")))
    assert request.body == {"media": ["sound:/a/b", "sound:/a/c"]}


def test_the_end_of_what_has_ended_is_settled() -> None:
    for command in (HangUp(leg_id="a"), StopPlayback(playback_id="p")):
        assert all(404 in request.settled for request in requests(command))


@pytest.mark.parametrize(
    ("status", "not_yet", "permanent"),
    [(404, False, True), (409, False, True), (422, True, False), (500, False, False), (401, False, False)],
)
def test_a_refusal_tells_whether_asking_again_is_of_use(status: int, not_yet: bool, permanent: bool) -> None:
    refused = refusal(Request("POST", "/x"), Got(status, {"message": "why"}), not_yet=not_yet)
    assert refused.permanent is permanent
    assert "why" in refused.reason
