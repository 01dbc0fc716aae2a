"""Two texts that grew apart become one that has every line of both. Pure."""

from __future__ import annotations


def with_both(standing: str, other: str) -> str:
    """The standing text, followed by the lines of the other that it does not have.

    An unfinished line of one that the other finished is no loss, so only the finished one stays.

    >>> with_both("冷えない\\n折り返し希望", "冷えない\\n音がする")
    '冷えない\\n折り返し希望\\n音がする'
    >>> with_both("冷えな", "冷えないとのこと")
    '冷えないとのこと'
    """
    if other.startswith(standing):
        return other
    if standing.startswith(other):
        return standing
    has = set(standing.splitlines())
    new = [line for line in other.splitlines() if line.strip() and line not in has]
    return "\n".join([standing, *new]) if new else standing
