"""A SIP telephone for tests and curious people, as a process of its own.

It is run as a script (`python phone.py`), never imported: it stands on pjsua2, which is GPL, and the
product does not. It reads one plan as a line of JSON, then orders, one line each, and tells what
happens as lines of JSON; times are seconds since 1970.

Plan: bind, port, own_uri, own_name, username, password, registrar, call, headers, answer_after_s,
answer_code, say (WAV), tone_hz, keys, keys_after_s, seconds, heard (WAV to write), codecs.
Orders: {"do": "call", "to": …} {"do": "hang_up", "code": …} {"do": "keys", "keys": …} {"do": "tone", "hz": …}
{"do": "unregister"} {"do": "register"} {"do": "plan", "answer_after_s": …, "answer_code": …} {"do": "quit"}
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

_RINGING, _OK = 180, 200
_FAREWELL_S, _LEAST_FAREWELL_S = 4.0, 0.15


Plan = dict[str, Any]


def tell(what: str, **facts: object) -> None:
    """Say one thing that happened."""
    sys.stdout.write(json.dumps({"what": what, "at": time.time(), **facts}) + "\n")
    sys.stdout.flush()


def told(callback: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Tell of an error in a callback, which pjsua2 would swallow."""

    def guarded(self: object, prm: object) -> None:
        try:
            callback(self, prm)
        except Exception as error:  # noqa: BLE001 - the wall between pjsua2 and us
            tell("error", text=f"{callback.__name__}: {error!r} {getattr(error, 'reason', '')}")

    return guarded


