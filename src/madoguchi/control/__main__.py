"""`python -m madoguchi.control`: hold this installation's switch until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

import django
import structlog
import uvloop

from madoguchi.switch.lines import WatchesLines
from madoguchi.switch.listening import REPORT_FILE

SPEAKING_PATIENCE_S = 15.0
LOADED_AFTER_S = 10.0


def main() -> None:
    """Set Django up, then run; the exit code tells the supervisor whether to start anew."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings")
    # A connection each for our few threads: while the database is away an action fails at once.
    os.environ["MADOGUCHI_POOL_MAX"] = "0"
    django.setup()
    sys.exit(uvloop.run(_run()))


async def _run() -> int:
    # After set-up only: these modules hold models.
    from django.conf import settings

    from madoguchi.control import configuring, deafness, pool
    from madoguchi.control.controller import LOST_LEASE, Controller, LeaseLost
    from madoguchi.control.seat import Seat
    from madoguchi.domain.ledger import kept
    from madoguchi.switch.asterisk.adapter import AsteriskSwitch

    log = structlog.get_logger("madoguchi.control")
    view = await pool.run(configuring.current_view)
    switch = AsteriskSwitch.of(view)
    reconfigure = _Reconfiguring(switch)
    controller = Controller(switch, reconfigure.ask, Seat(settings.INSTALLATION.run / "control.seat"))
    reconfigure.ask()
    kept.keep_from_now_on()
    loop = asyncio.get_running_loop()
    _end_at_signals(loop)
    ready = controller.ready
    deaf = deafness.forever(switch, settings.INSTALLATION.run / REPORT_FILE)
    beside = [asyncio.create_task(one) for one in (_tell_ready(ready), _watch_lines(ready, switch), deaf)]
    try:
        await _make_the_voice_ready(loop)
        await controller.forever()
    except LeaseLost:
        return LOST_LEASE
    except asyncio.CancelledError:
        log.info("Control was told to stop.")
        return 0
    finally:
        for one in beside:
            one.cancel()
        reconfigure.cancel()
        pool.shut()
    return 1


async def _make_the_voice_ready(loop: asyncio.AbstractEventLoop) -> None:
    """Speak what is heard first; callers of these seconds hear ringing and are served afterwards."""
    from madoguchi.control import pool
    from madoguchi.control.speaking import load_synthesiser, speak_ahead

    try:
        await asyncio.wait_for(pool.run(speak_ahead), SPEAKING_PATIENCE_S)
    except Exception:
        log = structlog.get_logger("madoguchi.control")
        log.exception("Not everything was spoken ahead; what is missing is spoken when it is needed.")
    # Not at once: after a crash there are calls to take over first.
    loop.call_later(LOADED_AFTER_S, lambda: loop.run_in_executor(None, load_synthesiser))


def _end_at_signals(loop: asyncio.AbstractEventLoop) -> None:
    """Let SIGTERM and SIGINT cancel the task that we are."""
    task = asyncio.current_task()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, lambda: task.cancel() if task else None)


class _Reconfiguring:
    """Writes the switch's configuration anew when asked, one at a time, and makes it load what changed."""

    def __init__(self, switch: object) -> None:
        self._switch = switch
        self._asked = asyncio.Event()
        self._task = asyncio.create_task(self._forever())

    def ask(self) -> None:
        self._asked.set()

    def cancel(self) -> None:
        self._task.cancel()

    async def _forever(self) -> None:
        from madoguchi.control import configuring, pool

        log = structlog.get_logger("madoguchi.control")
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                written = await pool.run(configuring.write)
                if written.reload:
                    await self._switch.reload(written.reload)  # type: ignore[attr-defined]
                    log.info("The switch took a new configuration.", files=written.files)
                if written.restart:
                    log.warning(
                        "Some settings come into force at the switch's next start.", files=written.files
                    )
            except Exception:
                log.exception("The switch's configuration could not be renewed.")
                await asyncio.sleep(5.0)
                self._asked.set()


async def _watch_lines(ready: asyncio.Event, switch: WatchesLines) -> None:
    """Look after the lines once the switch is ours."""
    from madoguchi.control import watching

    await ready.wait()
    await watching.forever(switch)


async def _tell_ready(ready: asyncio.Event) -> None:
    """Write our process number where the supervisor looks for it."""
    from django.conf import settings

    await ready.wait()
    flag = settings.INSTALLATION.run / "control.ready"
    with contextlib.suppress(OSError):
        flag.write_text(f"{os.getpid()}\n")


if __name__ == "__main__":
    main()
