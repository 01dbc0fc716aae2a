"""Clients, numbers, hours and reasons are changed by actions that refuse nonsense and note who did it."""

from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError

from madoguchi.domain.clients import actions, queries
from madoguchi.domain.clients.errors import HoursInUse, ReasonGone, WrongHours
from madoguchi.domain.clients.models import Client, Hours, Number, Reason
from madoguchi.domain.ledger.models import Entry
from madoguchi.kit.calendar import Period
from madoguchi.kit.clock import TOKYO

pytestmark = [pytest.mark.action, pytest.mark.django_db]
CLOSED: list[list[Period]] = [[] for _ in range(7)]


@pytest.fixture
def client_row() -> Client:
    return actions.create_client({"name": "さくら電機"}, acting_user=7)


@pytest.fixture
def hours() -> Hours:
    return actions.create_hours("平日", acting_user=7)


def test_a_change_is_noted_with_old_and_new_value(client_row: Client) -> None:
    actions.change_client(client_row.pk, {"recording_days": 90}, acting_user=7)
    entry = Entry.objects.get(verb="changed_client")
    assert (entry.by, entry.detail) == (7, {"changes": {"recording_days": [365, 90]}})


def test_a_greeting_may_name_only_what_the_desk_can_fill_in(client_row: Client) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.change_client(client_row.pk, {"greeting": "{client}{nobody}"}, acting_user=7)
    assert "greeting" in refused.value.message_dict


def test_a_number_is_kept_as_the_network_writes_it(client_row: Client) -> None:
    values = {"e164": "０３（１２３４）５６７８", "label": "修理", "client": client_row}
    assert actions.create_number(values, acting_user=7).e164 == "+81312345678"
    with pytest.raises(ValidationError) as twice:
        actions.create_number(values | {"e164": "+81 3-1234-5678"}, acting_user=7)
    assert "e164" in twice.value.message_dict
    with pytest.raises(ValidationError) as nonsense:
        actions.create_number(values | {"e164": "さくら"}, acting_user=7)
    assert "e164" in nonsense.value.message_dict


def test_changed_hours_hold_at_once_for_who_changed_them(client_row: Client, hours: Hours) -> None:
    number = Number.objects.create(e164="100", label="内線", client=client_row, hours=hours)
    tuesday_night = datetime(2026, 11, 25, 1, 30, tzinfo=TOKYO)
    assert not queries.opening(number, tuesday_night).is_open
    weekly = [[], [Period(13 * 60, 26 * 60), Period(9 * 60, 12 * 60)], [], [], [], [], []]
    actions.change_hours(hours.pk, {}, weekly=weekly, acting_user=7)
    assert queries.opening(number, tuesday_night).is_open
    actions.set_special_day(hours.pk, date(2026, 11, 24), "棚卸し", [], acting_user=7)
    assert not queries.opening(number, tuesday_night).is_open


def test_overlapping_periods_change_nothing(hours: Hours) -> None:
    weekly = CLOSED[:6] + [[Period(540, 780), Period(720, 1080)]]
    with pytest.raises(WrongHours):
        actions.change_hours(hours.pk, {"name": "別名"}, weekly=weekly, acting_user=7)
    hours.refresh_from_db()
    assert hours.name == "平日"


def test_hours_that_a_number_uses_are_not_deleted(client_row: Client, hours: Hours) -> None:
    Number.objects.create(e164="100", label="内線", client=client_row, hours=hours)
    with pytest.raises(HoursInUse):
        actions.delete_hours(hours.pk, acting_user=7)
    Number.objects.update(hours=None)
    actions.delete_hours(hours.pk, acting_user=7)
    assert not Hours.objects.exists()


def test_reasons_form_a_tree_that_can_be_ordered(client_row: Client) -> None:
    repair = actions.add_reason("修理", client_id=client_row.pk, acting_user=7)
    usage = actions.add_reason("使い方", client_id=client_row.pk, acting_user=7)
    below = actions.add_reason("冷えない", parent_id=repair.pk, acting_user=7)
    assert below.client_id == client_row.pk
    actions.move_reason(usage.pk, -1, acting_user=7)
    assert list(Reason.objects.filter(parent=None)) == [usage, repair]
    actions.move_reason(usage.pk, -1, acting_user=7)
    assert list(Reason.objects.filter(parent=None)) == [usage, repair]
    actions.remove_reason(repair.pk, acting_user=7)
    with pytest.raises(ReasonGone):
        actions.change_reason(below.pk, {"name": "x"}, acting_user=7)
