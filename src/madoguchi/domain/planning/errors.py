"""What can be wrong with a wish for a report."""

from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class DayNotOver(MadoguchiError):
    """Only a day that is over can be explained."""

    code = "day_not_over"
    message = _("Please choose a day that is over.")
    status = 422


class KnobRefused(MadoguchiError):
    """What was asked for is no whole number within the range of its slider."""

    code = "knob_refused"
    message = _("Please choose a whole number from {low} to {high}.")
    status = 422


class ShiftRefused(MadoguchiError):
    """People added would go before they come."""

    code = "shift_refused"
    message = _("People added go home before they come: please choose a later end.")
    status = 422


class BasisRefused(MadoguchiError):
    """A basis is one day, or four same weekdays."""

    code = "basis_refused"
    message = _("Please choose one day, or the last four same weekdays.")
    status = 422


class NameRefused(MadoguchiError):
    """What is kept has a name to be found again by."""

    code = "name_refused"
    message = _("Please give it a name of at most 60 characters.")
    status = 422


class YenRefused(MadoguchiError):
    """A price is a whole number of yen."""

    code = "yen_refused"
    message = _("Please write the amount in whole yen, from {low} to {high}.")
    status = 422


class NotAnswered(MadoguchiError):
    """Only a what-if that has its answer can be kept."""

    code = "not_answered"
    message = _("This question has no answer yet. Wait for it, then keep it.")


class TooManyKept(MadoguchiError):
    """The table of kept what-ifs is meant to be read."""

    code = "too_many_kept"
    message = _("{most} what-ifs are kept already. Take one off the table first.")


class NoForecast(MadoguchiError):
    """There is no forecast of the days of a roster."""

    code = "no_forecast"
    message = _("There is no forecast for these days yet. Make one, or bring the needed people in a file.")


class NothingToFill(MadoguchiError):
    """A roster cannot be made of nothing."""

    code = "nothing_to_fill"
    message = _(
        "Three things are needed first: shifts, people with a contract, and how many people are needed "
        "(from the forecast, a file, or the least a day of a shift)."
    )
    status = 422


class CountsUnreadable(MadoguchiError):
    """A file of earlier counts cannot be used as a whole; nothing was changed. `why` is a code."""

    code = "counts_unreadable"
    message = _("The file could not be read.")
    status = 422


class NothingToTake(MadoguchiError):
    """No line of a file can be used, or somebody has taken it in, or thrown it away, meanwhile."""

    code = "nothing_to_take"
    message = _("There is nothing to take in: the file was dealt with already, or no line of it can be used.")


class EventRefused(MadoguchiError):
    """An event ends before it begins, lies outside the calendar or is not complete."""

    code = "event_refused"
    message = _("Please write a name, and days and times of which the last comes after the first.")
    status = 422
