"""A customer's telephone: calls one number once, and knows how that went."""

from __future__ import annotations

import asyncio
import secrets
import time

from staging import sip
from staging.media import HOST, Media
from staging.phone import Phone

T1_S = 0.5


class Caller(Phone):
    """A customer who calls one number once."""

    def __init__(self, number: str, called: str, server_port: int, mark: int) -> None:
        super().__init__(number, server_port, mark)
        self.called = called
        self.place = "dialling"
        """dialling, ringing, answered or ended."""
        self.code = 0
        self.dialled_at = 0.0
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.hung_up_by_us = False
        self.lost = False
        """Our switch died under the call."""
        self.cleared_cause = ""
        self._sip_id, self._cseq, self._branch = secrets.token_hex(10), 1, self.new_branch()
        self._remote_to, self._target = "", ""
        self._repeating: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await super().open()
        self.media = Media(self.mark)
        await self.media.open()
        self.dialled_at = time.time()
        self._repeating = asyncio.create_task(self._invite())

    def close(self) -> None:
        if self._repeating is not None:
            self._repeating.cancel()
        super().close()

    @property
    def living(self) -> bool:
        return self.place != "ended"

    def hears(self, mark: int, *, within_s: float = 0.5) -> bool:
        """Whether that party was heard just now."""
        return self.media is not None and self.media.marks_since(time.monotonic() - within_s)[mark] > 0

    async def _invite(self) -> None:
        body = sip.session(self.media.port if self.media else 9)
        data = sip.write(f"INVITE {self._uri} SIP/2.0", self._headers("INVITE", self._branch), body)
        wait_s = T1_S
        while self.place == "dialling" and time.time() - self.dialled_at < 32 and not self.code:
            self.send(data)
            await asyncio.sleep(wait_s)
            wait_s *= 2
        if self.place == "dialling" and not self.code:
            self._over(408)

    @property
    def _uri(self) -> str:
        return f"sip:{self.called}@{self.server[0]}:{self.server[1]}"

    def _headers(self, method: str, branch: str) -> list[tuple[str, str]]:
        to = self._remote_to or f"<{self._uri}>"
        return [
            self.via(branch),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.user}@{HOST}>;tag={self.tag}"),
            ("To", to),
            ("Call-ID", self._sip_id),
            ("CSeq", f"{self._cseq} {method}"),
            ("Contact", f"<{self.contact}>"),
        ]

    def take(self, message: sip.Message) -> None:
        if message.is_response:
            if message.method == "INVITE":
                self._invite_answered(message)
            return
        if message.method == "BYE":
            self.cleared_cause = message.get("Reason")
            self.send(sip.response(message, 200, "OK", tag=self.tag, contact=self.contact))
            self._over(0)
        elif message.method == "INVITE" and self.media is not None:
            body = sip.session(self.media.port)
            self.send(sip.response(message, 200, "OK", tag=self.tag, contact=self.contact, body=body))
        elif message.method != "ACK":
            self.send(sip.response(message, 200, "OK", tag=self.tag, contact=self.contact))

    def _invite_answered(self, message: sip.Message) -> None:
        self.code = max(self.code, 100)
        if message.code >= 200:
            self._remote_to = message.get("To")
        if 180 <= message.code < 200 and self.place == "dialling":
            self.place = "ringing"
        elif 200 <= message.code < 300:
            self._target = message.get("Contact").strip("<>").split(">")[0]
            self.send(sip.write(f"ACK {self._target} SIP/2.0", self._headers("ACK", self.new_branch())))
            if self.place == "ended":
                self._bye()  # hung up in the same moment
            elif self.answered_at is None:
                self.place, self.answered_at, self.code = "answered", time.time(), message.code
                if self.media is not None:
                    self.media.begin(sip.media_port(message.body))
        elif message.code >= 300:
            self.send(sip.write(f"ACK {self._uri} SIP/2.0", self._headers("ACK", self._branch)))
            if self.living:
                self._over(message.code)

    def hang_up(self) -> None:
        """Leave."""
        if not self.living:
            return
        self.hung_up_by_us = True
        if self.place == "answered":
            self._bye()
        else:
            self.send(sip.write(f"CANCEL {self._uri} SIP/2.0", self._headers("CANCEL", self._branch)))
        self._over(0)

    def _bye(self) -> None:
        self._cseq += 1
        self.send(sip.write(f"BYE {self._target} SIP/2.0", self._headers("BYE", self.new_branch())))

    def forget(self) -> None:
        """The switch died under the call."""
        if self.living:
            self.lost = True
            self._over(0)

    def _over(self, code: int) -> None:
        self.place, self.ended_at = "ended", time.time()
        self.code = code or self.code
        if self.media is not None:
            self.media.close()
