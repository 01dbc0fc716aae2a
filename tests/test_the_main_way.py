"""The main way of a call, by a real caller and real browsers: ring, story, talk, hold, writing, history."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser, Page, expect
from staging.centre import Centre, wait_until
from staging.customers import CUSTOMER_HZ, Customers
from staging.desk import SATO_HZ, TANAKA_HZ, Desk, heard_in, log_in, new_context
from staging.seed_demonstration import DIRECT, FAST, MAIN, SHARED
from staging.telephone import Telephone, tones_of, until

pytestmark = pytest.mark.live

HANAKO = "0301230100"
MELODY_HZ = (1080, 1280, 1520)
"""A second of each, and from the beginning again; between the notes of the music of the house."""


def test_a_known_customer_is_known_before_the_answer_and_remembered_after_it(
    house: Centre, sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    tanaka.be("break")
    caller = customers.call(HANAKO, MAIN)
    until(lambda: caller.loudness_dbfs() > -45, 15, lambda: "the menu speaks")
    caller.order("keys", keys="1")
    sato_is_told_and_tanaka_is_not(sato, tanaka)
    sato.answer()
    caller.wait_to_hear(SATO_HZ)
    sato.hears(CUSTOMER_HZ)
    sato.page.wait_for_timeout(1500)
    hold_and_resume(sato, caller)
    sato.hang_up()
    caller.wait_for("ended")
    call_id = write_it_down(sato)
    read_the_page(sato, call_id)
    listen(house, sato, call_id)
    customers.call(HANAKO, DIRECT)
    ringing = rung_of(sato, tanaka)
    expect(ringing.section("story")).to_contain_text("部品の入荷日をお伝えした")
    ringing.do("refuse")


def rung_of(*desks: Desk) -> Desk:
    """The desk that rings; the others are silent."""
    ringing: list[Desk] = []

    def one_rings() -> bool:
        ringing[:] = [desk for desk in desks if desk.page.locator(".btn-answer").is_visible()]
        return len(ringing) == 1

    wait_until(one_rings, 20, "a ring at one desk")
    ringing[0].is_rung()
    return ringing[0]


def sato_is_told_and_tanaka_is_not(sato: Desk, tanaka: Desk) -> None:
    sato.is_rung()
    offer, story = sato.section("offer"), sato.section("story")
    expect(offer).to_contain_text("髙橋 花子")
    expect(offer.locator(".kana").first).to_have_text("タカハシ ハナコ")
    expect(offer).to_contain_text("修理")
    expect(story.locator(".desk-point").first).to_contain_text("ご連絡は平日18時以降に")
    expect(story.locator(".desk-promise[data-late]").first).to_contain_text("超過")
    expect(story).to_contain_text("部品の入荷をご連絡")
    expect(story.locator(".desk-greeting")).to_contain_text("さくら電機")
    assert tanaka.is_silent()
    assert "髙橋 花子" not in tanaka.section("offer").inner_text() + tanaka.section("story").inner_text()


def hold_and_resume(sato: Desk, caller: Telephone) -> None:
    sato.page.keyboard.press("F9")
    expect(sato.page.locator("[data-do=resume]")).to_be_visible()
    caller.wait_not_to_hear(SATO_HZ)
    sato.page.wait_for_timeout(1000)
    until(lambda: caller.loudness_dbfs(1.0) > -50, 8, lambda: "music")
    sato.page.keyboard.press("F9")
    expect(sato.page.locator("[data-do=hold]")).to_be_enabled()
    caller.wait_to_hear(SATO_HZ)


def write_it_down(sato: Desk) -> str:
    """Fill the wrap-up by keys alone; returns the call's id."""
    page = sato.page
    done = page.locator("[data-finishes]")
    expect(done).to_be_visible()
    call_id = page.locator("#desk-wrap").get_attribute("data-wrap-call") or ""
    page.locator("#desk-wrap select[name=reason_id]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.locator("#desk-wrap textarea").focus()
    page.keyboard.insert_text("部品の入荷日をお伝えした。")
    expect(page.locator("[data-saved]")).to_contain_text("保存しました")
    # What must not be overlooked stands between her and the end of the wrap-up.
    page.keyboard.press("F4")
    expect(page.locator(".toast")).to_be_visible()
    expect(done).to_be_visible()
    page.keyboard.press("F6")
    expect(sato.section("story")).to_contain_text("確認済み")
    page.keyboard.press("F4")
    expect(done).to_be_hidden()
    return call_id


def read_the_page(sato: Desk, call_id: str) -> None:
    page = sato.context.new_page()
    page.goto(f"{sato.address}/calls/{call_id}/")
    expect(page.locator("h1")).to_contain_text("髙橋 花子")
    expect(page.locator(".call-words")).to_contain_text("部品の入荷日をお伝えした")
    expect(page.locator(".call-words")).to_contain_text("異音・水漏れ")
    way = page.locator(".call-way")
    for words in ("佐藤", "保留", "修理"):
        expect(way).to_contain_text(words)
    for _ in range(60):
        if page.locator("audio").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("audio")).to_have_attribute("src", re.compile("/recordings?/|audio"))
    page.close()


