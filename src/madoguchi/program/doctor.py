"""`madoguchi doctor`: looks at every part and says in plain words what is wrong and how to mend it."""

import contextlib
import ctypes
import ipaddress
import os
import shutil
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db import DatabaseError, connection
from django.utils import translation

from madoguchi.config.installation import Installation
from madoguchi.domain.trunks.health import Health
from madoguchi.domain.trunks.probe import Target, probe
from madoguchi.domain.trunks.queries import explain_watch, watched
from madoguchi.program import (
    asterisk,
    asterisk_deaf,
    certificate,
    knock,
    ports,
    postgres,
    process,
    sealing,
    upgrading,
)

CLOCK_LIMIT_S = 1.0


class Verdict(StrEnum):
    GOOD = "✓"
    DOUBTFUL = "!"
    """Works, but somebody should know."""
    BAD = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one part, and what to do about it."""

    verdict: Verdict
    part: str
    said: str
    mend: str = ""


Findings = Iterator[Finding]


def examine(installation: Installation) -> Findings:
    """All findings, part after part; one part's trouble keeps no other from being examined."""
    for look in LOOKS:
        yield from look(installation)


def _folder(installation: Installation) -> Findings:
    mode = stat.S_IMODE(installation.home.stat().st_mode)
    if mode & 0o077:
        yield Finding(
            Verdict.BAD,
            "data folder",
            f"{installation.home} can be read by others (mode {mode:o}).",
            f"chmod 700 {installation.home}",
        )
    else:
        yield Finding(Verdict.GOOD, "data folder", f"{installation.home}, readable by its owner only")


def _disk(installation: Installation) -> Findings:
    usage = shutil.disk_usage(installation.home)
    said = f"{usage.free / 1e9:.1f} GB of {usage.total / 1e9:.0f} GB are free"
    if usage.free < 1e9:
        yield Finding(Verdict.BAD, "disk", said, "Delete something; recordings stop when it is full.")
    elif usage.free < 10e9:
        # 100 calls of 5 minutes a day, stereo 8 kHz 16 bit: about 1 GB.
        yield Finding(Verdict.DOUBTFUL, "disk", said, "A busy day records some GB: plan for more.")
    else:
        yield Finding(Verdict.GOOD, "disk", said)


def _database(installation: Installation) -> Findings:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int, now()")
            version, now = cursor.fetchone()
            drift_s = abs((datetime.now(UTC) - now).total_seconds())
        tables = upgrading.look()
    except (DatabaseError, OSError) as error:
        mend = "Look at DATABASE_URL." if installation.database_url else "Start it with: madoguchi up"
        yield Finding(Verdict.BAD, "database", f"does not answer ({str(error).splitlines()[0]})", mend)
        return
    where = "server" if installation.database_url else "embedded"
    if version < postgres.OLDEST * 10_000:
        yield Finding(
            Verdict.BAD, "database", f"PostgreSQL {version // 10_000} is too old.", "Take 15 or later."
        )
    else:
        yield Finding(Verdict.GOOD, "database", f"PostgreSQL {version // 10_000} ({where}) answers")
    if tables.unknown:
        said = f"were brought up to date by a newer program ({tables.version or 'its version was not kept'})."
        yield Finding(Verdict.BAD, "tables", said, "Start that version, or restore the backup before it.")
    elif tables.missing:
        yield Finding(Verdict.BAD, "tables", f"{len(tables.missing)} steps are missing.", "madoguchi upgrade")
    else:
        yield Finding(Verdict.GOOD, "tables", "up to date")
    if drift_s > CLOCK_LIMIT_S:
        yield Finding(
            Verdict.BAD, "clock", f"{drift_s:.0f} s apart from the database's.", "Let both machines use NTP."
        )


def _switch(installation: Installation) -> Findings:
    found = asterisk.find(installation.asterisk_prefix)
    if found is None:
        yield Finding(Verdict.BAD, "asterisk", "is not installed.", "madoguchi asterisk install")
        return
    yield Finding(Verdict.GOOD, "asterisk", f"version {found.version}")
    if knock.ari_ping(installation.ari_url, installation.ari_user, installation.secrets.ari_password):
        yield Finding(Verdict.GOOD, "ARI", f"answers on port {installation.asterisk_http_port}")
    elif ports.answers("127.0.0.1", installation.asterisk_http_port):
        yield Finding(
            Verdict.BAD,
            "ARI",
            f"something answers on port {installation.asterisk_http_port}, but not our Asterisk.",
            "Set another asterisk_http_port, or stop the other program.",
        )
    else:
        yield Finding(Verdict.BAD, "ARI", "does not answer: Asterisk is not running.", "madoguchi up")


