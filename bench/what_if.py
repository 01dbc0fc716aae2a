"""How long somebody who moves a slider of 「もしも」 waits for the picture, in a real browser.

    bin/bench what_if --address http://localhost:8000 --user kobayashi --password … [--day 2026-11-20]

A running centre is needed, with a past day that can be learned. Each ask is another question: one slider is
moved, and the clock runs from that moment until the new figures stand on the page; the debounce, the worker
and the polling are all in it. The worker is warm: the day is learned before. Goal: 3 s for each.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from itertools import cycle

from playwright.sync_api import Page, sync_playwright

GOAL_S = 3.0
_SLIDERS = ("people", "handling", "outside", "wrap_up", "call_back")


def main() -> int:
    """Measure; the exit code says whether the goal is met."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--address", required=True)
    asked.add_argument("--user", required=True)
    asked.add_argument("--password", required=True)
    asked.add_argument("--day", default="")
    asked.add_argument("--asks", type=int, default=10)
    told = asked.parse_args()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(locale="ja-JP", viewport={"width": 1440, "height": 1000})
        page.goto(f"{told.address}/accounts/login/")
        page.fill("input[name=login]", told.user)
        page.fill("input[name=password]", told.password)
        page.press("input[name=password]", "Enter")
        page.wait_for_load_state()
        waits_s = _waits(page, f"{told.address}/planning/what-if/?day={told.day}", told.asks)
        browser.close()
    print(" ".join(f"{wait_s:.2f}" for wait_s in waits_s))
    met = max(waits_s) <= GOAL_S
    middle = statistics.median(waits_s)
    print(
        f"median {middle:.2f} s, worst {max(waits_s):.2f} s (goal {GOAL_S} s): {'met' if met else 'MISSED'}"
    )
    return 0 if met else 1


def _waits(page: Page, address: str, asks: int) -> list[float]:
    page.goto(address)
    page.wait_for_selector("what-if-board", timeout=120_000)
    # Numbers that nobody has asked about: what is known already is shown without work.
    fresh = time.time_ns() // 1_000_000_000 % 9
    waits_s = []
    for number, name in zip(range(asks), cycle(_SLIDERS), strict=False):
        value = 1 + (fresh + number) % 19
        began = time.perf_counter()
        page.fill(f"#knob-{name}", str(value))
        answer = f"#what-if-answer[data-link*='{name}={value}'][data-stage=done]"
        page.wait_for_selector(answer, state="attached", timeout=60_000)
        waits_s.append(time.perf_counter() - began)
    return waits_s


if __name__ == "__main__":
    sys.exit(main())
