"""The configuration files that hold hardly anything of ours."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from madoguchi.switch.asterisk.dialplan import CALL
from madoguchi.switch.asterisk.view import SwitchView, escaped

CEL_FIELDS = (
    "eventtype",
    "eventtime",
    "uniqueid",
    "channame",
    "context",
    "exten",
    "num",
    "name",
    "userdeftype",
    "extra",
)
"""Columns of the event log, in order (`cel.read` gives them their meaning)."""

_CEL_COLUMNS = {
    "eventtype": "${eventtype}",
    "eventtime": "${eventtime}",
    "uniqueid": "${CHANNEL(uniqueid)}",
    "channame": "${CHANNEL(channame)}",
    "context": "${CHANNEL(context)}",
    "exten": "${CHANNEL(exten)}",
    "num": "${CALLERID(num)}",
    "name": "${CALLERID(name)}",
    "userdeftype": "${userdeftype}",
    "extra": "${eventextra}",
}

# By name, in order: what is not needed is not there to be attacked, and a start takes half a second.
_MODULES = """
res_sorcery_config res_sorcery_memory res_sorcery_memory_cache res_sorcery_astdb res_timing_timerfd
res_http_websocket res_websocket_client res_crypto res_srtp res_rtp_asterisk
res_musiconhold res_mutestream res_geolocation res_pjproject
codec_alaw codec_ulaw codec_a_mu codec_g722 codec_gsm codec_resample codec_opus_open_source
format_wav format_pcm format_sln format_gsm format_ogg_opus_open_source res_format_attr_opus
bridge_simple bridge_native_rtp bridge_softmix bridge_holding bridge_builtin_features chan_bridge_media
func_callerid func_channel func_logic func_strings func_uri
func_pjsip_aor func_pjsip_contact func_pjsip_endpoint
pbx_config app_stasis app_playback app_celgenuserevent res_cdrel_custom cel_custom
res_pjsip res_pjsip_session res_pjsip_sdp_rtp res_pjsip_pubsub res_pjsip_registrar
res_pjsip_outbound_registration res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest
res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_acl res_pjsip_nat
res_pjsip_path res_pjsip_caller_id res_pjsip_dtmf_info res_pjsip_header_funcs res_pjsip_rfc3326
res_pjsip_diversion res_pjsip_dlg_options res_pjsip_empty_info res_pjsip_logger
res_pjsip_transport_websocket res_pjsip_geolocation chan_pjsip
res_stasis res_stasis_answer res_stasis_playback res_stasis_recording res_stasis_snoop
chan_websocket
res_ari res_ari_model res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels
res_ari_endpoints res_ari_events res_ari_playbacks res_ari_recordings
"""

_TONES = """
[general]
country=jp

[jp]
description=Japan
ringcadence=1000,2000
dial=400
busy=400/500,0/500
ring=400+16/1000,0/2000
congestion=400/500,0/500
callwaiting=400+16/500,0/8000
dialrecall=!400/200,!0/200,!400/200,!0/200,!400/200,!0/200,400
record=1400/500,0/15000
info=!950/330,!1400/330,!1800/330,0
"""


def texts(view: SwitchView, directory: Path) -> dict[str, str]:
    """Name → content of every file but pjsip.conf and extensions.conf."""
    cel = ",".join(f"${{CSV_QUOTE({_CEL_COLUMNS[name]})}}" for name in CEL_FIELDS)
    return {
        "asterisk.conf": _asterisk(view, directory),
        "modules.conf": _modules(view),
        "logger.conf": _LOGGER,
        "http.conf": _http(view),
        "ari.conf": _ari(view),
        "rtp.conf": _rtp(view),
        "musiconhold.conf": _music(view),
        "indications.conf": _TONES.lstrip(),
        "cdr.conf": "[general]\nenable=no\n",
        "cel.conf": "[general]\nenable=yes\nevents=CHAN_START,CHAN_END,ANSWER,HANGUP,USER_DEFINED\n",
        "cel_custom.conf": f"[mappings]\n{view.cel.name} => {cel}\n",
        "chan_websocket.conf": "[global]\ntype=global\ncontrol_message_format=json\n",
        "cli_permissions.conf": "[general]\ndefault_perm=permit\n",
        # Empty, since a file that is not there is an error in the log.
        **dict.fromkeys(_EMPTY, "; Nothing of ours.\n"),
    }


_EMPTY = (
    "acl.conf",
    "ccss.conf",
    "features.conf",
    "geolocation.conf",
    "pjproject.conf",
    "stasis.conf",
    "udptl.conf",
    "websocket_client.conf",
)


# Errors only: a warning may repeat, of any length, what a stranger called themselves.
_LOGGER = """[general]
dateformat=%F %T.%3q
appendhostname=no

[logfiles]
console => error
"""


def _asterisk(view: SwitchView, directory: Path) -> str:
    work = view.work
    folders = {
        "astetcdir": directory,
        "astmoddir": view.modules,
        "astvarlibdir": work / "data",
        "astdbdir": work / "db",
        "astkeydir": work / "keys",
        "astdatadir": work / "data",
        "astagidir": work / "data" / "agi-bin",
        "astspooldir": work / "spool",
        "astrundir": work / "run",
        "astlogdir": view.log,
        "astsbindir": work,
    }
    lines = ["[directories]", *(f"{name} => {path}" for name, path in folders.items())]
    # The systemname begins each channel's id, so that ids of two nodes never meet.
    lines += ["", "[options]", f"systemname={view.node}", "verbose=0", "debug=0", "nocolor=yes"]
    lines += ["documentation_language=en_US", "lockconfdir=no", "live_dangerously=no"]
    return "\n".join(lines) + "\n"


def _modules(view: SwitchView) -> str:
    # Older releases lack some of them, and each missing one would be an error in the log.
    there = [name for name in _MODULES.split() if (view.modules / f"{name}.so").exists()]
    return "\n".join(["[modules]", "autoload=no", *(f"load={name}.so" for name in there)]) + "\n"


def _http(view: SwitchView) -> str:
    # Asterisk closes an idle connection after session_keep_alive; our client must give up earlier.
    return (
        "[general]\nservername=Madoguchi\nenabled=yes\nbindaddr=127.0.0.1\n"
        f"bindport={view.http_port}\nsessionlimit=2000\nsession_inactivity=60000\n"
        "session_keep_alive=60000\nenable_static=no\nenable_status=no\n"
    )


def _ari(view: SwitchView) -> str:
    return (
        f"[general]\nenabled=yes\nwebsocket_write_timeout=2000\nchannelvars={CALL}\n"
        f"\n[{view.ari_user}]\ntype=user\npassword={escaped(view.ari_password)}\n"
    )


def _rtp(view: SwitchView) -> str:
    lines = ["[general]", f"rtpstart={view.rtp_start}", f"rtpend={view.rtp_end}"]
    lines += ["strictrtp=yes", "icesupport=yes"]
    if view.machine_address and _is_address(view.public_address):
        # Browsers beyond the NAT need our outer address among the candidates, those within the inner one.
        lines += ["", "[ice_host_candidates]"]
        lines += [f"{view.machine_address} => {view.public_address},include_local_address"]
    return "\n".join(lines) + "\n"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _music(view: SwitchView) -> str:
    parts = ["[general]\ncachertclasses=no"]
    for name, folder in sorted(view.music.items()):
        parts.append(f"[{name}]\nmode=files\ndirectory={folder}\nsort=alpha")
    return "\n\n".join(parts) + "\n"
