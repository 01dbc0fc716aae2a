"""What the documents say must be there: links, commands, settings, words, diagrams."""

import importlib.util
import re
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest

from madoguchi.config.installation import Installation

pytestmark = pytest.mark.pure

TOP = Path(__file__).resolve().parents[2]
DOCS = TOP / "docs"
PAGES = sorted([*TOP.glob("*.md"), *DOCS.rglob("*.md")])
READMES = [TOP / "README.md", TOP / "README.ja.md"]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SOURCES = (".py", ".ts", ".html")


def name_of(page: Path) -> str:
    return str(page.relative_to(TOP))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = CODE_BLOCK.sub("", page.read_text())
    targets = [one.partition("#")[0] for one in LINK.findall(text) if "://" not in one]
    dead = [one for one in targets if one and not (page.parent / one).exists()]
    assert dead == []


def rows(page: Path, first: str) -> list[list[str]]:
    """The cells of the table whose head begins with `first`."""
    lines = page.read_text().splitlines()
    begins = next(at for at, line in enumerate(lines) if line.startswith(f"| {first} |"))
    table = []
    for line in lines[begins + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


def settings_of(page: Path) -> dict[str, str]:
    """Setting → default, as a page's table tells them."""
    table = rows(page, "setting" if page.name == "README.md" else "項目")
    return {row[0].strip("`"): row[1].strip("`") for row in table}


@pytest.mark.parametrize("page", READMES, ids=name_of)
def test_every_setting_is_told_with_its_default_and_none_is_invented(page: Path) -> None:
    told = settings_of(page)
    assert told.keys() == {one.name for one in fields(Installation)} - {"secrets"}
    for one in fields(Installation):
        if one.name in told and isinstance(one.default, bool | int | str) and one.default != "":
            default = str(one.default).lower() if isinstance(one.default, bool) else str(one.default)
            assert told[one.name] == default, one.name


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_that_are_named_exist(page: Path) -> None:
    named = set(re.findall(r"(?<![\w/.])bin/([a-z]+)\b", page.read_text()))
    assert {one for one in named if not (TOP / "bin" / one).is_file()} - {"checks"} == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_subcommands_that_are_named_exist(page: Path) -> None:
    from madoguchi.program.main import program

    named = set(re.findall(r"bin/madoguchi ([a-z]+)", page.read_text()))
    assert named - set(program.commands) == set()


def sources() -> str:
    files = [
        file for file in (TOP / "src").rglob("*") if file.suffix in SOURCES and "static" not in file.parts
    ]
    return "\n".join(file.read_text() for file in files)


def test_every_word_of_the_glossary_is_in_the_code() -> None:
    text = sources()
    page = (DOCS / "glossary.md").read_text()
    table = [line.split("|") for line in page.splitlines() if line.startswith("| ") and "`" in line]
    words = [cells[3].strip().strip("`") for cells in table]
    assert len(words) > 60
    assert [word for word in words if not re.search(rf"\b{re.escape(word)}\b", text)] == []


def test_files_and_functions_of_the_way_of_a_call_exist() -> None:
    page = (DOCS / "way-of-a-call.md").read_text()
    source = TOP / "src" / "madoguchi"
    paths = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", page)
    named = [path for path in paths if not _found(source, path)]
    assert len(paths) > 10
    assert named == []
    functions = re.findall(r"`(?:[a-z_]+/)*([a-z_]+)\.(?:[A-Z]\w+\.)?_?([a-z_]+)`", page)
    assert len(functions) > 25
    text = sources()
    missing = [name for _, name in functions if name != "py" and not re.search(rf"def _?{name}\b", text)]
    assert missing == []


def _found(source: Path, path: str) -> bool:
    return (source / path).exists() or (source / "domain" / path).exists()


def test_the_diagrams_are_those_of_the_tables() -> None:
    assert drawing().page() == (DOCS / "states.md").read_text(), (
        "docs/states.md is stale: run docs/draw_diagrams.py"
    )


def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_diagrams", DOCS / "draw_diagrams.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_outcome_has_its_definition() -> None:
    from madoguchi.domain.calls.states import Outcome

    page = (DOCS / "guides" / "measures.md").read_text()
    assert [one for one in Outcome if f"`{one}`" not in page] == []


@pytest.mark.parametrize("picture", sorted((DOCS / "pictures").glob("*.png")), ids=lambda file: file.name)
def test_pictures_are_light(picture: Path) -> None:
    assert picture.stat().st_size <= 300_000
