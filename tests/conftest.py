"""For the whole-product stories: a centre, two operators in two browsers, and customers with telephones."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from staging import seed_demonstration
from staging.centre import Centre, Ports, wait_until
from staging.customers import Customers
from staging.customers import outside as outside_telephone
from staging.desk import SATO_HZ, TANAKA_HZ, Desk, launch, new_context
from staging.telephone import Telephone

PORTS_OF_A_CENTRE = 600
"""Enough for a hundred legs."""


@pytest.fixture(scope="module")
def ports(free_ports: Callable[[int], int]) -> Ports:
    return Ports(free_ports(PORTS_OF_A_CENTRE), PORTS_OF_A_CENTRE)


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory, ports: Ports) -> Iterator[Telephone]:
    """Whom the centre reaches when it calls out."""
    phone = outside_telephone(tmp_path_factory.mktemp("outside"), ports.outside)
    yield phone
    phone.close()


@pytest.fixture(scope="module")
def house(outside: Telephone, ports: Ports) -> Iterator[Centre]:
    """The demonstration's centre, with short waits; the line leads to the telephone outside."""
    with Centre(
        ports=ports,
        demonstration=True,
        filled_by=seed_demonstration.__file__,
        queue={"trunk_port": ports.outside},
    ) as centre:
        yield centre


@pytest.fixture(scope="module")
def address(house: Centre) -> str:
    return f"http://127.0.0.1:{house.installation.http_port}"


@pytest.fixture(scope="module")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Browser]]:
    """One browser for each voice."""
    folder = tmp_path_factory.mktemp("voices")
    with sync_playwright() as playwright:
        opened = {hertz: launch(playwright, folder, hertz) for hertz in (SATO_HZ, TANAKA_HZ)}
        yield opened
        for browser in opened.values():
            browser.close()


@pytest.fixture(scope="module")
def desks(house: Centre, address: str, browsers: dict[int, Browser]) -> dict[str, Desk]:
    words = house.seeded["words"]
    return {
        name: Desk(new_context(browsers[hertz]), address, name, words[name])
        for name, hertz in (("sato", SATO_HZ), ("tanaka", TANAKA_HZ))
    }


@pytest.fixture
def both_free(house: Centre, desks: dict[str, Desk]) -> Iterator[None]:
    """Both operators available and idle before the test, and no error on a page after it."""

    def are_free() -> bool:
        for desk in desks.values():
            if desk.page.locator("[data-finishes]").is_visible():
                desk.finish()
            if "受付可" not in desk.section("me").inner_text():
                desk.be("available")
        # The page may still show a ring that has ended, since it is told of the end after everybody else.
        return free(house) == {"sato", "tanaka"} and all(desk.is_silent() for desk in desks.values())

    wait_until(are_free, 30, "both operators are free", every_s=0.3)
    yield
    assert [error for desk in desks.values() for error in desk.errors] == []


def free(house: Centre) -> set[str]:
    """Who could be rung now, as the database has it."""
    rows = house.sql(
        "SELECT p.username FROM agents_agent a JOIN people_account p ON p.id = a.account_id"
        " WHERE presence = 'available' AND activity = 'idle' AND phone_reachable"
        " AND coalesce(cooling_off_until < now(), true)"
    )
    return {str(row[0]) for row in rows}


@pytest.fixture
def sato(desks: dict[str, Desk], both_free: None) -> Desk:
    return desks["sato"]


@pytest.fixture
def tanaka(desks: dict[str, Desk], both_free: None) -> Desk:
    return desks["tanaka"]


@pytest.fixture
def customers(house: Centre, tmp_path: Path) -> Iterator[Customers]:
    made = Customers(tmp_path, house.installation.sip_port)
    yield made
    for phone in made.made:
        phone.close()
    wait_until(
        lambda: house.sql("SELECT count(*) FROM calls_call WHERE phase <> 'ended'") == [(0,)],
        20,
        "every call has ended",
    )
