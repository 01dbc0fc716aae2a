"""Every text of code and templates that goes through gettext has its Japanese."""

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path("src/madoguchi")
# Name of the function → where its context and its message stand among the arguments.
FUNCTIONS = {
    "_": (None, 0),
    "gettext": (None, 0),
    "gettext_lazy": (None, 0),
    "gettext_noop": (None, 0),
    "ngettext": (None, 0),
    "ngettext_lazy": (None, 0),
    "pgettext": (0, 1),
    "pgettext_lazy": (0, 1),
    "npgettext": (0, 1),
    "npgettext_lazy": (0, 1),
}
Message = tuple[str | None, str]


def main() -> int:
    """Print what has no Japanese and return 1 when there is something."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings")
    import django

    django.setup()
    from madoguchi.program import translations

    try:
        known = {entry.key for entry in translations.merge() if entry.translated[0]}
    except translations.TranslationError as error:
        print(error)
        return 1
    missing = {}
    for file in sorted(SOURCES.rglob("*.py")):
        if "/tests/" not in str(file):
            missing |= {found: where for found, where in _in_python(file) if found not in known}
    for file in sorted(SOURCES.rglob("*.html")):
        missing |= {found: where for found, where in _in_template(file) if found not in known}
    missing = {found: where for found, where in missing.items() if not _django_knows(found)}
    for (context, message), where in missing.items():
        print(f"{where}: {message!r}" + (f" ({context})" if context else ""))
    return 1 if missing else 0


def _in_python(file: Path) -> Iterator[tuple[Message, str]]:
    for node in ast.walk(ast.parse(file.read_text(), str(file))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        places = FUNCTIONS.get(name)
        if places is None or len(node.args) <= places[1]:
            continue
        message = node.args[places[1]]
        context = node.args[places[0]] if places[0] is not None else None
        if isinstance(message, ast.Constant) and isinstance(message.value, str) and message.value:
            said = context.value if isinstance(context, ast.Constant) else None
            yield (said, message.value), f"{file}:{node.lineno}"


def _in_template(file: Path) -> Iterator[tuple[Message, str]]:
    from django.utils.translation.template import templatize

    text = templatize(file.read_text(), origin=str(file))
    literal = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|'''.*?''')"
    for found in re.finditer(rf"\b(n?p?gettext|_)\({literal}(?:\s*,\s*{literal})?", text, re.DOTALL):
        first, second = (ast.literal_eval(part) if part else None for part in (found[2], found[3]))
        with_context = "pgettext" in found[1]
        message = second if with_context else first
        if message:
            yield (first if with_context else None, message), f"{file}"


def _django_knows(message: Message) -> bool:
    """True for words that Django or a package of ours translates itself."""
    from django.utils import translation

    with translation.override("ja"):
        context, text = message
        translated = translation.pgettext(context, text) if context else translation.gettext(text)
    return translated != text


if __name__ == "__main__":
    sys.exit(main())