def _listening(installation: Installation) -> Findings:
    told = asterisk_deaf.read_report(installation)
    if told is not None and told.tries >= asterisk_deaf.LEAST_TRIES:
        since = f"{told.since.astimezone(installation.zone):%H:%M:%S}"
        said = f"takes connections and lets nobody listen since {since}: no call can be served."
        yield Finding(Verdict.BAD, "asterisk", said, _who_starts_it_anew(installation))
    day_ago = datetime.now(UTC) - timedelta(days=1)
    replaced = [at for at in asterisk_deaf.replacements(installation) if at > day_ago]
    if replaced:
        last = f"{replaced[-1].astimezone(installation.zone):%Y-%m-%d %H:%M}"
        times = f"{len(replaced)} times" if len(replaced) > 1 else "once"
        said = f"was started anew {times} within a day, since it let nobody listen; last at {last}."
        yield Finding(
            Verdict.DOUBTFUL, "asterisk", said, "A newer one may cure it: madoguchi asterisk install"
        )


def _who_starts_it_anew(installation: Installation) -> str:
    if process.recall(installation.run / "asterisk.pid") is None:
        return "It was not started by us, so start it anew yourself; its calls end by that."
    return "madoguchi up starts it anew by itself; what it waits for is the last line of its output."


def _ports(installation: Installation) -> Findings:
    for port in ports.wanted(installation):
        ours = process.recall(installation.run / f"{port.part}.pid")
        where = f"{port.number} ({port.protocol}) on {port.address}"
        if ours is not None and port.is_held_by(ours.pid):
            yield Finding(Verdict.GOOD, "port", f"{where} ({port.setting}) is held by {port.part}")
        elif port.is_free():
            yield Finding(
                Verdict.DOUBTFUL, "port", f"{where} ({port.setting}) is free: {port.part} is not running."
            )
        else:
            yield Finding(
                Verdict.BAD,
                "port",
                f"{where} is taken by {port.holder()}.",
                f"Stop that, or set another {port.setting}.",
            )


def _speech(installation: Installation) -> Findings:
    ours = process.recall(installation.run / "asterisk.pid")
    share = ports.speech_taken(installation, ours.pid if ours else None)
    span = f"{installation.rtp_start}–{installation.rtp_end}"
    if share > 0.1:
        said = f"{share:.0%} of the ports {span} are taken by other programs."
        yield Finding(Verdict.DOUBTFUL, "speech", said, "Set another rtp_start and rtp_end.")
    else:
        yield Finding(Verdict.GOOD, "speech", f"ports {span} (UDP) can be used")


def _sip(installation: Installation) -> Findings:
    if process.recall(installation.run / "asterisk.pid") is None:
        return
    bound = ipaddress.ip_address(installation.sip_bind)
    host = ("::1" if bound.version == 6 else "127.0.0.1") if bound.is_unspecified else installation.sip_bind
    # It is a stranger who asks, so a refusal is the right answer; silence is not.
    report = probe(Target(host=host, port=installation.sip_port))
    if report.answer:
        yield Finding(Verdict.GOOD, "SIP", f"answers on port {installation.sip_port} ({report.answer})")
    else:
        said = f"nobody answers on port {installation.sip_port} (UDP): calls cannot come in."
        yield Finding(Verdict.BAD, "SIP", said, "Stop Madoguchi and start it again.")


def _lines(installation: Installation) -> Findings:
    if process.recall(installation.run / "control.pid") is None:
        return
    try:
        watches = [(trunk, getattr(trunk, "watch", None)) for trunk in watched()]
    except (DatabaseError, OSError):
        return
    for trunk, watch in watches:
        if watch is None:
            yield Finding(Verdict.DOUBTFUL, "line", f"{trunk.name}: not looked at yet.", "Ask again soon.")
            continue
        since = f"{watch.since.astimezone(installation.zone):%Y-%m-%d %H:%M}"
        with translation.override("en"):
            said = f"{trunk.name}: {explain_watch(watch)} (since {since})"
        if watch.health == Health.DEAD:
            yield Finding(Verdict.BAD, "line", said, "Office → trunks → test the line.")
        else:
            good = watch.health == Health.WORKS
            yield Finding(Verdict.GOOD if good else Verdict.DOUBTFUL, "line", said)


def _processes(installation: Installation) -> Findings:
    for name in ("web", "control", "worker"):
        if process.recall(installation.run / f"{name}.pid") is None:
            yield Finding(Verdict.DOUBTFUL, name, "is not running.", "madoguchi up")
        elif name == "web" and not knock.fetches_by_socket(installation.web_socket, "/accounts/login/"):
            log = installation.logs / "web.log"
            yield Finding(
                Verdict.BAD, name, "runs, but its log-in page does not come.", f"Its last words: {log}"
            )
        else:
            yield Finding(Verdict.GOOD, name, "runs")


