"""pjsip.conf: who may speak SIP with us, and how."""

from __future__ import annotations

from collections.abc import Iterator

from madoguchi.switch.asterisk.view import Phone, PhoneKind, SwitchView, Trunk, escaped, host_of

# A trunk is known by its address alone: by name, a stranger's From would be let in as the provider.
# A phone is known by its name and proves it by password; its name is random, so no stranger's From meets it.
_GLOBAL = """
[global]
type=global
user_agent=Madoguchi
default_realm=madoguchi
endpoint_identifier_order=username,auth_username,ip
keep_alive_interval=30
max_initial_qualify_time=4

[system]
type=system
disable_tcp_switch=yes
"""

_COMMON = """
type=endpoint
direct_media=no
rtp_symmetric=yes
force_rport=yes
rewrite_contact=yes
rtp_keepalive=15
allow_transfer=no
allow_subscribe=no
dtmf_mode=rfc4733
sdp_owner=madoguchi
sdp_session=madoguchi
contact_user=madoguchi
language=ja
tone_zone=jp
disallow=all
"""

_PHONE_CONTEXT = {
    PhoneKind.BROWSER: "from-desk",
    PhoneKind.DESK: "from-desk",
    PhoneKind.VISITOR: "from-visitor",
}


def pjsip_conf(view: SwitchView) -> str:
    """The whole file."""
    parts = [_GLOBAL.strip(), *_transports(view)]
    parts += [section for trunk in view.trunks for section in _trunk(view, trunk)]
    parts += [section for phone in view.phones for section in _phone(view, phone)]
    return "\n\n".join(parts) + "\n"


def _section(name: str, lines: Iterator[str] | list[str]) -> str:
    return "\n".join([f"[{name}]", *lines])


def _transports(view: SwitchView) -> Iterator[str]:
    nat = [f"local_net={network}" for network in view.local_networks]
    if view.public_address:
        nat += [
            f"external_media_address={view.public_address}",
            f"external_signaling_address={view.public_address}",
        ]
    host = f"[{view.sip_bind}]" if ":" in view.sip_bind else view.sip_bind
    for protocol in ("udp", "tcp"):
        bind = f"bind={host}:{view.sip_port}"
        yield _section(protocol, ["type=transport", f"protocol={protocol}", bind, *nat])
    # Carried by the HTTP server at /ws; the address is demanded by the parser and never opened.
    yield _section("ws", ["type=transport", "protocol=ws", f"bind=127.0.0.1:{view.http_port}"])
    if view.tls_port:
        lines = ["type=transport", "protocol=tls", f"bind={host}:{view.tls_port}", "method=tlsv1_2", *nat]
        yield _section("tls", [*lines, f"cert_file={view.certificate}", f"priv_key_file={view.key}"])


def _media(view: SwitchView) -> list[str]:
    # Without this, SDP offers the machine's outer address although SIP is heard on loopback only.
    if not view.on_loopback:
        return []
    return [f"media_address={view.sip_bind}", "bind_rtp_to_media_address=yes"]


def _trunk(view: SwitchView, trunk: Trunk) -> Iterator[str]:
    lines = _COMMON.strip().splitlines() + [
        "identify_by=ip",
        "context=from-trunk",
        f"transport={trunk.transport}",
        f"allow={','.join(trunk.codecs)}",
        f"rtp_timeout={view.line_silence_s}",
        "trust_id_inbound=yes",
        "timers=yes",
        f"send_pai={'yes' if trunk.sends_identity else 'no'}",
        *_media(view),
    ]
    lines += [f"from_user={escaped(trunk.from_user)}"] if trunk.from_user else []
    lines += [f"from_domain={trunk.from_domain}"] if trunk.from_domain else []
    lines += [f"outbound_auth={trunk.name}"] if trunk.password else []
    lines += [f"aors={trunk.name}"] if trunk.server else []
    yield _section(trunk.name, lines)
    hosts = ([host_of(trunk.server)] if trunk.server else []) + list(trunk.networks)
    matches = [f"match={host}" for host in dict.fromkeys(hosts)]
    yield _section(trunk.name, ["type=identify", f"endpoint={trunk.name}", *matches])
    if trunk.server:
        yield _section(trunk.name, ["type=aor", f"contact={_uri(trunk)}", "qualify_frequency=0"])
        yield from _watch(trunk)
    if trunk.password:
        yield _section(trunk.name, _credentials(trunk.username, trunk.password))
    if trunk.registers:
        yield _section(trunk.name, _registration(trunk))


