"""Reads of trunks."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.domain.ledger.kept import kept
from madoguchi.domain.trunks.health import Health
from madoguchi.domain.trunks.models import Trunk, TrunkWatch
from madoguchi.domain.trunks.probe import Finding, Report, Target
from madoguchi.kit.phone_numbers import PLAIN, TrunkRules


def rules_of(trunk: Trunk | None) -> TrunkRules:
    """How this trunk writes numbers; as people write them when there is no trunk or it has no rules."""
    return TrunkRules.from_stored(trunk.number_rules) if trunk and trunk.number_rules else PLAIN


@kept
def by_endpoint(endpoint: str) -> Trunk | None:
    """The trunk whose switch endpoint has this name."""
    return Trunk.objects.filter(endpoint=endpoint).first()


def target_of(trunk: Trunk) -> Target:
    """Whom to ask about this line, and as whom. Raises SealBroken."""
    return Target(
        host=trunk.host,
        port=trunk.port,
        login=trunk.login,
        secret=trunk.secret,
        registers=trunk.kind == Trunk.Kind.REGISTRATION,
    )


def watched() -> list[Trunk]:
    """The lines that are to be watched, each with its `watch` where there is one."""
    usable = Trunk.objects.filter(active=True, demonstration=False).select_related("watch")
    return list(usable.order_by("pk"))


def dead_lines() -> list[TrunkWatch]:
    """What is known of the lines that cannot be reached, longest first."""
    found = TrunkWatch.objects.filter(health=Health.DEAD, trunk__active=True).select_related("trunk")
    return list(found.order_by("since"))


def explain_watch(watch: TrunkWatch) -> str:
    """Why a line is said to be as it is, in words for people."""
    if watch.health != Health.DEAD:
        if watch.registered or watch.answers:
            return _("Registered with the provider.") if watch.registered else _("The provider answers.")
        if watch.health == Health.WORKS:
            return _("The provider answers no questions (many do not), but calls come through.")
        return _("The provider answers no questions (many do not), and no call has come so far.")
    why = Finding(watch.finding) if watch.finding else None
    if why is not None and why is not Finding.WORKS:
        return explain(Report(why, watch.address, watch.answer))
    if watch.registered is False:
        return _("Not registered with the provider. Calls cannot come in.")
    if watch.in_vain_since is not None:
        return _("Calls out met only silence: the provider said nothing at all to them.")
    return _("The provider used to answer and does not any more, and no call has come through since.")


def explain(report: Report) -> str:
    """What the test of a trunk found, and what to do about it, in words for people."""
    return str(_WORDS[report.finding]) % {
        "address": report.address,
        "answer": report.answer,
        "codecs": "、".join(report.codecs),
    }


_WORDS = {
    Finding.NO_SUCH_HOST: gettext_lazy(
        "The provider's host name was not found. Check its spelling, and that this machine's DNS works."
    ),
    Finding.NO_ANSWER: gettext_lazy(
        "%(address)s does not answer at all. Check address and port, and that the firewall lets UDP through."
    ),
    Finding.NO_LISTENER: gettext_lazy(
        "%(address)s is there, but nothing listens on this port. Check the port."
    ),
    Finding.NOT_SIP: gettext_lazy(
        "%(address)s answers, but not as a SIP server we understand. Check the port."
    ),
    Finding.WRONG_PASSWORD: gettext_lazy(
        "The provider refuses log-in or password (%(answer)s). Type both anew."
    ),
    Finding.FORBIDDEN: gettext_lazy(
        "The provider forbids it (%(answer)s). The contract may be locked, or bound to another address."
    ),
    Finding.UNKNOWN_LOGIN: gettext_lazy(
        "The provider does not know this log-in (%(answer)s). Check its spelling."
    ),
    Finding.REGISTRATION_REJECTED: gettext_lazy(
        "The provider rejects the registration: %(answer)s. Ask them why."
    ),
    Finding.WRONG_CODEC: gettext_lazy(
        "The provider offers only %(codecs)s. We speak G.711 (PCMU, PCMA): ask them to allow it."
    ),
    Finding.BUSY_SERVER: gettext_lazy(
        "The provider's server has trouble of its own: %(answer)s. Try again later."
    ),
    Finding.WORKS: gettext_lazy("The line works: %(address)s answers (%(answer)s)."),
}
