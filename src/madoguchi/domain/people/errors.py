"""What can go wrong with accounts."""

from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class LastAdministrator(MadoguchiError):
    """Somebody must be left who can open the office."""

    code = "last_administrator"
    message = _("{name} is the last administrator. Make somebody else an administrator first.")


class NotYourself(MadoguchiError):
    """Nobody locks themselves out."""

    code = "not_yourself"
    message = _("You cannot take away your own access. Ask another administrator.")
