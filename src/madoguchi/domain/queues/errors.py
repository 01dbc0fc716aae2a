"""What can go wrong with queues and who serves them."""

from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class StillOnThePhone(MadoguchiError):
    """A person in the middle of a call keeps their access until it is wrapped up."""

    code = "still_on_the_phone"
    message = _("{name} is on a call or wrapping one up. Try again when it is over.")
    retry = True
