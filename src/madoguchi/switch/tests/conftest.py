"""A real Asterisk for the contract, and the two worlds each of its tests is told in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from madoguchi.program import asterisk
from madoguchi.switch.tests.worlds import AsteriskWorld, RealAsterisk, SimulatedWorld


@pytest.fixture(scope="session")
def real(
    tmp_path_factory: pytest.TempPathFactory, free_ports: Callable[[int], int]
) -> Iterator[RealAsterisk]:
    program = asterisk.find(settings.INSTALLATION.asterisk_prefix)
    if program is None:
        pytest.fail("The contract needs a real Asterisk: madoguchi asterisk install")
    running = RealAsterisk.at(program, tmp_path_factory.mktemp("switch"), free_ports(300))
    running.start()
    yield running
    running.stop()


@pytest.fixture(params=["simulated", "asterisk"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> SimulatedWorld | AsteriskWorld:
    if request.param == "simulated":
        return SimulatedWorld(tmp_path)
    return AsteriskWorld(request.getfixturevalue("real"), tmp_path)
