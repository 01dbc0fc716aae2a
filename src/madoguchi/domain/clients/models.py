"""The companies we answer for: their numbers, hours, days and reasons."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.domain.trunks.models import Trunk
from madoguchi.kit.phone_numbers import display


class Client(models.Model):
    """A company, or a department of one's own company, on whose behalf the centre answers."""

    class AtClosing(models.TextChoices):
        SERVE = "serve", _("Serve those who wait")
        TELL = "tell", _("Tell those who wait, and end")

    name = models.CharField(_("Name"), max_length=80, unique=True)
    name_kana = models.CharField(_("Name in kana"), max_length=120, blank=True)
    greeting = models.CharField(
        _("Greeting"),
        max_length=200,
        default="お電話ありがとうございます。{client}{menu}、{operator}でございます。",
    )
    """Said first; may name {client}, {menu} and {operator}."""
    greeting_after_wait = models.CharField(
        _("Greeting after a wait"),
        max_length=200,
        default="大変お待たせいたしました。{client}{menu}、{operator}でございます。",
    )
    apologise_after_s = models.PositiveIntegerField(_("Apologise after (seconds)"), default=20)
    """Wait from which `greeting_after_wait` is shown instead."""
    identity_items = models.JSONField(_("Items for checking identity"), default=list, blank=True)
    """What may prove who calls, e.g. ["お名前", "ご住所", "生年月日"]."""
    at_closing = models.CharField(
        _("Callers waiting at closing time"), max_length=8, choices=AtClosing.choices, default=AtClosing.SERVE
    )
    recording_days = models.PositiveIntegerField(_("Keep recordings (days)"), default=365)
    """After so many days a recording is deleted, unless it is held; 0: calls are not recorded."""
    active = models.BooleanField(_("In use"), default=True)

    def __str__(self) -> str:
        return self.name


class Hours(models.Model):
    """A named set of opening hours that several numbers can share."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    closed_on_holidays = models.BooleanField(_("Closed on public holidays"), default=True)
    always_open = models.BooleanField(_("Always open"), default=False)

    def __str__(self) -> str:
        return self.name


class Period(models.Model):
    """One open stretch of a weekday. Minutes since 00:00 of that business day; 26:00 is 1560."""

    hours = models.ForeignKey(Hours, on_delete=models.CASCADE, related_name="periods")
    weekday = models.PositiveSmallIntegerField()
    """0 is Monday, 6 is Sunday."""
    opens_min = models.PositiveSmallIntegerField()
    closes_min = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["weekday", "opens_min"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    opens_min__lt=models.F("closes_min"), closes_min__lte=2880, weekday__lte=6
                ),
                name="period_is_a_stretch",
            )
        ]


class SpecialDay(models.Model):
    """A day of the company's own: closed (no periods), or open at other times than usual."""

    hours = models.ForeignKey(Hours, on_delete=models.CASCADE, related_name="special_days")
    date = models.DateField(_("Date"))
    name = models.CharField(_("Name"), max_length=60)
    periods = models.JSONField(default=list, blank=True)
    """List of [opens_min, closes_min]; empty means closed all day."""

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["hours", "date"], name="one_special_day_a_date")]


class Number(models.Model):
    """A telephone number that customers call, and what happens there."""

    e164 = models.CharField(_("Number"), max_length=20, unique=True)
    """As normalised by the trunk's rules; a short internal number keeps its digits."""
    label = models.CharField(_("Label"), max_length=60)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="numbers")
    trunk = models.ForeignKey(Trunk, on_delete=models.PROTECT, null=True, blank=True, related_name="numbers")
    """Where calls *from* this number go out; None: any outbound trunk."""
    hours = models.ForeignKey(Hours, on_delete=models.PROTECT, null=True, blank=True, related_name="numbers")
    """None: always open."""
    flow_id = models.BigIntegerField(null=True, blank=True)
    """Id of the flow of the `flows` room, which lies above this one."""
    closed_message = models.TextField(
        _("Message when closed"),
        default="お電話ありがとうございます。申し訳ございませんが、ただいまは受付時間外でございます。恐れ入りますが、受付時間内におかけ直しください。",
    )
    caller_number = models.BooleanField(_("Show as our number on outgoing calls"), default=False)
    active = models.BooleanField(_("In use"), default=True)

    def __str__(self) -> str:
        return f"{display(self.e164)} {self.label}"


class Reason(models.Model):
    """Why customers call: a small tree, per client or for all."""

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, null=True, blank=True, related_name="reasons"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )
    name = models.CharField(_("Name"), max_length=80)
    position = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name
