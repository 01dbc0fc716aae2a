"""Machine code of the simulator, made before anybody asks: the first question does not wait for a compiler.

Compiling takes some ten seconds of processor time after an installation or an update. It happens in a
process of its own, with the lowest priority and one thread: a call never waits for it, and the worker's own
jobs share Python's lock with nobody. What it made is kept on disk; the worker then only loads it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

log = logging.getLogger(__name__)
MOST_S = 120.0
"""A question waits so long for a compiler that is at work; then it compiles for itself."""
_ONE_THREAD = {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_LOOK_EVERY_S = 1.0
_lock = threading.Lock()
_begun: list[subprocess.Popen[bytes]] = []


def warm_up(folder: Path) -> bool:
    """Have the code made below `folder`, and load it; False when this process did so before."""
    with _lock:
        if _begun:
            return False
        _begun.append(
            subprocess.Popen([sys.executable, "-m", __name__, str(folder)], env=os.environ | _ONE_THREAD)
        )
    wait()
    run_once(folder)
    return True


def wait(most_s: float = MOST_S) -> None:
    """Wait while a compiler of this process is at work."""
    for compiler in _begun:
        try:
            code = compiler.wait(most_s)
        except subprocess.TimeoutExpired:
            log.warning("The simulator is still being compiled.")
            continue
        if code != 0:
            log.warning("The simulator was not compiled beforehand.", extra={"code": code})


def ready(folder: Path) -> None:
    """Take what was made below `folder` into use, once a compiler that is at work has ended."""
    from madoguchi.science.staffing.compiled import keep_in

    wait()
    keep_in(folder)


def run_once(folder: Path) -> None:
    """Let the simulator run through an hour of two people: what it needs is loaded, or made."""
    # Not at the top: every process loads the jobs, and only the worker needs the compiler's 100 MB.
    from madoguchi.science.staffing.compiled import keep_in
    from madoguchi.science.staffing.simulation.centre import Centre, Person, Queue
    from madoguchi.science.staffing.simulation.running import simulate

    keep_in(folder)
    simulate(Centre((Queue(rates_per_h=(60.0,)),), (Person(), Person()), 3_600.0), 1)


def _end_with(parent: int) -> None:
    """Nobody waits any more when the worker has gone."""
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    os._exit(1)


def main() -> None:
    """Make the code below the folder named on the command line."""
    os.nice(19)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    run_once(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
