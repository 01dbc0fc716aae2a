"""Where this installation lives and how it is reached: read once, never changed while a process runs."""

import getpass
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from madoguchi.config import secrets

LONGEST_HOME = 76
"""Linux ends a socket's path at 107 bytes, and Asterisk's lies 28 deep."""


class InstallationError(Exception):
    """A setting of the installation is wrong; the message says which one and what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The settings of one installation.

    Each comes from the environment (`MADOGUCHI_HTTP_PORT`), else from `madoguchi.toml` in the data
    folder (`http_port = 8000`), else from the default below.
    """

    home: Path
    """The data folder: everything that must be backed up, readable by its owner only."""
    secrets: secrets.Secrets
    database_url: str | None = None
    """`postgresql://…` of a server (15 or later); None runs the embedded PostgreSQL."""

    bind: str = "127.0.0.1"
    """Address on which browsers reach us."""
    public: bool = False
    """True opens the centre to the network: demands TLS and removes the demonstration's accounts."""
    public_address: str = ""
    """The name people type into the browser (`madoguchi.example.jp`); empty means this machine only."""
    behind_proxy: bool = False
    """True when a reverse proxy of your own ends TLS and passes on `X-Forwarded-Proto`."""
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    http_port: int = 8000
    """The one port of the browsers, held by the gate: pages, push and telephones."""

    node: str = "node-1"
    """Name of the switch that runs here; calls are pinned to their node."""
    asterisk_http_port: int = 18088
    """ARI and Asterisk's own WebSocket: always on loopback."""
    ari_user: str = "madoguchi"
    sip_bind: str = "127.0.0.1"
    """Address on which Asterisk hears trunks and desk phones; `0.0.0.0` for a real trunk."""
    sip_port: int = 15060
    rtp_start: int = 20000
    rtp_end: int = 28000
    external_address: str = ""
    """Our address as trunks see it, when a NAT stands between."""
    asterisk_cache: Path = Path()
    """Holds Asterisk by version and the link `current`; shared by the installations of a machine."""

    asterisk_modules: Path | None = None
    """`astmoddir` of the Asterisk in use; told by `madoguchi up` to the processes it starts."""
    asterisk_share: Path | None = None
    """Folder of that Asterisk's `documentation/`, `rest-api/` and `sounds/`; told likewise."""

    demo: bool = True
    """A new database is filled with the demonstration centre."""
    pool_max: int = 10
    """Most database connections of one process; 0 opens one for each thread, without a pool."""
    time_zone: str = "Asia/Tokyo"
    """Only for what people see and for opening hours; times are kept in UTC."""
    debug: bool = False

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def recordings(self) -> Path:
        return self.home / "recordings"

    @property
    def prompts(self) -> Path:
        return self.home / "prompts"

    @property
    def uploads(self) -> Path:
        return self.home / "uploads"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """What may vanish at a restart: pid files, sockets, generated configuration."""
        return self.home / "run"

    @property
    def postgres_data(self) -> Path:
        return self.home / "postgres"

    @property
    def postgres_socket(self) -> Path:
        """Folder of the embedded PostgreSQL's socket."""
        return self.run / "pg"

    @property
    def web_socket(self) -> Path:
        """Where the web process listens; only the gate talks to it."""
        return self.run / "web.sock"

    @property
    def asterisk_run(self) -> Path:
        """Asterisk's generated configuration, spool and control socket."""
        return self.run / "asterisk"

    @property
    def asterisk_prefix(self) -> Path:
        """The Asterisk in use (a link into the cache, switched only after the new one was verified)."""
        return self.asterisk_cache / "current"

    @property
    def ari_url(self) -> str:
        return f"http://127.0.0.1:{self.asterisk_http_port}/ari"

    @property
    def secure(self) -> bool:
        """True when browsers reach us by https, so cookies may be marked secure."""
        return self.behind_proxy or self.tls_certificate is not None

    @property
    def address(self) -> str:
        """What to type into the browser."""
        scheme = "https" if self.secure else "http"
        host = self.public_address or ("localhost" if self.bind.startswith("127.") else self.bind)
        if self.behind_proxy and self.public_address:
            return f"{scheme}://{host}/"
        return f"{scheme}://{host}:{self.http_port}/"


