"""Writing a file so that others see either the old one or the new one, whole."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, and put it in the place of `target` when the block ends well.

    Two processes may do so at once: each has a file of its own, and the last one stays. The bytes are
    on the disk before the name is. When the block fails, `target` is untouched and nothing is left over.
    """
    draft = target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")
    try:
        with draft.open("xb") as output:
            yield output
            output.flush()
            os.fsync(output.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
