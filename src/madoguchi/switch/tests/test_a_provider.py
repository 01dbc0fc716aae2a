"""A line at a whole telephone company, a second Asterisk: registered, called by every way, calling out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
from django.conf import settings

from madoguchi.kit.clock import now
from madoguchi.program import asterisk
from madoguchi.switch.asterisk.arrival import plain
from madoguchi.switch.asterisk.view import Trunk
from madoguchi.switch.lines import LineSeen
from madoguchi.switch.port import (
    Answer,
    CallArrived,
    Dial,
    Dissolve,
    HangUp,
    Join,
    LegAnswered,
    LegEntered,
    LegGone,
    LegRinging,
    Record,
    RecordingBegan,
    RecordingEnded,
    ShowRinging,
    Side,
    StopRecording,
)
from madoguchi.switch.tests.a_provider import CALLS_FROM, LOGIN, OTHERS, PASSWORD, REGISTRAR, Provider
from madoguchi.switch.tests.telephones import whose
from madoguchi.switch.tests.test_lines import becomes
from madoguchi.switch.tests.worlds import (
    AsteriskWorld,
    RealAsterisk,
    comes_to_hear,
    dialled,
    expect,
    happens,
)

pytestmark = pytest.mark.live

LINE = "line-provider"
ASSERTING = "line-asserting"
"""To the same provider, by address: From says who we are, P-Asserted-Identity which number is shown."""


@pytest.fixture(scope="module")
def provider(
    tmp_path_factory: pytest.TempPathFactory, free_ports: Callable[[int], int]
) -> Iterator[Provider]:
    program = asterisk.required(settings.INSTALLATION.asterisk_prefix)
    running = Provider.near(program, tmp_path_factory.mktemp("provider"), free_ports(100))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def ours(
    provider: Provider, tmp_path_factory: pytest.TempPathFactory, free_ports: Callable[[int], int]
) -> Iterator[RealAsterisk]:
    line = Trunk(
        name=LINE,
        server=f"{REGISTRAR}:{provider.view.sip_port}",
        networks=(CALLS_FROM,),
        registers=True,
        username=LOGIN,
        password=PASSWORD,
        checks_every_s=2,
    )
    asserting = replace(
        line,
        name=ASSERTING,
        networks=(),
        registers=False,
        from_user=LOGIN,
        from_domain=REGISTRAR,
        sends_identity=True,
    )
    program = asterisk.required(settings.INSTALLATION.asterisk_prefix)
    running = RealAsterisk.at(program, tmp_path_factory.mktemp("ours"), free_ports(300), line, asserting)
    running.start()
    yield running
    running.stop()


async def hears(world: AsteriskWorld, leg_id: str) -> set[str]:
    """Whose tones come in by a leg."""
    name = f"heard-{leg_id}"
    await world.switch.send(Record(recording_id=name, leg_id=leg_id))
    await expect(world, RecordingBegan, recording_id=name, side=Side.SPOKEN)
    await asyncio.sleep(0.8)
    await world.switch.send(StopRecording(recording_id=name))
    ended = await expect(world, RecordingEnded, recording_id=name, side=Side.SPOKEN)
    samples, rate = soundfile.read(ended.path)
    return whose(samples, rate)


async def called(world: AsteriskWorld, provider: Provider, how: str) -> CallArrived:
    """A call of the provider's, taken and heard, and ended by us."""
    await asyncio.to_thread(provider.calls, how)
    arrived = await expect(world, CallArrived)
    await world.switch.send(Answer(leg_id=arrived.leg_id))
    await expect(world, LegAnswered, leg_id=arrived.leg_id)
    assert await hears(world, arrived.leg_id) == {"agent"}
    await world.switch.send(HangUp(leg_id=arrived.leg_id))
    await expect(world, LegGone, leg_id=arrived.leg_id)
    assert arrived.trunk == LINE
    return arrived


def test_every_way_in_is_known_and_heard(provider: Provider, ours: RealAsterisk, tmp_path: Path) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        await becomes(world, LINE, LineSeen(answers=True, registered=True))
        shown = await called(world, provider, "plain")
        assert (shown.called_raw, shown.caller_raw) == (LOGIN, "09012345678")
        assert shown.presentation == "allowed_not_screened"
        # The provider's From says nothing; it tells us the number beside it, and that it is not to be shown.
        hidden = await called(world, provider, "hidden")
        assert hidden.presentation.startswith("prohib")
        assert "sip:anonymous@anonymous.invalid" in hidden.headers["From"]
        # A number of the block: in a header of its own, or as the address that is called.
        block = await called(world, provider, "block")
        assert (block.called_raw, block.headers["P-Called-Party-ID"]) == (
            LOGIN,
            f"<sip:{OTHERS}@provider.example>",
        )
        direct = await called(world, provider, "direct")
        assert direct.called_raw == OTHERS

    happens(AsteriskWorld(ours, tmp_path), story)


