"""What can go wrong with clients, numbers, hours and reasons."""

from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class HoursInUse(MadoguchiError):
    """Hours that numbers still point to cannot be deleted."""

    code = "hours_in_use"
    message = _("These hours are used by {numbers}. Give those numbers other hours first.")


class WrongHours(MadoguchiError):
    """Periods of a day that overlap, or end before they begin."""

    code = "wrong_hours"
    message = _("The hours of {day} cannot be used: {reason}")
    status = 422


class ReasonGone(MadoguchiError):
    """The reason was removed by somebody else meanwhile."""

    code = "reason_gone"
    message = _("This reason is no longer there. Load the page again.")
    status = 404
