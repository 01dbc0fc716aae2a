"""What can be wrong with the counts that a forecast is to learn from."""

from madoguchi.science.staffing.errors import StaffingError


class TooFewDays(StaffingError):
    """Fewer recorded days than a pattern of the week can be seen in."""

    code = "forecast_too_few_days"
    message = "A forecast needs calls on at least {least} days over three weeks; there are {days}."


class SheetError(StaffingError):
    """Something in a file of counts cannot be read."""

    code = "forecast_sheet"


class NotACount(SheetError):
    """A count is negative, infinite, or no number at all."""

    code = "forecast_not_a_count"
    message = "“{value}” at {where} is no count of calls: write 0 or more, and nothing where it is unknown."


class NotAnInterval(SheetError):
    """A time that does not begin an interval, so its calls could belong to two."""

    code = "forecast_not_an_interval"
    message = "{where} does not begin an interval of {minutes} minutes."


class CountedTwice(SheetError):
    """The same interval stands twice for one reason and client."""

    code = "forecast_counted_twice"
    message = "The interval {where} is counted twice."


class NotATime(SheetError):
    """A cell that should say when is not understood."""

    code = "forecast_not_a_time"
    message = "“{value}” in line {line} is no time. Write for instance 2026-11-24 09:30."


class NoColumn(SheetError):
    """The CSV lacks a column without which nothing can be read."""

    code = "forecast_no_column"
    message = "The file has no column {name}; it has: {found}."


class WrongOrder(StaffingError):
    """A day to forecast lies before the records end, or an event ends before it begins."""

    code = "forecast_wrong_order"
    message = "{later} must not lie before {earlier}."


class NotAPart(StaffingError):
    """An event that fills part of a day ends before it begins."""

    code = "forecast_not_a_part"
    message = "Minute {since} to {until} is no part of a day."
