"""SIP telephones that know exactly what happened to them: callers, and operators at desk phones.

All of them live in one thread with its own event loop; what they saw may be read from any thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field

from staging.caller_phone import Caller
from staging.operator_phone import Operator, Ring
from staging.phone import Phone

__all__ = ["Caller", "Operator", "Phones", "Ring"]


@dataclass(slots=True)
class Phones:
    """All telephones of a centre, in a thread of their own."""

    sip_port: int
    operators: list[Operator] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None
    _number: int = 0

    def start(self) -> None:
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="telephones")
        self._thread.start()

    def operator(self, endpoint: str, secret: str) -> Operator:
        """Put a desk phone on a desk; it registers by itself."""
        made = Operator(endpoint, secret, self.sip_port, mark=0x10 + len(self.operators) % 40)
        self.operators.append(made)
        self._run(made.open())
        return made

    def call(self, called: str) -> Caller:
        """A customer with a number nobody else has calls."""
        self._number += 1
        made = Caller(f"090{self._number:08d}", called, self.sip_port, mark=0x40 + self._number % 40)
        self.callers.append(made)
        self._run(made.open())
        return made

    def do(self, what: Callable[[], None]) -> None:
        """Do something in the telephones' thread, and wait for it."""
        done: Future[None] = Future()

        def act() -> None:
            try:
                what()
                done.set_result(None)
            except Exception as error:  # noqa: BLE001 - handed to whoever waits
                done.set_exception(error)

        self._loop.call_soon_threadsafe(act)
        done.result(5)

    def switch_died(self) -> None:
        """Every call is gone, and nobody says so."""

        def forget() -> None:
            everybody: tuple[Phone, ...] = (*self.operators, *self.callers)
            for phone in everybody:
                phone.forget()

        self.do(forget)

    def stop(self) -> None:
        def close() -> None:
            everybody: tuple[Phone, ...] = (*self.operators, *self.callers)
            for phone in everybody:
                phone.close()

        self.do(close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join(5)

    def _run(self, coroutine: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(5)
