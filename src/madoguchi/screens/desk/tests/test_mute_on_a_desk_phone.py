"""F8 of a desk phone goes to the switch; with a browser's telephone it never leaves the page."""

import json

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Leg
from madoguchi.kit.clock import now
from madoguchi.screens.desk import sections
from madoguchi.screens.desk.tests import rows
from madoguchi.screens.desk.tests.rows import Day
from madoguchi.screens.parts.tests.logged_in import browser_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def cast() -> Day:
    """Who talks with the customer on a line of her own."""
    made = rows.day()
    call = rows.call(made, customer=made.hanako)
    rows.ring(made, call, made.sato)
    rows.answer(made, call, made.sato)
    Leg.objects.create(
        id="op-leg", call=call, role="operator", agent=made.sato, began_at=now(), answered_at=now()
    )
    return made


def drawn(cast: Day) -> str:
    return str(sections.call(cast.sato.pk)["html"])


def test_a_browsers_telephone_mutes_itself(cast: Day) -> None:
    assert 'data-phone="mute"' in drawn(cast)
    assert 'data-do="mute"' not in drawn(cast)


def test_the_button_of_a_desk_phone_asks_the_switch_and_shows_what_holds(cast: Day) -> None:
    Agent.objects.filter(pk=cast.sato.pk).update(phone="desk")
    before = drawn(cast)
    assert 'data-do="mute" data-key="F8"' in before
    assert 'data-phone="mute"' not in before
    assert 'aria-pressed="false"' in before
    browser = browser_of(cast.sato.account)
    call_id = str(Leg.objects.get().call_id)
    body = json.dumps({"call_id": call_id, "on": True})
    assert browser.post("/desk/do/mute", body, content_type="application/json").status_code == 200
    assert Leg.objects.get().muted
    after = drawn(cast)
    assert 'aria-pressed="true" data-with=\'{"call_id": "' + call_id + '", "on": false}\'' in after