def watch_name(trunk: str) -> str:
    """The endpoint beside a line whose contact is asked by OPTIONS and never dialled."""
    return f"{trunk}-watch"


def _watch(trunk: Trunk) -> Iterator[str]:
    """What tells whether a line answers, apart from it: a contact that is silent would not be dialled."""
    if not trunk.checks_every_s:
        return
    name = watch_name(trunk.name)
    lines = ["type=endpoint", "identify_by=ip", "context=nowhere", f"transport={trunk.transport}"]
    lines += ["disallow=all", "allow=ulaw", f"aors={name}"]
    aor = [f"contact={_uri(trunk)}", f"qualify_frequency={trunk.checks_every_s}", "qualify_timeout=3.5"]
    if trunk.password:
        # A challenge is an answer too, but one that is not met is an error in the log each time.
        lines += [f"outbound_auth={trunk.name}"]
        aor += ["authenticate_qualify=yes"]
    yield _section(name, lines)
    yield _section(name, ["type=aor", *aor])


def _uri(trunk: Trunk, user: str = "") -> str:
    # `;` would begin a comment, hence the escape before the parameter.
    transport = "" if trunk.transport == "udp" else f"\\;transport={trunk.transport}"
    return f"sip:{user}{'@' if user else ''}{trunk.server}{transport}"


def _registration(trunk: Trunk) -> list[str]:
    user = escaped(trunk.contact_user or trunk.username)
    return [
        "type=registration",
        f"transport={trunk.transport}",
        f"outbound_auth={trunk.name}" if trunk.password else "outbound_auth=",
        f"server_uri={_uri(trunk)}",
        f"client_uri={_uri(trunk, escaped(trunk.username))}",
        f"contact_user={user}",
        # A secret in our Contact, by which calls to this very registration are known, also when two
        # registrations share a provider, or a provider calls from other hosts.
        "line=yes",
        f"endpoint={trunk.name}",
        "retry_interval=20",
        "forbidden_retry_interval=60",
        "fatal_retry_interval=60",
        "max_retries=1000000",
        "auth_rejection_permanent=no",
        "expiration=300",
    ]


def _credentials(username: str, password: str) -> list[str]:
    return [
        "type=auth",
        "auth_type=userpass",
        f"username={escaped(username)}",
        f"password={escaped(password)}",
    ]


def _phone(view: SwitchView, phone: Phone) -> Iterator[str]:
    browser = phone.kind is not PhoneKind.DESK
    lines = _COMMON.strip().splitlines() + [
        "identify_by=username,auth_username",
        f"context={_PHONE_CONTEXT[phone.kind]}",
        f"auth={phone.endpoint}",
        f"aors={phone.endpoint}",
    ]
    # ulaw first: no transcoding against a G.711 line.
    if browser:
        lines += ["webrtc=yes", "dtls_auto_generate_cert=yes", "allow=ulaw,opus"]
        lines += [f"rtp_timeout={view.browser_silence_s}"]
    else:
        lines += ["allow=ulaw,alaw,g722", f"rtp_timeout={view.line_silence_s}", *_media(view)]
    if phone.number:
        lines += [f"callerid=<{phone.number}>"]
    yield _section(phone.endpoint, lines)
    yield _section(phone.endpoint, _credentials(phone.endpoint, phone.password))
    aor = ["type=aor", "max_contacts=1", "remove_existing=yes", "minimum_expiration=30"]
    aor += ["default_expiration=120", "maximum_expiration=300"]
    aor += [] if browser else ["qualify_frequency=30"]
    yield _section(phone.endpoint, aor)
