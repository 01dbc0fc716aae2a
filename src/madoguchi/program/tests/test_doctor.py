"""The doctor names what is wrong, and how to mend it."""

import dataclasses
import os
import signal
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import OperationalError, connection

from madoguchi.config.installation import Installation
from madoguchi.domain.trunks.actions import create_trunk
from madoguchi.program import doctor, process
from madoguchi.program.doctor import Verdict
from madoguchi.switch.listening import REPORT_FILE, Report

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def _found(here: Installation, part: str) -> list[doctor.Finding]:
    return [finding for finding in doctor.examine(here) if finding.part == part]


def test_a_folder_that_others_can_read_is_found() -> None:
    here = settings.INSTALLATION
    here.home.chmod(0o755)
    try:
        found = _found(here, "data folder")[0]
    finally:
        here.home.chmod(0o711)
    assert found.verdict is Verdict.BAD
    assert found.mend == f"chmod 700 {here.home}"


def test_database_and_tables_are_good_when_they_are() -> None:
    here = settings.INSTALLATION
    assert [found.verdict for found in _found(here, "database")] == [Verdict.GOOD]
    assert [found.verdict for found in _found(here, "tables")] == [Verdict.GOOD]


def test_a_database_that_does_not_answer_keeps_no_other_part_from_being_examined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)
    found = list(doctor.examine(dataclasses.replace(settings.INSTALLATION, database_url=None)))
    assert [(one.verdict, one.mend) for one in found if one.part == "database"] == [
        (Verdict.BAD, "Start it with: madoguchi up")
    ]
    assert any(one.part == "fonts" for one in found)


def test_a_stranger_on_our_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        here = dataclasses.replace(settings.INSTALLATION, asterisk_http_port=number)
        found = [one for one in _found(here, "port") if str(number) in one.said]
        assert found[0].verdict is Verdict.BAD
        assert "taken by" in found[0].said
        assert "not our Asterisk" in _found(here, "ARI")[0].said


def test_an_asterisk_that_lets_nobody_listen_is_told_with_who_mends_it() -> None:
    here = settings.INSTALLATION
    at = datetime.now(UTC)
    told = Report(pid=os.getpid(), since=at - timedelta(seconds=40), last=at, tries=6, conversations=1)
    (here.run / REPORT_FILE).write_text(told.text())
    (here.run / "asterisk.replaced").write_text(f"{at.isoformat()}\n")
    try:
        deaf, replaced = [one for one in _found(here, "asterisk") if one.verdict is not Verdict.GOOD]
    finally:
        (here.run / REPORT_FILE).unlink()
        (here.run / "asterisk.replaced").unlink()
    assert deaf.verdict is Verdict.BAD
    assert "no call can be served" in deaf.said
    # Nobody here supervises an Asterisk.
    assert "start it anew yourself" in deaf.mend
    assert (replaced.verdict, "once within a day" in replaced.said) == (Verdict.DOUBTFUL, True)


def test_plain_http_under_a_name_is_told_to_lose_the_microphone() -> None:
    here = dataclasses.replace(settings.INSTALLATION, public_address="centre.example.jp")
    assert _found(here, "microphone")[0].verdict is Verdict.BAD


def test_secrets_that_others_can_read_are_found() -> None:
    file = settings.INSTALLATION.home / "keys" / "secrets.json"
    file.chmod(0o644)
    try:
        assert _found(settings.INSTALLATION, "secrets")[0].mend == f"chmod 600 {file}"
    finally:
        file.chmod(0o600)


def test_passwords_whose_key_is_lost_are_counted_with_the_way_out() -> None:
    create_trunk({"name": "線", "host": "x.example", "login": "u", "secret": "s"}, acting_user=None)
    assert _found(settings.INSTALLATION, "passwords")[0].verdict is Verdict.GOOD
    real = settings.INSTALLATION
    other = dataclasses.replace(real.secrets, sealing_key=Fernet.generate_key().decode())
    settings.INSTALLATION = dataclasses.replace(real, secrets=other)
    try:
        found = _found(settings.INSTALLATION, "passwords")[0]
    finally:
        settings.INSTALLATION = real
    assert found.verdict is Verdict.BAD
    assert found.said.startswith("1 of 1 ")
    assert "madoguchi reseal --forget" in found.mend


def test_a_port_that_answers_for_another_program_than_our_asterisk_is_not_good() -> None:
    here = settings.INSTALLATION
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        wrong = dataclasses.replace(here, sip_port=taken.getsockname()[1])
        sleeper = process.start(["sleep", "30"], os.environ, here.home / "sleep.log", dies_with_us=True)
        sleeper.remember(here.run / "asterisk.pid")
        try:
            found = [one for one in _found(wrong, "port") if f"{wrong.sip_port} (UDP)" in one.said]
            assert found[0].verdict is Verdict.BAD
            assert f"(process {os.getpid()})" in found[0].said
            assert _found(wrong, "SIP")[0].verdict is Verdict.BAD
        finally:
            process.stop(sleeper, signal.SIGKILL, 1)
            (here.run / "asterisk.pid").unlink()


def test_it_is_quick_enough_to_be_asked_often() -> None:
    began = time.monotonic()
    list(doctor.examine(settings.INSTALLATION))
    assert time.monotonic() - began < 15
