"""The desk in a real browser: the story at the ring, writing that is never lost, places that do not move."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, Route, expect
from playwright.sync_api import Error as PlaywrightError

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Call, FormDraft, WrapUp
from madoguchi.domain.contacts.models import Note
from madoguchi.domain.ledger.actions import announce
from madoguchi.domain.people.models import Account
from madoguchi.kit.clock import now
from madoguchi.screens.desk.tests import rows
from madoguchi.screens.desk.tests.rows import Day
from madoguchi.screens.parts.tests.served import MEDIA, chromium, page_of, rows_beside_a_browser, served

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

# A busy machine may take its time.
expect.set_options(timeout=15_000)
AXE = Path(__file__).resolve().parents[5] / "node_modules" / "axe-core" / "axe.min.js"
WHOLE = "me offer call story wrap_up promises today"


@pytest.fixture(scope="module", autouse=True)
def rows_and_browser() -> Iterator[None]:
    with rows_beside_a_browser():
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*MEDIA) as running:
        yield running


@pytest.fixture
def address(free_ports: Callable[[int], int]) -> Iterator[str]:
    with served(free_ports(1)) as found:
        yield found


@pytest.fixture
def cast() -> Day:
    return rows.day()


@pytest.fixture
def desk(browser: Browser, address: str, cast: Day) -> Iterator[Page]:
    opened = open_desk(browser, address, cast.sato)
    yield opened
    opened.context.close()


def open_desk(browser: Browser, address: str, agent: Agent) -> Page:
    page = page_of(browser, address, agent.account, "/desk/")
    expect(page.locator("[data-section=waiting] b")).to_be_visible(timeout=15_000)
    return page


def ring_bell(agent: Agent) -> None:
    with transaction.atomic():
        announce((f"agent:{agent.pk}", WHOLE))


def talking(cast: Day) -> Call:
    made = rows.call(cast, customer=cast.hanako)
    rows.ring(cast, made, cast.sato)
    rows.answer(cast, made, cast.sato)
    ring_bell(cast.sato)
    return made


def test_the_ring_brings_the_story_and_the_answer_key(desk: Page, cast: Day) -> None:
    made = rows.call(cast, customer=cast.hanako)
    rows.ring(cast, made, cast.sato)
    ring_bell(cast.sato)
    expect(desk.locator(".btn-answer")).to_be_visible()
    expect(desk.locator(".desk-greeting")).to_contain_text(
        "大変お待たせいたしました。さくら電機 修理窓口、佐藤でございます。"
    )
    expect(desk.locator(".desk-point")).to_contain_text("ご連絡は平日18時以降に")
    expect(desk.locator(".desk-story .desk-promise[data-late]")).to_contain_text("超過")
    expect(desk.locator(".desk-contact")).to_have_count(3)
    # Nothing but the answer may be asked for while it rings.
    expect(desk.locator("[data-do=acknowledge]")).to_have_count(0)


def note_of(agent: Agent) -> str:
    return Note.objects.filter(account_id=agent.account_id).values_list("text", flat=True).first() or ""


def test_what_is_written_while_talking_is_a_record_before_the_call_ends(
    browser: Browser, address: str, desk: Page, cast: Day
) -> None:
    made = talking(cast)
    desk.fill("#desk-wrap textarea", "冷えないとのこと。")
    desk.check("#desk-wrap [value=asking]")
    expect(desk.locator("[data-saved]")).to_contain_text("保存しました")
    assert note_of(cast.sato) == "冷えないとのこと。"
    assert desk.evaluate("sessionStorage.length") <= 1  # the desk's own token
    # Another computer: nothing of this tab is there.
    other = open_desk(browser, address, cast.sato)
    expect(other.locator("#desk-wrap textarea")).to_have_value("冷えないとのこと。", timeout=15_000)
    expect(other.locator("#desk-wrap [value=asking]")).to_be_checked()
    other.context.close()
    rows.end(made, cast.sato)
    ring_bell(cast.sato)
    expect(desk.locator("[data-finishes]")).to_be_visible()
    expect(desk.locator("#desk-wrap textarea")).to_have_value("冷えないとのこと。")


def test_who_types_without_a_pause_is_saved_all_the_same(desk: Page, cast: Day) -> None:
    talking(cast)
    desk.click("#desk-wrap textarea")
    desk.keyboard.type("あ" * 40, delay=100)
    assert len(note_of(cast.sato)) >= 10


def test_words_typed_without_a_server_are_sent_by_the_page_that_opens_again(
    desk: Page, address: str, cast: Day
) -> None:
    talking(cast)
    expect(desk.locator("#desk-wrap textarea")).to_be_visible()
    desk.route("**/desk/do/*", lambda route: route.abort())
    desk.fill("#desk-wrap textarea", "届かなかった言葉")
    expect(desk.locator("[data-saved]")).to_contain_text("まだ保存できていません")
    assert note_of(cast.sato) == ""
    desk.unroute("**/desk/do/*")
    desk.reload()
    expect(desk.locator("#desk-wrap textarea")).to_have_value("届かなかった言葉", timeout=15_000)
    expect(desk.locator("[data-saved]")).to_contain_text("保存しました")
    assert note_of(cast.sato) == "届かなかった言葉"


def test_who_writes_to_a_server_that_does_not_answer_is_told(desk: Page, cast: Day) -> None:
    talking(cast)
    expect(desk.locator("#desk-wrap textarea")).to_be_visible()
    held: list[Route] = []
    desk.route("**/desk/do/write_down", lambda route: held.append(route))
    desk.fill("#desk-wrap textarea", "まだ届かない言葉")
    expect(desk.locator("[data-saved]")).to_contain_text("まだ保存できていません")
    assert len(held) == 1
    held[0].continue_()
    expect(desk.locator("[data-saved]")).to_contain_text("保存しました")
    assert note_of(cast.sato) == "まだ届かない言葉"


def test_two_windows_lose_no_words_and_the_later_one_is_told(
    browser: Browser, address: str, desk: Page, cast: Day
) -> None:
    talking(cast)
    other = open_desk(browser, address, cast.sato)
    desk.fill("#desk-wrap textarea", "はじめ")
    expect(other.locator("#desk-wrap textarea")).to_have_value("はじめ")
    other.route("**/desk/do/*", lambda route: route.abort())
    other.fill("#desk-wrap textarea", "はじめ\n右の画面")
    expect(other.locator("[data-saved]")).to_contain_text("まだ保存できていません")
    desk.fill("#desk-wrap textarea", "はじめ\n左の画面")
    expect(desk.locator("[data-saved]")).to_contain_text("保存しました")
    other.unroute("**/desk/do/*")
    expect(other.locator("#desk-wrap textarea")).to_have_value("はじめ\n左の画面\n右の画面", timeout=10_000)
    expect(other.locator("body")).to_contain_text("両方の内容を残しました")
    expect(desk.locator("#desk-wrap textarea")).to_have_value("はじめ\n左の画面\n右の画面")
    other.context.close()


def test_words_of_the_last_moment_reach_the_call_that_went(desk: Page, cast: Day) -> None:
    made = talking(cast)
    wrap_up = rows.end(made, cast.sato)
    ring_bell(cast.sato)
    expect(desk.locator("[data-finishes]")).to_be_visible()
    desk.fill("#desk-wrap textarea", "時間切れの間際")
    # Time ends it before the pause after which the page saves.
    WrapUp.objects.filter(pk=wrap_up.pk).update(ended_at=wrap_up.began_at, ended_by="time")
    Agent.objects.filter(pk=cast.sato.pk).update(activity="idle", activity_call_id=None)
    ring_bell(cast.sato)
    expect(desk.locator("[data-wrap-up]")).to_be_hidden()
    desk.wait_for_timeout(500)
    assert note_of(cast.sato) == "時間切れの間際"


def test_a_redrawn_desk_takes_nothing_out_of_the_fingers(desk: Page, cast: Day) -> None:
    talking(cast)
    desk.click("#desk-wrap textarea")
    desk.keyboard.type("はじめ")
    ring_bell(cast.sato)
    Agent.objects.filter(pk=cast.sato.pk).update(presence="break")
    ring_bell(cast.sato)
    expect(desk.locator("[data-section=me]")).to_contain_text("休憩中")
    desk.keyboard.type("つづき")
    expect(desk.locator("#desk-wrap textarea")).to_have_value("はじめつづき")


def test_no_key_ends_the_wrap_up_while_an_ime_composes(desk: Page, cast: Day) -> None:
    made = talking(cast)
    wrap_up = rows.end(made, cast.sato)
    ring_bell(cast.sato)
    expect(desk.locator("[data-finishes]")).to_be_visible()
    desk.keyboard.press("F6")
    expect(desk.locator(".desk-point[data-read]")).to_be_visible()
    press = (
        "(composing) => document.querySelector('#desk-wrap textarea').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'F4', bubbles: true, isComposing: composing}))"
    )
    desk.evaluate(press, True)
    desk.wait_for_timeout(400)
    assert WrapUp.objects.get(pk=wrap_up.pk).ended_at is None
    desk.evaluate(press, False)
    expect(desk.locator("[data-wrap-up]")).to_be_hidden()
    assert WrapUp.objects.get(pk=wrap_up.pk).ended_by == "operator"


def test_the_phone_stays_where_it_is(desk: Page, cast: Day) -> None:
    talking(cast)
    hang_up = desk.locator(".desk-hang-up")
    expect(hang_up).to_be_visible()
    before = hang_up.bounding_box()
    desk.click("[data-opens-transfer]")
    expect(desk.locator("#desk-people li").first).to_be_visible()
    desk.evaluate("document.dispatchEvent(new CustomEvent('live-down'))")
    expect(desk.locator("#desk-offline")).to_be_visible()
    assert hang_up.bounding_box() == before
    # No dialog lies over it: what is at its middle is the button itself.
    box = before or {"x": 0, "y": 0, "width": 0, "height": 0}
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert desk.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('.desk-hang-up') !== null", middle
    )


def tops(desk: Page, *selectors: str) -> list[float]:
    return [desk.locator(one).first.evaluate("one => one.getBoundingClientRect().top") for one in selectors]


def test_from_the_ring_to_the_writing_nothing_moves_under_eye_or_hand(desk: Page, cast: Day) -> None:
    read = (".desk-point", ".desk-customer-name", ".desk-contact")
    made = rows.call(cast, customer=cast.hanako)
    rows.ring(cast, made, cast.sato)
    ring_bell(cast.sato)
    expect(desk.locator(".btn-answer")).to_be_visible()
    ringing = tops(desk, *read)
    rows.answer(cast, made, cast.sato)
    ring_bell(cast.sato)
    expect(desk.locator(".desk-hang-up")).to_be_visible()
    desk.keyboard.press("F3")
    expect(desk.locator("#desk-wrap textarea")).to_be_focused()
    assert tops(desk, *read) == ringing
    talking_at = tops(desk, *read, "#desk-wrap textarea")
    rows.end(made, cast.sato)
    ring_bell(cast.sato)
    expect(desk.locator("[data-finishes]")).to_be_visible()
    assert tops(desk, *read, "#desk-wrap textarea") == talking_at
    expect(desk.locator("#desk-wrap textarea")).to_be_focused()


def test_the_pause_after_a_missed_call_is_gone_when_its_time_is(desk: Page, cast: Day) -> None:
    until = now() + timedelta(seconds=4)
    Agent.objects.filter(pk=cast.sato.pk).update(cooling_off_until=until, cooling_off_reason="missed")
    ring_bell(cast.sato)
    badge = desk.locator("[data-section=me] [data-cooling]")
    expect(badge).to_contain_text("着信休止")
    expect(badge).to_be_visible()
    # Nothing happens then, so nothing is pushed: the page sees it by its clock.
    expect(badge).to_be_hidden()
    assert now() >= until


def test_a_long_name_leaves_the_keys_of_the_call_where_they_are(desk: Page, cast: Day) -> None:
    made = talking(cast)
    expect(desk.locator(".desk-hang-up")).to_be_visible()
    usual = desk.locator(".desk-hang-up").bounding_box()
    cast.hanako.name, cast.hanako.name_kana = "寿限無" * 26, "ジュゲム" * 24
    cast.hanako.save()
    rows.busy(cast.sato, made, "talking")
    ring_bell(cast.sato)
    expect(desk.locator(".desk-phone .desk-name")).to_contain_text("寿限無寿限無")
    assert desk.locator(".desk-hang-up").bounding_box() == usual


def test_what_a_customer_is_called_is_never_run(desk: Page, cast: Day) -> None:
    cast.hanako.name = '<img src=x onerror="document.title=1"> "花子'
    cast.hanako.save()
    talking(cast)
    expect(desk.locator(".desk-phone .desk-name")).to_contain_text("<img src=x")
    assert desk.locator(".desk-columns img").count() == 0


@pytest.mark.parametrize("language", ["ja", "en"])
def test_axe_finds_nothing_on_a_busy_desk(browser: Browser, address: str, cast: Day, language: str) -> None:
    if not AXE.exists():
        pytest.skip("npm ci has not been run")
    Account.objects.update(language=language)
    talking(cast)
    page = open_desk(browser, address, cast.sato)
    expect(page.locator(".desk-hang-up")).to_be_visible()
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    page.context.close()
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_call_keys_fit_their_column(browser: Browser, address: str, cast: Day, language: str) -> None:
    Account.objects.update(language=language)
    made = talking(cast)
    Call.objects.filter(pk=made.pk).update(phase="holding")
    page = open_desk(browser, address, cast.sato)
    expect(page.locator("[data-do=resume]")).to_be_visible()
    for width in (1440, 1100, 390):
        page.set_viewport_size({"width": width, "height": 900})
        keys = page.locator(".desk-phone, .desk-buttons .btn")
        wide = keys.evaluate_all("all => all.filter((one) => one.scrollWidth > one.clientWidth).length")
        assert wide == 0, width
    page.context.close()


def test_no_width_makes_the_desk_wider_than_the_screen(desk: Page, cast: Day) -> None:
    talking(cast)
    expect(desk.locator(".desk-hang-up")).to_be_visible()
    for width in (360, 390, 768, 1024, 1280, 1440, 2560):
        desk.set_viewport_size({"width": width, "height": 900})
        assert desk.evaluate("document.documentElement.scrollWidth") <= width, width


def kill(page: Page) -> None:
    """End the tab's process, as the system does when memory is short: no last words."""
    with contextlib.suppress(PlaywrightError), page.expect_event("crash", timeout=5_000):
        page.goto("chrome://crash", wait_until="commit")
    page.context.close()


