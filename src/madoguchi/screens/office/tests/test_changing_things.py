"""What is typed in the office is saved by an action, or refused beside its field."""

import datetime
import re

import pytest
from django.contrib.auth import authenticate
from django.test import Client as Browser
from django.urls import reverse

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.clients.models import Client, Hours, Number, Reason, SpecialDay
from madoguchi.domain.flows import editing
from madoguchi.domain.flows.graph import parse
from madoguchi.domain.flows.models import Flow
from madoguchi.domain.flows.queries import digest_of, draft_of, published_version
from madoguchi.domain.people.models import Role
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.prompts.music import HOUSE, music_of
from madoguchi.domain.queues.models import Queue
from madoguchi.domain.trunks.actions import create_trunk, line_explained, lines_seen
from madoguchi.domain.trunks.models import Trunk
from madoguchi.domain.trunks.probe import Finding, Report
from madoguchi.screens.office.trial import trial
from madoguchi.switch.lines import LineSeen

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_a_client_is_added_and_a_bad_greeting_is_refused_beside_its_field(office: Browser) -> None:
    values = {
        "name": "みどり銀行",
        "greeting": "{client}、{operator}です。",
        "greeting_after_wait": "お待たせしました。",
        "apologise_after_s": "20",
        "identity_items": "お名前\n口座番号",
        "at_closing": "serve",
        "recording_days": "90",
        "active": "on",
    }
    assert office.post(reverse("office:new-client"), values).status_code == 302
    assert Client.objects.get(name="みどり銀行").identity_items == ["お名前", "口座番号"]
    refused = office.post(reverse("office:new-client"), values | {"name": "x", "greeting": "{who}"})
    assert refused.status_code == 422
    assert "greeting" in refused.context["form"].errors
    assert not Client.objects.filter(name="x").exists()


def test_a_number_typed_as_people_write_it_is_shown_so_again(office: Browser) -> None:
    number = Number.objects.get(label="代表")
    page = reverse("office:number", args=[number.pk])
    form = office.get(page).context["form"]
    assert form["e164"].value() == "03-0123-4567"
    values = {name: form[name].value() or "" for name in form.fields if form[name].value() is not False}
    assert office.post(page, values | {"e164": "０３−０１２３−９９９９"}).status_code == 302
    number.refresh_from_db()
    assert number.e164 == "+81301239999"
    refused = office.post(page, values | {"e164": "さくら"})
    assert refused.status_code == 422 and "e164" in refused.context["form"].errors


def test_a_closed_message_that_cannot_be_spoken_is_refused_beside_its_field(office: Browser) -> None:
    number = Number.objects.all()[0]
    page = reverse("office:number", args=[number.pk])
    form = office.get(page).context["form"]
    fields = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in fields.items() if value not in (None, False)}
    refused = office.post(page, sent | {"closed_message": "。。。"})
    assert refused.status_code == 422
    assert refused.context["form"].errors.keys() == {"closed_message"}
    assert office.post(page, sent).status_code == 302


def test_a_week_with_26_oclock_is_saved_and_a_muddled_one_refused(office: Browser) -> None:
    hours = Hours.objects.get(name="平日・土曜")
    page = reverse("office:hours-page", args=[hours.pk])
    week = {f"day_{weekday}": "" for weekday in range(7)} | {"day_4": "9時〜12時、13:00-26:00"}
    assert office.post(page, {"name": "金曜だけ", **week}).status_code == 302
    assert list(hours.periods.values_list("weekday", "opens_min", "closes_min")) == [
        (4, 540, 720),
        (4, 780, 1560),
    ]
    refused = office.post(page, {"name": "金曜だけ", **week, "day_5": "9:00-8:00"})
    assert refused.status_code == 422 and "day_5" in refused.context["form"].errors
    day = {"date": "2026-12-29", "name": "年末休み", "periods": ""}
    assert office.post(reverse("office:special-day", args=[hours.pk]), day).status_code == 302
    assert SpecialDay.objects.filter(name="年末休み", periods=[]).exists()


