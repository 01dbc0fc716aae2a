"""No command spends a second processor on small matrices, unless its owner says so."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.pure

_TRIED = """
import os, sys
from click.testing import CliRunner
from madoguchi.program.main import program
assert "numpy" not in sys.modules, "read when NumPy is imported: later is too late"
CliRunner().invoke(program, ["staffing", "erlang-b", "--load", "3", "--lines", "5"])
assert "numpy" in sys.modules
print(os.environ["OPENBLAS_NUM_THREADS"])
"""


@pytest.mark.parametrize(("given", "found"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "4"}, "4")])
def test_commands_and_what_they_start_use_one_thread(given: dict[str, str], found: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _TRIED], env={"PATH": "/usr/bin:/bin", **given}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == found
