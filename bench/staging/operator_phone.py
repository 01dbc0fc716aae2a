"""An operator's desk phone, which keeps every ring that it got."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass

from staging import sip
from staging.media import HOST, Media
from staging.phone import Phone

REGISTER_EVERY_S = 4.0


@dataclass(slots=True)
class Ring:
    """One INVITE that an operator's phone got."""

    at: float
    """Seconds since 1970."""
    call_id: str
    offer_id: str
    ended_at: float | None = None
    answered_at: float | None = None
    while_busy: bool = False


@dataclass(slots=True)
class _Dialog:
    """The one call that an operator's phone has."""

    invite: sip.Message
    ring: Ring
    answered: bool = False
    last_response: bytes = b""
    cseq: int = 0


class Operator(Phone):
    """A desk phone that registers, and answers after `answer_after_s` (None: never)."""

    def __init__(self, user: str, secret: str, server_port: int, mark: int) -> None:
        super().__init__(user, server_port, mark)
        self.answer_after_s: float | None = 1.0
        self.rings: list[Ring] = []
        self.registered = False
        self._digest = sip.Digest(user, secret)
        self._dialog: _Dialog | None = None
        self._registering: asyncio.Task[None] | None = None
        self._register_id, self._register_count = secrets.token_hex(8), 0

    @property
    def place(self) -> str:
        """idle, ringing or talking: what the person in front of it would say."""
        dialog = self._dialog
        if dialog is None:
            return "idle"
        return "talking" if dialog.answered else "ringing"

    @property
    def call_id(self) -> str:
        """Our id of the call it has, or ''."""
        dialog = self._dialog
        return dialog.ring.call_id if dialog else ""

    async def open(self) -> None:
        await super().open()
        self._registering = asyncio.create_task(self._keep_registered())

    def close(self) -> None:
        if self._registering is not None:
            self._registering.cancel()
        super().close()

    async def _keep_registered(self) -> None:
        while True:
            self._register()
            for _ in range(8):
                # In short steps: a registration that the switch's death ended is made anew at once.
                await asyncio.sleep(REGISTER_EVERY_S / 8)
                if not self.registered:
                    break

    def _register(self, challenge: str = "") -> None:
        self._register_count += 1
        uri = f"sip:{self.server[0]}:{self.server[1]}"
        headers = [self.via(self.new_branch()), ("Max-Forwards", "70")]
        headers += [("From", f"<sip:{self.user}@{HOST}>;tag={self.tag}"), ("To", f"<sip:{self.user}@{HOST}>")]
        headers += [("Call-ID", self._register_id), ("CSeq", f"{self._register_count} REGISTER")]
        headers += [("Contact", f"<{self.contact}>"), ("Expires", "120")]
        if challenge:
            headers.append(("Authorization", self._digest.answer(challenge, "REGISTER", uri)))
        self.send(sip.write(f"REGISTER {uri} SIP/2.0", headers))

    def take(self, message: sip.Message) -> None:
        if message.is_response:
            if message.method == "REGISTER" and message.code == 401:
                self._register(message.get("WWW-Authenticate"))
            elif message.method == "REGISTER":
                self.registered = message.code == 200
            return
        dialog = self._dialog
        match message.method:
            case "INVITE":
                self._invited(message)
            case "CANCEL":
                self._answer(message, 200, "OK")
                if dialog is not None and not dialog.answered and dialog.invite.branch == message.branch:
                    self._answer(dialog.invite, 487, "Request Terminated")
                    self._over()
            case "BYE":
                mine = dialog is not None and dialog.invite.get("Call-ID") == message.get("Call-ID")
                self._answer(message, 200 if mine else 481, "OK" if mine else "Unknown")
                if mine:
                    self._over()
            case "ACK":
                pass
            case _:
                self._answer(message, 200, "OK")

    def _invited(self, message: sip.Message) -> None:
        dialog = self._dialog
        if dialog is not None and dialog.invite.get("Call-ID") == message.get("Call-ID"):
            if sip.parameter(message.get("To"), "tag"):
                body = sip.session(self.media.port) if self.media else ""
                self._answer(message, 200, "OK", body)
            else:
                self.send(dialog.last_response)
            return
        ring = Ring(time.time(), message.get("X-Madoguchi-Call"), message.get("X-Madoguchi-Offer"))
        self.rings.append(ring)
        if dialog is not None:
            ring.while_busy, ring.ended_at = True, time.time()
            self._answer(message, 486, "Busy Here")
            return
        self._dialog = _Dialog(message, ring)
        self._dialog.last_response = self._answer(message, 180, "Ringing")
        if self.answer_after_s is not None:
            loop = asyncio.get_running_loop()
            made = self._dialog
            loop.call_later(self.answer_after_s, lambda: asyncio.create_task(self._pick_up(made)))

    async def _pick_up(self, dialog: _Dialog) -> None:
        if self._dialog is not dialog or dialog.answered:
            return
        media = Media(self.mark)
        await media.open()
        if self._dialog is not dialog:
            media.close()
            return
        self.media = media
        dialog.answered, dialog.ring.answered_at = True, time.time()
        dialog.last_response = self._answer(dialog.invite, 200, "OK", sip.session(media.port))
        media.begin(sip.media_port(dialog.invite.body))

    def pick_up(self) -> None:
        """Answer what rings now."""
        if self._dialog is not None:
            asyncio.create_task(self._pick_up(self._dialog))  # noqa: RUF006 - ends in a moment

    def hang_up(self) -> None:
        """Put the receiver down, or refuse what rings."""
        dialog = self._dialog
        if dialog is None:
            return
        if dialog.answered:
            invite = dialog.invite
            dialog.cseq += 1
            headers = [self.via(self.new_branch()), ("Max-Forwards", "70")]
            headers += [("From", f"{invite.get('To')};tag={self.tag}"), ("To", invite.get("From"))]
            headers += [("Call-ID", invite.get("Call-ID")), ("CSeq", f"{dialog.cseq} BYE")]
            target = invite.get("Contact").strip("<>").split(">")[0]
            self.send(sip.write(f"BYE {target} SIP/2.0", headers))
        else:
            self._answer(dialog.invite, 486, "Busy Here")
        self._over()

    def forget(self) -> None:
        """The switch died: nobody will ever say that the call is over."""
        self._over()
        self.registered = False

    def _answer(self, request: sip.Message, code: int, reason: str, body: str = "") -> bytes:
        data = sip.response(request, code, reason, tag=self.tag, contact=self.contact, body=body)
        self.send(data)
        return data

    def _over(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.ring.ended_at = time.time()
        if self.media is not None:
            self.media.close()
            self.media = None
