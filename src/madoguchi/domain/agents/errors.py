"""What can go wrong with a person at the phone."""

from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class AgentBusy(MadoguchiError):
    """The person is in the middle of something else."""

    code = "agent_busy"
    message = _("{name} is busy at this moment.")


class MatterMissing(MadoguchiError):
    """Time off the phone must say what it is for."""

    code = "matter_missing"
    message = _("Choose what the other matter is: research, arrangement, coordination, mail or call back.")
    status = 422


class UnknownPresence(MadoguchiError):
    """A word that is no presence."""

    code = "unknown_presence"
    message = _("There is no presence of that name.")
    status = 422
