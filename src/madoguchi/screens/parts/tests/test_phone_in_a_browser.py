"""The telephone in a real browser, through the gate, at a real Asterisk."""

import math
import struct
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser, BrowserContext, Dialog, Page

from madoguchi.screens.parts.tests.phone_house import ENDPOINT, PhoneHouse
from madoguchi.screens.parts.tests.served import MEDIA, chromium

pytestmark = pytest.mark.live

MICROPHONE_HZ = 1000
GIVEN_TO_ANOTHER_AFTER_S = 15
"""So long the caller of a desk that went away is kept for its operator."""
LOUD_DBFS = -60
# Hears the remote stream and answers how strong a tone is in it: as soon as it is loud enough, or at the end.
STRENGTH = """async ([selector, hertz, ms, enough]) => {
  const stream = document.querySelector(selector).remoteStream;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 4096;
  context.createMediaStreamSource(stream).connect(analyser);
  await context.resume();
  const bins = new Float32Array(analyser.frequencyBinCount);
  const levels = [-200];
  for (const end = Date.now() + ms; Date.now() < end && levels.at(-1) < enough;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    analyser.getFloatFrequencyData(bins);
    levels.push(bins[Math.round(hertz / (context.sampleRate / analyser.fftSize))]);
  }
  await context.close();
  // What crackles for a moment, as on a busy computer, is not heard.
  return levels.at(-1) < enough ? levels.sort((a, b) => a - b)[levels.length >> 1] : levels.at(-1);
}"""
RECORD_EVENTS = """() => {
  window.heard = [];
  for (const name of ["phone-ready", "phone-unreachable", "phone-ringing", "phone-talking", "phone-ended",
    "phone-trouble", "phone-muted", "desk-active", "desk-elsewhere", "visitor-state", "visitor-ended"]) {
    document.addEventListener(name, (event) => window.heard.push([name, event.detail ?? {}]));
  }
}"""


def tone(file: Path, hertz: float, seconds: float) -> Path:
    """A sine as a WAV file: what the browser's false microphone hears, again and again."""
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48000)
        step = 2 * math.pi * hertz / 48000
        out.writeframes(
            b"".join(struct.pack("<h", int(9000 * math.sin(step * n))) for n in range(int(48000 * seconds)))
        )
    return file


def strength_in(file: Path, hertz: float) -> float:
    """Share of a recording's energy at one frequency (Goertzel), 0–1.

    In pieces of 50 ms, since a gap shifts the tone against itself; without the first half second, which
    is still on its way when something begins.
    """
    samples, rate = soundfile.read(file)
    length = rate // 20
    pieces = samples[rate // 2 :][: (len(samples) - rate // 2) // length * length].reshape(-1, length)
    at_hertz = np.abs(pieces @ np.exp(-2j * np.pi * hertz / rate * np.arange(length))) ** 2
    energy = float((pieces**2).sum())
    return float(2 * at_hertz.sum() / (length * energy)) if energy else 0.0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, free_ports: Callable[[int], int]) -> Iterator[PhoneHouse]:
    with PhoneHouse(tmp_path_factory.mktemp("phone"), free_ports(100)).running() as running:
        yield running


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    sound = tone(tmp_path_factory.mktemp("sound") / "voice.wav", MICROPHONE_HZ, 2)
    more = (
        "--disable-gpu",
        f"--use-file-for-fake-audio-capture={sound}",
        "--autoplay-policy=no-user-gesture-required",
        "--allow-loopback-in-peer-connection",
    )
    with chromium(*MEDIA, *more) as running:
        yield running


@pytest.fixture
def context(browser: Browser, house: PhoneHouse) -> Iterator[BrowserContext]:
    house.active_desk = None
    house.events.clear()
    house.beats.clear()
    opened = browser.new_context(locale="ja-JP", viewport={"width": 1000, "height": 800})
    opened.grant_permissions(["microphone"], origin=house.url)
    yield opened
    opened.close()


def open_desk(context: BrowserContext, house: PhoneHouse) -> Page:
    page = context.new_page()
    page.add_init_script(f"({RECORD_EVENTS})()")
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None
    )
    page.goto(f"{house.url}/")
    page.evaluate("() => 0")
    assert problems == []
    return page


