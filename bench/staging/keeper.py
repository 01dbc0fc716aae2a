"""Ends what a bench started when the bench itself is gone, however it went.

Reads `+pid born` and `-pid` lines from its standard input; at its end (the bench died, or is done) every
process still listed is killed, and the folders named on the command line are removed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys

from madoguchi.program import process


def main() -> None:
    listed: dict[int, str] = {}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        words = line[1:].split()
        if line.startswith("+"):
            listed[int(words[0])] = words[1]
        else:
            listed.pop(int(words[0]), None)
    for pid, born in listed.items():
        if process.birth(pid) == born:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
    for folder in sys.argv[1:]:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
