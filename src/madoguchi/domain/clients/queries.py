"""Reads of numbers and their hours. The first two lie in the way of each call: few queries, kept briefly."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime

from madoguchi.domain.clients.models import Client, Hours, Number
from madoguchi.domain.clients.models import Period as PeriodRow
from madoguchi.domain.clients.models import SpecialDay as SpecialDayRow
from madoguchi.domain.ledger.kept import kept
from madoguchi.domain.trunks.models import Trunk
from madoguchi.domain.trunks.queries import rules_of
from madoguchi.kit.calendar import Opening, OpeningHours, Period, SpecialDay, opening_at
from madoguchi.kit.phone_numbers import TrunkRules, parse

CACHE_S = 5.0
"""How long a process may go on with hours that another process has changed meanwhile."""

ALWAYS = OpeningHours(always_open=True)

_hours_cache: dict[int, tuple[float, OpeningHours]] = {}


def number_for(
    called_raw: str, trunk: Trunk | None, headers: Mapping[str, str] | None = None
) -> Number | None:
    """Our number that was called, with its client, or None when it is none of ours.

    Read by the trunk's own rules; `headers` may name it better than the called address (`said_to_be_called`).
    A line by registration often rings without saying which number was called: where the text is no number
    at all, the only number of that trunk is meant.
    """
    rules = rules_of(trunk)
    keys = [number_key(text, rules) for text in said_to_be_called(called_raw, headers or {}, trunk)]
    said = tuple(key for key in keys if key)
    return _number_for(said, trunk.pk if trunk else None, bool(number_key(called_raw, rules)))


@kept
def _number_for(said: tuple[str, ...], trunk_id: int | None, dialled: bool) -> Number | None:
    ours = Number.objects.filter(active=True).select_related("client", "hours")
    if said:
        found = {number.e164: number for number in ours.filter(e164__in=said)}
        named = next((found[key] for key in said if key in found), None)
        if named is not None or dialled:
            return named
    if trunk_id is None:
        return None
    only = list(ours.filter(trunk_id=trunk_id)[:2])
    return only[0] if len(only) == 1 else None


@kept
def recording_days(client_id: int) -> int | None:
    """For how many days a client's recordings are kept; 0: nothing is recorded, None: no such client."""
    return Client.objects.filter(pk=client_id).values_list("recording_days", flat=True).first()


def said_to_be_called(called_raw: str, headers: Mapping[str, str], trunk: Trunk | None) -> list[str]:
    """Every text of an arrival that may be the called number, the likeliest first.

    A line by registration is called at the address that it registered; which number of a block was dialled
    then stands in P-Called-Party-ID (RFC 7315, 4.2), or in To. On other lines To may be what the caller
    dialled before a forwarding (a 0570 number), so it comes last.
    """
    asserted, to = headers.get("P-Called-Party-ID", ""), headers.get("To", "")
    if trunk is not None and trunk.login and called_raw == trunk.login:
        return [text for text in (asserted, to, called_raw) if text]
    return [text for text in (asserted, called_raw, to) if text]


def number_key(text: str, rules: TrunkRules) -> str:
    """A number as `Number.e164` keeps it: E.164, or the digits of a short one; empty when it is no number."""
    number = parse(text, rules)
    return number.e164 or number.digits


def opening(number: Number, at: datetime) -> Opening:
    """Whether `number` is open at `at`, why, and until when. Hours are cached for CACHE_S."""
    return opening_at(hours_of(number), at)


def hours_of(number: Number) -> OpeningHours:
    """The opening hours of a number; always open when it has none."""
    if number.hours is None or number.hours_id is None:
        return ALWAYS
    found = _hours_cache.get(number.hours_id)
    if found and found[0] > time.monotonic():
        return found[1]
    read = read_hours(number.hours)
    _hours_cache[number.hours_id] = (time.monotonic() + CACHE_S, read)
    return read


def read_hours(hours: Hours) -> OpeningHours:
    """The rows of one set of hours as the calendar wants them."""
    weekly: list[list[Period]] = [[] for _ in range(7)]
    for row in PeriodRow.objects.filter(hours=hours):
        weekly[row.weekday].append(Period(row.opens_min, row.closes_min))
    special = tuple(
        (day.date, SpecialDay(day.name, tuple(Period(*ends) for ends in day.periods)))
        for day in SpecialDayRow.objects.filter(hours=hours)
    )
    return OpeningHours(
        weekly=tuple(tuple(periods) for periods in weekly),
        special_days=special,
        closed_on_holidays=hours.closed_on_holidays,
        always_open=hours.always_open,
    )


def forget_hours(hours_id: int) -> None:
    """Drop this process's copy, so that who changes hours sees them at once."""
    _hours_cache.pop(hours_id, None)
