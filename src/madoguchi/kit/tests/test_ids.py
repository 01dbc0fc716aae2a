import threading
import time
import uuid
from unittest import mock

import pytest

from madoguchi.kit import ids

pytestmark = pytest.mark.pure


def test_ids_are_version_7_of_the_standard_variant() -> None:
    made = ids.new_id()
    assert made.version == 7
    assert made.variant == uuid.RFC_4122


def test_ids_carry_the_time_they_were_made() -> None:
    before_ms = time.time_ns() // 1_000_000
    made = ids.new_id()
    # An id may run ahead of the clock only after 2⁴¹ ids in one millisecond, or a clock set back.
    assert before_ms <= ids.made_at_ms(made) <= time.time_ns() // 1_000_000


def test_ids_of_one_process_only_grow() -> None:
    made = [ids.new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_grow_while_the_clock_steps_back() -> None:
    first = ids.new_id()
    with mock.patch("time.time_ns", return_value=1_000_000_000):
        second = ids.new_id()
    assert second > first


def test_a_counter_that_runs_over_moves_on_to_the_next_millisecond() -> None:
    first = ids.new_id()
    with (
        mock.patch.object(ids, "_counter", ids._COUNTER_MAX),
        mock.patch("time.time_ns", return_value=ids.made_at_ms(first) * 1_000_000),
        mock.patch.object(ids, "_last_ms", ids.made_at_ms(first)),
    ):
        assert ids.made_at_ms(ids.new_id()) == ids.made_at_ms(first) + 1


def test_threads_never_make_the_same_id() -> None:
    made: list[uuid.UUID] = []

    def make() -> None:
        made.extend([ids.new_id() for _ in range(2_000)])

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 16_000


def test_the_time_of_another_kind_of_id_is_refused() -> None:
    with pytest.raises(ValueError, match="version 7"):
        ids.made_at_ms(uuid.uuid4())
