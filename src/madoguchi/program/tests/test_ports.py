"""A taken port is refused with the name of who holds it and of the setting that moves it."""

import contextlib
import dataclasses
import os
import socket
from pathlib import Path

import pytest
from django.conf import settings

from madoguchi.program import ports, up
from madoguchi.program.errors import ProgramError

pytestmark = pytest.mark.live


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_the_holder_of_a_port_is_named(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        port = ports.Port("some_port", "127.0.0.1", taken.getsockname()[1], kind)
        assert not port.is_free()
        assert f"(process {os.getpid()})" in port.holder()
    assert port.is_free()


def test_nothing_starts_when_a_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        here = dataclasses.replace(settings.INSTALLATION, home=tmp_path, http_port=number)
        with pytest.raises(ProgramError, match=rf"Port {number} .+ is taken by .+MADOGUCHI_HTTP_PORT"):
            up.examine(here)


def test_a_telephone_port_that_is_taken_by_tcp_alone_is_refused_too(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        here = dataclasses.replace(settings.INSTALLATION, home=tmp_path, sip_port=number)
        with pytest.raises(ProgramError, match=rf"Port {number} \(TCP\) .+MADOGUCHI_SIP_PORT"):
            up.examine(here)


def test_a_port_is_held_by_the_process_that_listens_and_by_no_other() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = ports.Port("sip_port", "127.0.0.1", taken.getsockname()[1], socket.SOCK_DGRAM)
        assert port.is_held_by(os.getpid())
        assert not port.is_held_by(os.getppid())


def test_ports_for_speech_that_others_hold_are_counted_and_most_of_them_refused(tmp_path: Path) -> None:
    with contextlib.ExitStack() as held:
        first = _several_in_a_row(held, 12)
        here = dataclasses.replace(
            settings.INSTALLATION, home=tmp_path, rtp_start=first, rtp_end=first + 20, sip_port=1
        )
        assert ports.speech_taken(here) == pytest.approx(12 / 21, abs=0.15)
        assert ports.speech_taken(here, ours=os.getpid()) < 0.2
        free = dataclasses.replace(here, http_port=_free(), asterisk_http_port=_free(), sip_port=_free())
        with pytest.raises(ProgramError, match=f"ports for speech, {first} to {first + 20}"):
            up.examine(free)


def _several_in_a_row(held: contextlib.ExitStack, count: int) -> int:
    for first in range(24_500, 26_000, 50):
        with contextlib.ExitStack() as tried, contextlib.suppress(OSError):
            for number in range(first, first + count):
                taken = tried.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                taken.bind(("127.0.0.1", number))
            held.enter_context(tried.pop_all())
            return first
    raise AssertionError("no ports are free here")


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_a_full_disk_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(up, "LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(ProgramError, match=r"has only \d+ MB left"):
        up.examine(dataclasses.replace(settings.INSTALLATION, home=tmp_path))
