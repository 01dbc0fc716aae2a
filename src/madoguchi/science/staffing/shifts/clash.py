"""Which rules contradict each other: a smallest set, found by leaving out.

Source: U. Junker, QUICKXPLAIN: Preferred explanations and relaxations for over-constrained problems,
AAAI 2004.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence


def least_clash(rules: Sequence[int], possible: Callable[[Sequence[int]], bool]) -> list[int]:
    """Rules that cannot be kept together while any of them left out makes the others possible.

    `possible` says whether a set of rules can be kept; it must be false for `rules`. Takes about k · log(n/k)
    questions for k clashing rules of n.

    >>> least_clash(range(9), lambda kept: not {2, 5} <= set(kept))
    [2, 5]
    """
    if not possible([]):
        return []
    return sorted(_explain([], False, list(rules), possible))


def _explain(
    kept: list[int], changed: bool, rules: list[int], possible: Callable[[Sequence[int]], bool]
) -> list[int]:
    if changed and not possible(kept):
        return []
    if len(rules) == 1:
        return rules
    first, second = rules[: len(rules) // 2], rules[len(rules) // 2 :]
    from_second = _explain(kept + first, True, second, possible)
    from_first = _explain(kept + from_second, bool(from_second), first, possible)
    return from_first + from_second
