"""A controller knows whether the one before it is dead; then it need not wait for the lease to lapse."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from madoguchi.control.seat import Seat

pytestmark = pytest.mark.pure

_HOLDS = """
import sys, time
from pathlib import Path
from uuid import UUID
from madoguchi.control.seat import Seat
seat = Seat(Path(sys.argv[1]))
seat.take(UUID(sys.argv[2]))
print("sits", flush=True)
time.sleep(60)
"""


def test_nobody_sat_on_a_new_seat(tmp_path: Path) -> None:
    assert Seat(tmp_path / "run" / "seat").take(uuid4()) is None


def test_who_is_alive_is_not_taken_for_dead(tmp_path: Path) -> None:
    first, second = Seat(tmp_path / "seat"), Seat(tmp_path / "seat")
    holder = uuid4()
    first.take(holder)
    assert second.take(uuid4()) is None
    assert (tmp_path / "seat").read_text() == str(holder)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_who_was_killed_is_named_to_the_next(tmp_path: Path, sign: signal.Signals) -> None:
    holder, file = uuid4(), tmp_path / "seat"
    sitting = subprocess.Popen(
        [sys.executable, "-c", _HOLDS, file, str(holder)], stdout=subprocess.PIPE, text=True
    )
    assert sitting.stdout is not None and sitting.stdout.readline() == "sits\n"
    os.kill(sitting.pid, sign)
    sitting.wait()
    sitting.stdout.close()
    assert Seat(file).take(uuid4()) == holder


def test_a_file_that_holds_no_id_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "seat").write_text("node-1")
    mine = UUID(int=7)
    assert Seat(tmp_path / "seat").take(mine) is None
    assert (tmp_path / "seat").read_text() == str(mine)
