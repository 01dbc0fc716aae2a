"""The supervisor's own look at a real Asterisk: one that is well, one that is stopped, none at all."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.conf import settings

from madoguchi.config.installation import Installation
from madoguchi.program import knock
from madoguchi.program.asterisk_look import Look, Looking
from madoguchi.program.process import wait_for
from madoguchi.switch.tests.worlds import RealAsterisk

pytestmark = pytest.mark.live


def installation_of(real: RealAsterisk) -> Installation:
    here = settings.INSTALLATION
    secrets = replace(here.secrets, ari_password=real.view.ari_password)
    return replace(
        here,
        sip_bind=real.view.sip_bind,
        sip_port=real.view.sip_port,
        asterisk_http_port=real.view.http_port,
        secrets=secrets,
    )


def pid_of(real: RealAsterisk) -> int:
    """Its process, once it has started."""
    assert real.process is not None
    here = installation_of(real)
    assert wait_for(lambda: knock.ari_ping(here.ari_url, here.ari_user, here.secrets.ari_password), 20)
    return real.process.pid


def look(here: Installation, pid: int) -> Look:
    looking = Looking(here, pid)
    try:
        while (seen := looking.step()) is None:
            time.sleep(0.05)
        return seen
    finally:
        looking.close()


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_one_that_is_well_lets_us_listen_and_answers_sip(real: RealAsterisk) -> None:
    seen = look(installation_of(real), pid_of(real))
    assert (seen.there, seen.listener_opened, seen.sip_answers) == (True, True, True)


def test_one_that_is_stopped_is_there_and_silent_and_does_not_lack_processor(real: RealAsterisk) -> None:
    with stopped(pid := pid_of(real)):
        seen = look(installation_of(real), pid)
    assert seen == Look(there=True, listener_opened=False, sip_answers=False, starved=False)


def test_nobody_at_all_is_not_there(real: RealAsterisk) -> None:
    nowhere = replace(installation_of(real), asterisk_http_port=9)
    assert not look(nowhere, os.getpid()).there
