"""How long a caller may expect to wait."""


def expected_wait_s(position: int, agents_serving: int, mean_handling_s: float) -> float | None:
    """Mean wait in seconds of the caller at `position` (1 is next) while everybody serving is busy.

    `agents_serving` are those who take this queue's calls now, free or not; `mean_handling_s` is talk, hold
    and wrap-up. With n people and exponential handling somebody gets free every `mean_handling_s`/n on
    average, and the caller at position k waits for k such moments. Calls of other queues that the same people
    serve and callers who give up are not looked at: the first lengthen the wait, the second shorten it.
    Returns None when nobody serves the queue: no wait can be named.

    >>> expected_wait_s(3, agents_serving=4, mean_handling_s=240)
    180.0

    Source: M/M/n; while all n are busy, departures are a Poisson process of rate n·µ
    (Cooper, Introduction to Queueing Theory, ch. 3).
    """
    if position < 1:
        raise ValueError(f"positions begin at 1, not {position}")
    if mean_handling_s < 0:
        raise ValueError(f"a handling time of {mean_handling_s} s cannot be")
    if agents_serving < 1:
        return None
    return position * mean_handling_s / agents_serving
