"""What the desk sends: who may, what is refused, and that each verb reaches its action."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client as Browser

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.agents.states import Matter, Presence
from madoguchi.domain.calls.models import Acknowledgement, Call, WrapUp
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.contacts.models import Contact, Handling, Mark, Reception
from madoguchi.domain.customers.models import Customer, ImportantPoint
from madoguchi.domain.people.models import Account
from madoguchi.screens.desk import sections
from madoguchi.screens.desk.tests import rows
from madoguchi.screens.desk.tests.rows import Day
from madoguchi.screens.desk.verbs import VERBS
from madoguchi.screens.parts.tests.logged_in import browser_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def cast() -> Day:
    return rows.day()


def desk(agent: Agent, **options: Any) -> Browser:
    return browser_of(agent.account, **options)


def do(browser: Browser, verb: str, **fields: Any) -> HttpResponse:
    answer = browser.post(
        f"/desk/do/{verb}", json.dumps(fields, default=str), content_type="application/json"
    )
    assert isinstance(answer, HttpResponse)
    return answer


def error(answer: HttpResponse) -> str:
    body = json.loads(answer.content)
    assert body["error"]["message"] == body["message"]
    return str(body["error"]["code"])


def talking(cast: Day, agent: Agent | None = None) -> Call:
    made = rows.call(cast, customer=cast.hanako)
    rows.ring(cast, made, agent or cast.sato)
    rows.answer(cast, made, agent or cast.sato)
    return made


def test_a_stranger_is_sent_to_the_log_in(cast: Day) -> None:
    for address in ("/desk/", "/desk/phone.json", "/desk/people", "/desk/search?q=a"):
        answer = Browser().get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")
    assert do(Browser(), "hold", call_id=uuid4()).status_code == 302


def test_an_account_without_a_telephone_has_no_desk(cast: Day) -> None:
    browser = browser_of(Account.objects.create(username="qc", name="品質", role="quality"))
    assert browser.get("/desk/").status_code == 403
    assert do(browser, "presence", presence="available").status_code == 403


def test_a_verb_without_the_csrf_token_is_refused(cast: Day) -> None:
    browser = desk(cast.sato, enforce_csrf_checks=True)
    assert do(browser, "presence", presence="break").status_code == 403
    browser.get("/desk/")
    token = browser.cookies["madoguchi_csrf"].value
    answer = browser.post(
        "/desk/do/presence",
        '{"presence": "break"}',
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 200
    assert Agent.objects.get(pk=cast.sato.pk).presence == "break"


def test_a_verb_is_never_a_get(cast: Day) -> None:
    assert desk(cast.sato).get("/desk/do/hold").status_code == 405


@pytest.mark.parametrize("verb", sorted(VERBS))
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"\xff\x00", b'{"call_id": 7, "items": {"a": 1}, "number": []}']
)
def test_bad_input_is_told_and_changes_nothing(cast: Day, verb: str, body: bytes) -> None:
    answer = desk(cast.sato).post(f"/desk/do/{verb}", body, content_type="application/json")
    if verb == "lift_cooling_off" and body in (b"", b'{"call_id": 7, "items": {"a": 1}, "number": []}'):
        assert answer.status_code == 200
        return
    assert 400 <= answer.status_code < 500
    assert json.loads(answer.content)["error"]["message"]


def test_an_unknown_verb_asks_for_a_reload(cast: Day) -> None:
    answer = do(desk(cast.sato), "explode")
    assert (answer.status_code, error(answer)) == (404, "no_such_verb")


@pytest.mark.parametrize(
    "verb",
    ["hold", "hang_up", "say_who", "check_identity", "acknowledge", "point", "promise", "new_customer"],
)
def test_a_colleagues_call_is_out_of_reach(cast: Day, verb: str) -> None:
    made = talking(cast)
    fields = {"items": ["お名前"], "point_id": 1, "text": "x", "name": "誰か", "customer_id": cast.hanako.pk}
    answer = do(desk(cast.tanaka), verb, call_id=made.pk, kind="do", **fields)
    assert error(answer) in {"call_gone", "not_your_call"}
    assert Customer.objects.count() == 1


def test_presence_is_tied_to_the_last_call_and_has_a_return(cast: Day) -> None:
    made = talking(cast)
    Agent.objects.filter(pk=cast.sato.pk).update(activity="idle", activity_call_id=None)
    answer = do(desk(cast.sato), "presence", presence="other_work", matter="research", expected_back="14:30")
    assert answer.status_code == 200
    sato = Agent.objects.get(pk=cast.sato.pk)
    assert (sato.presence, sato.matter, sato.matter_call_id) == ("other_work", "research", made.pk)
    assert sato.expected_back_at is not None


def test_other_work_must_say_what_for(cast: Day) -> None:
    assert do(desk(cast.sato), "presence", presence="other_work").status_code == 422


def test_an_unknown_caller_is_written_down_in_one_step(cast: Day) -> None:
    made = rows.call(cast, e164="+81311112222")
    rows.ring(cast, made, cast.sato)
    rows.answer(cast, made, cast.sato)
    answer = do(
        desk(cast.sato), "new_customer", call_id=made.pk, name_kana="ヤマダ タロウ", number="03-1111-2222"
    )
    assert answer.status_code == 200, answer.content
    call = Call.objects.select_related("customer").get(pk=made.pk)
    assert call.customer is not None
    assert (call.customer.name, call.customer.name_kana) == ("", "ヤマダ タロウ")
    assert call.customer.numbers.get().e164 == "+81311112222"
    assert Contact.objects.get(pk=call.contact_id).customer_id == call.customer_id


def test_a_nameless_customer_is_refused_in_words(cast: Day) -> None:
    made = talking(cast)
    assert error(do(desk(cast.sato), "new_customer", call_id=made.pk)) == "nameless_customer"


def test_identity_is_checked_by_items(cast: Day) -> None:
    made = talking(cast)
    browser = desk(cast.sato)
    assert error(do(browser, "check_identity", call_id=made.pk, items=[])) == "malformed"
    assert do(browser, "check_identity", call_id=made.pk, items=["お名前", "ご住所"]).status_code == 200
    call = Call.objects.get(pk=made.pk)
    assert (call.identity_items, call.identity_checked_by) == (["お名前", "ご住所"], cast.sato.account_id)


def test_the_wrap_up_cannot_end_before_the_important_point_was_read(cast: Day) -> None:
    made = talking(cast)
    wrap_up = rows.end(Call.objects.get(pk=made.pk), cast.sato)
    browser = desk(cast.sato)
    saved = do(
        browser,
        "write_down",
        call_id=made.pk,
        version=0,
        reason_id="",
        handling="done",
        reception="",
        marks=["praise", "invented"],
        summary="解決しました",
    )
    assert saved.status_code == 200, saved.content
    contact = Contact.objects.get(call_id=made.pk)
    assert (contact.handling, contact.marks, contact.summary) == ("done", ["praise"], "解決しました")
    assert error(do(browser, "end_wrap_up", wrap_up_id=wrap_up.pk)) == "points_unread"
    point = ImportantPoint.objects.get()
    assert do(browser, "acknowledge", call_id=made.pk, point_id=point.pk).status_code == 200
    assert do(browser, "end_wrap_up", wrap_up_id=wrap_up.pk).status_code == 200
    assert WrapUp.objects.get(pk=wrap_up.pk).ended_by == "operator"


def test_words_are_a_record_while_they_talk_exactly_as_they_stand(cast: Day) -> None:
    made = talking(cast)
    answer = do(desk(cast.sato), "write_down", call_id=made.pk, version=0, summary="冷えない \n\n次に、")
    assert json.loads(answer.content) == {
        "ok": True,
        "summary": "冷えない \n\n次に、",
        "version": 1,
        "kept_both": False,
    }
    stands = sections.wrap_up(cast.sato.pk)["written"]
    assert (stands["summary"], stands["version"]) == ("冷えない \n\n次に、", 1)


def test_two_windows_are_told_and_keep_both_texts(cast: Day) -> None:
    made, browser = talking(cast), desk(cast.sato)
    do(browser, "write_down", call_id=made.pk, version=0, summary="左の画面")
    told = json.loads(
        do(browser, "write_down", call_id=made.pk, version=0, summary="右の画面", handling="done").content
    )
    assert told["kept_both"] is True
    assert told["summary"] == "左の画面\n右の画面"
    assert Contact.objects.get(call_id=made.pk).handling == "done"


@pytest.mark.parametrize(
    "fields", [{"summary": 7}, {"summary": "x" * 40_001}, {"summary": "x\x00"}, {"handling": "invented"}]
)
def test_what_cannot_be_written_is_refused_in_words(cast: Day, fields: dict[str, Any]) -> None:
    made = talking(cast)
    answer = do(desk(cast.sato), "write_down", call_id=made.pk, version=0, **fields)
    assert (answer.status_code, error(answer)) == (422, "malformed")


def test_the_next_person_reads_what_the_first_wrote_and_by_whom(cast: Day) -> None:
    made = talking(cast)
    do(desk(cast.sato), "write_down", call_id=made.pk, version=0, summary="製造番号は確認ずみ")
    made.offers.update(leg_id="leg-before")
    rows.ring(cast, made, cast.tanaka)
    drawn = sections.story(cast.tanaka.pk)["html"]
    assert "製造番号は確認ずみ" in drawn and "佐藤 恵" in drawn
    assert "お電話代わりました" in drawn
    # Their own form is empty: they write beside, not over.
    rows.answer(cast, made, cast.tanaka)
    assert sections.wrap_up(cast.tanaka.pk)["written"]["summary"] == ""
    # One's own words stand in one's own form alone.
    assert "製造番号は確認ずみ" not in sections.story(cast.sato.pk).get("html", "")


def test_who_notes_a_point_has_seen_it(cast: Day) -> None:
    made = talking(cast)
    assert (
        do(desk(cast.sato), "point", call_id=made.pk, text="補聴器を使用", until="2030-01-31").status_code
        == 200
    )
    point = ImportantPoint.objects.get(text="補聴器を使用")
    assert Acknowledgement.objects.filter(point=point, by=cast.sato.account_id).exists()


def test_a_call_back_is_promised_with_its_number_and_hours(cast: Day) -> None:
    made = talking(cast)
    answer = do(
        desk(cast.sato),
        "promise",
        call_id=made.pk,
        kind="call_back",
        what="入荷日",
        due_at="2030-01-31T18:30",
        owner="me",
        number="090-1234-5678",
        number_repeated="1",
        wished_hours="18時以降",
    )
    assert answer.status_code == 200, answer.content
    promise = Promise.objects.get(what="入荷日")
    assert (promise.number, promise.number_repeated) == ("+819012345678", True)
    assert (promise.owner_id, promise.customer_id) == (cast.sato.account_id, cast.hanako.pk)
    assert promise.due_at is not None
    assert promise.due_at.isoformat() == "2030-01-31T09:30:00+00:00"


def test_an_incomplete_promise_says_what_is_missing(cast: Day) -> None:
    made = talking(cast)
    assert error(do(desk(cast.sato), "promise", call_id=made.pk, kind="call_back")) == "promise_incomplete"


def test_search_finds_by_kana_and_offers_the_call_at_hand(cast: Day) -> None:
    made = talking(cast)
    page = desk(cast.sato).get("/desk/search", {"q": "たかはし", "call_id": str(made.pk)}).content.decode()
    assert "髙橋 花子" in page
    assert "090-1234-5678" in page
    assert "say_who" in page


def test_supervisors_stand_first_in_the_transfer_list(cast: Day) -> None:
    page = desk(cast.sato).get("/desk/people").content.decode()
    assert page.index("鈴木 由美") < page.index("田中 一郎")
    assert "佐藤 恵" not in page
    assert "修理窓口" in page


def test_the_telephones_secret_goes_to_its_owner_only(cast: Day) -> None:
    told = desk(cast.sato).get("/desk/phone.json")
    assert told["Cache-Control"].find("no-store") >= 0
    body = told.json()
    assert body["authorization_user"] == cast.sato.endpoint
    assert body["ws_url"].startswith("/ws?ticket=")
    assert cast.tanaka.endpoint not in told.content.decode()


def test_who_handed_the_customer_on_can_still_confirm_and_finish(cast: Day) -> None:
    made = talking(cast)
    wrap_up = rows.end(Call.objects.get(pk=made.pk), cast.sato)
    Call.objects.filter(pk=made.pk).update(phase="talking", ended_at=None, outcome="", agent=cast.tanaka)
    told = sections.story(cast.sato.pk)
    assert 'data-do="acknowledge"' in told["html"]
    assert "desk-greeting" not in told["html"]
    browser = desk(cast.sato)
    point = ImportantPoint.objects.get()
    assert do(browser, "acknowledge", call_id=made.pk, point_id=point.pk).status_code == 200
    assert do(browser, "end_wrap_up", wrap_up_id=wrap_up.pk).status_code == 200


def test_a_promise_without_its_kind_is_malformed(cast: Day) -> None:
    made = talking(cast)
    assert error(do(desk(cast.sato), "promise", call_id=made.pk, what="連絡")) == "malformed"


def test_the_desk_draws_every_choice_it_offers(cast: Day) -> None:
    talking(cast)
    call = sections.call(cast.sato.pk)["html"]
    assert [f'"keys": "{key}"' in call for key in "0123456789*#"] == [True] * 12
    form = sections.wrap_up(cast.sato.pk)["html"]
    offered = {*Promise.Kind.values, *Handling.values, *Reception.values, *Mark.values}
    assert {value for value in offered if f'value="{value}"' in form} == offered
    assert form.count("<option") == 1 + 7 + 2
    page = desk(cast.sato).get("/desk/").content.decode()
    assert {value for value in Presence.values if f'"presence": "{value}"' in page} == set(Presence.values)
    assert {value for value in Matter.values if f'"matter": "{value}"' in page} == set(Matter.values)
    assert "03-1234-5678" in page


def test_what_is_half_typed_comes_back_until_the_form_is_sent(cast: Day) -> None:
    made = talking(cast)
    browser = desk(cast.sato)
    half = {"what": "在庫を調べて", "number_repeated": ["1"]}
    assert do(browser, "keep_draft", call_id=made.pk, form="promise", fields=half).status_code == 200
    assert browser.get(f"/desk/drafts?call_id={made.pk}").json() == {"forms": {"promise": half}}
    assert desk(cast.suzuki).get(f"/desk/drafts?call_id={made.pk}").json() == {"forms": {}}
    assert browser.get("/desk/drafts?call_id=none").json() == {"forms": {}}
    assert (
        do(browser, "promise", call_id=made.pk, kind="do", what="在庫", due_at="2030-01-07T10:00").status_code
        == 200
    )
    assert browser.get(f"/desk/drafts?call_id={made.pk}").json() == {"forms": {}}


def test_nobody_keeps_a_draft_beside_a_call_that_is_not_at_their_desk(cast: Day) -> None:
    made = talking(cast)
    answer = do(desk(cast.suzuki), "keep_draft", call_id=made.pk, form="promise", fields={"what": "x"})
    assert error(answer) == "not_your_call"
    for wrong in ({"form": "wish", "fields": {}}, {"form": "promise", "fields": {"what": {"a": 1}}}):
        assert error(do(desk(cast.sato), "keep_draft", call_id=made.pk, **wrong)) == "malformed"
