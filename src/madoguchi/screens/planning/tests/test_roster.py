"""「シフト」: who may see and change what, what each stage says, files in and out, adherence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from madoguchi.domain.people.models import Account
from madoguchi.domain.planning.actions import rostering as actions
from madoguchi.domain.planning.rostering import Made
from madoguchi.domain.roster.actions import making
from madoguchi.domain.roster.models import Contract, DayOff, Roster, Shift, ShiftType, Term, Waiver, Wish
from madoguchi.domain.roster.tests.a_team import SUNDAY, Team, account, day
from madoguchi.kit.clock import business_day, now
from madoguchi.screens.parts.tests.logged_in import browser_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]

ADDRESS = "/planning/roster/"
HERE = f"{ADDRESS}?day={SUNDAY}"


@pytest.fixture
def team() -> Team:
    return Team()


def shown(person: Account, path: str = HERE) -> str:
    answer = browser_of(person).get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def post(person: Account, path: str, **fields: object) -> int:
    return browser_of(person).post(f"{ADDRESS}{path}", fields).status_code


def test_strangers_are_sent_to_the_log_in(team: Team) -> None:
    assert Browser().get(ADDRESS).status_code == 302
    assert Browser().get(f"{ADDRESS}mine").status_code == 302


def test_an_operator_sees_what_is_published_and_no_more(team: Team) -> None:
    team.draft({0: [1]})
    assert "まだ公開されていません" in shown(team.people[1])
    assert "早" not in shown(team.people[1]).split('id="roster"')[1]
    Roster.objects.update(stage="published")
    page = shown(team.people[1])
    assert "佐藤 恵" in page
    assert "roster-cell" not in page
    assert "希望" not in page.split('id="roster"')[1], "wishes of others are nobody's business"


def test_colleagues_do_not_see_why_somebody_is_off(team: Team) -> None:
    roster = team.published({0: [1]})
    for number, kind in enumerate(("paid", "absent", "special"), start=2):
        DayOff.objects.create(account=team.people[0], day=day(number), kind=kind, made_at=now())
    assert roster.stage == "published"
    for number in (1, 2, 3):
        page = shown(team.people[1], f"{ADDRESS}?day={day(number)}").split('id="roster"')[1]
        assert not any(word in page for word in ("有給", "欠勤", "特"))
    table = b"".join(browser_of(team.people[1]).get(f"{ADDRESS}csv?day={SUNDAY}")).decode()
    assert table.count("休") == 3
    assert "有給" not in table
    assert "有給" in shown(team.leader)


@pytest.mark.parametrize("role", ["operator", "quality"])
def test_who_does_not_lead_changes_nothing(team: Team, role: str) -> None:
    roster = team.draft({0: [1]})
    person = account("他", role)
    for path in (
        "open",
        f"{roster.pk}/make",
        f"{roster.pk}/publish",
        f"{roster.pk}/cell/{team.people[0].pk}/{day(1)}",
        "setup",
    ):
        assert post(person, path, what="") == 403
    assert browser_of(person).get(f"{ADDRESS}setup").status_code == 403
    assert Shift.objects.count() == 1


def test_a_week_without_a_roster_is_begun(team: Team) -> None:
    assert "この週のシフト表を作り始める" in shown(team.leader)
    assert post(team.leader, "open", first=str(SUNDAY), weeks="1") == 302
    roster = Roster.objects.get()
    assert (roster.first, roster.last, roster.stage) == (day(0), day(6), "draft")
    page = shown(team.leader)
    assert "下書き" in page
    assert "自動で作る" in page
    assert "style=" not in page


def test_without_contracts_the_way_to_them_is_shown() -> None:
    assert "先に、シフトの種類と契約" in shown(account("小林", "supervisor"))


def test_making_waits_for_the_worker_and_a_clash_is_named(team: Team) -> None:
    roster = team.draft({})
    need = {str(day(1)): [4.0] * 48}
    making.set_required(roster.pk, need, acting_user=None)
    post(team.leader, f"{roster.pk}/make", day=str(SUNDAY))
    assert 'hx-trigger="every 2s"' in shown(team.leader)
    rule = {"code": "day off", "day": str(day(1)), "account": team.people[0].pk, "shift_type": None}
    actions.answer(roster.pk, Made(clash=[rule | {"people": 0, "able": 0}]))
    page = shown(team.leader)
    assert "佐藤 恵さんの11/23(月)の休み" in page
    assert "休みを別の日に移せないか" in page
    assert "every 2s" not in page


def test_what_loosens_a_clash_is_said_once_for_all_its_rules(team: Team) -> None:
    roster = team.draft({})
    making.set_required(roster.pk, {str(day(1)): [4.0] * 48}, acting_user=None)
    post(team.leader, f"{roster.pk}/make", day=str(SUNDAY))
    rules = [
        {"code": "day off", "day": str(day(number)), "account": team.people[0].pk, "shift_type": None}
        | {"people": 0, "able": 0}
        for number in (1, 2)
    ]
    actions.answer(roster.pk, Made(clash=rules))
    page = shown(team.leader)
    assert "11/23(月)の休み" in page
    assert "11/24(火)の休み" in page
    assert page.count("休みを別の日に移せないか") == 1


def test_a_day_on_which_nobody_is_needed_is_not_called_covered(team: Team) -> None:
    roster = team.draft({})
    making.set_required(roster.pk, {str(day(1)): [0.0] * 48}, acting_user=None)
    assert "必要なし" in shown(team.leader)
    assert "充足" not in shown(team.leader)


def test_replacing_and_publishing_ask_first(team: Team) -> None:
    roster = team.draft({})
    empty = shown(team.leader)
    assert "作り直されます" not in empty, "there is nothing to lose yet"
    assert "まだシフトが1つも入っていません" in empty
    making.place_shifts(roster, [(team.people[0].pk, day(1), team.early.pk, [[720, 780]])])
    filled = shown(team.leader)
    assert 'data-confirm="下書きのシフトは作り直されます' in filled
    assert "11/22〜11/28のシフトが全員に見えるようになり" in filled


def test_who_looks_finds_their_own_line(team: Team) -> None:
    team.published({0: [1]})
    assert shown(team.people[1]).count("data-own") == 1


def test_a_wish_stands_in_its_square(team: Team) -> None:
    team.draft({0: [1]})
    Wish.objects.create(account=team.people[0], day=day(1), shift_type=team.late, made_at=now())
    Wish.objects.create(account=team.people[0], day=day(2), shift_type=None, made_at=now())
    page = shown(team.leader)
    assert f"△{team.late.mark}" in page
    assert "○休" in page


def test_a_roster_of_nothing_says_what_is_missing(team: Team) -> None:
    roster = team.draft({})
    answer = browser_of(team.leader).post(f"{ADDRESS}{roster.pk}/make", {"day": str(SUNDAY)}, follow=True)
    assert "先に3つが必要です" in answer.content.decode()


def test_a_broken_rule_is_explained_then_published(team: Team) -> None:
    roster = team.draft({0: range(6)})
    page = shown(team.leader)
    assert "理由のない条件違反が3件" in page
    assert "data-broken" in page
    post(team.leader, f"{roster.pk}/publish", day=str(SUNDAY))
    assert Roster.objects.get().stage == "draft"
    month = day(0).replace(day=1)
    rules = (("hours a week", day(0)), ("days in a row", day(5)), ("overtime a month", month))
    for code, on in rules:
        fields = {"code": code, "who": team.people[0].pk, "on": str(on), "reason": "本人と合意"}
        assert post(team.leader, f"{roster.pk}/explain", **fields) == 302
    post(team.leader, f"{roster.pk}/publish", day=str(SUNDAY))
    assert Roster.objects.get().stage == "published"
    assert Waiver.objects.count() == 3


def test_a_cell_is_changed_in_its_dialog(team: Team) -> None:
    roster = team.published({0: [1]})
    address = f"{ADDRESS}{roster.pk}/cell/{team.people[0].pk}/{day(1)}"
    page = shown(team.leader, address)
    assert "早番" in page
    opened = browser_of(team.leader)
    fields = {"what": "off:absent", "expected": str(team.early.pk), "reason": ""}
    refused = opened.post(address, fields)
    assert (refused.status_code, "理由" in refused.content.decode()) == (422, True)
    done = opened.post(address, fields | {"reason": "体調不良"})
    assert (done.status_code, done.headers["HX-Trigger"]) == (204, "roster-changed")
    second = opened.post(address, fields | {"reason": "体調不良"})
    assert "別の人が先に" in second.content.decode()
    assert "体調不良" in shown(team.leader, address)
    assert DayOff.objects.get().kind == "absent"


def test_other_hours_are_typed_in_the_dialog(team: Team) -> None:
    roster = team.draft({})
    address = f"{ADDRESS}{roster.pk}/cell/{team.people[0].pk}/{day(1)}"
    opened = browser_of(team.leader)
    fields = {"what": str(team.early.pk), "expected": "", "hours": "8:30-15:00 12:00-12:45"}
    assert opened.post(address, fields).status_code == 204
    assert (Shift.objects.get().begin_min, Shift.objects.get().breaks) == (510, [[720, 765]])
    for wrong in ("8:30", "x-y", "15:00-8:30"):
        answer = opened.post(address, fields | {"hours": wrong, "expected": "no matter"})
        assert answer.status_code == 422
    said = opened.post(address, fields | {"hours": "おそめ", "expected": ""}).content.decode()
    assert "「おそめ」は時間として読めません" in said
    assert "必須" not in said, "no reason mends hours that nobody can read"


def test_each_rule_that_would_break_stands_on_a_line_of_its_own(team: Team) -> None:
    roster = team.draft({0: range(5)})
    address = f"{ADDRESS}{roster.pk}/cell/{team.people[0].pk}/{day(5)}"
    answer = browser_of(team.leader).post(address, {"what": str(team.early.pk), "expected": ""})
    said = answer.content.decode()
    assert answer.status_code == 422
    assert said.count("<li>佐藤 恵さんの") >= 2
    assert "理由を書いてください" in said


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_a_table_out_of_excel_is_taken_in_and_comes_out_again(team: Team, encoding: str) -> None:
    roster = team.draft({})
    head, sato = "シフト表\r\n氏名,11/23(月),2026/11/24", "佐藤　恵,早,有給"
    text = f"{head}\r\n{sato}\r\n鈴木 健太,早 8:30-15:00(12:00-12:45),\r\n"
    file = SimpleUploadedFile("t.csv", text.encode(encoding))
    assert post(team.leader, f"{roster.pk}/table", file=file) == 302
    assert Shift.objects.filter(account=team.people[0]).get().day == day(1)
    assert DayOff.objects.get().day == day(2)
    answer = browser_of(team.leader).get(f"{ADDRESS}csv?roster={roster.pk}&encoding=sjis")
    lines = b"".join(answer).decode("cp932").splitlines()
    assert lines[0].startswith("氏名,ログイン名,2026-11-22")
    assert any("早 8:30-15:00(12:00-12:45)" in line for line in lines)
    before = set(Shift.objects.values_list("account_id", "day", "begin_min"))
    again = SimpleUploadedFile("t.csv", "\r\n".join(lines).encode("cp932"))
    post(team.leader, f"{roster.pk}/table", file=again)
    assert set(Shift.objects.values_list("account_id", "day", "begin_min")) == before


def test_a_file_with_unknown_cells_is_refused_whole_with_their_places(team: Team) -> None:
    roster = team.draft({0: [1]})
    text = "氏名,11/23\r\n佐藤 恵,朝\r\n山田 花,早\r\n"
    file = SimpleUploadedFile("t.csv", text.encode())
    answer = browser_of(team.leader).post(f"{ADDRESS}{roster.pk}/table", {"file": file}, follow=True)
    page = answer.content.decode()
    assert "2行目 11/23：「朝」" in page
    assert "3行目：「山田 花」" in page
    assert Shift.objects.count() == 1, "the draft is as it was"


def test_needed_people_come_from_a_file(team: Team) -> None:
    roster = team.draft({})
    text = "日付,時刻,人数\r\n2026-11-23,9:00,3\r\n2026-11-23,9:30,2.5\r\n2026-12-24,9:00,9\r\n"
    post(team.leader, f"{roster.pk}/needed", file=SimpleUploadedFile("n.csv", text.encode()))
    line = Roster.objects.get().required[str(day(1))]
    assert (line[18:20], sum(line)) == ([3, 2.5], 5.5)
    assert "9:00 3人不足" in shown(team.leader)


def test_ones_own_page_shows_shifts_and_takes_wishes(team: Team) -> None:
    own = team.people[0]
    later = business_day(now()) + timedelta(days=20)
    address = f"{ADDRESS}mine"
    assert "休みを希望" in shown(own, address)
    assert post(own, "mine", day=str(later), what=str(team.late.pk)) == 302
    assert Wish.objects.get().account == own
    assert post(own, "mine", day=str(later), what="999") == 404
    roster = making.open_roster(later, later, acting_user=None)
    Roster.objects.update(stage="published")
    making.place_shifts(roster, [(own.pk, later, team.late.pk, [[1020, 1080]])])
    page = shown(own, address)
    assert "13:00–22:00" in page
    post(own, "mine", day=str(later), what="")
    assert Wish.objects.exists(), "too late"


def test_a_wish_is_answered_with_its_day_alone(team: Team) -> None:
    own, later = team.people[0], business_day(now()) + timedelta(days=20)
    opened = browser_of(own)
    fields = {"day": str(later), "what": str(team.late.pk), "note": " 通院 "}
    answer = opened.post(f"{ADDRESS}mine", fields, headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert (answer.status_code, part.count("<li"), "<html" in part) == (200, 1, False)
    assert "希望を登録しました" in part
    assert 'value="通院"' in part
    assert Wish.objects.get().note == "通院"
    gone = opened.post(f"{ADDRESS}mine", fields | {"what": ""}, headers={"HX-Request": "true"})
    assert "希望を取り消しました" in gone.content.decode()
    late = opened.post(
        f"{ADDRESS}mine", fields | {"day": str(business_day(now()))}, headers={"HX-Request": "true"}
    )
    assert late.status_code == 422
    assert "公開済み" in late.content.decode()


def test_a_row_that_is_wrong_keeps_what_was_typed_beside_the_reason() -> None:
    leader = account("小林", "supervisor")
    opened, asked = browser_of(leader), {"HX-Request": "true"}
    shift = {"what": "type", "name": "短時間", "mark": "短", "begin": "9時", "end": "15:00", "break": "60"}
    rest = {"break_from": "12:00", "break_until": "13:00", "least": "0", "active": "on"}
    wrong = opened.post(f"{ADDRESS}setup", shift | rest, headers=asked)
    said = wrong.content.decode()
    assert (wrong.status_code, ShiftType.objects.count()) == (422, 0)
    assert all(word in said for word in ('value="9時"', 'value="短時間"', "9:00のように", 'role="alert"'))
    new = opened.post(f"{ADDRESS}setup", shift | rest | {"begin": "9:00"}, headers=asked)
    assert (new.status_code, "setup-changed" in new.headers["HX-Trigger"]) == (204, True)
    stored = {"pk": ShiftType.objects.get().pk, "begin": "9:30"}
    again = opened.post(f"{ADDRESS}setup", shift | rest | stored, headers=asked)
    assert (again.status_code, "保存しました" in again.content.decode()) == (200, True)
    contract = {"what": "contract", "name": "フル", "week_hours": "x", "day_hours": "8", "rest_hours": "11"}
    answer = opened.post(f"{ADDRESS}setup", contract | {"days_in_row": "5"}, headers=asked)
    assert (answer.status_code, 'value="x"' in answer.content.decode()) == (422, True)


def test_shifts_contracts_and_people_are_set_up() -> None:
    leader, person = account("小林", "supervisor"), account("佐藤")
    shift = {"what": "type", "name": "夜勤", "mark": "夜", "begin": "22:00", "end": "31:00", "break": "60"}
    rest = {"break_from": "26:00", "break_until": "27:00", "least": "1", "active": "on"}
    assert post(leader, "setup", **shift, **rest) == 302
    assert (ShiftType.objects.get().end_min, ShiftType.objects.get().break_from_min) == (1860, 1560)
    post(leader, "setup", **(shift | rest | {"name": "長", "mark": "長", "break": "15"}))
    assert ShiftType.objects.count() == 1, "a break that the law forbids"
    contract = {"what": "contract", "name": "フル", "week_hours": "40", "day_hours": "8", "rest_hours": "11"}
    agreed = {"days_in_row": "5", "overtime_month_hours": "0", "shift_types": [ShiftType.objects.get().pk]}
    post(leader, "setup", **contract, **agreed)
    made = Contract.objects.get()
    assert made.shift_types.count() == 1
    post(leader, "setup", **{"what": "people", f"contract-{person.pk}": made.pk})
    assert Term.objects.get().contract == made
    assert "夜勤" in shown(leader, f"{ADDRESS}setup")


def test_an_agreement_on_overtime_is_set_up_with_its_special_clause() -> None:
    leader = account("小林", "supervisor")
    contract = {"what": "contract", "name": "36", "week_hours": "60", "day_hours": "12", "rest_hours": "11"}
    contract |= {"days_in_row": "5", "overtime_month_hours": "60", "overtime_year_hours": "500"}
    post(leader, "setup", **contract)
    assert not Contract.objects.exists(), "above 45 hours only with a special clause"
    post(leader, "setup", **contract, special_clause="on", rotating="on", year_from_month="10")
    made = Contract.objects.get()
    assert (made.special_clause, made.rotating) == (True, True)
    assert (made.overtime_year_hours, made.year_from_month) == (500, 10)
    page = shown(leader, f"{ADDRESS}setup")
    assert 'name="overtime_year_hours" type="number" step="0.5" min="0" max="720" placeholder="720"' in page
    assert 'value="500"' in page
    assert page.count('name="special_clause" checked') == page.count('name="rotating" checked') == 1
    lawful = contract | {"pk": made.pk, "overtime_month_hours": "40", "overtime_year_hours": ""}
    post(leader, "setup", **lawful)
    made.refresh_from_db()
    assert (made.special_clause, made.overtime_year_hours, made.year_from_month) == (False, None, 4)


@pytest.mark.parametrize("at", ["", "x", "9999-12-31", "0001-01-01", "2026-02-30"])
def test_any_day_in_the_address_opens_the_page(team: Team, at: str) -> None:
    assert "シフト" in shown(team.leader, f"{ADDRESS}?day={at}")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_speaks_both_languages(team: Team, language: str) -> None:
    team.leader.language = language
    team.leader.save()
    team.published({0: [0, 1], 1: [2]})
    assert ("Everybody" in shown(team.leader, f"{ADDRESS}mine")) == (language == "en")
    assert shown(team.leader)
