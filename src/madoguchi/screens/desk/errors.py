"""What can be wrong with what the desk sends."""

from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class Malformed(MadoguchiError):
    """A field is missing or is not what it should be. `field` is its name in the request."""

    code = "malformed"
    message = _("This cannot be read: {field}.")
    status = 422


class NoSuchVerb(MadoguchiError):
    """The desk asked for something that does not exist; its page is older than the server."""

    code = "no_such_verb"
    message = _("Please reload the page: it is older than the server.")
    status = 404


class NotYourCall(MadoguchiError):
    """The call is not, or is no longer, at this desk."""

    code = "not_your_call"
    message = _("This call is no longer at your desk.")


class DeskElsewhere(MadoguchiError):
    """Another tab or computer is this person's desk, and alive."""

    code = "desk_elsewhere"
    message = _("Your desk is open elsewhere.")