def test_calls_out_meet_digest_early_sound_and_refusals(
    provider: Provider, ours: RealAsterisk, tmp_path: Path
) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        await becomes(world, LINE, LineSeen(answers=True, registered=True))
        for number, cause in (("0311110002", 17), ("0311110003", 1)):
            await world.switch.send(Dial(leg_id=f"out-{cause}", address=f"trunk:{LINE}:{number}"))
            gone = await expect(world, LegGone, leg_id=f"out-{cause}")
            assert (gone.cause, gone.by_us) == (cause, False)
        early = Dial(leg_id="out-early", address=f"trunk:{LINE}:0311110001", caller_number=OTHERS)
        await world.switch.send(early)
        await expect(world, LegRinging, leg_id="out-early")
        await expect(world, LegEntered, leg_id="out-early")
        assert await hears(world, "out-early") == {"agent"}
        channels = await asyncio.to_thread(provider.says, "core show channels concise")
        assert f"!{OTHERS}!" in plain(channels)
        await world.switch.send(HangUp(leg_id="out-early"))
        await expect(world, LegGone, leg_id="out-early", by_us=True)
        await world.switch.send(Dial(leg_id="out-short", address=f"trunk:{LINE}:0311110004"))
        await expect(world, LegEntered, leg_id="out-short")
        gone = await expect(world, LegGone, leg_id="out-short")
        assert (gone.cause, gone.by_us) == (16, False)

    happens(AsteriskWorld(ours, tmp_path), story)


def test_what_a_network_says_before_the_answer_is_heard_by_who_dialled(
    provider: Provider, ours: RealAsterisk, tmp_path: Path
) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        await becomes(world, LINE, LineSeen(answers=True, registered=True))
        operator = await dialled(world, "own")
        await world.switch.send(ShowRinging(leg_id="own"))
        nobody = Dial(leg_id="out-none", address=f"trunk:{LINE}:0311110005", early=True)
        await world.switch.send(nobody)
        await expect(world, LegRinging, leg_id="out-none", sound=True)
        await world.switch.send(Join(bridge_id="e-1", leg_ids=("out-none", "own")))
        await comes_to_hear(world, operator, "own", "second")
        gone = await expect(world, LegGone, leg_id="out-none", within_s=30)
        assert (gone.cause, gone.by_us) == (1, False)
        await world.switch.send(Dissolve(bridge_id="e-1"))
        assert {leg.leg_id: leg.answered for leg in (await world.switch.living()).legs} == {"own": True}

    happens(AsteriskWorld(ours, tmp_path), story)


def test_a_leg_that_may_be_heard_early_is_answered_shown_and_given_up_as_any_other(
    provider: Provider, ours: RealAsterisk, tmp_path: Path
) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        await becomes(world, LINE, LineSeen(answers=True, registered=True))
        dial = Dial(
            leg_id="out-e", address=f"trunk:{LINE}:0311110001", caller_number=OTHERS, early=True, call_id="c"
        )
        await world.switch.send(dial)
        await expect(world, LegRinging, leg_id="out-e", sound=True)
        assert [leg.answered for leg in (await world.switch.living()).legs] == [False]
        await expect(world, LegAnswered, leg_id="out-e")
        await expect(world, LegEntered, leg_id="out-e")
        assert await hears(world, "out-e") == {"agent"}
        assert [(x.answered, x.call_id) for x in (await world.switch.living()).legs] == [(True, "c")]
        channels = await asyncio.to_thread(provider.says, "core show channels concise")
        assert f"!{OTHERS}!" in plain(channels)
        await world.switch.send(HangUp(leg_id="out-e"))
        await expect(world, LegGone, leg_id="out-e", by_us=True)
        began_at = now()
        rings = Dial(leg_id="out-r", address=f"trunk:{LINE}:0311110006", early=True, timeout_s=2)
        await world.switch.send(rings)
        await expect(world, LegRinging, leg_id="out-r", sound=False)
        assert (await expect(world, LegGone, leg_id="out-r")).cause == 19
        for number, cause in (("0311110002", 17), ("0311110003", 1)):
            address = f"trunk:{LINE}:{number}"
            await world.switch.send(Dial(leg_id=f"out-e-{cause}", address=address, early=True))
            gone = await expect(world, LegGone, leg_id=f"out-e-{cause}")
            assert (gone.cause, gone.by_us) == (cause, False)
        await asyncio.sleep(0.3)
        told = {leg.leg_id: leg.cause for leg in await world.switch.past(began_at) if leg.ended_at}
        assert {leg_id: told[leg_id] for leg_id in ("out-r", "out-e-17", "out-e-1")} == {
            "out-r": 19,
            "out-e-17": 17,
            "out-e-1": 1,
        }

    happens(AsteriskWorld(ours, tmp_path), story)


def test_the_number_to_show_may_stand_beside_the_log_in(
    provider: Provider, ours: RealAsterisk, tmp_path: Path
) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        address = f"trunk:{ASSERTING}:0311110001"
        await world.switch.send(Dial(leg_id="out-pai", address=address, caller_number=OTHERS))
        await expect(world, LegEntered, leg_id="out-pai")
        channels = await asyncio.to_thread(provider.says, "core show channels concise")
        assert f"!{OTHERS}!" in plain(channels)
        await world.switch.send(HangUp(leg_id="out-pai"))
        await expect(world, LegGone, leg_id="out-pai", by_us=True)

    happens(AsteriskWorld(ours, tmp_path), story)