def hears(page: Page, hertz: int, selector: str = "mado-phone", wait_s: float = 4) -> bool:
    """Whether a telephone in the page plays a tone, which may take a moment to come."""
    return float(page.evaluate(STRENGTH, [selector, hertz, wait_s * 1000, LOUD_DBFS])) > LOUD_DBFS


def wait_state(page: Page, state: str, selector: str = "mado-phone") -> None:
    page.wait_for_selector(f'{selector}[state="{state}"]', state="attached", timeout=20_000)


def until(page: Page, true: str, wait_s: float = 20) -> None:
    """Wait for a JavaScript expression; the page's policy forbids Playwright's own way of doing so."""
    end = time.monotonic() + wait_s
    while not page.evaluate(true):
        assert time.monotonic() < end, f"never true: {true}"
        time.sleep(0.05)


def heard(page: Page, name: str) -> list[dict[str, Any]]:
    return [detail for kind, detail in page.evaluate("window.heard") if kind == name]


@pytest.fixture
def desk(context: BrowserContext, house: PhoneHouse) -> Page:
    page = open_desk(context, house)
    wait_state(page, "ready")
    house.registered()
    return page


def test_a_call_rings_is_answered_by_key_and_both_hear_each_other(
    desk: Page, house: PhoneHouse, tmp_path: Path
) -> None:
    house.ring("call-1", X_Madoguchi_Call="c-17", X_Madoguchi_Offer="o-4")
    wait_state(desk, "ringing")
    assert heard(desk, "phone-ringing") == [{"call": "c-17", "offer": "o-4", "auto": False}]
    until(desk, "document.title.includes('着信')")
    desk.focus("#note")
    desk.keyboard.press("F2")
    wait_state(desk, "talking")
    house.seen("StasisStart", "call-1")
    house.ari("POST", "/channels/call-1/play/tone-1", params={"media": "tone:425/10000"})
    assert hears(desk, 425)
    assert not hears(desk, 1900, wait_s=0.5)
    house.ari("DELETE", "/playbacks/tone-1")  # while it plays, the switch hears nothing of the leg
    assert strength_in(record(house, "call-1", "voice"), MICROPHONE_HZ) > 0.8
    desk.keyboard.press("Shift+F2")
    house.seen("ChannelDestroyed", "call-1")
    wait_state(desk, "ready")
    assert heard(desk, "phone-ended") == [
        {"call": "c-17", "offer": "o-4", "auto": False, "ending": "hung_up"}
    ]
    assert "着信" not in desk.title()


def record(house: PhoneHouse, leg: str, name: str) -> Path:
    """Two seconds of what comes from a leg."""
    params = {"name": name, "format": "wav", "maxDurationSeconds": "2", "ifExists": "overwrite"}
    house.ari("POST", f"/channels/{leg}/snoop/{name}-ear", params={"spy": "in", "app": "madoguchi"})
    house.seen("StasisStart", f"{name}-ear")
    house.ari("POST", f"/channels/{name}-ear/record", params=params)
    file = house.recorded(name)
    house.ari("DELETE", f"/channels/{name}-ear")
    return file


def test_the_meter_shows_that_the_microphone_hears(desk: Page, house: PhoneHouse) -> None:
    until(desk, "document.querySelectorAll('phone-level i[data-on]').length > 4")
    assert int(desk.locator("phone-level").first.get_attribute("aria-valuenow") or 0) > 40
    assert desk.evaluate("document.querySelector('phone-check').querySelectorAll('select').length") == 3
    assert desk.locator("phone-check .notice").count() == 0


def test_mute_silences_the_operator_and_is_undone(desk: Page, house: PhoneHouse) -> None:
    house.ring("call-2", X_Madoguchi_Auto="1", X_Madoguchi_Call="c-2")
    wait_state(desk, "talking")  # connected without being answered
    assert heard(desk, "phone-ringing") == []
    house.seen("StasisStart", "call-2")
    desk.keyboard.press("F8")
    assert strength_in(record(house, "call-2", "muted"), MICROPHONE_HZ) < 0.05
    time.sleep(5)  # longer than the switch waits for a browser that sends nothing: silence is sent
    assert desk.get_attribute("mado-phone", "state") == "talking"
    desk.keyboard.press("F8")
    assert strength_in(record(house, "call-2", "unmuted"), MICROPHONE_HZ) > 0.8
    assert heard(desk, "phone-muted") == [{"muted": True}, {"muted": False}]
    desk.click('[data-phone="key 5"]')
    assert house.seen("ChannelDtmfReceived", "call-2")["digit"] == "5"
    house.ari("DELETE", "/channels/call-2")
    wait_state(desk, "ready")
    assert heard(desk, "phone-ended")[0]["ending"] == "far_end"


