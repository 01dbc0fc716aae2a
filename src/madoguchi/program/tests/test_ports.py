"""A taken port is refused with the name of who holds it and of the setting that moves it."""

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


def test_a_full_disk_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(up, "LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(ProgramError, match=r"has only \d+ MB left"):
        up.examine(dataclasses.replace(settings.INSTALLATION, home=tmp_path))