def test_a_person_is_taken_on_with_a_password_that_is_shown_once(office: Browser) -> None:
    queue, values = Queue.objects.all()[0], {"username": "mori", "name": "森 葵", "language": "ja"}
    values |= {"role": Role.OPERATOR, "at_the_phone": "on", "queues": str(queue.pk)}
    shown = office.post(reverse("office:new-person"), values)
    password = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", shown.content.decode())
    assert password is not None and shown["Cache-Control"] == "no-store"
    account = authenticate(username="mori", password=password.group())
    assert account is not None
    assert Agent.objects.get(account_id=account.pk).memberships.get().queue == queue
    assert office.post(reverse("office:act-person", args=[account.pk, "deactivate"])).status_code == 302
    assert authenticate(username="mori", password=password.group()) is None


def test_levels_are_changed_in_the_matrix(office: Browser) -> None:
    page = office.get(reverse("office:matrix"))
    agent, cells = page.context["rows"][0]
    posted = {
        f"level_{one.pk}_{skill.pk}": level or "" for one, row in page.context["rows"] for skill, level in row
    }
    skill = cells[-1][0]
    posted[f"level_{agent.pk}_{skill.pk}"] = "2"
    office.post(reverse("office:matrix"), posted)
    assert agent.agentskill_set.get(skill=skill).level == 2


def test_the_tree_of_reasons_grows_and_is_ordered(office: Browser) -> None:
    client = Client.objects.get(name="さくら電機")
    office.post(reverse("office:add-reason"), {"name": "リコール", "client": client.pk})
    added = Reason.objects.get(name="リコール")
    office.post(reverse("office:change-reason", args=[added.pk]), {"do": "up"})
    roots = list(Reason.objects.filter(client=client, parent=None))
    assert roots.index(added) == len(roots) - 2


def test_a_trunk_keeps_its_password_to_itself(office: Browser) -> None:
    values = {"name": "ひかり電話", "kind": "registration", "host": "sip.example.jp", "port": "5060"}
    values |= {
        "login": "0312345678",
        "secret": "very-secret-1",
        "active": "on",
        "strip_prefixes": "8",
        "bare": "national",
        "shown_in": "from",
    }
    assert office.post(reverse("office:new-trunk"), values).status_code == 302
    trunk = Trunk.objects.get(name="ひかり電話")
    assert trunk.number_rules["strip_prefixes"] == ["8"]
    page = reverse("office:trunk", args=[trunk.pk])
    assert "very-secret-1" not in office.get(page).content.decode()
    office.post(page, values | {"secret": "", "port": "5070"})
    trunk.refresh_from_db()
    assert (trunk.secret, trunk.port) == ("very-secret-1", 5070)


def test_a_dead_line_says_since_when_and_why_on_its_pages(office: Browser) -> None:
    values = {"name": "ひかり電話", "host": "sip.example.jp", "login": "0312345678", "secret": "wrong"}
    trunk = create_trunk(values, acting_user=None)
    page = reverse("office:trunk", args=[trunk.pk])
    assert "監視していません" in office.get(page).content.decode()
    at = datetime.datetime(2026, 11, 20, 0, 12, tzinfo=datetime.UTC)
    seen = {trunk.endpoint: LineSeen(registered=False)}
    lines_seen(seen, {}, at=at)
    lines_seen(seen, {}, at=at + datetime.timedelta(minutes=1))
    line_explained(trunk.pk, Report(Finding.WRONG_PASSWORD, "192.0.2.1", "401 Unauthorized"), at=at)
    for address in (page, reverse("office:trunks"), reverse("office:trunk-health", args=[trunk.pk])):
        shown = office.get(address).content.decode()
        assert "不通" in shown
        assert "11/20 (金) 9:12 から" in shown
        assert "401 Unauthorized" in shown