def load(environment: Mapping[str, str] = os.environ) -> Installation:
    """Read the installation that `MADOGUCHI_HOME` names, creating its folder and secrets when new.

    Raises InstallationError when a setting is malformed or when two settings contradict each other.
    """
    home = home_of(environment)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        values = _from_file(home / "madoguchi.toml") | _from_environment(environment)
        values.setdefault("asterisk_cache", default_cache(environment))
        installation = Installation(home=home, secrets=secrets.load(home / "keys" / "secrets.json"), **values)
    except OSError as error:
        raise InstallationError(
            f"The data folder {home} cannot be used by {getpass.getuser()}: {error.strerror}. "
            "Set MADOGUCHI_HOME to a folder that belongs to you."
        ) from error
    _examine(installation)
    return installation


def home_of(environment: Mapping[str, str]) -> Path:
    """The data folder: `MADOGUCHI_HOME`, else /var/lib/madoguchi for root, else below ~/.local/share."""
    named = environment.get("MADOGUCHI_HOME")
    if named:
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/madoguchi")
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "madoguchi"


def default_cache(environment: Mapping[str, str]) -> Path:
    """Where Asterisk is kept when `asterisk_cache` is not set: for the machine, else for this person."""
    shared = Path("/var/cache/madoguchi/asterisk")
    if os.geteuid() == 0 or (shared / "current").exists():
        return shared
    return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "madoguchi" / "asterisk"


def _from_file(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        given = tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise InstallationError(f"{file} is not readable as TOML: {error}.") from error
    kinds = _kinds()
    unknown = sorted(set(given) - set(kinds))
    if unknown:
        raise InstallationError(f"{file} has settings we do not know: {', '.join(unknown)}.")
    return {name: _parsed(name, str(value), kinds[name]) for name, value in given.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values = {
        name: _parsed(name, environment[f"MADOGUCHI_{name.upper()}"], kind)
        for name, kind in _kinds().items()
        if environment.get(f"MADOGUCHI_{name.upper()}")
    }
    if environment.get("DATABASE_URL"):
        values["database_url"] = environment["DATABASE_URL"]
    return values


def _kinds() -> dict[str, Any]:
    return {field.name: field.type for field in fields(Installation) if field.name not in {"home", "secrets"}}


def _parsed(name: str, text: str, kind: Any) -> Any:
    if kind is bool:
        if text.lower() not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
            raise InstallationError(f"The setting {name} must be yes or no, not “{text}”.")
        return text.lower() in {"1", "true", "yes", "on"}
    if kind is int:
        if not text.isdecimal():
            raise InstallationError(f"The setting {name} must be a whole number, not “{text}”.")
        return int(text)
    if kind in {Path, Path | None}:
        return Path(text).expanduser()
    return text


def _examine(installation: Installation) -> None:
    ports = {
        name: getattr(installation, name)
        for name in ("http_port", "asterisk_http_port", "sip_port", "rtp_start", "rtp_end")
    }
    for name, port in ports.items():
        if not 1 <= port <= 65535:
            raise InstallationError(f"The setting {name} must be a port between 1 and 65535, not {port}.")
    if installation.http_port == installation.asterisk_http_port:
        raise InstallationError("The settings http_port and asterisk_http_port must differ.")
    if len(str(installation.home)) > LONGEST_HOME:
        raise InstallationError(
            f"The path of the data folder {installation.home} is too long for the sockets in it: "
            f"set MADOGUCHI_HOME to one of at most {LONGEST_HOME} letters."
        )
    if installation.rtp_end - installation.rtp_start < 20:
        raise InstallationError("The settings rtp_start to rtp_end must span at least 20 ports.")
    if (installation.tls_certificate is None) != (installation.tls_key is None):
        raise InstallationError("The settings tls_certificate and tls_key go together: set both or neither.")
    if not installation.bind.startswith(("127.", "::1")) and not installation.public:
        raise InstallationError(
            f"The setting bind = {installation.bind} opens the ports: set public = true as well."
        )
    if installation.public and not installation.secure:
        raise InstallationError(
            "Opening the centre to the network demands TLS: set tls_certificate and tls_key, "
            "or behind_proxy = true when your own proxy ends TLS."
        )
    try:
        installation.zone  # noqa: B018 - reading it is the examination
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InstallationError(f"The setting time_zone names no zone: {installation.time_zone}.") from error