def test_what_is_half_typed_in_forms_outlives_a_tab_that_is_killed(
    desk: Page, browser: Browser, address: str, cast: Day
) -> None:
    made = talking(cast)
    desk.locator(".desk-make-promise summary").click()
    promise = desk.locator("[data-draft=promise]")
    promise.locator("[name=what]").press_sequentially("在庫を調べて折り返す")
    promise.locator("[name=number_repeated]").check()
    desk.locator(".desk-more summary").first.click()
    desk.locator("[data-draft=point] [name=text]").fill("補聴器をお使い")
    deadline = time.monotonic() + 10
    while FormDraft.objects.filter(call=made).count() < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    ring_bell(cast.sato)  # drawing anew takes nothing away
    expect(desk.locator("[data-draft=point] [name=text]")).to_have_value("補聴器をお使い")
    kill(desk)

    again = open_desk(browser, address, cast.sato)
    try:
        expect(again.locator("[data-draft=promise] [name=what]")).to_have_value("在庫を調べて折り返す")
        expect(again.locator("[data-draft=promise] [name=number_repeated]")).to_be_checked()
        expect(again.locator("[data-draft=promise] [name=what]")).to_be_visible()
        expect(again.locator("[data-draft=point] [name=text]")).to_have_value("補聴器をお使い")
        again.locator("[data-draft=promise] [name=due_at]").fill("2030-01-07T10:00")
        again.locator("[data-draft=promise] [name=due_at]").press("Enter")
        expect(again.locator("[data-section=promises]")).to_contain_text("在庫を調べて折り返す")
        expect(again.locator(".desk-make-promise summary")).to_be_focused()
        again.reload()
        expect(again.locator("[data-draft=point] [name=text]")).to_have_value("補聴器をお使い")
        expect(again.locator("[data-draft=promise] [name=what]")).to_have_value("")
    finally:
        again.context.close()
    assert list(FormDraft.objects.values_list("form", flat=True)) == ["point"]