def listen(house: Centre, sato: Desk, call_id: str) -> None:
    """Both voices are in the stored file, each on its own side."""
    rows = house.sql("SELECT path, stage FROM calls_recording WHERE call_id = %s", call_id)
    (path, stage) = rows[0]
    assert stage == "stored"
    sound, rate = soundfile.read(io.BytesIO((house.installation.recordings / str(path)).read_bytes()))
    assert sound.shape[1] == 2
    assert voices(sound[:, 0], rate) == {CUSTOMER_HZ}
    assert voices(sound[:, 1], rate) == {SATO_HZ}


def voices(samples: np.ndarray, rate: int) -> set[int]:
    """The tones that sounded for a second or more, in pieces so short that a gap spoils few of them."""
    pieces = [tones_of(samples[at : at + rate // 10], rate) for at in range(0, len(samples), rate // 10)]
    heard = Counter(tone for piece in pieces for tone in piece)
    return {tone for tone, count in heard.items() if count >= 10}


def test_an_unknown_caller_is_written_down_and_known_at_the_next_call(
    sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    caller = customers.call("09088887777", DIRECT)
    desk = rung_of(sato, tanaka)
    expect(desk.section("offer")).to_contain_text("090-8888-7777")
    desk.answer()
    new = desk.page.locator("form[data-do-form=new_customer]")
    new.locator("[name=name_kana]").fill("アタラシ サクラ")
    new.locator("[name=name]").fill("新 さくら")
    new.locator("[name=name]").press("Enter")
    expect(desk.section("call")).to_contain_text("新 さくら")
    caller.hang_up()
    desk.finish()
    customers.call("09088887777", DIRECT)
    expect(rung_of(sato, tanaka).section("offer")).to_contain_text("新 さくら")


def test_of_two_customers_on_one_number_the_operator_says_which(
    sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    caller = customers.call(SHARED, DIRECT)
    desk = rung_of(sato, tanaka)
    expect(desk.section("story")).to_contain_text("岸 一郎")
    expect(desk.section("story")).to_contain_text("岸 二葉")
    desk.answer()
    futaba = desk.page.locator(".desk-candidate", has_text="岸 二葉")
    futaba.locator("[data-do=say_who]").click()
    expect(desk.section("call").locator(".desk-name")).to_contain_text("岸 二葉")
    caller.hang_up()
    desk.finish()


@pytest.mark.parametrize(
    ("number", "headers"), [("anonymous", {}), (HANAKO, {"Privacy": "id"})], ids=["anonymous", "privacy"]
)
def test_a_withheld_number_rings_and_brings_up_nobody(
    sato: Desk, tanaka: Desk, customers: Customers, number: str, headers: dict[str, str]
) -> None:
    caller = customers.call(number, DIRECT, headers=headers)
    desk = rung_of(sato, tanaka)
    expect(desk.section("offer")).to_contain_text("非通知")
    assert "髙橋" not in desk.page.locator(".desk-phone").inner_text() + desk.section("story").inner_text()
    desk.answer()
    caller.wait_to_hear(SATO_HZ if desk is sato else TANAKA_HZ)
    caller.hang_up()
    desk.finish()


def test_a_missed_ring_cools_off_with_its_reason_and_rings_at_the_next(
    sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    caller = customers.call(HANAKO, DIRECT)
    first = rung_of(sato, tanaka)
    second = tanaka if first is sato else sato
    first.do("refuse")
    expect(first.section("me")).to_contain_text("着信休止")
    second.is_rung()
    assert first.is_silent()
    expect(second.section("me")).to_contain_text("応答なし", timeout=(FAST["ring_s"] + 15) * 1000)
    first.is_rung()
    caller.hang_up()
    expect(first.page.locator(".btn-answer")).to_be_hidden()


def test_a_desk_whose_network_is_gone_is_passed_over_until_it_is_back(
    house: Centre, sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    tanaka.be("break")
    sato.context.set_offline(True)
    try:
        wait_until(lambda: silent_s(house, "sato") > 9, 30, "the desk has been silent for a while")
        caller = customers.call(HANAKO, DIRECT)
        wait_until(
            lambda: reasons(house) == {"presence": 1, "phone_unreachable": 1}, 15, "the reason is told"
        )
        believed = "SELECT phone_reachable FROM agents_agent a JOIN people_account p ON p.id = a.account_id"
        assert house.sql(f"{believed} WHERE p.username = 'sato'") == [(True,)]
        assert house.sql("SELECT count(*) FROM calls_offer WHERE stage = 'open'") == [(0,)]
    finally:
        sato.context.set_offline(False)
    sato.is_rung()
    caller.hang_up()
    expect(sato.page.locator(".btn-answer")).to_be_hidden()
    sato.errors.clear()


def silent_s(house: Centre, username: str) -> float:
    """How much older a desk's last beat is than the newest of all."""
    rows = house.sql(
        "SELECT extract(epoch FROM (SELECT max(desk_beat_at) FROM agents_agent) - desk_beat_at)"
        " FROM agents_agent a JOIN people_account p ON p.id = a.account_id WHERE p.username = %s",
        username,
    )
    return float(rows[0][0])


def reasons(house: Centre) -> dict[str, int]:
    """Why the one caller who waits is offered to nobody, as it was stored last."""
    rows = house.sql(
        "SELECT w.counts FROM calls_waitreason w JOIN calls_queuevisit v ON v.id = w.visit_id"
        " WHERE v.left_at IS NULL ORDER BY w.at DESC LIMIT 1"
    )
    return {why: number for (counts,) in rows for why, number in counts.items() if why != "not_member"}


@pytest.fixture
def season(house: Centre, address: str, browsers: dict[int, Browser], tmp_path: Path) -> Iterator[None]:
    """A supervisor has put a recording of her own in the place of the music; afterwards the house's again."""
    context = new_context(browsers[SATO_HZ])
    office = log_in(context, address, "kobayashi", house.seeded["words"]["kobayashi"])
    upload(office, address, "季節の曲", melody(tmp_path / "melody.wav"))
    choose_music(office, address, "季節の曲")
    yield
    choose_music(office, address, "標準の音楽")
    context.close()


def test_whoever_waits_hears_the_recording_that_the_office_chose_again_and_again(
    season: None, sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    sato.be("break")
    tanaka.be("break")
    waiting = customers.call(HANAKO, DIRECT)
    waiting.wait_to_hear(MELODY_HZ[0])
    for note in (*MELODY_HZ[1:], *MELODY_HZ):
        waiting.wait_to_hear(note, 2)
        assert waiting.pitches(0.2) <= set(MELODY_HZ)


def melody(file: Path) -> Path:
    rate = 44_100
    second = np.arange(rate) / rate
    soundfile.write(file, np.concatenate([0.4 * np.sin(2 * np.pi * hz * second) for hz in MELODY_HZ]), rate)
    return file


def upload(office: Page, address: str, name: str, recording: Path) -> None:
    office.goto(f"{address}/office/prompts/")
    office.fill("[name=name]", name)
    office.set_input_files("[name=recording]", recording)
    office.get_by_role("button", name="追加").click()
    expect(office.get_by_role("link", name=name)).to_be_visible()


def choose_music(office: Page, address: str, name: str) -> None:
    office.goto(f"{address}/office/queues/")
    office.get_by_role("link", name="修理窓口").click()
    office.select_option("[name=music]", label=name)
    office.get_by_role("button", name="保存").click()
    expect(office.locator("#notices")).to_contain_text("保存しました")


def test_a_visitor_calls_from_the_portal_as_a_customer(
    browsers: dict[int, Browser], address: str, sato: Desk, tanaka: Desk
) -> None:
    tanaka.be("break")
    context = new_context(browsers[TANAKA_HZ])
    page = context.new_page()
    page.goto(f"{address}/portal/?number={DIRECT}&as={HANAKO}")
    page.click("visitor-phone [data-does=call]")
    sato.is_rung()
    expect(sato.section("offer")).to_contain_text("髙橋 花子")
    sato.answer()
    expect(page.locator("visitor-phone")).to_have_attribute("state", "talking")
    until(lambda: abs(heard_in(page, "visitor-phone") - SATO_HZ) <= 12, 15, lambda: "the visitor hears Sato")
    sato.hears(TANAKA_HZ)
    page.click("visitor-phone [data-does=hang-up]")
    sato.finish()
    context.close()


def test_the_floor_shows_who_waits_and_who_talks_and_opens_every_figure(
    house: Centre, browsers: dict[int, Browser], sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    context = new_context(browsers[SATO_HZ])
    floor = log_in(context, sato.address, "kobayashi", house.seeded["words"]["kobayashi"])
    tile = floor.locator(".tile", has_text="佐藤")
    expect(tile).to_have_attribute("data-activity", "idle")
    sato.be("break")
    tanaka.be("break")
    caller = customers.call(HANAKO, DIRECT)
    expect(floor.locator(".strip")).to_contain_text("髙橋 花子")
    sato.be("available")
    sato.is_rung()
    expect(floor.locator(".strip")).to_contain_text("佐藤")
    sato.answer()
    expect(tile).to_have_attribute("data-activity", "talking")
    expect(floor.locator(".strip")).to_have_count(0)
    caller.hang_up()
    expect(tile).to_have_attribute("data-activity", "wrap_up")
    count = floor.locator(".today-rate .today-count a").first
    of_calls = int(count.inner_text())
    count.click()
    expect(floor.locator("main")).to_contain_text(f"{of_calls}")
    expect(floor.locator("main")).to_contain_text("髙橋 花子")
    context.close()
    sato.finish()
