"""The words of a Japanese terminal, for tests: what bin/run would merge from the files of translations."""

from __future__ import annotations

import gettext

from madoguchi.program.translations import merge


class Japanese(gettext.NullTranslations):
    """Stands in for the merged catalogue, which a checkout may not have yet."""

    def __init__(self) -> None:
        super().__init__()
        self.known = {one.message: one.translated[0] for one in merge() if one.context is None}

    def gettext(self, message: str) -> str:
        return self.known.get(message, message)
