"""A trunk is examined before the switch sees it, and its password never shows again."""

import pytest
from django.core.exceptions import ValidationError

from madoguchi.domain.ledger.models import Entry
from madoguchi.domain.trunks import actions
from madoguchi.domain.trunks.models import Trunk

pytestmark = [pytest.mark.action, pytest.mark.django_db]

GOOD = {"name": "ひかり電話", "host": "sip.example.jp", "login": "0312345678", "secret": "s3cret-s3cret"}


def test_a_new_trunk_gets_a_name_at_the_switch_that_tells_nothing() -> None:
    first = actions.create_trunk(GOOD, acting_user=7)
    second = actions.create_trunk(GOOD | {"name": "予備"}, acting_user=7)
    assert first.endpoint != second.endpoint
    assert "hikari" not in first.endpoint and first.endpoint.startswith("line-")


def test_an_empty_password_keeps_the_old_one_and_the_ledger_never_holds_it() -> None:
    trunk = actions.create_trunk(GOOD, acting_user=7)
    actions.change_trunk(trunk.pk, {"secret": "", "port": 5070}, acting_user=7)
    actions.change_trunk(trunk.pk, {"secret": "another-one"}, acting_user=7)
    trunk.refresh_from_db()
    assert (trunk.port, trunk.secret) == (5070, "another-one")
    written = str(list(Entry.objects.values_list("detail", flat=True)))
    assert "5070" in written
    assert "s3cret" not in written and "another-one" not in written


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "sip example"),
        ("host", "host]\n[evil"),
        ("port", 70000),
        ("secret", "two\nlines"),
        ("login", ""),
        ("shown_in", "elsewhere"),
        ("match_networks", ["203.0.113.0/33"]),
        ("number_rules", {"bare": "sideways"}),
        ("number_rules", {"strip_prefixes": ["a"]}),
        ("number_rules", {"unheard_of": 1}),
    ],
)
def test_what_the_switch_would_refuse_is_refused_beside_its_field(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.create_trunk(GOOD | {field: value}, acting_user=7)
    assert field in refused.value.message_dict
    assert not Trunk.objects.exists()


@pytest.mark.parametrize("login", ["", "user@provider", "two words"])
def test_a_log_in_that_is_no_user_part_cannot_stand_in_from(login: str) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.create_trunk(GOOD | {"login": login, "shown_in": "asserted"}, acting_user=7)
    assert "shown_in" in refused.value.message_dict
