"""Trunks: the lines to the telephone network, and how each writes numbers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.domain.switchboard.sealing import opened


class Trunk(models.Model):
    """One SIP line of a provider, or a PBX of the house."""

    class Kind(models.TextChoices):
        REGISTRATION = "registration", _("By registration")
        ADDRESS = "address", _("By address")

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
