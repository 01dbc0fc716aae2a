"""Trunks: the lines to the telephone network, and how each writes numbers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.domain.switchboard.sealing import opened
from madoguchi.domain.trunks.health import Evidence, Health
from madoguchi.domain.trunks.probe import Finding


class Trunk(models.Model):
    """One SIP line of a provider, or a PBX of the house."""

    class Kind(models.TextChoices):
        REGISTRATION = "registration", _("By registration")
        ADDRESS = "address", _("By address")

    class ShownIn(models.TextChoices):
        SENDER = "from", _("in From")
        ASSERTED = "asserted", _("in P-Asserted-Identity, with the log-in in From")

    name = models.CharField(_("Name"), max_length=60, unique=True)
    endpoint = models.CharField(max_length=40, unique=True, editable=False)
    """Name of the switch's endpoint; random, so that it tells a stranger nothing."""
    kind = models.CharField(_("Connection"), max_length=16, choices=Kind.choices, default=Kind.REGISTRATION)
    host = models.CharField(_("Provider's host"), max_length=255)
    port = models.PositiveIntegerField(_("Port"), default=5060)
    match_networks = models.JSONField(_("Addresses that calls come from"), default=list, blank=True)
    """CIDR texts, for `ADDRESS` trunks and providers that call from other hosts."""
    login = models.CharField(_("Log-in"), max_length=120, blank=True)
    secret_sealed = models.TextField(blank=True, editable=False)
    """The provider's password; read it as `secret`."""
    channels = models.PositiveIntegerField(_("Lines at once"), null=True, blank=True)
    number_rules = models.JSONField(_("Number rules"), default=dict, blank=True)
    """Fields of `kit.phone_numbers.TrunkRules`: how this provider writes numbers."""
    shown_in = models.CharField(
        _("Where it looks for the number to show"),
        max_length=8,
        choices=ShownIn.choices,
        default=ShownIn.SENDER,
    )
    outbound = models.BooleanField(_("Use for outgoing calls"), default=True)
    allow_abroad = models.BooleanField(_("Allow calls abroad"), default=False)
    allow_premium = models.BooleanField(_("Allow premium numbers"), default=False)
    active = models.BooleanField(_("In use"), default=True)
    demonstration = models.BooleanField(default=False, editable=False)

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """The provider's password, in clear. Raises SealBroken."""
        return opened(self.secret_sealed)


class TrunkWatch(models.Model):
    """What is known of a line that is in use. Written by `lines_seen` only, and only when it changes."""

    trunk = models.OneToOneField(Trunk, on_delete=models.CASCADE, primary_key=True, related_name="watch")
    answers = models.BooleanField(null=True)
    """Whether it answered the last OPTIONS; None where none is sent."""
    answers_since = models.DateTimeField(null=True)
    has_answered = models.BooleanField(default=False)
    registered = models.BooleanField(null=True)
    """None for a line without registration."""
    registered_since = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    """When a call last proved that it works; looked for only while nothing else does."""
    in_vain_since = models.DateTimeField(null=True)
    """The first of several calls out in a row that met only silence; looked for likewise."""
    health = models.CharField(max_length=8, choices=Health.choices, default=Health.UNKNOWN)
    since = models.DateTimeField()
    """From when on the health is so."""
    finding = models.CharField(max_length=24, blank=True)
    """`probe.Finding` of the last time that a line that does not work was asked why."""
    address = models.CharField(max_length=60, blank=True)
    answer = models.CharField(max_length=120, blank=True)
    asked_at = models.DateTimeField(null=True)

    @property
    def evidence(self) -> Evidence:
        return Evidence(
            answers=self.answers,
            answers_since=self.answers_since,
            has_answered=self.has_answered,
            registered=self.registered,
            registered_since=self.registered_since,
            heard_at=self.heard_at,
            in_vain_since=self.in_vain_since,
            nobody_there=self.finding in {Finding.NO_SUCH_HOST, Finding.NO_LISTENER},
        )
