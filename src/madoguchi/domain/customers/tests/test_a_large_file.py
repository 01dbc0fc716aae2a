"""A file of any size is read in the memory of a small one, and what is too large is refused at once."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.domain.customers import import_file, import_store
from madoguchi.domain.customers.errors import FileUnreadable
from madoguchi.domain.customers.import_join import Joined

pytestmark = pytest.mark.pure

PEAK = """
import resource, sys, django
django.setup()
from madoguchi.domain.customers import import_file, import_store
from madoguchi.domain.customers.import_join import Joined
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
def take(name):
    with open(name, "rb") as content, import_store.scratch() as scratch:
        file = Joined(scratch, import_file.read(content).rows)
        assert file.people == sum(1 for _row in file.rows())
        return file.people
take(sys.argv[1])
before = peak()
people = take(sys.argv[2])
print(people, peak() - before)
"""


def _file_of(rows: int, encoding: str, folder: Path) -> Path:
    file = folder / f"{rows}-{encoding}.csv"
    with file.open("w", encoding=encoding) as stream:
        stream.write("顧客番号,氏名,フリガナ,電話番号,住所,備考\n")
        for number in range(rows):
            digits = f"03-{1111 + number // 10_000:04d}-{number % 10_000:04d}"
            stream.write(f"C-{number},髙橋 花子{number},タカハシ ハナコ,{digits},東京都千代田区{number},")
            stream.write("ご連絡は平日18時以降にお願いいたします。" * 2 + "\n")
    return file


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_fifty_times_the_people_take_no_more_memory(encoding: str, tmp_path: Path) -> None:
    small, large = (_file_of(rows, encoding, tmp_path) for rows in (300, 15_000))
    ran = subprocess.run(
        [sys.executable, "-c", PEAK, small, large], check=True, capture_output=True, text=True, env=os.environ
    )
    people, grown = map(int, ran.stdout.split())
    assert people == 15_000
    # The scratch file's 4 MB of cache, and what the allocator rounds up to; the rows alone would be 30 MB.
    assert grown < 8 << 20, f"{grown >> 20} MB"


def test_a_line_without_end_is_refused_before_it_is_held_whole() -> None:
    content = io.BytesIO("氏名,備考\n鈴木,".encode() + b"x" * (import_file.MOST_BYTES // 2))
    with pytest.raises(FileUnreadable, match="2"):
        list(import_file.read(content).rows)
    endless = io.BytesIO("氏名,備考\n".encode() + b'"a\n",' * (import_file.LONGEST_LINE // 4))
    with pytest.raises(FileUnreadable, match="2"):
        list(import_file.read(endless).rows)


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["", "", "C-1", "C-2"]),
        st.sampled_from(["森", "林", "森 "]),
        st.sampled_from(["", "03-1234-5678", "06-6123-4567"]),
        st.sampled_from(["", "千代田区"]),
    ),
    max_size=8,
)


@given(PEOPLE)
def test_rows_are_joined_as_the_rule_says(people: list[tuple[str, str, str, str]]) -> None:
    text = "顧客番号,氏名,電話,住所\n林1,林,0312345678,\n" + "".join(f"{','.join(one)}\n" for one in people)
    rows = list(import_file.read(io.BytesIO(text.encode())).rows)
    with import_store.scratch() as scratch:
        file = Joined(scratch, rows)
        kept = list(file.rows())
        assert list(file.rows(behind=1)) == kept[1:]
    assert [_seen(row) for row in kept] == _by_the_rule(rows)
    assert len(kept) + file.doubled == len(rows)


def _seen(row: import_file.Row) -> list[object]:
    return [row.line, row.external_id, row.address, {number.e164 for number in row.numbers}]


def _by_the_rule(rows: list[import_file.Row]) -> list[list[object]]:
    """The rule, in memory: who has a mark first keeps it, and two customer numbers are two people."""
    by_mark: dict[object, import_file.Row] = {}
    kept: list[import_file.Row] = []
    for row in rows:
        marks: list[object] = [row.external_id] if row.external_id else []
        marks += [(number.e164, row.name.strip()) for number in row.numbers]
        marks = marks or [("all", row.name, row.address)]
        first = next((by_mark[mark] for mark in marks if mark in by_mark), None)
        if first is not None and first.external_id and row.external_id:
            first = first if first.external_id == row.external_id else None
        if first is None:
            kept.append(row)
        else:
            first.external_id = first.external_id or row.external_id
            first.address = first.address or row.address
            first.numbers = first.numbers + row.numbers
        for mark in marks:
            by_mark.setdefault(mark, first or row)
    return [_seen(row) for row in kept]