def _microphone(installation: Installation) -> Findings:
    if installation.secure or not installation.public_address:
        yield Finding(Verdict.GOOD, "microphone", f"browsers give it to {installation.address}")
    else:
        yield Finding(
            Verdict.BAD,
            "microphone",
            f"browsers refuse it to {installation.address}: only https pages and localhost get it.",
            "Set tls_certificate and tls_key, or put a proxy with TLS in front (behind_proxy = true).",
        )


def _network(_installation: Installation) -> Findings:
    addresses = [address for address in _own_addresses() if not address.startswith(("127.", "::1"))]
    if addresses:
        yield Finding(Verdict.GOOD, "network", f"speech can go over {addresses[0]}")
    else:
        yield Finding(
            Verdict.BAD,
            "network",
            "this machine has no address but loopback, and browsers send no speech over that.",
            "Connect it to a network, or add a dummy interface with an address.",
        )


def _own_addresses() -> list[str]:
    # Connecting a UDP socket sends nothing; it only asks which address the route would take.
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return [str(probe.getsockname()[0])]
    return []


def _tls(installation: Installation) -> Findings:
    if installation.tls_certificate is None or installation.tls_key is None:
        if installation.public and not installation.behind_proxy:
            yield Finding(
                Verdict.BAD, "TLS", "the ports are open without it.", "Set tls_certificate and tls_key."
            )
        else:
            yield Finding(Verdict.GOOD, "TLS", "not needed here: only this machine or your proxy reaches us")
        return
    trouble = certificate.trouble(
        installation.tls_certificate, installation.tls_key, installation.public_address, datetime.now(UTC)
    )
    if trouble is None:
        yield Finding(Verdict.GOOD, "TLS", f"{installation.tls_certificate} is valid")
    else:
        yield Finding(
            Verdict.BAD, "TLS", trouble, "Renew it, and let the user Madoguchi runs as read both files."
        )


def _clock(_installation: Installation) -> Findings:
    if _clock_is_synchronised():
        yield Finding(Verdict.GOOD, "clock", "is kept right by the system")
    else:
        yield Finding(
            Verdict.DOUBTFUL,
            "clock",
            f"nobody keeps it right; it says {datetime.now(UTC):%Y-%m-%d %H:%M} UTC.",
            "apt-get install systemd-timesyncd (or chrony), unless your host keeps the time.",
        )


def _clock_is_synchronised() -> bool:
    # adjtimex(2) with no change asked for; 5 (TIME_ERROR) means that the clock is not disciplined.
    question = ctypes.create_string_buffer(512)
    return bool(ctypes.CDLL(None, use_errno=True).adjtimex(question) not in {-1, 5})


def _fonts(_installation: Installation) -> Findings:
    if shutil.which("fc-list") is None:
        yield Finding(Verdict.GOOD, "fonts", "none needed here: the reader's browser has them")
        return
    listed = subprocess.run(["fc-list", ":lang=ja"], check=False, capture_output=True, text=True).stdout
    if listed.strip():
        yield Finding(Verdict.GOOD, "fonts", "Japanese ones are installed")
    else:
        yield Finding(
            Verdict.DOUBTFUL,
            "fonts",
            "no Japanese font: a browser on this very machine shows boxes.",
            "apt-get install fonts-noto-cjk",
        )


def _secrets(installation: Installation) -> Findings:
    for file in sorted((installation.home / "keys").glob("*")):
        if file.stat().st_mode & 0o077 or file.stat().st_uid != os.geteuid():
            yield Finding(Verdict.BAD, "secrets", f"{file} can be read by others.", f"chmod 600 {file}")
            return
    yield Finding(Verdict.GOOD, "secrets", "readable by their owner only")


def _sealed(_installation: Installation) -> Findings:
    try:
        stored, unreadable = sealing.sealed_and_unreadable()
    except (DatabaseError, OSError):
        # What is wrong with the database is said of the database.
        return
    if unreadable:
        said = (
            f"{unreadable} of {stored} passwords of telephones and lines, and second factors, cannot be read:"
            " their key is lost."
        )
        mend = "Put keys/secrets.json back from a backup; else: madoguchi reseal --forget"
        yield Finding(Verdict.BAD, "passwords", said, mend)
    else:
        said = f"{stored} of telephones, lines and second factors are sealed and readable"
        yield Finding(Verdict.GOOD, "passwords", said)


LOOKS: tuple[Callable[[Installation], Findings], ...] = (
    _folder,
    _secrets,
    _disk,
    _database,
    _sealed,
    _switch,
    _listening,
    _ports,
    _sip,
    _speech,
    _processes,
    _lines,
    _microphone,
    _network,
    _tls,
    _clock,
    _fonts,
)
