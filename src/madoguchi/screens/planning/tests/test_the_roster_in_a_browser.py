"""「シフト」 in a real browser: changed by keyboard alone, questions before a loss, no page jumps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from madoguchi.domain.people.models import Account
from madoguchi.domain.roster.models import Roster, Shift, Wish
from madoguchi.domain.roster.tests.a_team import SUNDAY, Team, day
from madoguchi.kit.clock import business_day, now
from madoguchi.screens.parts.tests.served import chromium, page_of, rows_beside_a_browser, served

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

expect.set_options(timeout=15_000)
WEEK = f"/planning/roster/?day={SUNDAY}"


@pytest.fixture(scope="module", autouse=True)
def rows_and_browser() -> Iterator[None]:
    with rows_beside_a_browser():
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def address(free_ports: Callable[[int], int]) -> Iterator[str]:
    with served(free_ports(1)) as found:
        yield found


@pytest.fixture
def team() -> Team:
    return Team()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[[Account, str], Page]]:
    """Opens a page as somebody."""
    pages: list[Page] = []

    def opens(person: Account, path: str) -> Page:
        pages.append(page_of(browser, address, person, path, height=700))
        return pages[-1]

    yield opens
    for page in pages:
        page.context.close()


def square(page: Page, person: Account, number: int) -> str:
    """The selector of a square that holds the focus."""
    return f"#square-{person.pk}-{day(number)}:focus"


def test_a_week_is_changed_by_keyboard_alone_and_the_place_is_kept(
    opened: Callable[[Account, str], Page], team: Team
) -> None:
    team.draft({0: [1]})
    page = opened(team.leader, WEEK)
    assert page.locator(".roster-grid button.roster-square[tabindex='0']").count() == 1
    page.locator(f"#square-{team.people[0].pk}-{day(0)}").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(square(page, team.people[0], 1))).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#roster-cell input[type=radio]:focus")).to_have_value(str(team.early.pk))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(f"{square(page, team.people[0], 1)} b")).to_have_text("遅")
    expect(page.locator("#roster-cell[open]")).to_have_count(0)
    assert Shift.objects.get().shift_type == team.late
    page.keyboard.press("End")
    expect(page.locator(square(page, team.people[0], 6))).to_have_count(1)


def test_hours_that_nobody_can_read_bring_the_eye_to_them(
    opened: Callable[[Account, str], Page], team: Team
) -> None:
    team.draft({0: [1]})
    page = opened(team.leader, WEEK)
    page.locator(f"#square-{team.people[0].pk}-{day(1)}").click()
    page.fill("#cell-hours", "おそめ")
    page.keyboard.press("Enter")
    expect(page.locator("#roster-cell [role=alert]")).to_contain_text("「おそめ」は時間として読めません")
    expect(page.locator("#cell-hours:focus")).to_have_value("おそめ")


def test_publishing_asks_and_a_no_leaves_all_as_it_was(
    opened: Callable[[Account, str], Page], team: Team
) -> None:
    team.draft({0: [1]})
    page = opened(team.leader, WEEK)
    asked: list[str] = []

    def no(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", no)
    page.get_by_role("button", name="公開する").click()
    assert "全員に見えるように" in asked[0]
    assert Roster.objects.get().stage == "draft"
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="公開する").click()
    expect(page.locator(".roster-stage")).to_contain_text("公開済み")


def test_a_wish_far_down_the_page_does_not_move_it(
    opened: Callable[[Account, str], Page], team: Team
) -> None:
    page = opened(team.people[0], "/planning/roster/mine")
    later = business_day(now()) + timedelta(days=25)
    choice = page.locator(f"#wish-{later}")
    choice.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    choice.focus()
    choice.select_option("off")
    expect(page.locator("li .saved")).to_have_text("希望を登録しました。")
    assert page.evaluate("scrollY") == before > 0
    assert page.evaluate("document.activeElement.id") == f"wish-{later}"
    page.fill(f"#wish-note-{later}", "通院")
    page.keyboard.press("Enter")
    expect(page.locator("li .saved")).to_be_visible()
    for _ in range(50):
        if Wish.objects.get().note:
            break
        page.wait_for_timeout(100)
    assert Wish.objects.get().note == "通院"