def test_the_ring_falls_silent_when_the_caller_leaves(desk: Page, house: PhoneHouse) -> None:
    house.ring("call-3", X_Madoguchi_Call="c-3")
    wait_state(desk, "ringing")
    house.ari("DELETE", "/channels/call-3")
    wait_state(desk, "ready")
    assert heard(desk, "phone-ended")[0]["ending"] == "cancelled"


def test_letters_and_an_ime_never_work_the_phone(desk: Page, house: PhoneHouse) -> None:
    house.ring("call-4", X_Madoguchi_Call="c-4")
    wait_state(desk, "ringing")
    desk.focus("#note")
    desk.keyboard.type("お電話ありがとうございます f2 ")
    desk.keyboard.press("Enter")
    desk.evaluate(
        """() => document.querySelector("#note").dispatchEvent(new KeyboardEvent("keydown",
        {key: "F2", bubbles: true, isComposing: true, cancelable: true}))"""
    )
    time.sleep(0.3)
    assert desk.get_attribute("mado-phone", "state") == "ringing"
    house.ari("DELETE", "/channels/call-4")
    wait_state(desk, "ready")


def test_a_call_goes_on_through_a_restart_of_the_gate(desk: Page, house: PhoneHouse) -> None:
    house.ring("call-5", X_Madoguchi_Auto="1", X_Madoguchi_Call="c-5")
    wait_state(desk, "talking")
    before = house.tickets_given
    house.do(house.stop_gate())
    until(desk, "window.heard.some(([name]) => name === 'phone-unreachable')")
    assert desk.get_attribute("mado-phone", "state") == "talking"
    house.do(house.start_gate())
    until(desk, "window.heard.filter(([name]) => name === 'phone-ready').length >= 2")
    assert house.tickets_given > before  # each connection has a ticket of its own
    house.ari("POST", "/channels/call-5/play", params={"media": "tone:425/5000"})
    assert hears(desk, 425)
    desk.keyboard.press("Shift+F2")
    house.seen("ChannelDestroyed", "call-5")
    wait_state(desk, "ready")
    house.registered()


def test_one_desk_is_active_and_another_tab_may_take_over(
    desk: Page, context: BrowserContext, house: PhoneHouse
) -> None:
    other = open_desk(context, house)
    other.wait_for_selector('desk-lock[place="elsewhere"]', state="attached")
    assert other.get_attribute("mado-phone", "state") == "off"
    other.click("[data-desk-take-over]")
    other.wait_for_selector('desk-lock[place="active"]', state="attached")
    wait_state(other, "ready")
    desk.wait_for_selector('desk-lock[place="elsewhere"]', state="attached")
    assert desk.get_attribute("mado-phone", "state") == "off"


def test_a_reload_comes_back_as_the_same_desk(desk: Page, house: PhoneHouse) -> None:
    token = house.active_desk
    desk.reload()
    wait_state(desk, "ready")
    assert house.active_desk == token
    house.beats.clear()
    begun = time.monotonic()
    while len(house.beats) < 3:
        assert time.monotonic() - begun < 15, house.beats
        desk.wait_for_timeout(50)
    assert time.monotonic() - begun > 3, "the desk beats every two seconds"
    assert house.beats[-1]["phone_registered"]
    assert house.beats[-1]["microphone_ok"]


def test_another_computer_ends_this_desk_at_its_next_beat(desk: Page, house: PhoneHouse) -> None:
    house.active_desk = "somebody else"
    desk.wait_for_selector(
        'desk-lock[place="elsewhere"][where="another_computer"]', state="attached", timeout=6000
    )
    wait_state(desk, "off")
    assert desk.locator("desk-lock").get_attribute("place") == "elsewhere"


