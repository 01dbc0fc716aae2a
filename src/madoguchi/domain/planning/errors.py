"""What can be wrong with a wish for a report."""

from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class DayNotOver(MadoguchiError):
    """Only a day that is over can be explained."""

    code = "day_not_over"
    message = _("Please choose a day that is over.")
    status = 422
