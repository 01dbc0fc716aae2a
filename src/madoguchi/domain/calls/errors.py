"""What can go wrong with a call, in words that tell what to do."""

from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class CallGone(MadoguchiError):
    """The call has ended, or is no longer with this person."""

    code = "call_gone"
    message = _("This call is no longer yours, or it has ended.")


class NotNow(MadoguchiError):
    """The call is in a phase in which this cannot be done."""

    code = "not_now"
    message = _("That is not possible at this moment of the call.")


class OfferGone(MadoguchiError):
    """The ring is over already."""

    code = "offer_gone"
    message = _("This call is no longer ringing at you.")


class TargetBusy(MadoguchiError):
    """Whom we wanted to reach is busy or their phone is off."""

    code = "target_busy"
    message = _("{name} cannot be reached at this moment.")


class OwnPhoneOff(MadoguchiError):
    """The operator's own phone is not ready."""

    code = "own_phone_off"
    message = _("Your phone is not ready, or you are still busy with a call.")


class NumberRefused(MadoguchiError):
    """A number that may not be dialled."""

    code = "number_refused"
    message = _("{number} may not be dialled: {why}.")
    status = 422


class NoTrunk(MadoguchiError):
    """No line goes out."""

    code = "no_trunk"
    message = _("No line for outgoing calls is set up.")


class PointsUnread(MadoguchiError):
    """Important points were not acknowledged."""

    code = "points_unread"
    message = _("Please confirm the important points first.")
    status = 422


class WrapUpOver(MadoguchiError):
    """The wrap-up has ended."""

    code = "wrap_up_over"
    message = _("This wrap-up has ended already.")