class Call(pj.Call):  # type: ignore[misc]
    """One call of this telephone."""

    def __init__(self, phone: Phone, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(phone.account, call_id)
        self.phone = phone
        self.answered_at: float | None = None
        self.sources: list[Any] = []
        self.recorder: Any = None
        self.ended = False

    @told
    def onCallState(self, prm: Any) -> None:
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY and info.lastStatusCode >= _RINGING:
            tell("ringing", call=info.id, code=info.lastStatusCode)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self.answered_at = time.monotonic()
            tell("answered", call=info.id)
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.ended = True
            text = prm.e.body.tsxState.src.rdata.wholeMsg if _has_message(prm) else ""
            reasons = [line for line in text.split("\r\n") if line.lower().startswith("reason:")]
            tell(
                "ended",
                call=info.id,
                code=info.lastStatusCode,
                reason=info.lastReason,
                cause=reasons[0][7:].strip() if reasons else "",
                talked_s=info.connectDuration.sec + info.connectDuration.msec / 1000,
            )
            self.phone.ended(self)

    @told
    def onCallMediaState(self, prm: Any) -> None:
        # Kept by name: its parts live as long as it does, and no longer.
        info = self.getInfo()
        for index, media in enumerate(info.media):
            if media.type != pj.PJMEDIA_TYPE_AUDIO or media.status != pj.PJSUA_CALL_MEDIA_ACTIVE:
                continue
            sound = self.getAudioMedia(index)
            if self.recorder is None and self.phone.plan.get("heard"):
                self.recorder = pj.AudioMediaRecorder()
                self.recorder.createRecorder(self.phone.heard_file())
            if self.recorder is not None:
                sound.startTransmit(self.recorder)
            if not self.sources:
                self.speak(sound)
            else:
                self.sources[0].startTransmit(sound)
            tell("media", call=self.getId())

    @told
    def onDtmfDigit(self, prm: Any) -> None:
        tell("key", call=self.getId(), key=prm.digit)

    @told
    def onStreamDestroyed(self, prm: Any) -> None:
        self.recorder = None
        self.sources = []

    def speak(self, sound: Any) -> None:
        plan = self.phone.plan
        if plan.get("say"):
            player = pj.AudioMediaPlayer()
            player.createPlayer(plan["say"], pj.PJMEDIA_FILE_NO_LOOP)
            self.sources = [player]
        elif plan.get("tone_hz"):
            self.sources = [_tone(plan["tone_hz"])]
        for source in self.sources:
            source.startTransmit(sound)


def _has_message(prm: Any) -> bool:
    event = prm.e
    return bool(event.type == pj.PJSIP_EVENT_TSX_STATE and event.body.tsxState.type == pj.PJSIP_EVENT_RX_MSG)


def _tone(hertz: float) -> Any:
    generator = pj.ToneGenerator()
    generator.createToneGenerator(16000, 1)
    desc = pj.ToneDesc()
    desc.freq1, desc.freq2, desc.on_msec, desc.off_msec, desc.volume = int(hertz), 0, 1000, 0, 12000
    tones = pj.ToneDescVector()
    tones.append(desc)
    generator.play(tones, True)
    return generator


class Account(pj.Account):  # type: ignore[misc]
    """Who this telephone is."""

    def __init__(self, phone: Phone) -> None:
        super().__init__()
        self.phone = phone

    @told
    def onRegState(self, prm: Any) -> None:
        self.phone.registered = prm.code == _OK and bool(prm.expiration)
        tell("registered" if self.phone.registered else "not_registered", code=prm.code)

    @told
    def onIncomingCall(self, prm: Any) -> None:
        self.phone.comes_in(prm)


class Phone:
    """A telephone with its plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.calls: dict[int, Call] = {}
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.heard_count = 0
        self.finished = self.registered = False
        self.endpoint = self._start_endpoint()
        self.account = Account(self)
        self.account.create(self._account_config())

    def _start_endpoint(self) -> Any:
        endpoint = pj.Endpoint()
        endpoint.libCreate()
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = 4
        config.uaConfig.userAgent = "Madoguchi test phone"
        config.logConfig.level = config.logConfig.consoleLevel = int(os.environ.get("PHONE_LOG", "0"))
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        endpoint.libInit(config)
        transport = pj.TransportConfig()
        transport.port = int(self.plan.get("port", 0))
        transport.boundAddress = transport.publicAddress = self.plan.get("bind", "127.0.0.1")
        endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        endpoint.libStart()
        endpoint.audDevManager().setNullDev()
        self._choose_codecs(endpoint)
        return endpoint

    def _choose_codecs(self, endpoint: Any) -> None:
        wanted = self.plan.get("codecs") or ["PCMU/8000", "PCMA/8000"]
        for codec in endpoint.codecEnum2():
            name = codec.codecId
            rank = next((i for i, w in enumerate(wanted) if name.upper().startswith(w)), None)
            endpoint.codecSetPriority(name, 0 if rank is None else 250 - rank)

    def _account_config(self) -> Any:
        plan, config = self.plan, pj.AccountConfig()
        config.idUri = plan["own_uri"]
        if plan.get("own_name"):
            config.idUri = f'"{plan["own_name"]}" <{plan["own_uri"]}>'
        if plan.get("registrar"):
            config.regConfig.registrarUri = plan["registrar"]
            config.regConfig.timeoutSec = 120
        if plan.get("password"):
            config.sipConfig.authCreds.append(
                pj.AuthCredInfo("digest", "*", plan["username"], 0, plan["password"])
            )
        config.natConfig.contactRewriteUse = 0
        config.mediaConfig.transportConfig.boundAddress = plan.get("bind", "127.0.0.1")
        config.mediaConfig.transportConfig.publicAddress = plan.get("bind", "127.0.0.1")
        if plan.get("rtp_port"):
            config.mediaConfig.transportConfig.port = int(plan["rtp_port"])
            config.mediaConfig.transportConfig.portRange = 40
        return config

    def heard_file(self) -> str:
        self.heard_count += 1
        name = str(self.plan["heard"])
        file = name if self.heard_count == 1 else name.removesuffix(".wav") + f"-{self.heard_count}.wav"
        tell("heard", file=file)
        return file

    def call(self, to: str, headers: dict[str, str] | None = None) -> None:
        prm = pj.CallOpParam(True)
        for name, value in (headers or {}).items():
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            prm.txOption.headers.append(header)
        call = Call(self)
        tell("calling", to=to)
        call.makeCall(to, prm)
        self.calls[call.getId()] = call

    def comes_in(self, prm: Any) -> None:
        call = Call(self, prm.callId)
        self.calls[prm.callId] = call
        info = call.getInfo()
        tell(
            "comes_in",
            call=prm.callId,
            caller=info.remoteUri,
            called=info.localUri,
            headers=_headers(prm.rdata.wholeMsg),
        )
        code = int(self.plan.get("answer_code") or _OK)
        after_s = self.plan.get("answer_after_s")
        if after_s is None or float(after_s) > 0:
            self.answer(call, _RINGING)
        if after_s is not None:
            self.later(float(after_s), lambda: self.answer(call, code))

    def answer(self, call: Call, code: int) -> None:
        if call.ended:
            return
        prm = pj.CallOpParam()
        prm.statusCode = code
        call.answer(prm)

    def ended(self, call: Call) -> None:
        self.calls.pop(call.getId(), None)
        if self.plan.get("call"):
            self.later(0.2, self.finish)

    def finish(self) -> None:
        self.finished = True

    def later(self, delay_s: float, do: Callable[[], None]) -> None:
        self.timers.append((time.monotonic() + delay_s, do))

    def hang_up(self, code: int = 0) -> None:
        for call in list(self.calls.values()):
            if not call.ended:
                tell("hangs_up", call=call.getId())
                prm = pj.CallOpParam()
                prm.statusCode = code
                call.hangup(prm)

    def keys(self, keys: str) -> None:
        for call in self.calls.values():
            if call.answered_at is not None:
                call.dialDtmf(keys)
                tell("pressed", keys=keys)

    def tone(self, hertz: float) -> None:
        self.plan = {**self.plan, "say": None, "tone_hz": hertz}
        for call in self.calls.values():
            info = call.getInfo()
            for index, media in enumerate(info.media):
                if media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                    call.sources = []
                    call.speak(call.getAudioMedia(index))

    def obey(self, order: Plan) -> None:
        do = order.pop("do")
        if do == "call":
            self.call(order["to"], order.get("headers"))
        elif do == "hang_up":
            self.hang_up(order.get("code", 0))
        elif do == "keys":
            self.keys(order["keys"])
        elif do == "tone":
            self.tone(order["hz"])
        elif do == "plan":
            self.plan = {**self.plan, **order}
        elif do in ("register", "unregister"):
            self.account.setRegistration(do == "register")
        elif do == "quit":
            self.finished = True
        else:
            tell("error", text=f"no such order: {do}")

    def run(self, orders: queue.Queue[Plan]) -> None:
        started = time.monotonic()
        pressed = False
        if self.plan.get("call"):
            self.call(self.plan["call"], self.plan.get("headers"))
        while not self.finished:
            self.endpoint.libHandleEvents(10)
            while not orders.empty():
                self.obey(orders.get())
            now = time.monotonic()
            for timer in [t for t in self.timers if t[0] <= now]:
                self.timers.remove(timer)
                timer[1]()
            if self.plan.get("keys") and not pressed:
                pressed = self._press_in_time(now)
            if self.plan.get("seconds") and now - started >= self.plan["seconds"]:
                self.plan["seconds"] = None
                self.hang_up()
                self.later(2 if self.calls else 0, self.finish)
        self.hang_up()
        if self.plan.get("registrar"):
            self.account.setRegistration(False)
        # Until BYE and the farewell of the registration are answered. What stayed registered would be called.
        farewell = time.monotonic()
        while (waited_s := time.monotonic() - farewell) < _FAREWELL_S:
            if waited_s > _LEAST_FAREWELL_S and not self.calls and not self.registered:
                break
            self.endpoint.libHandleEvents(10)

    def _press_in_time(self, now: float) -> bool:
        for call in self.calls.values():
            if call.answered_at is not None and now - call.answered_at >= self.plan.get("keys_after_s", 1.5):
                self.keys(self.plan["keys"])
                return True
        return False


def _headers(message: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in message.split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            break
        found[name.strip()] = value.strip()
    return found


def _read(orders: queue.Queue[Plan]) -> None:
    for line in sys.stdin:
        orders.put(json.loads(line))
    # Whoever ordered us is gone: a phone without an owner would ring on for ever.
    orders.put({"do": "quit"})


def _end_in_time(deadline_s: float) -> None:
    # Even when pjsua2 hangs: whoever started us must not wait for ever.
    if deadline_s > 0:
        timer = threading.Timer(deadline_s, lambda: os._exit(4))
        timer.daemon = True
        timer.start()


def main() -> None:
    plan = json.loads(sys.stdin.readline())
    orders: queue.Queue[Plan] = queue.Queue()
    try:
        _end_in_time(float(os.environ.get("PHONE_DEADLINE_S", "0")))
        phone = Phone(plan)
        if plan.get("listens"):
            threading.Thread(target=_read, args=(orders,), daemon=True).start()
        tell("ready")
        phone.run(orders)
    except pj.Error as error:
        tell("error", text=error.reason or str(error))
        sys.stdout.flush()
        os._exit(3)
    tell("bye")
    sys.stdout.flush()
    # pjsua2 destroys objects in an order of its own at exit and may crash on it; all is said already.
    os._exit(0)


if __name__ == "__main__":
    main()