def test_the_visitor_calls_presses_keys_and_hangs_up(context: BrowserContext, house: PhoneHouse) -> None:
    page = context.new_page()
    page.add_init_script(f"({RECORD_EVENTS})()")
    page.goto(f"{house.url}/try/")
    page.click('[data-does="call"]')
    wait_state(page, "calling", "visitor-phone")
    arrived = _arrived(house)
    house.ari("POST", f"/channels/{arrived}/answer")
    wait_state(page, "talking", "visitor-phone")
    house.ari("POST", f"/channels/{arrived}/play", params={"media": "tone:425/5000"})
    assert hears(page, 425, "visitor-phone")
    page.click('[data-digit="3"]')
    assert house.seen("ChannelDtmfReceived", arrived)["digit"] == "3"
    page.click('[data-does="hang-up"]')
    house.seen("StasisEnd", arrived)
    wait_state(page, "idle", "visitor-phone")
    assert heard(page, "visitor-ended") == [{"ending": "hung_up"}]


def _arrived(house: PhoneHouse) -> str:
    for _ in range(200):
        for event in list(house.events):
            if event["type"] == "StasisStart" and ENDPOINT not in event["channel"]["name"]:
                return str(event["channel"]["id"])
        time.sleep(0.05)
    raise AssertionError("the visitor's call did not arrive")


def test_a_refused_microphone_is_said_in_plain_words_and_allowed_later_it_works(
    browser: Browser, house: PhoneHouse
) -> None:
    house.active_desk = None
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    page.add_init_script(
        """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (wanted) => window.allowed ? real(wanted)
          : Promise.reject(new DOMException("no", "NotAllowedError"));"""
    )
    page.goto(f"{house.url}/")
    page.wait_for_selector("phone-check .notice")
    assert "マイクの使用が許可されていません" in (page.text_content("phone-check .notice") or "")
    assert page.get_attribute("mado-phone", "state") == "off"
    page.evaluate("window.allowed = true")
    page.click('[data-phone="check"]')
    wait_state(page, "ready")
    assert page.locator("phone-check .notice").count() == 0
    context.close()


def test_a_reload_in_mid_call_brings_the_operator_back_within_seconds(desk: Page, house: PhoneHouse) -> None:
    house.ring("call-6", X_Madoguchi_Auto="1", X_Madoguchi_Call="c-6")
    wait_state(desk, "talking")
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    desk.on("dialog", accept)
    desk.click("#note")  # a page that nobody touched may not ask before it goes
    begun = time.monotonic()
    desk.reload()
    wait_state(desk, "ready")
    assert asked == ["beforeunload"]
    # The goodbye of the page of the test before may arrive only now.
    leaving = [beat["call"] for beat in house.beats if beat["reason"] == "leaving" and beat["in_call"]]
    assert leaving == ["c-6"]
    house.ring("call-6b", X_Madoguchi_Auto="1", X_Madoguchi_Call="c-6")
    wait_state(desk, "talking")
    assert time.monotonic() - begun < GIVEN_TO_ANOTHER_AFTER_S
    house.ari("POST", "/channels/call-6b/play", params={"media": "tone:425/5000"})
    assert hears(desk, 425)
    house.ari("DELETE", "/channels/call-6b")
    wait_state(desk, "ready")
    house.seen("ChannelDestroyed", "call-6", wait_s=15)  # its sound stopped: the switch ends it by itself


def test_a_change_of_network_in_mid_call_renews_the_way_of_the_sound(desk: Page, house: PhoneHouse) -> None:
    house.ring("call-7", X_Madoguchi_Auto="1", X_Madoguchi_Call="c-7")
    wait_state(desk, "talking")
    sdp = "document.querySelector('mado-phone').connection.localDescription.sdp"
    local = f"() => {sdp}.match(/ice-ufrag:(.*)/)[1]"
    before, tickets = desk.evaluate(local), house.tickets_given
    desk.evaluate("() => { window.dispatchEvent(new Event('online')); }")
    until(desk, "window.heard.filter(([name]) => name === 'phone-ready').length >= 2")
    assert house.tickets_given > tickets
    until(desk, f"({local})() !== '{before}'")
    house.ari("POST", "/channels/call-7/play/tone-7", params={"media": "tone:425/10000"})
    assert hears(desk, 425)
    house.ari("DELETE", "/playbacks/tone-7")
    assert strength_in(record(house, "call-7", "after"), MICROPHONE_HZ) > 0.8
    assert heard(desk, "phone-ended") == []
    house.ari("DELETE", "/channels/call-7")
    wait_state(desk, "ready")
