"""What can go wrong with trunks."""

from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class TrunkGone(MadoguchiError):
    """The trunk was removed by somebody else meanwhile."""

    code = "trunk_gone"
    message = _("This trunk is no longer there. Load the page again.")
    status = 404
