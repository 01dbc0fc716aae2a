"""Take the pictures of the README and the guides: real screens of a running demonstration, in Japanese.

    bin/run                                              (in one terminal, on a new data folder)
    .venv/bin/python docs/take_pictures.py               (in another; needs the tests' Chromium: bin/test)

or, with a demonstration of its own: bin/test docs --pictures.

Reads the log-ins from the data folder, so it runs as the user who owns it (or as root). A customer really
calls the centre from the visitors' page, and an operator really answers: the browser's microphone is a false
one. The number that is called is open round the clock while this runs, and gets its own hours back.
"""

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from madoguchi.config import installation

PICTURES = Path(__file__).parent / "pictures"
NUMBER, CUSTOMER = "0301234568", "0301230100"
WHO_WAIT = ("09000001207", "09000001228")
FLOW = "さくら電機 代表"
SHOWN_NUMBER = "0123-4568"
MOST_BYTES = 300_000
TALK_S = 22.0
"""Long enough for a waveform that shows something, and for others to come through the greeting and wait."""
RECORDING_WITHIN_S = 30.0
ANSWERS_WITHIN_S = 120.0
"""The simulator is compiled once after an installation."""
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
)


class Centre:
    """The running demonstration, seen through the browsers of its people."""

    def __init__(self, browser: Browser, here: installation.Installation) -> None:
        self._browser = browser
        self._address = here.address.rstrip("/")
        log_ins = json.loads((here.home / "keys" / "demonstration.json").read_text())
        self._passwords = {name: password for _, name, password in log_ins}

    def page(self, path: str, person: str = "", *, height: int = 900) -> Page:
        """A page of its own browser profile, logged in as `person` if given."""
        context = self._browser.new_context(
            locale="ja-JP", timezone_id="Asia/Tokyo", viewport={"width": 1440, "height": height}
        )
        context.grant_permissions(["microphone"], origin=self._address)
        page = context.new_page()
        if person:
            page.goto(f"{self._address}/accounts/login/")
            page.fill("[name=login]", person)
            page.fill("[name=password]", self._passwords[person])
            page.locator("form button[type=submit]").first.click()
            page.wait_for_url(lambda url: "/accounts/" not in url)
        page.goto(self._address + path)
        return page

    def desk(self, person: str, presence: str) -> Page:
        """An operator's desk with a telephone that can be rung."""
        page = self.page("/desk/", person)
        page.wait_for_selector("mado-phone[state=ready]", state="attached", timeout=30_000)
        choose(page, presence)
        return page


def choose(page: Page, presence: str) -> None:
    """Choose a presence from the desk's menu."""
    page.locator("#presence-menu > summary").click()
    page.locator(f"#presence-menu [data-do=presence][data-with*='{presence}']").first.click()
    page.wait_for_timeout(800)


@contextmanager
def open_round_the_clock(administrator: Page) -> Iterator[None]:
    """The called number without opening hours, so that pictures can be taken at any time of day."""
    had = _set_hours(administrator, "")
    try:
        yield
    finally:
        _set_hours(administrator, had)


def _set_hours(page: Page, value: str) -> str:
    page.goto(page.url.split("/office/")[0] + "/office/numbers/")
    page.get_by_role("link", name=SHOWN_NUMBER).click()
    had = page.locator("[name=hours]").input_value()
    page.locator("[name=hours]").select_option(value)
    with page.expect_navigation():
        page.locator("form.card button.btn-primary").click()
    if page.locator(".field .error").count():
        raise SystemExit("The office refused the number's hours.")
    return had


def take(page: Page, name: str) -> None:
    """Write one picture, and refuse one that is too heavy for a page that people read."""
    file = PICTURES / f"{name}.png"
    page.screenshot(path=file, animations="disabled")
    size = file.stat().st_size
    print(f"{file.name}  {size // 1000} kB")  # noqa: T201 - a command's own words
    if size > MOST_BYTES:
        raise SystemExit(f"{file.name} has {size} bytes; at most {MOST_BYTES} are allowed.")


def take_all(centre: Centre) -> None:
    """A customer calls, is answered, and is written down; a picture at each station."""
    administrator = centre.page("/office/numbers/", "kato")
    with open_round_the_clock(administrator):
        operator = centre.desk("sato", "available")
        others = [centre.desk("tanaka", "other_work"), centre.desk("suzuki", "break")]
        call = _call(centre, operator)
        for other in others:
            other.context.close()
    _take_what_remains(centre, call)
    _take_flow(administrator)
    _take_planning(centre.page("/floor/", "kobayashi", height=1000))


