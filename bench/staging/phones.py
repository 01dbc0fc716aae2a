"""SIP telephones that know exactly what happened to them: callers, and operators at desk phones.

Each party sends one constant sample value of its own, so that who hears whom is read off the packets.
All of them live in one thread with its own event loop; what they saw may be read from any thread.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from staging import sip

HOST = "127.0.0.1"
REGISTER_EVERY_S = 4.0
T1_S = 0.5


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._take(data, addr)


class Media:
    """One stream of sound: sends `mark`, and notes when which mark was heard."""

    def __init__(self, mark: int) -> None:
        self.mark = mark
        self.port = 0
        self.heard: deque[tuple[float, int]] = deque(maxlen=20_000)
        self.target: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self._take), local_addr=(HOST, 0)
        )
        self.port = self._transport.get_extra_info("sockname")[1]

    def begin(self, target_port: int) -> None:
        """Send to that port from now on."""
        self.target = (HOST, target_port)
        if self._task is None:
            self._task = asyncio.create_task(self._send())

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._transport is not None:
            self._transport.close()

    def marks_since(self, since: float) -> Counter[int]:
        """How many packets of each mark were heard since that monotonic moment."""
        return Counter(mark for at, mark in list(self.heard) if at >= since)

    def longest_gap_s(self, mark: int, since: float, until: float) -> float:
        """The longest time without a packet of `mark` between two monotonic moments."""
        times = [at for at, heard in list(self.heard) if heard == mark and since <= at <= until]
        edges = [since, *times, until]
        return max(b - a for a, b in itertools.pairwise(edges))

    def _take(self, data: bytes, _addr: tuple[str, int]) -> None:
        if len(data) > 20 and data[1] & 0x7F == 0:
            self.heard.append((time.monotonic(), data[12 + len(data[12:]) // 2]))

    async def _send(self) -> None:
        samples = 8 * sip.PTIME_MS
        payload, source = bytes([self.mark]) * samples, secrets.randbits(32)
        sequence, stamp, next_at = secrets.randbits(15), secrets.randbits(30), time.monotonic()
        while True:
            header = struct.pack("!BBHII", 0x80, 0, sequence & 0xFFFF, stamp & 0xFFFFFFFF, source)
            if self._transport is not None and self.target is not None:
                self._transport.sendto(header + payload, self.target)
            sequence, stamp = sequence + 1, stamp + samples
            next_at = max(next_at + sip.PTIME_MS / 1000, time.monotonic())
            await asyncio.sleep(next_at - time.monotonic())


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


class Phone:
    """What callers and operators have in common: a socket, and transactions by branch."""

    def __init__(self, user: str, server_port: int, mark: int) -> None:
        self.user = user
        self.server = (HOST, server_port)
        self.mark = mark
        self.tag = secrets.token_hex(4)
        self.media: Media | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._port = 0

    @property
    def contact(self) -> str:
        return f"sip:{self.user}@{HOST}:{self._port}"

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self._received), local_addr=(HOST, 0)
        )
        self._port = self._transport.get_extra_info("sockname")[1]

    def close(self) -> None:
        if self.media is not None:
            self.media.close()
        if self._transport is not None:
            self._transport.close()

    def _received(self, data: bytes, _addr: tuple[str, int]) -> None:
        message = sip.read(data)
        if message is not None:
            self.take(message)

    def take(self, message: sip.Message) -> None:
        raise NotImplementedError  # abstract

    def send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, self.server)

    def via(self, branch: str) -> tuple[str, str]:
        return ("Via", f"SIP/2.0/UDP {HOST}:{self._port};rport;branch={branch}")

    def new_branch(self) -> str:
        return f"z9hG4bK{secrets.token_hex(8)}"


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
            for phone in (*self.operators, *self.callers):
                phone.forget()

        self.do(forget)

    def stop(self) -> None:
        def close() -> None:
            for phone in (*self.operators, *self.callers):
                phone.close()

        self.do(close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join(5)

    def _run(self, coroutine: object) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(5)  # type: ignore[arg-type]
