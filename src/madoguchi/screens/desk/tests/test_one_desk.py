"""One active desk for a person (pains 10)."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from madoguchi.domain.agents.models import Agent
from madoguchi.kit.clock import now
from madoguchi.screens.desk.tests import rows
from madoguchi.screens.parts.tests.logged_in import browser_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def sato() -> Agent:
    return rows.day().sato


def post(agent: Agent, address: str, **fields: Any) -> tuple[int, dict[str, Any]]:
    browser = browser_of(agent.account)
    answer = browser.post(address, json.dumps(fields, default=str), content_type="application/json")
    return answer.status_code, answer.json()


def test_the_second_desk_is_refused_until_it_takes_over(sato: Agent) -> None:
    first, second = uuid4(), uuid4()
    assert post(sato, "/desk/take-over", desk=first, force=False)[0] == 200
    status, body = post(sato, "/desk/take-over", desk=second, force=False)
    assert (status, body["code"]) == (409, "desk_elsewhere")
    assert post(sato, "/desk/take-over", desk=second, force=True)[0] == 200
    assert post(sato, "/desk/beat", desk=first)[1] == {"active": False}
    assert post(sato, "/desk/beat", desk=second)[1] == {"active": True}


def test_a_reloaded_desk_comes_back_as_itself(sato: Agent) -> None:
    desk = uuid4()
    post(sato, "/desk/take-over", desk=desk, force=False)
    assert post(sato, "/desk/take-over", desk=desk, force=False)[0] == 200


def test_a_desk_that_went_silent_gives_way_unasked(sato: Agent) -> None:
    post(sato, "/desk/take-over", desk=uuid4(), force=False)
    Agent.objects.filter(pk=sato.pk).update(desk_beat_at=now() - timedelta(seconds=9))
    assert post(sato, "/desk/take-over", desk=uuid4(), force=False)[0] == 200


def test_a_beat_tells_of_microphone_and_phone(sato: Agent) -> None:
    desk = uuid4()
    post(sato, "/desk/take-over", desk=desk, force=False)
    post(sato, "/desk/beat", desk=desk, microphone_ok=True, phone_registered=True)
    sato.refresh_from_db()
    assert sato.microphone_ok
    post(sato, "/desk/beat", desk=desk, microphone_ok=False, phone_registered=True)
    sato.refresh_from_db()
    assert not sato.microphone_ok


def test_a_desk_without_a_name_is_malformed(sato: Agent) -> None:
    assert post(sato, "/desk/beat", desk="x")[0] == 422
