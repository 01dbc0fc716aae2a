"""extensions.conf: the little that Asterisk decides by itself.

A call that comes in goes to the controller; while that is away it rings on, then hears the emergency
message. An operator's phone that dials is handed to the controller too. Nothing here dials anybody.
"""

from __future__ import annotations

from madoguchi.switch.asterisk.view import SwitchView

ARRIVAL = "MADOGUCHI_ARRIVAL"
"""The variable that holds what a call came in with (`arrival.decode`)."""
CALL = "MADOGUCHI_CALL"
"""The variable that holds our id of the call."""
EARLY = "early"
"""What a leg that we dialled tells when it enters before it is answered (`Dial.early`)."""
DIALLED = "dialled"
"""The context of legs that we dialled, and what they tell when they enter."""
EMERGENCY = "emergency"
PLACES = frozenset({EMERGENCY})
"""Where `Release` may send a leg."""
HEADERS = ("From", "To", "P-Asserted-Identity", "Privacy", "Diversion", "P-Called-Party-ID")
"""SIP headers of an arriving call that are reported."""

COLON = "\x7f"
"""What stands for a colon in an arrival's header values."""

_HEADER_LIMIT = 256
_RETRY_S = 0.5
# Anything a provider may put before the @: numbers, but also names and `s` where it sends none.
_ANY = "_[+0-9a-zA-Z*#]!"


def extensions_conf(view: SwitchView) -> str:
    """The whole file."""
    parts = ["[general]\nstatic=yes\nwriteprotect=yes\nautofallthrough=yes"]
    parts.append(_arrivals("from-trunk", "in", view))
    parts.append(_arrivals("from-desk", "desk", view))
    parts.append(_dialled(view))
    parts.append(_visitor(view))
    parts.append(_emergency(view))
    return "\n\n".join(parts) + "\n"


def _facts(purpose: str) -> str:
    # Every value is URI-encoded, so no comma, bracket or quote of a stranger reaches an application.
    pairs = [f"purpose={purpose}", "presentation=${URIENCODE(${CALLERID(num-pres)})}"]
    for number, name in enumerate(HEADERS):
        pairs.append(f"{name}=${{URIENCODE(${{REPLACE(header{number},:,{COLON})}})}}")
    return "&".join(pairs)


def _headers() -> list[str]:
    # A colon after more closing than opening brackets would be taken for an offset within the text, and
    # spoil it; it travels in disguise.
    return [
        f" same => n,Set(header{number}=${{PJSIP_HEADER(read,{name}):0:{_HEADER_LIMIT}}})"
        for number, name in enumerate(HEADERS)
    ]


def _arrivals(context: str, purpose: str, view: SwitchView) -> str:
    tries = max(1, round(view.controller_wait_s / _RETRY_S))
    stasis = f"Stasis({view.application},{purpose},${{{ARRIVAL}}})"
    waiting_over = f"Goto({EMERGENCY},s,1)" if purpose == "in" else "Congestion(5)"
    lines = [
        f"[{context}]",
        # The pattern fits `h` too, and a call that was hung up would begin anew; Hangup, since after any
        # other application the dialplan would go on with the pattern's second line.
        "exten => h,1,Hangup()",
        f"exten => {_ANY},1,Set(tries=0)",
        *_headers(),
        f" same => n,Set({ARRIVAL}={_facts(purpose)})",
        f" same => n,CELGenUserEvent(ARRIVAL,${{{ARRIVAL}}})",
        f" same => n(again),{stasis}",
        ' same => n,GotoIf($["${STASISSTATUS}"!="FAILED"]?done)',
        " same => n,Ringing()",
        f" same => n,Wait({_RETRY_S})",
        " same => n,Set(tries=$[${tries}+1])",
        f" same => n,GotoIf($[${{tries}}<{tries}]?again)",
        f" same => n,{waiting_over}",
        " same => n(done),Hangup()",
    ]
    return "\n".join(lines)


def _dialled(view: SwitchView) -> str:
    """Where a leg that we dialled goes once it is answered: it waits for a controller that is away."""
    tries = max(1, round(view.controller_wait_s / _RETRY_S))
    lines = [
        f"[{DIALLED}]",
        "exten => s,1,Set(tries=0)",
        f" same => n(again),Stasis({view.application},{DIALLED})",
        ' same => n,GotoIf($["${STASISSTATUS}"!="FAILED"]?done)',
        f" same => n,Wait({_RETRY_S})",
        " same => n,Set(tries=$[${tries}+1])",
        f" same => n,GotoIf($[${{tries}}<{tries}]?again)",
        " same => n(done),Hangup()",
    ]
    return "\n".join(lines)


def _visitor(view: SwitchView) -> str:
    lines = ["[from-visitor]"]
    for number in view.demonstration_numbers:
        # Whom the visitor plays: digits only, whatever a browser sends; none is a withheld number.
        played = "FILTER(0-9,${PJSIP_HEADER(read,X-Visitor-Number)})"
        lines.append(f"exten => {number},1,Set(CALLERID(num)=${{{played}}})")
        # GotoIf belongs to Asterisk's core; ExecIf would need a module that we do not load.
        lines.append(' same => n,GotoIf($["${CALLERID(num)}"!=""]?known)')
        lines.append(" same => n,Set(CALLERID(num-pres)=prohib_not_screened)")
        lines.append(" same => n(known),Goto(from-trunk,${EXTEN},1)")
    return "\n".join(lines)


def _emergency(view: SwitchView) -> str:
    lines = [f"[{EMERGENCY}]", f"exten => s,1,CELGenUserEvent(RELEASED,{EMERGENCY})"]
    if view.emergency_sound:
        lines += [" same => n,Answer()", " same => n,Wait(0.3)"]
        lines += [f" same => n,Playback({view.emergency_sound})", " same => n,Wait(1)"]
        lines += [f" same => n,Playback({view.emergency_sound})", " same => n,Hangup(41)"]
    else:
        lines += [" same => n,Hangup(41)"]
    return "\n".join(lines)
