"""A recording that could not begin on one side leaves nothing of the other side behind."""

import asyncio
from pathlib import PurePosixPath

import pytest

from madoguchi.switch.asterisk.client import Answer
from madoguchi.switch.asterisk.commands import Request
from madoguchi.switch.asterisk.recording import Recorder, snoop_id
from madoguchi.switch.port import CommandRefused, Record, Side

pytestmark = pytest.mark.pure

RECORD = Record(recording_id="r-1", leg_id="leg-1")


class HalfASwitch:
    """Makes the snoop for what is said; refuses the other some `ticks` around the first one's entering."""

    def __init__(self, ticks: int) -> None:
        self.ticks = ticks
        self.asked: list[str] = []
        self.recorder = Recorder(self.ask, application="app", folder=PurePosixPath("/tracks"))

    async def ask(self, request: Request) -> Answer:
        self.asked.append(f"{request.method} {request.path}")
        if request.path.endswith("/record"):
            # An answer takes its time: a request that is called off meanwhile is not counted as made.
            for _ in range(20):
                await asyncio.sleep(0)
            self.asked.append("recorded")
        if request.path.endswith(f"/snoop/{snoop_id('r-1', Side.HEARD)}"):
            for _ in range(20):
                await asyncio.sleep(0)
            entering = self._enters()
            for _ in range(self.ticks):
                await asyncio.sleep(0)
            entering.add_done_callback(lambda _: None)
            raise CommandRefused("the leg is gone", permanent=True)
        return Answer(204)

    def _enters(self) -> "asyncio.Future[None]":
        async def later() -> None:
            for _ in range(3):
                await asyncio.sleep(0)
            self.recorder.entered(snoop_id("r-1", Side.SPOKEN))

        return asyncio.ensure_future(later())


@pytest.mark.parametrize("ticks", range(12))
def test_a_side_that_enters_while_it_is_called_off_is_not_recorded(ticks: int) -> None:
    switch = HalfASwitch(ticks)

    async def story() -> None:
        with pytest.raises(CommandRefused, match="the leg is gone"):
            await switch.recorder.begin(RECORD)
        await switch.recorder.close()

    asyncio.run(story())
    assert "recorded" not in switch.asked
    assert switch.asked[-1] == f"DELETE /channels/{snoop_id('r-1', Side.SPOKEN)}"


def test_a_snoop_that_never_enters_is_refused_for_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madoguchi.switch.asterisk.recording._ENTERS_WITHIN_S", 0.05)
    asked: list[str] = []

    async def ask(request: Request) -> Answer:
        asked.append(request.method)
        return Answer(200)

    async def story() -> None:
        recorder = Recorder(ask, application="app", folder=PurePosixPath("/tracks"))
        with pytest.raises(CommandRefused, match="never entered") as refused:
            await recorder.begin(RECORD)
        assert not refused.value.permanent
        await recorder.close()

    asyncio.run(story())
    assert asked.count("DELETE") == 2
