"""`madoguchi call`: a real SIP caller (or telephone) that reports what it heard and how the call ended.

The telephone itself is a program of its own (`caller/phone.py`) on pjsua2, which is GPL and an optional
extra: it is started beside the product, spoken with by lines of JSON, and never imported.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from madoguchi.config import installation
from madoguchi.program.caller.plan import PlanError, Wish, plan
from madoguchi.program.caller.report import FAILED, Report, report

_PHONE = Path(__file__).parent / "caller" / "phone.py"
_MISSING = (
    "The telephone is an optional part. Install it with: pip install 'madoguchi[caller]' (pjsua2, GPL)."
)
# Beyond the planned seconds: hanging up, the last answers, and the goodbye of a registration.
_GRACE_S = 10

Told = dict[str, Any]


@click.command()
@click.option("--to", default="", help="The number to call. Without it the telephone waits for calls.")
@click.option("--from", "caller", default="0901234567", show_default=True, help="The caller's number.")
@click.option("--name", default="", help="The caller's name as the telephone shows it.")
@click.option("--trunk", default="", help="Where to call, host:port. Default: this installation's line.")
@click.option("--username", default="", help="Register as this user (a desk phone or a provider's customer).")
@click.option("--password", envvar="MADOGUCHI_CALL_PASSWORD", default="", help="Better by the environment.")
@click.option("--say", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Sound to speak.")
@click.option("--tone", "tone_hz", type=click.IntRange(50, 3400), help="Speak a steady tone instead.")
@click.option("--keys", default="", help="Keys to press after the answer.")
@click.option("--keys-after", "keys_after_s", default=1.5, show_default=True, help="… so many seconds after.")
@click.option("--seconds", default=20.0, show_default=True, help="Hang up (or stop waiting) after these.")
@click.option("--answer-after", "answer_after_s", type=float, help="Answer calls after these seconds.")
@click.option("--answer-code", default=200, show_default=True, help="… with this SIP status, e.g. 486.")
@click.option("--port", default=0, help="Own SIP port; 0 = any that is free.")
@click.option(
    "--heard", type=click.Path(dir_okay=False, path_type=Path), help="Keep what is heard here (WAV)."
)
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def call(as_json: bool, trunk: str, **wishes: Any) -> None:
    """Call the centre as a customer would, and tell what happened.

    Ends with 0 when the call was answered, 1 when it was not, 2 for a wrong option, 3 when no call was
    possible at all.
    """
    wish = Wish(trunk=trunk or _own_line(), **wishes)
    said = (lambda line: None) if as_json else _say
    try:
        result = place(wish, said)
    except PlanError as error:
        raise click.UsageError(str(error)) from error
    click.echo(json.dumps(result.as_json(), ensure_ascii=False) if as_json else result.as_text())
    sys.exit(result.exit_code)


def place(wish: Wish, heard_of: Callable[[Told], None] = lambda line: None) -> Report:
    """Do what is wished with a telephone of its own, to the end. Raises PlanError."""
    if importlib.util.find_spec("pjsua2") is None:
        return Report(error=_MISSING)
    with tempfile.TemporaryDirectory(prefix="madoguchi-call-") as folder:
        # Without a place of one's own, what was heard is measured and thrown away.
        wanted = plan(wish, Path(folder))
        wanted["heard"] = wanted["heard"] or str(Path(folder) / "heard.wav")
        told: list[Told] = []
        for line in _run(wanted, wish.seconds + _GRACE_S):
            told.append(line)
            heard_of(line)
        return report(told)


def _run(wanted: dict[str, Any], at_most_s: float) -> Iterator[Told]:
    process = subprocess.Popen(
        [sys.executable, str(_PHONE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PHONE_DEADLINE_S": str(at_most_s)},
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(json.dumps(wanted).encode() + b"\n")
        process.stdin.flush()
        yield from _lines(process.stdout)
        if process.wait(at_most_s) not in {0, FAILED}:
            yield {"what": "error", "at": 0.0, "text": f"the telephone ended with {process.returncode}"}
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _lines(stdout: Any) -> Iterator[Told]:
    for line in stdout:
        # pjsua2 says a few words of its own before it can be silenced.
        if line.startswith(b"{"):
            yield json.loads(line)


def _own_line() -> str:
    # Reading an installation that is not there yet would make it, with whoever calls as its owner.
    if not installation.home_of(os.environ).exists():
        return Wish().trunk
    known = installation.load()
    opened = ipaddress.ip_address(known.sip_bind).is_unspecified
    return f"{'127.0.0.1' if opened else known.sip_bind}:{known.sip_port}"


def _say(line: Told) -> None:
    words = {
        "calling": "calling …",
        "ringing": "it rings",
        "answered": "answered",
        "registered": "registered",
    }
    if line["what"] in words:
        click.echo(words[line["what"]], err=True)
