"""What can be wrong with rosters, wishes and contracts."""

from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class RosterGone(MadoguchiError):
    """There is no such roster any more."""

    code = "roster_gone"
    message = _("This roster is no longer there. Please load the page again.")
    status = 404


class DaysTaken(MadoguchiError):
    """Another roster has some of these days."""

    code = "roster_days_taken"
    message = _("Some of these days belong to another roster already. Open that one.")


class WrongDays(MadoguchiError):
    """Not 1 to 31 days, or a day that cannot be meant."""

    code = "roster_wrong_days"
    message = _("Please choose 1 to 31 days.")
    status = 422


class NotNow(MadoguchiError):
    """The roster is at a stage in which this cannot be done."""

    code = "roster_not_now"
    message = _("This cannot be done while the roster is “{stage}”.")


class RulesBroken(MadoguchiError):
    """A change breaks hard rules, and no reason was given."""

    code = "roster_rules_broken"
    message = _("This breaks a rule: {rules}. If it must be, write the reason.")
    status = 422


class ReasonMissing(MadoguchiError):
    """A published shift is changed without saying why."""

    code = "roster_reason_missing"
    message = _("The roster is published: please write why the shift changes.")
    status = 422


class Unexplained(MadoguchiError):
    """A roster that breaks rules without a reason is not published."""

    code = "roster_unexplained"
    message = _("{count} broken rules have no reason yet: {rules}. Mend them, or write the reason.")
    status = 422


class BreakTooShort(MadoguchiError):
    """The hours are impossible, or the break is shorter than the law asks."""

    code = "roster_break_too_short"
    message = _(
        "These hours cannot be: work above 6 hours needs a break of 45 minutes, above 8 hours one of 60, "
        "and the break lies within the shift."
    )
    status = 422


class WishTooLate(MadoguchiError):
    """The roster of the day is published; only a supervisor changes it."""

    code = "roster_wish_too_late"
    message = _("The roster of this day is published, or the day is over. Please ask a supervisor.")


class WishesOfOthers(MadoguchiError):
    """Only a leader writes down what somebody else wishes."""

    code = "roster_wishes_of_others"
    message = _("You can only enter your own wishes.")
    status = 403


class WrongContract(MadoguchiError):
    """The contract asks for what the law forbids."""

    code = "roster_wrong_contract"
    message = _(
        "Please check the contract: 1 to 16 hours a day, up to 80 a week, 1 to 12 days in a row, up to 24 "
        "hours of rest; overtime up to 45 hours a month and 360 a year, with a special clause less than 100 "
        "and up to 720; the year begins in month 1 to 12."
    )
    status = 422


class FileRefused(MadoguchiError):
    """A file of shifts has cells that are not understood; nothing of it was taken in."""

    code = "roster_file_refused"
    message = _("The file was not taken in. {mistakes}")
    status = 422
