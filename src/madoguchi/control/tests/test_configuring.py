"""What the office stores of a line becomes what the switch is told."""

import pytest

from madoguchi.control.configuring import _trunk
from madoguchi.domain.trunks import actions

pytestmark = [pytest.mark.action, pytest.mark.django_db]

LINE = {"name": "線", "host": "sip.example.jp", "login": "0312345678", "secret": "s3cret; and more"}


def test_a_line_by_registration_calls_under_its_providers_domain() -> None:
    told = _trunk(actions.create_trunk(LINE, acting_user=None))
    assert (told.server, told.from_domain) == ("sip.example.jp:5060", "sip.example.jp")
    assert (told.registers, told.username, told.password) == (True, "0312345678", "s3cret; and more")
    assert told.checks_every_s > 0


def test_a_line_by_address_calls_under_our_own() -> None:
    told = _trunk(actions.create_trunk(LINE | {"kind": "address", "login": ""}, acting_user=None))
    assert (told.registers, told.from_domain) == (False, "")


def test_an_address_of_version_6_is_written_in_brackets() -> None:
    told = _trunk(actions.create_trunk(LINE | {"host": "2001:db8::5"}, acting_user=None))
    assert (told.server, told.from_domain) == ("[2001:db8::5]:5060", "[2001:db8::5]")


def test_nobody_is_asked_at_the_address_of_the_demonstrations_line() -> None:
    told = _trunk(actions.create_trunk(LINE, demonstration=True, acting_user=None))
    assert told.checks_every_s == 0


def test_the_number_to_show_stands_where_the_provider_looks_for_it() -> None:
    plain = _trunk(actions.create_trunk(LINE, acting_user=None))
    assert (plain.from_user, plain.sends_identity) == ("", False)
    asserted = _trunk(actions.create_trunk(LINE | {"name": "別", "shown_in": "asserted"}, acting_user=None))
    assert (asserted.from_user, asserted.sends_identity) == ("0312345678", True)
