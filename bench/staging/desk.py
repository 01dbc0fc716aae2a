"""An operator at the desk, in a real browser whose microphone sends one tone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from staging.telephone import until

# What is waited for comes at once on a quiet machine; how long a busy one takes is no matter of these tests.
expect.set_options(timeout=15_000)
CHROMIUM = "/usr/bin/chromium"
SATO_HZ, TANAKA_HZ = 480, 640
"""What their microphones hear: tones between the notes of the music that waits."""
# What a microphone's cleaning would take for noise is exactly what tells the voices apart.
_RAW_MICROPHONE = """
const real = navigator.mediaDevices && navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
if (real) navigator.mediaDevices.getUserMedia = (asked) => {
  const audio = typeof asked.audio === 'object' ? asked.audio : {};
  const raw = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
  return real({...asked, audio: {...audio, ...raw}});
};
"""
_PITCH = """
async (name) => {
  const stream = document.querySelector(name).remoteStream;
  if (!stream) return 0;
  const sound = window.heardBy ??= new AudioContext();
  const source = sound.createMediaStreamSource(stream), analyser = sound.createAnalyser();
  analyser.fftSize = 8192;
  source.connect(analyser);
  await new Promise((done) => setTimeout(done, 350));
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  source.disconnect();
  const peak = levels.indexOf(Math.max(...levels));
  return levels[peak] < -70 ? 0 : Math.round(peak * sound.sampleRate / analyser.fftSize);
}
"""


def launch(playwright: Playwright, folder: Path, tone_hz: int) -> Browser:
    """A browser whose microphone hears one tone."""
    voice = folder / f"{tone_hz}.wav"
    seconds = np.arange(48_000 * 2) / 48_000
    soundfile.write(voice, 0.25 * np.sin(2 * np.pi * tone_hz * seconds), 48_000, subtype="PCM_16")
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-audio-capture={voice}",
            "--autoplay-policy=no-user-gesture-required",
        ],
    )


def new_context(browser: Browser) -> BrowserContext:
    """A computer of its own: nobody is logged in."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="ja-JP", permissions=["microphone", "notifications"]
    )
    context.add_init_script(_RAW_MICROPHONE)
    context.set_default_timeout(20_000)
    return context


def log_in(context: BrowserContext, address: str, username: str, word: str) -> Page:
    """Log in by the form; returns the page that the person lands on."""
    page = context.new_page()
    page.goto(f"{address}/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", word)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(desk|floor)/"))
    return page


def heard_in(page: Page, phone: str = "mado-phone") -> int:
    """The strongest tone that a telephone in a page plays, in Hz; 0 when it is silent."""
    return int(page.evaluate(_PITCH, phone))


class Desk:
    """One operator's desk page."""

    def __init__(self, context: BrowserContext, address: str, username: str, word: str) -> None:
        self.context, self.address = context, address
        self.username = username
        self.errors: list[str] = []
        self.page = log_in(context, address, username, word)
        self._watch()
        self.open()

    def open(self) -> None:
        """Go to the desk and wait until its telephone is ready."""
        if self.page.is_closed():
            self.page = self.context.new_page()
            self._watch()
        self.page.goto(f"{self.address}/desk/")
        expect(self.page.locator("mado-phone")).to_have_attribute("state", "ready", timeout=20_000)
        expect(self.section("me")).not_to_contain_text("電話が使えません", timeout=10_000)

    def section(self, name: str) -> Locator:
        return self.page.locator(f"[data-section={name}]")

    @property
    def phone_state(self) -> str:
        return self.page.locator("mado-phone").get_attribute("state") or ""

    def is_rung(self, within_s: float = 20.0) -> None:
        """Wait until the page shows the ring and the telephone rings."""
        expect(self.page.locator(".btn-answer")).to_be_visible(timeout=within_s * 1000)
        expect(self.page.locator("mado-phone")).to_have_attribute("state", "ringing")

    def answer(self) -> None:
        self.page.keyboard.press("F2")
        self.talks()

    def answer_the_question(self) -> None:
        """Answer a colleague who asks: the telephone talks, the customer is still hers."""
        self.page.keyboard.press("F2")
        expect(self.page.locator("mado-phone")).to_have_attribute("state", "talking", timeout=15_000)

    def talks(self, within_s: float = 15.0) -> None:
        expect(self.page.locator("mado-phone")).to_have_attribute("state", "talking", timeout=within_s * 1000)
        expect(self.page.locator("[data-do=hang_up]")).to_be_visible(timeout=within_s * 1000)

    def is_silent(self) -> bool:
        """Whether nothing rings and nobody talks here."""
        return self.phone_state == "ready" and not self.page.locator(".btn-answer").is_visible()

    def hears(self, hertz: int, within_s: float = 15.0) -> None:
        until(
            lambda: abs(heard_in(self.page) - hertz) <= 12,
            within_s,
            lambda: f"{self.username} hears {hertz} Hz, but {heard_in(self.page)}",
        )

    def hang_up(self) -> None:
        self.page.keyboard.press("Shift+F2")

    def finish(self) -> None:
        """End the wrap-up by its key, confirming what is still to be confirmed."""
        done = self.page.locator("[data-finishes]")
        expect(done).to_be_visible()
        for _ in range(4):
            unread = self.page.locator("[data-do=acknowledge]")
            if not unread.count():
                break
            unread.first.click()
            self.page.wait_for_timeout(400)
        self.page.keyboard.press("F4")
        expect(done).to_be_hidden()

    def be(self, presence: str) -> None:
        """Choose a presence in the menu."""
        self.page.click("#presence-menu > summary")
        self.page.click(f'#presence-menu [data-with*="\\"{presence}\\""]')
        self.page.wait_for_function(
            "(wanted) => document.querySelector('[data-section=me]').textContent.includes(wanted)",
            arg=WORDS[presence],
        )

    def do(self, verb: str, **fields: Any) -> None:
        """Press the first visible button of a verb, or of the verb with that field."""
        wanted = "".join(f'[data-with*="\\"{name}\\": {value}"]' for name, value in fields.items())
        self.page.locator(f"[data-do={verb}]{wanted}:visible").first.click()

    def _watch(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: dialog.accept())


WORDS = {"available": "受付可", "break": "休憩中"}
