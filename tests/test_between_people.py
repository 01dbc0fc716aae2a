"""Between people: transfer, asking a colleague, handing over, ringing all, and calling out."""

import pytest
from playwright.sync_api import expect
from staging.centre import Centre, wait_until
from staging.customers import CUSTOMER_HZ, Customers
from staging.desk import SATO_HZ, TANAKA_HZ, Desk
from staging.seed_demonstration import DIRECT, ORDERS
from staging.telephone import Telephone

pytestmark = pytest.mark.live

TARO = "09000001207"
AT_ONCE_S = 4
"""Long before a ring ends by itself."""


def talking(sato: Desk, tanaka: Desk, customers: Customers) -> Telephone:
    """A customer who talks with Sato; Tanaka is free."""
    tanaka.be("break")
    caller = customers.call(TARO, DIRECT)
    sato.is_rung()
    sato.answer()
    caller.wait_to_hear(SATO_HZ)
    tanaka.be("available")
    return caller


def open_transfer(desk: Desk) -> None:
    desk.page.keyboard.press("F10")
    expect(desk.page.locator("#desk-people .desk-people").first).to_be_visible()


def colleague(desk: Desk, name: str) -> str:
    return f"#desk-people li:has-text('{name}')"


def test_a_call_goes_back_to_a_queue_with_a_word_for_the_next(
    sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    caller = talking(sato, tanaka, customers)
    open_transfer(sato)
    sato.page.fill("#desk-transfer [name=note]", "お急ぎです")
    sato.page.click(f"{colleague(sato, '使い方窓口')} [data-do=transfer_to_queue]")
    tanaka.is_rung()
    expect(tanaka.section("story")).to_contain_text("お急ぎです")
    expect(sato.page.locator("[data-finishes]")).to_be_visible()
    tanaka.answer()
    caller.wait_to_hear(TANAKA_HZ)
    caller.wait_not_to_hear(SATO_HZ)
    caller.hang_up()
    tanaka.finish()
    sato.finish()


def test_a_call_is_given_to_a_named_colleague(sato: Desk, tanaka: Desk, customers: Customers) -> None:
    caller = talking(sato, tanaka, customers)
    open_transfer(sato)
    sato.page.click(f"{colleague(sato, '田中')} [data-do=transfer_to_agent]")
    tanaka.is_rung()
    tanaka.answer()
    caller.wait_to_hear(TANAKA_HZ)
    expect(sato.page.locator("[data-finishes]")).to_be_visible()
    caller.hang_up()
    tanaka.finish()
    sato.finish()


def asked(sato: Desk, tanaka: Desk, caller: Telephone) -> None:
    """Sato asks Tanaka, and the customer hears music meanwhile."""
    open_transfer(sato)
    sato.page.click(f"{colleague(sato, '田中')} [data-do=consult]")
    tanaka.is_rung()
    tanaka.answer_the_question()
    sato.hears(TANAKA_HZ)
    tanaka.hears(SATO_HZ)
    caller.wait_not_to_hear(SATO_HZ)
    assert not caller.hears(TANAKA_HZ)
    wait_until(lambda: caller.loudness_dbfs() > -50, 8, "music")


def whose_calls(house: Centre) -> list[tuple[object, ...]]:
    """Every call in which somebody talks now, and with whom."""
    return house.sql("SELECT id, agent_id FROM calls_call WHERE phase = 'talking'")


def test_a_colleague_is_asked_and_gets_the_customer(
    house: Centre, sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    caller = talking(sato, tanaka, customers)
    asked(sato, tanaka, caller)
    sato.page.keyboard.press("Shift+F10")
    caller.wait_to_hear(TANAKA_HZ)
    tanaka.hears(CUSTOMER_HZ)
    caller.wait_not_to_hear(SATO_HZ)
    expect(sato.page.locator("[data-finishes]")).to_be_visible()
    assert [owner for _, owner in whose_calls(house)] == [house.seeded["agents"]["tanaka"]]
    caller.hang_up()
    tanaka.finish()
    sato.finish()


def test_the_customer_is_taken_back_after_a_question(
    house: Centre, sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    caller = talking(sato, tanaka, customers)
    asked(sato, tanaka, caller)
    sato.page.keyboard.press("F9")
    caller.wait_to_hear(SATO_HZ)
    sato.hears(CUSTOMER_HZ)
    wait_until(tanaka.is_silent, 15, "Tanaka is free again")
    assert not caller.hears(TANAKA_HZ)
    assert [owner for _, owner in whose_calls(house)] == [house.seeded["agents"]["sato"]]
    caller.hang_up()
    sato.finish()


def test_where_all_ring_one_answers_and_the_other_falls_silent_at_once(
    sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    caller = customers.call(TARO, ORDERS)
    sato.is_rung()
    tanaka.is_rung()
    tanaka.answer()
    expect(sato.page.locator("mado-phone")).to_have_attribute("state", "ready", timeout=AT_ONCE_S * 1000)
    expect(sato.page.locator(".btn-answer")).to_be_hidden(timeout=AT_ONCE_S * 1000)
    caller.wait_to_hear(TANAKA_HZ)
    assert "着信休止" not in sato.section("me").inner_text()
    caller.hang_up()
    tanaka.finish()


def test_a_promised_call_back_is_made_and_kept_by_the_call(
    house: Centre, sato: Desk, outside: Telephone
) -> None:
    owed = sato.section("promises").locator("li", has_text="新しい型番のご連絡")
    owed.locator("[data-do=dial]").click()
    outside.wait_for("answered")
    # Before any voice: that the call is recorded.
    outside.wait_for("media")
    wait_until(lambda: outside.loudness_dbfs() > -45, 20, "the recording notice")
    assert not outside.hears(SATO_HZ)
    outside.wait_to_hear(SATO_HZ, 20)
    sato.hears(CUSTOMER_HZ)
    sato.hang_up()
    outside.wait_for("ended")
    sato.finish()
    expect(owed).to_have_count(0)
    kept = "SELECT stage, kept_by_call_id IS NOT NULL FROM cases_promise WHERE what = '新しい型番のご連絡'"
    assert house.sql(kept) == [("kept", True)]


def test_a_desk_that_is_reloaded_in_a_call_gets_it_back(
    house: Centre, sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    caller = talking(sato, tanaka, customers)
    before = whose_calls(house)
    sato.page.reload()
    sato.talks(15)
    caller.wait_to_hear(SATO_HZ)
    sato.hears(CUSTOMER_HZ)
    assert [owner for _, owner in before] == [house.seeded["agents"]["sato"]]
    assert whose_calls(house) == before, "the same call, and still hers"
    assert tanaka.is_silent(), "offered to nobody else"
    caller.hang_up()
    sato.finish()


def test_a_server_that_falls_silent_is_told_at_the_desk_and_the_call_goes_on(
    house: Centre, sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    caller = talking(sato, tanaka, customers)
    told = sato.page.locator("#desk-offline")
    house.pause("web")
    try:
        expect(told).to_be_visible(timeout=20_000)
        caller.wait_to_hear(SATO_HZ)
    finally:
        house.wake("web")
    expect(told).to_be_hidden(timeout=15_000)
    caller.hang_up()
    sato.finish()


def test_a_call_whose_desk_has_died_goes_to_the_next_with_a_word(
    sato: Desk, tanaka: Desk, customers: Customers
) -> None:
    caller = talking(sato, tanaka, customers)
    sato.page.close()
    caller.wait_not_to_hear(SATO_HZ, 10)
    # “The line is being restored”, and music.
    wait_until(lambda: caller.loudness_dbfs() > -45, 15, "words or music")
    tanaka.is_rung(25)
    expect(tanaka.section("story")).to_contain_text("回線")
    tanaka.answer()
    caller.wait_to_hear(TANAKA_HZ)
    caller.hang_up()
    tanaka.finish()
    sato.open()
