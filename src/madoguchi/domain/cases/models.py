"""Matters that span contacts. Here: promises, who contacts whom by when (law 2)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.domain.cases.states import PromiseStage
from madoguchi.domain.clients.models import Client
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.customers.models import Customer


class Promise(models.Model):
    """Something promised to, or by, a customer."""

    class Kind(models.TextChoices):
        CALL_BACK = "call_back", pgettext_lazy("promise kind", "We call back")
        DO = "do", pgettext_lazy("promise kind", "We do something")
        CUSTOMER_CONTACTS = "customer_contacts", pgettext_lazy("promise kind", "Customer contacts us")
        NO_CONTACT = "no_contact", pgettext_lazy("promise kind", "No contact needed")

    class Origin(models.TextChoices):
        WRAP_UP = "wrap_up", _("Promised in a call")
        LOST_CALL = "lost_call", _("Call lost by a fault of ours")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.WRAP_UP)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, related_name="promises")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="promises")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="promises")
    """The contact in which it was promised."""
    call_id = models.UUIDField(null=True, db_index=True)
    what = models.CharField(_("What"), max_length=200, blank=True)
    owner_id = models.BigIntegerField(null=True)
    """Account of who is to keep it; None: whoever takes it from the list."""
    made_by = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    number = models.CharField(_("Number"), max_length=20, blank=True)
    """E.164, for a call back."""
    number_repeated = models.BooleanField(_("Number repeated to the customer"), default=False)
    wished_hours = models.CharField(_("Hours the customer wishes"), max_length=80, blank=True)
    message = models.TextField(_("Message"), blank=True)
    stage = models.CharField(max_length=12, choices=PromiseStage.choices, default=PromiseStage.OPEN)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)
    kept_by_call_id = models.UUIDField(null=True)
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(stage__in=["open", "broken"]), name="promise_due"
            ),
            models.Index(
                fields=["customer"], condition=models.Q(stage__in=["open", "broken"]), name="promise_customer"
            ),
        ]
        constraints = [
            # A lost call becomes one call-back to make, however often the loss is seen.
            models.UniqueConstraint(
                fields=["call_id"], condition=models.Q(origin="lost_call"), name="one_call_back_a_lost_call"
            )
        ]
