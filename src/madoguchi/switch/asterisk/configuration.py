"""Write all of Asterisk's configuration out of one view of the installation.

Each file is replaced whole or not at all, readable by its owner only (it holds secrets), and untouched
when nothing in it changes; the answer says what a running Asterisk must reload.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from madoguchi.switch.asterisk import plain_files
from madoguchi.switch.asterisk.dialplan import extensions_conf
from madoguchi.switch.asterisk.pjsip import pjsip_conf
from madoguchi.switch.asterisk.view import SwitchView

# File → the module that reads it again; a file that is not here needs a new start of Asterisk.
_RELOADS = {
    "pjsip.conf": "res_pjsip.so",
    "extensions.conf": "pbx_config.so",
    "musiconhold.conf": "res_musiconhold.so",
    "ari.conf": "res_ari.so",
    "rtp.conf": "res_rtp_asterisk.so",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What `write` did."""

    files: tuple[str, ...]
    """Names of the files that differ from before."""
    reload: tuple[str, ...]
    """Modules that a running Asterisk must load again (`AsteriskSwitch.reload`)."""
    restart: bool
    """Whether a running Asterisk takes the change only by a new start."""

    @property
    def changed(self) -> bool:
        return bool(self.files)


def write(view: SwitchView, directory: Path) -> Written:
    """Make `directory` hold the configuration of `view`, and the folders that Asterisk needs exist.

    Start Asterisk with `-C directory/asterisk.conf`. Raises OSError when the disk does not take it.
    """
    texts = {
        **plain_files.texts(view, directory),
        "pjsip.conf": pjsip_conf(view),
        "extensions.conf": extensions_conf(view),
    }
    _make_folders(view, directory)
    files = tuple(name for name, text in sorted(texts.items()) if _replace(directory / name, text))
    return Written(
        files=files,
        reload=tuple(dict.fromkeys(_RELOADS[name] for name in files if name in _RELOADS)),
        restart=any(name not in _RELOADS for name in files),
    )


def _make_folders(view: SwitchView, directory: Path) -> None:
    made = [directory, view.work, view.log, view.cel.parent, view.recording_folder]
    made += [view.work / name for name in ("run", "db", "keys", "keys/keys", "spool", "data", "data/sounds")]
    for folder in made:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Asterisk reads its own documentation at start, and looks for sounds below the same folder.
    for name in ("documentation", "rest-api", "static-http", "images", "firmware"):
        _link(view.work / "data" / name, view.share / name)
    for voice in ("en", "en_US_f_Allison"):
        if (view.share / "sounds" / voice).exists():
            _link(view.work / "data" / "sounds" / "en", view.share / "sounds" / voice)
            break
    if view.recordings is not None:
        _link(view.work / "spool" / "recording", view.recordings)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    if link.is_dir() and not link.is_symlink():
        # Made by an earlier start with other settings; kept when it holds anything.
        link.rmdir()
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def _replace(file: Path, text: str) -> bool:
    data = text.encode()
    if file.exists() and file.read_bytes() == data:
        return False
    handle, fresh = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(fresh).replace(file)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
    return True
