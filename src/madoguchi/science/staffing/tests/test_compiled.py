"""Machine code is kept where its user may write, and done without where nobody may."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from madoguchi.science.staffing import compiled
from madoguchi.science.staffing.kernels.exponents import gap

pytestmark = pytest.mark.pure


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(compiled, "_kept", [])
    compiled._folder.cache_clear()
    compiled.machine_code.cache_clear()
    yield
    compiled._folder.cache_clear()
    compiled.machine_code.cache_clear()


def test_it_is_kept_in_the_folder_that_was_named(tmp_path: Path) -> None:
    compiled.keep_in(tmp_path)
    assert compiled.machine_code(gap)(2.0, 0.25) == gap(2.0, 0.25)
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert kept
    assert all(file.is_relative_to(tmp_path) for file in kept)
    assert (next(tmp_path.iterdir()).stat().st_mode & 0o077) == 0


def test_where_nothing_may_be_written_it_works_all_the_same(tmp_path: Path) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    compiled.keep_in(blocked)
    assert compiled.machine_code(gap)(-0.3, 4.0) == pytest.approx(gap(-0.3, 4.0), rel=1e-15)


def test_other_kernels_have_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled.keep_in(tmp_path)
    one = compiled._folder()
    compiled._folder.cache_clear()
    monkeypatch.setattr(compiled, "_fingerprint", lambda: "another")
    assert compiled._folder() != one
