"""The one base of errors that people are meant to read."""

from __future__ import annotations

from typing import Any, ClassVar


class MadoguchiError(Exception):
    """Something cannot be done, for a reason that a person can act upon.

    `code` is stable and meant for programs; `message` is shown, filled with `data`; `status` is what an
    HTTP edge answers; `retry` tells whether the same request may succeed later without a change.
    """

    code: ClassVar[str] = "error"
    message: ClassVar[Any] = "Something went wrong."
    status: ClassVar[int] = 409
    retry: ClassVar[bool] = False

    def __init__(self, **data: Any) -> None:
        self.data = data
        super().__init__(f"{self.code} {data}" if data else self.code)

    def shown(self) -> str:
        """The message in the language of the moment, with its details filled in."""
        return str(self.message).format(**self.data)