def test_a_flow_is_changed_step_by_step_tried_and_published(office: Browser) -> None:
    flow = Flow.objects.get(name="さくら電機 代表")
    before = published_version(flow.pk)
    assert before is not None
    page, change = reverse("office:flow", args=[flow.pk]), reverse("office:change-flow", args=[flow.pk])
    step = {
        "step": "menu",
        "prompts": "1",
        "text-0": "修理は1を、保証は3を押してください。",
        "wait_s": "5",
        "tries": "2",
    }
    step |= {"key-1-label": "修理", "key-1-to": "repair", "key-2-label": "使い方", "key-2-to": "usage"}
    step |= {
        "way-way_out": "repair",
        "new-key": "3",
        "new-key-label": "保証",
        "digest": digest_of(before.graph),
    }
    office.post(change, step | {"do": "save"})
    draft = draft_of(flow.pk)
    assert draft is not None and draft.graph["nodes"]["menu"]["keys"]["3"] == {"next": None, "label": "保証"}
    editor = office.get(f"{page}?step=menu&keys=1")
    assert editor.context["errors"] == 1
    assert "修理窓口" in editor.context["trial"][-1].words
    step |= {"new-key": "", "key-3-label": "保証", "key-3-to": "", "digest": editor.context["digest"]}
    office.post(change, step | {"do": "add key 3:enqueue"})
    added = {"step": "enqueue-1", "do": "save", "queue": str(Queue.objects.all()[0].pk)}
    office.post(change, added | {"digest": office.get(page).context["digest"]})
    office.post(reverse("office:act-flow", args=[flow.pk]), {"do": "publish"})
    after = published_version(flow.pk)
    assert after is not None and after.number == before.number + 1


def test_what_is_said_to_a_wrong_key_and_the_reason_of_a_menu_choice_are_set(office: Browser) -> None:
    flow = Flow.objects.get(name="さくら電機 代表")
    page, change = reverse("office:flow", args=[flow.pk]), reverse("office:change-flow", args=[flow.pk])
    reason = Reason.objects.filter(client=flow.client, parent__isnull=False)[0]

    def post(step: str, **fields: str) -> None:
        digest = office.get(page).context["digest"]
        office.post(change, fields | {"step": step, "do": "save", "digest": digest})

    said = {"prompts": "1", "text-0": "1を押してください。"}
    post("menu", **said, **{"wrong_key-text": "その番号はございません。", "no_key-text": ""})
    post("repair", queue=str(Queue.objects.all()[0].pk), reason=str(reason.pk))
    draft = draft_of(flow.pk)
    assert draft is not None
    assert draft.graph["nodes"]["menu"]["wrong_key"] == [{"text": "その番号はございません。"}]
    assert "no_key" not in draft.graph["nodes"]["menu"]
    assert draft.graph["nodes"]["repair"]["reason"] == reason.pk
    assert "その番号はございません。" in office.get(f"{page}?step=menu").content.decode()
    shown = office.get(f"{page}?step=repair").content.decode()
    assert f'<option value="{reason.pk}" selected>' in shown
    post("menu", **said, **{"wrong_key-text": ""})
    draft = draft_of(flow.pk)
    assert draft is not None
    assert "wrong_key" not in draft.graph["nodes"]["menu"]


@pytest.mark.parametrize("number", ["--5", "９", "99999999999999999999", "x", "-1"])
def test_no_number_breaks_the_editor(office: Browser, number: str) -> None:
    flow = Flow.objects.get(name="さくら電機 代表")
    digest = office.get(reverse("office:flow", args=[flow.pk])).context["digest"]
    sent = {
        "step": "menu",
        "do": "save",
        "digest": digest,
        "prompts": number,
        "wait_s": number,
        "tries": number,
    }
    answer = office.post(reverse("office:change-flow", args=[flow.pk]), sent)
    assert answer.status_code == 302


