"""A telephone company of the tests' own: a second Asterisk with a customer, digests and a block of numbers.

It takes registrations at one address, calls from another and sends its sound from a third, hides callers
behind `anonymous.invalid`, answers early with sound, and demands session timers.
"""

from __future__ import annotations

from pathlib import Path

from madoguchi.program.asterisk import Asterisk
from madoguchi.switch.asterisk import configuration
from madoguchi.switch.asterisk.view import SwitchView
from madoguchi.switch.tests.telephones import tone
from madoguchi.switch.tests.worlds import RealAsterisk

REGISTRAR, CALLS_FROM, SOUND_FROM = "127.0.0.21", "127.0.0.23", "127.0.0.22"
LOGIN, PASSWORD = "0312340000", "the customer's; own"
OTHERS = "0312340055"
"""A number of the block, not the registered one."""

_PJSIP = """
[global]
type=global
user_agent=Provider
endpoint_identifier_order=username,auth_username,ip

[system]
type=system
disable_tcp_switch=yes

[udp]
type=transport
protocol=udp
bind={registrar}:{port}

[calls]
type=transport
protocol=udp
bind={calls}:{port}

[{login}]
type=endpoint
auth={login}
aors={login}
identify_by=username,auth_username
context=from-customer
transport=calls
media_address={sound}
bind_rtp_to_media_address=yes
disallow=all
allow=ulaw
direct_media=no
rtp_symmetric=yes
timers=always
timers_min_se=90
timers_sess_expires=90
trust_id_outbound=yes
trust_id_inbound=yes
send_pai=yes

[{login}]
type=auth
auth_type=userpass
username={login}
password={password}

[{login}]
type=aor
max_contacts=1
remove_existing=yes
"""

_EXTENSIONS = """
[from-customer]
exten => 0311110001,1,Wait(0.5)
 same => n,Progress()
 same => n,Playback({sound},noanswer)
 same => n,Answer()
 same => n,Goto(talk,s,1)
exten => 0311110002,1,Wait(0.5)
 same => n,Hangup(17)
exten => 0311110003,1,Wait(0.5)
 same => n,Hangup(1)
exten => 0311110005,1,Progress()
 same => n,Set(times=0)
 same => n(again),Playback({sound},noanswer)
 same => n,Set(times=$[${{times}}+1])
 same => n,GotoIf($[${{times}}<4]?again)
 same => n,Hangup(1)
exten => 0311110006,1,Ringing()
 same => n,Wait(30)
exten => 0311110004,1,Wait(0.5)
 same => n,Answer()
 same => n,Wait(1)
 same => n,Hangup(16)

[talk]
exten => s,1,Playback({voice})
 same => n,Goto(s,1)

[to-customer]
exten => plain,1,Set(CALLERID(num)=09012345678)
 same => n,Dial(PJSIP/{login},20)
exten => hidden,1,Set(CALLERID(all)="Anonymous" <09012345678>)
 same => n,Set(CALLERID(pres)=prohib)
 same => n,Dial(PJSIP/{login},20)
exten => block,1,Set(CALLERID(num)=0451234567)
 same => n,Dial(PJSIP/{login},20,b(called^s^1))
exten => direct,1,Set(CALLERID(num)=0451234567)
 same => n,Dial(PJSIP/{others}@{login},20)

[called]
exten => s,1,Set(PJSIP_HEADER(add,P-Called-Party-ID)=<sip:{others}@provider.example>)
 same => n,Return()
"""


class Provider(RealAsterisk):
    """A running telephone company."""

    @classmethod
    def near(cls, program: Asterisk, folder: Path, port: int) -> Provider:
        tone(folder / "voice.wav", "agent", 5)
        tone(folder / "ringback.wav", "second", 3)
        view = SwitchView(
            node="node-p",
            ari_password="password-of-ari",
            share=program.data,
            modules=program.modules,
            work=folder / "asterisk",
            http_port=port + 1,
            sip_port=port,
            rtp_start=port + 10,
            rtp_end=port + 90,
        )
        etc = view.work / "etc"
        configuration.write(view, etc)
        names = {
            "registrar": REGISTRAR,
            "calls": CALLS_FROM,
            "sound": SOUND_FROM,
            "port": port,
            "login": LOGIN,
            "others": OTHERS,
        }
        (etc / "pjsip.conf").write_text(_PJSIP.format(password=PASSWORD.replace(";", "\\;"), **names))
        sounds = {"sound": folder / "ringback", "voice": folder / "voice"}
        (etc / "extensions.conf").write_text(_EXTENSIONS.format(**{**names, **sounds}))
        modules = etc / "modules.conf"
        modules.write_text(
            modules.read_text() + "load=app_dial.so\nload=app_stack.so\nload=res_clioriginate.so\n"
        )
        return cls(program, view, folder / "provider.log")

    def calls(self, how: str) -> None:
        """Call the customer, as one of the dialplan's ways; who calls speaks a tone."""
        self.says(f"channel originate Local/{how}@to-customer extension s@talk")
