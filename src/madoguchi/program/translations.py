"""Merges the Japanese words of every area (`locale/ja.d/*.po`) into the catalogue that Django reads.

Many people write translations at the same time, so each area has its own small file; the merged catalogue is
made, never edited. Neither GNU gettext nor a package is needed for that.
"""

import ast
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"
_HEADER = (
    "Project-Id-Version: Madoguchi\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\nLanguage: ja\nPlural-Forms: nplurals=1; plural=0;\n"
)


class TranslationError(Exception):
    """A file of translations cannot be read, or two of them disagree; names file and line."""


@dataclass(slots=True)
class Entry:
    """One message and its translation."""

    source: str
    """File and line, for complaints."""
    context: str | None = None
    message: str = ""
    plural: str | None = None
    translated: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.message


def merge(locale: Path = LOCALE) -> list[Entry]:
    """All entries of all areas; the same message may stand in several files when they agree."""
    known: dict[tuple[str | None, str], Entry] = {}
    for file in sorted((locale / "ja.d").glob("*.po")):
        for entry in read(file):
            first = known.setdefault(entry.key, entry)
            if first.translated != entry.translated:
                raise TranslationError(
                    f"“{entry.message}” is “{first.translated[0]}” in {first.source} "
                    f"but “{entry.translated[0]}” in {entry.source}: give one of them a msgctxt."
                )
    return [known[key] for key in sorted(known, key=lambda key: (key[1], key[0] or ""))]


def compile_catalogue(locale: Path = LOCALE) -> bool:
    """Write `ja/LC_MESSAGES/django.po` and `.mo` when an area's file is newer; True when written."""
    folder = locale / "ja" / "LC_MESSAGES"
    target = folder / "django.mo"
    areas = [*(locale / "ja.d").glob("*.po"), locale / "ja.d"]
    if target.exists() and all(
        area.stat().st_mtime < target.stat().st_mtime for area in areas if area.exists()
    ):
        return False
    entries = merge(locale)
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    for name, content in (("django.po", _as_po(entries).encode()), ("django.mo", _as_mo(entries))):
        draft = folder / f".{name}.new"
        draft.write_bytes(content)
        draft.replace(folder / name)
    return True


def read(file: Path) -> Iterator[Entry]:
    """The entries of one PO file; its header and entries marked fuzzy are left out."""
    entry, current, fuzzy = Entry(""), "", False
    for number, raw in enumerate(file.read_text(encoding="utf-8").splitlines() + [""], 1):
        line = raw.strip()
        starts = line.startswith(("msgctxt", "msgid ")) and entry.translated
        if (not line or starts) and entry.translated:
            if entry.message and not fuzzy:
                yield entry
            entry, current, fuzzy = Entry(""), "", False
        if line.startswith("#,") and "fuzzy" in line:
            fuzzy = True
        if not line or line.startswith("#"):
            continue
        try:
            current = _take(entry, current, line)
        except (ValueError, SyntaxError) as error:
            raise TranslationError(f"{file.name}:{number} is not readable: {line}") from error
        entry.source = entry.source or f"{file.name}:{number}"


def _take(entry: Entry, current: str, line: str) -> str:
    """Add one line to the entry; returns the keyword that following bare strings continue."""
    keyword, _, quoted = (current, "", line) if line.startswith('"') else line.partition(" ")
    text = ast.literal_eval(quoted.strip())
    if not isinstance(text, str):
        raise ValueError(line)
    continued = line.startswith('"')
    match keyword:
        case "msgctxt":
            entry.context = (entry.context or "") + text
        case "msgid":
            entry.message += text
        case "msgid_plural":
            entry.plural = (entry.plural or "") + text
        case _ if keyword.startswith("msgstr"):
            if continued:
                entry.translated[-1] += text
            else:
                entry.translated.append(text)
        case _:
            raise ValueError(line)
    return keyword


def _as_po(entries: list[Entry]) -> str:
    lines = ["# Made out of locale/ja.d; edit there.", 'msgid ""', 'msgstr ""']
    lines += [_quoted(line + "\n") for line in _HEADER.splitlines()]
    for entry in entries:
        lines += ["", f"#: {entry.source}"]
        if entry.context is not None:
            lines.append(f"msgctxt {_quoted(entry.context)}")
        lines.append(f"msgid {_quoted(entry.message)}")
        if entry.plural is None:
            lines.append(f"msgstr {_quoted(entry.translated[0])}")
        else:
            lines.append(f"msgid_plural {_quoted(entry.plural)}")
            lines.append(f"msgstr[0] {_quoted(entry.translated[0])}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _as_mo(entries: list[Entry]) -> bytes:
    """The binary catalogue; format: GNU gettext manual, “The Format of GNU MO Files”."""
    pairs = [("", _HEADER)]
    for entry in entries:
        if entry.translated[0]:
            message = entry.message if entry.plural is None else f"{entry.message}\0{entry.plural}"
            # EOT stands between context and message.
            pairs.append((f"{entry.context}\x04{message}" if entry.context else message, entry.translated[0]))
    encoded = sorted((key.encode(), value.encode()) for key, value in pairs)
    keys_at, values_at = 28, 28 + 8 * len(encoded)
    position = 28 + 16 * len(encoded)
    tables: list[bytes] = []
    blob = b""
    for column in (0, 1):
        for pair in encoded:
            tables.append(struct.pack("<II", len(pair[column]), position + len(blob)))
            blob += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(encoded), keys_at, values_at, 0, position)
    return head + b"".join(tables) + blob