def _call(centre: Centre, operator: Page) -> str:
    """Ring, talk, hang up, write it down; returns the path of the call's page."""
    take(_calling(centre, CUSTOMER), "visitor")
    operator.wait_for_selector(".btn-answer:visible", timeout=60_000)
    operator.wait_for_timeout(1_500)
    take(operator, "desk-ringing")
    operator.keyboard.press("F2")
    operator.wait_for_selector(".desk-hang-up:visible", timeout=15_000)
    waiting = [_calling(centre, number) for number in WHO_WAIT]
    operator.wait_for_timeout(TALK_S * 1_000)
    take(operator, "desk-in-a-call")
    floor = centre.page("/floor/", "kobayashi", height=760)
    floor.wait_for_timeout(2_500)
    take(floor, "floor")
    for other in waiting:
        other.context.close()
    floor.context.close()
    call = operator.locator("#desk-wrap").get_attribute("data-wrap-call")
    _wrap_up(operator)
    return f"/calls/{call}/"


def _calling(centre: Centre, number: str) -> Page:
    """A visitor who plays the customer with this number, and calls."""
    page = centre.page(f"/portal/?number={NUMBER}&as={number}")
    page.locator("visitor-phone [data-does=call]").click()
    page.wait_for_timeout(1_500)
    return page


def _wrap_up(operator: Page) -> None:
    operator.keyboard.press("Shift+F2")
    operator.wait_for_timeout(1_500)
    operator.keyboard.press("F6")
    operator.locator("[name=reason_id]").first.select_option(label="訪問日の確認・催促")
    operator.locator("[name=handling][value=call_back]").first.check(force=True)
    operator.locator("[name=reception][value=understood]").first.check(force=True)
    operator.locator("textarea[name=summary]").first.fill(
        "修理日のご連絡が遅れたことをお詫び。部品は本日入荷、訪問日は18時以降にお電話でお伝えする。"
    )
    operator.wait_for_timeout(2_000)
    take(operator, "desk-wrap-up")
    operator.keyboard.press("F4")
    operator.wait_for_timeout(1_000)


def _take_what_remains(centre: Centre, call: str) -> None:
    page = centre.page(call, "kobayashi", height=1100)
    end = time.monotonic() + RECORDING_WITHIN_S
    while not page.locator("call-player").count() and time.monotonic() < end:
        time.sleep(2)
        page.reload()
    page.wait_for_timeout(1_500)
    take(page, "call")
    page.context.close()


def _take_planning(page: Page) -> None:
    """The planner's pages; the day is the one of the last week that lost most."""
    at = page.url.split("/floor/")[0]
    page.goto(f"{at}/planning/forecast/")
    if not page.locator(".forecast-week, svg").count():
        page.wait_for_timeout(ANSWERS_WITHIN_S * 1_000)
        page.reload()
    page.get_by_role("link", name="来週").click()
    page.wait_for_load_state("networkidle")
    take(page, "forecast-week")
    page.goto(f"{at}/planning/roster/")
    take(page, "roster")
    page.goto(f"{at}/planning/why/")
    lost = [int(one.inner_text()) for one in page.locator(".why-days a b").all()]
    page.locator(".why-days a").nth(lost.index(max(lost))).click()
    asks = page.locator("form[action*=ask] button.btn-primary")
    if asks.count():
        asks.click()
    page.wait_for_selector(".why-table", timeout=ANSWERS_WITHIN_S * 1_000)
    take(page, "why")
    page.goto(f"{at}/planning/what-if/?{page.url.partition('?')[2]}")
    page.wait_for_selector("what-if-board", timeout=ANSWERS_WITHIN_S * 1_000)
    people = page.locator("what-if-board input[type=range]").first
    people.focus()
    people.press("ArrowRight")
    page.wait_for_timeout(6_000)
    take(page, "what-if")


def _take_flow(page: Page) -> None:
    page.goto(page.url.split("/office/")[0] + "/office/flows/")
    page.get_by_role("link", name=FLOW).click()
    page.get_by_role("link", name="番号を選んでもらう").first.click()
    page.wait_for_load_state("networkidle")
    page.evaluate("window.scrollTo(0, 0)")
    take(page, "flow")


def main() -> None:
    """Take all pictures of the demonstration that runs from this data folder."""
    parser = argparse.ArgumentParser(description="Take the pictures of the README and the guides.")
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="The browser to take them with.")
    chromium = parser.parse_args().chromium
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM))
        take_all(Centre(browser, installation.load()))
        browser.close()


if __name__ == "__main__":
    main()
