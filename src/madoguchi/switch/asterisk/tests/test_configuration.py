"""Asterisk's configuration: complete, private, unchanged when nothing changes, and closed to foreign text."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.switch.asterisk.configuration import write
from madoguchi.switch.asterisk.pjsip import pjsip_conf
from madoguchi.switch.asterisk.view import ConfigurationRefused, Phone, PhoneKind, SwitchView, Trunk

pytestmark = pytest.mark.pure

LINE = Trunk(name="line-a", server="sip.example.jp:5060", registers=True, username="u", password="p;w")
DESK = Phone(endpoint="op-x1", password="a-long-password", kind=PhoneKind.DESK)


def view(folder: Path, **changes: object) -> SwitchView:
    base = SwitchView(
        node="node-1",
        ari_password="secret-of-ari",
        share=folder / "share",
        modules=folder / "modules",
        work=folder / "work",
        trunks=(LINE,),
        phones=(DESK, Phone(endpoint="op-x2", password="another-password")),
        demonstration_numbers=("0312345678",),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def sections(text: str, name: str) -> list[str]:
    return [part for part in text.split("\n\n") if part.startswith(f"[{name}]")]


def test_files_are_private_and_complete(tmp_path: Path) -> None:
    written = write(view(tmp_path), tmp_path / "etc")

    assert written.changed and written.restart
    made = {file.name for file in (tmp_path / "etc").iterdir()}
    assert made >= {"asterisk.conf", "modules.conf", "pjsip.conf", "extensions.conf", "ari.conf", "http.conf"}
    assert not {name for name in made if name.startswith(".")}
    for file in (tmp_path / "etc").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "etc").stat().st_mode) == 0o700


def test_nothing_is_written_when_nothing_changes(tmp_path: Path) -> None:
    write(view(tmp_path), tmp_path / "etc")
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "etc").iterdir()}

    again = write(view(tmp_path), tmp_path / "etc")

    assert not again.changed and again.reload == () and not again.restart
    assert before == {file: file.stat().st_mtime_ns for file in (tmp_path / "etc").iterdir()}


def test_a_new_phone_asks_for_a_reload_and_no_restart(tmp_path: Path) -> None:
    write(view(tmp_path), tmp_path / "etc")

    more = (*view(tmp_path).phones, Phone(endpoint="op-x3", password="a-third-password"))
    written = write(view(tmp_path, phones=more), tmp_path / "etc")

    assert written.files == ("pjsip.conf",)
    assert written.reload == ("res_pjsip.so",)
    assert not written.restart


def test_another_port_of_ari_asks_for_a_restart(tmp_path: Path) -> None:
    write(view(tmp_path), tmp_path / "etc")

    assert write(view(tmp_path, http_port=18099), tmp_path / "etc").restart


def test_ari_listens_on_loopback_even_when_sip_is_opened(tmp_path: Path) -> None:
    write(view(tmp_path, sip_bind="0.0.0.0"), tmp_path / "etc")

    assert "bindaddr=127.0.0.1\n" in (tmp_path / "etc" / "http.conf").read_text()
    assert "bind=0.0.0.0:15060" in (tmp_path / "etc" / "pjsip.conf").read_text()


def test_a_line_is_known_by_its_address_and_a_phone_by_its_name(tmp_path: Path) -> None:
    text = pjsip_conf(view(tmp_path))

    assert "endpoint_identifier_order=username,auth_username,ip" in text
    assert "identify_by=ip" in sections(text, "line-a")[0]
    assert "identify_by=username,auth_username" in sections(text, "op-x1")[0]
    assert "anonymous" not in text


def test_media_stays_on_loopback_only_as_long_as_sip_does(tmp_path: Path) -> None:
    assert "media_address=127.0.0.1" in pjsip_conf(view(tmp_path))

    opened = pjsip_conf(view(tmp_path, sip_bind="0.0.0.0", public_address="203.0.113.9"))

    assert "\nmedia_address=" not in opened
    assert "external_media_address=203.0.113.9" in opened


def test_behind_a_nat_browsers_are_offered_both_addresses(tmp_path: Path) -> None:
    write(view(tmp_path, public_address="203.0.113.9", machine_address="10.0.0.5"), tmp_path / "etc")
    assert "10.0.0.5 => 203.0.113.9,include_local_address" in (tmp_path / "etc" / "rtp.conf").read_text()


def test_a_semicolon_in_a_password_begins_no_comment(tmp_path: Path) -> None:
    assert "password=p\\;w" in pjsip_conf(view(tmp_path))


def test_the_operators_dialplan_dials_nobody(tmp_path: Path) -> None:
    write(view(tmp_path), tmp_path / "etc")
    text = (tmp_path / "etc" / "extensions.conf").read_text()

    assert "Dial(" not in text and "Originate" not in text and "System(" not in text
    desk = next(part for part in text.split("\n\n") if part.startswith("[from-desk]"))
    assert "Stasis(madoguchi,desk," in desk


def test_a_visitor_reaches_demonstration_numbers_only(tmp_path: Path) -> None:
    write(view(tmp_path), tmp_path / "etc")
    text = (tmp_path / "etc" / "extensions.conf").read_text()

    visitor = next(part for part in text.split("\n\n") if part.startswith("[from-visitor]"))
    assert [line for line in visitor.splitlines() if line.startswith("exten")] == [
        "exten => 0312345678,1,Set(CALLERID(num)=${FILTER(0-9,${PJSIP_HEADER(read,X-Visitor-Number)})})"
    ]
    assert visitor.endswith(" same => n(known),Goto(from-trunk,${EXTEN},1)")
    assert "ExecIf" not in text  # its module is not loaded: the call would be declined


@pytest.mark.parametrize("bad", ["a\nb", "x\r[evil]", "a\x00", " lead", "y" * 300])
def test_a_text_of_several_lines_is_refused(bad: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        replace(LINE, password=bad)
    assert refused.value.field_name == "trunk.password"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Line A"},
        {"name": "x]\n[y"},
        {"server": "sip.example.jp;lr"},
        {"server": "sip.example.jp:99999"},
        {"networks": ("nowhere",)},
        {"from_user": "a@b"},
        {"transport": "sctp"},
        {"codecs": ("ulaw", "x\nallow=all")},
        {"username": ""},
    ],
)
def test_a_line_that_cannot_be_written_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ConfigurationRefused):
        replace(LINE, **changes)  # type: ignore[arg-type]


def test_two_things_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationRefused, match="used twice"):
        view(tmp_path, phones=(DESK, DESK))


@given(text=st.text(max_size=60))
def test_no_password_whatever_adds_a_line(text: str) -> None:
    try:
        line = replace(LINE, password=text or "x")
    except ConfigurationRefused:
        return
    folder = Path("/tmp")
    plain = pjsip_conf(view(folder))
    assert len(pjsip_conf(view(folder, trunks=(line,))).split("\n")) == len(plain.split("\n"))
