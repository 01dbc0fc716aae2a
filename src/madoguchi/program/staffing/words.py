"""The words of the command, in the language of the terminal: LANGUAGE, LC_ALL, LC_MESSAGES, LANG.

Read straight from the merged catalogue, so that `--help` needs neither Django nor an installation.
"""

import gettext as catalogues
import os
from functools import cache

from madoguchi.program.translations import LOCALE


def _(message: str) -> str:
    """`message` in the language of the terminal; English where there is no translation."""
    return _catalogue().gettext(message)


def name_of(quantity: str) -> str:
    """What the science calls `quantity`, in the language of the terminal."""
    return _catalogue().pgettext("staffing", quantity)


@cache
def _catalogue() -> catalogues.NullTranslations:
    wanted = (os.environ.get(name) for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    if not next((value for value in wanted if value), "").startswith("ja"):
        return catalogues.NullTranslations()
    try:
        with (LOCALE / "ja" / "LC_MESSAGES" / "django.mo").open("rb") as file:
            return catalogues.GNUTranslations(file)
    except OSError:
        # Not merged yet: bin/run does that. English is better than nothing.
        return catalogues.NullTranslations()
