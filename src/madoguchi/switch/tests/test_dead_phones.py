"""A phone whose power was cut never says goodbye: Asterisk notices by its silence, and tells us."""

from __future__ import annotations

from pathlib import Path

import pytest

from madoguchi.switch.port import Join, LegGone
from madoguchi.switch.tests.worlds import (
    AsteriskWorld,
    RealAsterisk,
    answered_call,
    comes_to_hear,
    dialled,
    expect,
    happens,
)

pytestmark = pytest.mark.live


def test_a_phone_that_dies_is_gone_after_its_silence_and_the_caller_stays(
    real: RealAsterisk, tmp_path: Path
) -> None:
    async def story(world: object) -> None:
        assert isinstance(world, AsteriskWorld)
        caller, leg_id = await answered_call(world)
        agent = await dialled(world, "out-dead")
        await world.switch.send(Join(bridge_id="b-dead", leg_ids=(leg_id, "out-dead")))
        await comes_to_hear(world, caller, leg_id, "agent")
        process = world.telephone(agent).process
        assert process is not None
        process.kill()
        limit_s = real.view.line_silence_s + 3
        gone = await expect(world, LegGone, leg_id="out-dead", within_s=limit_s)
        assert not gone.by_us
        assert [leg.leg_id for leg in (await world.switch.living()).legs] == [leg_id]

    happens(AsteriskWorld(real, tmp_path), story)
