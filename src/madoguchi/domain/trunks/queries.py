"""Reads of trunks."""

from django.utils.translation import gettext_lazy as _

from madoguchi.domain.trunks.models import Trunk
from madoguchi.domain.trunks.probe import Finding, Report
from madoguchi.kit.phone_numbers import PLAIN, TrunkRules


def rules_of(trunk: Trunk | None) -> TrunkRules:
    """How this trunk writes numbers; as people write them when there is no trunk or it has no rules."""
    return TrunkRules.from_stored(trunk.number_rules) if trunk and trunk.number_rules else PLAIN


def by_endpoint(endpoint: str) -> Trunk | None:
    """The trunk whose switch endpoint has this name."""
    return Trunk.objects.filter(endpoint=endpoint).first()


def explain(report: Report) -> str:
    """What the test of a trunk found, and what to do about it, in words for people."""
    return str(_WORDS[report.finding]) % {
        "address": report.address,
        "answer": report.answer,
        "codecs": "、".join(report.codecs),
    }


_WORDS = {
    Finding.NO_SUCH_HOST: _(
        "The provider's host name was not found. Check its spelling, and that this machine's DNS works."
    ),
    Finding.NO_ANSWER: _(
        "%(address)s does not answer at all. Check address and port, and that the firewall lets UDP through."
    ),
    Finding.NO_LISTENER: _("%(address)s is there, but nothing listens on this port. Check the port."),
    Finding.NOT_SIP: _("%(address)s answers, but not as a SIP server we understand. Check the port."),
    Finding.WRONG_PASSWORD: _("The provider refuses log-in or password (%(answer)s). Type both anew."),
    Finding.FORBIDDEN: _(
        "The provider forbids it (%(answer)s). The contract may be locked, or bound to another address."
    ),
    Finding.UNKNOWN_LOGIN: _("The provider does not know this log-in (%(answer)s). Check its spelling."),
    Finding.REGISTRATION_REJECTED: _("The provider rejects the registration: %(answer)s. Ask them why."),
    Finding.WRONG_CODEC: _(
        "The provider offers only %(codecs)s. We speak G.711 (PCMU, PCMA): ask them to allow it."
    ),
    Finding.BUSY_SERVER: _("The provider's server has trouble of its own: %(answer)s. Try again later."),
    Finding.WORKS: _("The line works: %(address)s answers (%(answer)s)."),
}
