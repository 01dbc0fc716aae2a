"""The floor in the browser: who may open it, what a leader can do, and that pushes depend on rows alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import translation

from madoguchi.domain.agents import actions as agents
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.actions.arriving import write_down
from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.rows import Writing
from madoguchi.domain.calls.tests.a_day import Centre, account, seconds
from madoguchi.domain.cases import actions as cases
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.customers import actions as customers
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.trunks.actions import create_trunk, lines_seen
from madoguchi.kit.clock import now
from madoguchi.live.registry import sections_of
from madoguchi.screens.floor import sections as _registered
from madoguchi.screens.parts.tests.logged_in import browser_of
from madoguchi.switch import port
from madoguchi.switch.lines import LineSeen

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def centre() -> Centre:
    made = Centre(now())
    made.waiting(100, made.customers[1])
    made.waiting(20)
    made.talking(300, made.customers[0], made.agents[0])
    made.answered(made.now - seconds(2000), made.customers[2], made.agents[1])
    made.left(made.now - seconds(1000), made.customers[3])
    return made


def browser(centre: Centre, role: str = "supervisor") -> Browser:
    return browser_of(centre.supervisor if role == "supervisor" else account(role, role, role))


def call_back(centre: Centre, **changed: object) -> Promise:
    fields: dict[str, object] = {
        "kind": "call_back",
        "customer_id": centre.customers[0].pk,
        "client_id": centre.client.pk,
        "contact_id": None,
        "call_id": None,
        "due_at": now() - timedelta(minutes=5),
        "number": "+819012345678",
        "acting_user": None,
    }
    return cases.make_promise(**(fields | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/floor/", "/floor/wall/"])
@pytest.mark.parametrize(
    ("role", "status"), [("supervisor", 200), ("quality", 200), ("administrator", 200), ("operator", 403)]
)
def test_leaders_and_quality_checkers_see_the_floor(
    centre: Centre, path: str, role: str, status: int
) -> None:
    assert browser(centre, role).get(path).status_code == status


def test_a_leader_reads_what_the_time_off_the_phone_is_for(centre: Centre) -> None:
    person, call = centre.agents[1], Call.objects.filter(agent=centre.agents[1]).get()

    def head() -> str:
        return str(browser(centre).get(f"/floor/people/{person.pk}/").content.decode().split("<h3>")[0])

    assert f'href="/calls/{call.pk}/"' not in head()
    agents.choose_presence(
        person.pk, "other_work", matter="research", call_id=call.pk, acting_user=person.account_id
    )
    assert f'href="/calls/{call.pk}/"' in head()


def test_strangers_are_sent_to_the_log_in(centre: Centre) -> None:
    assert Browser().get("/floor/").status_code == 302


def test_the_floor_shows_callers_people_and_the_answer_rate_with_its_count(centre: Centre) -> None:
    page = browser(centre).get("/floor/").content.decode()
    for shown in ("大野 太郎", "佐藤 恵", "50.0", "outcomes=answered", "wait-strip"):
        assert shown in page


def test_an_empty_centre_has_a_floor_too() -> None:
    opened = browser_of(account("sv", "山田", "supervisor"))
    assert opened.get("/floor/").status_code == 200


def test_equal_rows_draw_equal_sections(centre: Centre) -> None:
    call_back(centre)
    sections = sections_of("floor")
    assert set(sections) == {"waiting", "queues", "people", "attention", "today"}
    with translation.override("ja"):
        assert all(section.compute() == section.compute() for section in sections.values())


def _a_presence(centre: Centre) -> None:
    agents.choose_presence(centre.agents[4].pk, "break", acting_user=None)


def _a_promise(centre: Centre) -> None:
    call_back(centre)


def _a_promise_overdue(centre: Centre) -> None:
    cases.mark_overdue(now())


def _a_new_name(centre: Centre) -> None:
    customers.change(centre.customers[1].pk, name="大野 次郎", acting_user=None)


def _a_lifted_pause(centre: Centre) -> None:
    agents.lift_cooling_off(centre.agents[5].pk, acting_user=None)


def _an_arrival(centre: Centre) -> None:
    event = port.CallArrived(
        node="node-1",
        at=now(),
        leg_id="in-1",
        trunk="trunk-1",
        called_raw="0312340000",
        caller_raw="09012345678",
        purpose="in",
    )
    write_down(event).close()


@pytest.mark.parametrize(
    "acts",
    [_a_presence, _a_promise, _a_promise_overdue, _a_new_name, _a_lifted_pause, _an_arrival],
    ids=lambda act: act.__name__,
)
def test_the_old_snapshot_with_what_was_announced_is_the_fresh_snapshot(
    centre: Centre, acts: Callable[[Centre], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    call_back(centre)
    Agent.objects.filter(pk=centre.agents[5].pk).update(
        cooling_off_until=now() + timedelta(hours=1), cooling_off_reason="missed"
    )
    rung: set[str] = set()

    def listen(*bells: tuple[str, str]) -> None:
        rung.update(name for audience, names in bells if audience == "floor" for name in names.split())

    for room in ("agents.actions.announce", "ledger.actions.announce"):
        monkeypatch.setattr(f"madoguchi.domain.{room}", listen)
    monkeypatch.setattr(Writing, "announcements", lambda _writing, bells: listen(*bells))
    sections = sections_of("floor")
    before = {name: section.compute() for name, section in sections.items()}
    acts(centre)
    fresh = {name: section.compute() for name, section in sections.items()}
    patched = before | {name: fresh[name] for name in rung if name in fresh}
    # The queues' frame holds the callers' list, which is drawn over it by its own section.
    patched["queues"] = fresh["queues"] if "waiting" in rung else patched["queues"]
    assert patched == fresh
    assert patched != before


def test_a_leader_sets_the_presence_that_somebody_forgot(centre: Centre) -> None:
    opened, agent = browser(centre), centre.agents[3]
    address = f"/floor/people/{agent.pk}/presence"
    assert opened.post(address, {"presence": "break", "back": "23:59"}).status_code == 200
    agent.refresh_from_db()
    assert agent.presence == "break"
    assert agent.expected_back_at is not None
    assert Transition.objects.filter(subject="presence", by=centre.supervisor.pk).exists()
    assert opened.post(address, {"presence": "other_work"}).status_code == 422
    assert opened.post("/floor/people/0/presence", {"presence": "break"}).status_code == 404
    assert browser(centre, "quality").post(address, {"presence": "break"}).status_code == 403


def test_a_leader_lifts_a_pause(centre: Centre) -> None:
    agent = centre.agents[3]
    Agent.objects.filter(pk=agent.pk).update(
        cooling_off_until=now() + timedelta(seconds=60), cooling_off_reason="missed"
    )
    opened = browser(centre)
    assert "lift" in opened.get(f"/floor/people/{agent.pk}/").content.decode()
    assert opened.post(f"/floor/people/{agent.pk}/lift").status_code == 200
    agent.refresh_from_db()
    assert agent.cooling_off_until is None


def test_a_leader_takes_keeps_and_withdraws_promises(centre: Centre) -> None:
    promise, opened = call_back(centre), browser(centre)
    assert opened.post(f"/floor/promises/{promise.pk}/take").status_code == 204
    promise.refresh_from_db()
    assert promise.owner_id == centre.supervisor.pk
    assert opened.post(f"/floor/promises/{promise.pk}/keep").status_code == 204
    assert opened.post(f"/floor/promises/{promise.pk}/withdraw").status_code == 409
    assert opened.post(f"/floor/promises/{promise.pk}/burn").status_code == 404
    assert opened.post("/floor/promises/0/keep").status_code == 404
    assert opened.get(f"/floor/promises/{promise.pk}/take").status_code == 405


def test_the_floor_speaks_english_too(centre: Centre) -> None:
    centre.supervisor.language = "en"
    centre.supervisor.save()
    call_back(centre)
    page = browser(centre).get("/floor/").content.decode()
    assert "Answer rate" in page
    assert "応答率" not in page


def test_a_dead_line_stands_among_what_asks_for_a_decision(centre: Centre) -> None:
    line = {"name": "ひかり電話", "host": "sip.example.jp", "login": "0312345678", "secret": "wrong"}
    trunk = create_trunk(line, acting_user=None)
    seen = {trunk.endpoint: LineSeen(registered=False)}
    before = _registered.things_to_decide()
    lines_seen(seen, {}, at=now() - timedelta(minutes=2))
    lines_seen(seen, {}, at=now())
    with translation.override("ja"):
        after = _registered.things_to_decide()
    assert after["count"] == before["count"] + 1
    assert "ひかり電話" in after["html"] and "不通の回線" in after["html"]
    assert "ひかり電話" in browser(centre).get("/floor/").content.decode()