def test_a_trial_says_where_a_flow_leads_nowhere() -> None:
    raw = editing.new_graph()
    assert trial(parse(raw), "")[-1].words == "この先がありません。通話は不具合として終わります。"


def test_a_change_made_on_an_old_page_is_refused(office: Browser) -> None:
    flow = Flow.objects.get(name="さくら電機 代表")
    change = reverse("office:change-flow", args=[flow.pk])
    office.post(change, {"step": "hello", "do": "remove", "digest": "out-of-date"})
    assert draft_of(flow.pk) is None


def test_a_queue_gets_a_recording_as_its_music_and_goes_back_to_the_houses(office: Browser) -> None:
    melody = Prompt.objects.create(name="季節の曲", upload_sha256="a" * 64)
    queue = Queue.objects.order_by("pk")[0]
    page = reverse("office:queue", args=[queue.pk])
    form = office.get(page).context["form"]
    assert [word for _value, word in form.fields["music"].choices] == ["標準の音楽", "季節の曲"]
    values = {name: form[name].value() for name in form.fields if form[name].value() or name == "priority"}
    saved = office.post(page, values | {"music": f"prompt-{melody.pk}"})
    assert saved.status_code == 302, saved.context["form"].errors
    queue.refresh_from_db()
    assert queue.music == f"prompt-{melody.pk}"
    refused = office.post(page, values | {"music": "prompt-999"})
    assert "music" in refused.context["form"].errors
    melody.delete()
    assert office.get(page).context["form"]["music"].value() == "default"
    assert office.post(page, values | {"music": "default"}).status_code == 302
    queue.refresh_from_db()
    assert queue.music == "default"


def test_a_name_that_is_taken_is_refused_in_words_of_the_office(office: Browser) -> None:
    taken = Queue.objects.first()
    assert taken is not None
    for page, values in (
        ("new-queue", {"name": taken.name}),
        ("hours", {"name": Hours.objects.values_list("name", flat=True)[0]}),
        ("skills", {"name": "英語"}),
    ):
        refused = office.post(reverse(f"office:{page}"), values)
        assert refused.status_code == 422
        assert refused.context["form"].errors["name"] == [
            "既に登録されています。別のものを入力してください。"
        ]
    assert refused.context["form"]["name"].value() == "英語"
    empty = office.post(reverse("office:new-queue"), {}).context["form"]
    assert empty.errors["name"] == ["入力してください。"]
    assert empty.errors["client"] == ["選択してください。"]


def test_music_that_callers_hear_is_not_removed(office: Browser) -> None:
    melody = Prompt.objects.create(name="季節の曲", upload_sha256="a" * 64)
    queue = Queue.objects.order_by("name")[0]
    Queue.objects.filter(pk=queue.pk).update(music=music_of(melody))
    assert f"{queue.name}の待ち時間の音楽" in office.get(reverse("office:prompts")).content.decode()
    told = office.post(reverse("office:remove-prompt", args=[melody.pk]), follow=True).content.decode()
    assert f"{queue.name} で使われています" in told
    assert Prompt.objects.filter(pk=melody.pk).exists()
    Queue.objects.update(music=HOUSE)
    office.post(reverse("office:remove-prompt", args=[melody.pk]))
    assert not Prompt.objects.filter(pk=melody.pk).exists()


@pytest.mark.parametrize(("typed", "named"), [("9時から", "「9時から」"), ("9:00–ひる", "「ひる」")])
def test_hours_that_cannot_be_read_are_named_and_stay_in_their_field(
    office: Browser, typed: str, named: str
) -> None:
    hours = Hours.objects.filter(always_open=False)[0]
    page = reverse("office:hours-page", args=[hours.pk])
    form = office.post(page, {"name": hours.name, "day_2": typed}).context["form"]
    assert named in form.errors["day_2"][0]
    assert form["day_2"].value() == typed
