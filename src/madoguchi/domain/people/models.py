"""Accounts: who may log in, and as what."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    """What a person is here for; decides which screens and rows they may see."""

    OPERATOR = "operator", pgettext_lazy("role", "Operator")
    SUPERVISOR = "supervisor", pgettext_lazy("role", "Supervisor")
    QUALITY = "quality", pgettext_lazy("role", "Quality checker")
    ADMINISTRATOR = "administrator", pgettext_lazy("role", "Administrator")


class Account(AbstractUser):
    """A person who logs in. `username` is the log-in name."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("Name"), max_length=80)
    """As colleagues write it, family name first: 佐藤 恵."""
    name_kana = models.CharField(_("Name in kana"), max_length=80, blank=True)
    spoken_name = models.CharField(_("Name said on the telephone"), max_length=40, blank=True)
    """What the operator calls herself in the greeting; empty: the first word of `name`."""
    role = models.CharField(_("Role"), max_length=16, choices=Role.choices, default=Role.OPERATOR)
    language = models.CharField(
        _("Language"), max_length=5, choices=[("ja", "日本語"), ("en", "English")], default="ja"
    )
    demonstration = models.BooleanField(default=False, editable=False)
    """Made by the demonstration; removed when the ports are opened to the network."""

    must_change_password = models.BooleanField(default=False, db_default=False, editable=False)
    """Somebody else knows the password, since they made it: nothing else is open before it is changed."""

    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta(AbstractUser.Meta):
        pass

    def __str__(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        """What the operator calls herself to customers."""
        return self.spoken_name or (self.name.split() or [self.username])[0]

    @property
    def leads(self) -> bool:
        """Whether this person may see other people's work."""
        return self.role in {Role.SUPERVISOR, Role.ADMINISTRATOR}


class Allowance(models.Model):
    """How often somebody without an account did something lately, counted for all web processes together."""

    what = models.CharField(max_length=32)
    """What is counted, e.g. `visitor_call`."""
    who = models.CharField(max_length=64)
    """The address it came from; of IPv6 the first half, since one household has the rest."""
    began_at = models.DateTimeField(db_index=True)
    """When this span of counting began."""
    used = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["what", "who"], name="one_allowance")]
