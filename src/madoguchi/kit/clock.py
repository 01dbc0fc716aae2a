"""The only clock of the house, and the edge between UTC and the time on the wall.

Everything inside carries aware UTC; Asia/Tokyo appears where a person reads or writes a time.
Pure rooms take `now` as an argument and never call `now()` themselves.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def check_aware(at: datetime) -> datetime:
    """Give `at` back; raises ValueError when it carries no time zone, since guessing one moves a day."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return at


def local(at: datetime, zone: ZoneInfo = TOKYO) -> datetime:
    """The same instant as people at the centre read it."""
    return check_aware(at).astimezone(zone)


def may_be_meant(day: date) -> bool:
    """Whether a day that was typed can be meant: at the ends of the calendar no zone can be applied."""
    return EARLIEST <= day <= LATEST


def day_typed(text: str) -> date | None:
    """A day that was typed or linked, as 2026-11-24; None where it is none, or cannot be meant.

    >>> day_typed("2026-11-24"), day_typed("tomorrow"), day_typed("0001-01-01")
    (datetime.date(2026, 11, 24), None, None)
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if may_be_meant(day) else None


def from_local(wall: datetime, zone: ZoneInfo = TOKYO) -> datetime:
    """The UTC instant of a wall-clock time that was typed without a zone."""
    if wall.tzinfo is not None:
        return wall.astimezone(UTC)
    return wall.replace(tzinfo=zone).astimezone(UTC)


def business_day(at: datetime, *, starts: time = time(0, 0), zone: ZoneInfo = TOKYO) -> date:
    """The business day (業務日) that `at` belongs to, where a day begins at `starts` local time.

    With a start of 05:00, 02:00 on 1 April still belongs to 31 March.
    """
    wall = local(at, zone)
    return wall.date() if wall.time() >= starts else wall.date() - timedelta(days=1)


def business_day_start(day: date, *, starts: time = time(0, 0), zone: ZoneInfo = TOKYO) -> datetime:
    """The UTC instant at which the business day `day` begins."""
    return from_local(datetime.combine(day, starts), zone)


def business_day_bounds(
    day: date, *, starts: time = time(0, 0), zone: ZoneInfo = TOKYO
) -> tuple[datetime, datetime]:
    """Begin (included) and end (not included) of a business day, in UTC."""
    begin = business_day_start(day, starts=starts, zone=zone)
    return begin, business_day_start(day + timedelta(days=1), starts=starts, zone=zone)
