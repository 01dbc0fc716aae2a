"""What can be wrong with a promise."""

from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class NoSuchPromise(MadoguchiError):
    """There is no promise of that number."""

    code = "no_such_promise"
    message = _("This promise does not exist.")
    status = 404


class PromiseEnded(MadoguchiError):
    """It was kept or withdrawn already, perhaps by somebody else a moment ago."""

    code = "promise_ended"
    message = _("This promise is no longer open.")


class PromiseIncomplete(MadoguchiError):
    """A call back without a number cannot be made; a promise without a time cannot be kept in time."""

    code = "promise_incomplete"
    message = _("Please fill in: {missing}")
    status = 422
