"""The pictures of README and guides: `bin/test docs --pictures` takes them anew, from a real call."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import sync_playwright
from staging.centre import Centre, Ports

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

DOCS = Path(__file__).resolve().parents[1]
PORTS = 600
# The demonstration stays as `prepare` made it.
FILLER = "import json, sys; sys.stdin.readline(); json.dump({'number': ''}, sys.stdout)"


def shown() -> set[Path]:
    """Every screen that the READMEs and the guides show."""
    pages = [*DOCS.parent.glob("README*.md"), *DOCS.glob("guides/*.md")]
    named = {name for page in pages for name in re.findall(r"pictures/([a-z-]+\.png)", page.read_text())}
    return {DOCS / "pictures" / name for name in named}


def test_every_picture_that_is_shown_is_there() -> None:
    assert len(shown()) >= 10
    assert [picture.name for picture in sorted(shown()) if not picture.is_file()] == []


def test_all_of_them_are_taken_from_a_real_call(
    request: pytest.FixtureRequest,
    free_ports: Callable[[int], int],
    script: Callable[[str], ModuleType],
    tmp_path: Path,
) -> None:
    if not request.config.getoption("--pictures"):
        pytest.skip("only with --pictures: it writes into docs/pictures")
    filler = tmp_path / "filler.py"
    filler.write_text(FILLER)
    took, began = script("take_pictures"), time.time()
    ports = Ports(free_ports(PORTS), PORTS)
    with (
        Centre(ports=ports, demonstration=True, filled_by=str(filler)) as centre,
        sync_playwright() as played,
    ):
        browser = played.chromium.launch(executable_path="/usr/bin/chromium", args=list(took.CHROMIUM))
        took.take_all(took.Centre(browser, centre.installation))
        browser.close()
    assert [picture.name for picture in sorted(shown()) if picture.stat().st_mtime < began] == []
