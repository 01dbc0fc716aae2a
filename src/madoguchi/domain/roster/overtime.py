"""Overtime of the months before a roster: for the limits on a year and on the mean of several months.

Added up in the database, since a year of 300 people is 70,000 shifts; the same sums as
science/staffing/shifts/overtime.py makes of shifts, which a test compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from madoguchi.domain.roster.states import WORKED_BY
from madoguchi.science.staffing.shifts.overtime import months_from
from madoguchi.science.staffing.shifts.people import LEGAL_DAY_MIN, LEGAL_WEEK_MIN, month_of

_MONTHS = 12
"""A year of an agreement holds so many; the mean is of fewer."""
_SUMS = """
WITH worked AS (
    SELECT s.account_id, s.day, s.day - extract(dow FROM s.day)::int AS sunday,
           s.end_min - s.begin_min - COALESCE(
               (SELECT sum((rest ->> 1)::int - (rest ->> 0)::int) FROM jsonb_array_elements(s.breaks) rest), 0
           ) AS minutes
    FROM roster_shift s JOIN roster_roster r ON r.id = s.roster_id
    WHERE r.stage = ANY(%(stages)s) AND s.account_id = ANY(%(people)s)
      AND s.day >= %(since)s AND s.day < %(until)s
), over AS (
    SELECT account_id, date_trunc('month', day)::date AS month, sum(greatest(0, minutes - %(day)s)) AS minutes
    FROM worked GROUP BY 1, 2
    UNION ALL
    SELECT account_id, date_trunc('month', sunday + 6)::date,
           greatest(0, sum(least(minutes, %(day)s)) - %(week)s)
    FROM worked GROUP BY account_id, sunday
)
SELECT account_id, month, sum(minutes)::int FROM over
WHERE month < %(until)s GROUP BY 1, 2 HAVING sum(minutes) > 0
"""


def overtime_before(account_ids: Sequence[int], first: date) -> dict[int, dict[date, int]]:
    """Account → first day of a month → minutes of overtime, of the year before the month of `first`."""
    if not account_ids:
        return {}
    month = month_of(first)
    facts: dict[str, Any] = {
        "stages": [str(stage) for stage in WORKED_BY],
        "people": list(account_ids),
        "since": months_from(month, -_MONTHS - 1)[0],
        "until": month,
        "day": LEGAL_DAY_MIN,
        "week": LEGAL_WEEK_MIN,
    }
    found: dict[int, dict[date, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, facts)
        for account_id, of, minutes in cursor.fetchall():
            found.setdefault(account_id, {})[of] = minutes
    return found
