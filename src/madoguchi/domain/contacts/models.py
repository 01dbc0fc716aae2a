"""One row per contact of any channel: what a customer's history is made of."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.domain.clients.models import Client, Reason
from madoguchi.domain.customers.models import Customer


class Handling(models.TextChoices):
    """Outcome of the handling (対応結果)."""

    DONE = "done", pgettext_lazy("handling", "Done")
    CALL_BACK = "call_back", pgettext_lazy("handling", "We call back")
    ASKING = "asking", pgettext_lazy("handling", "Asking another department")
    TRANSFERRED = "transferred", pgettext_lazy("handling", "Transferred")
    DECLINED = "declined", pgettext_lazy("handling", "Declined")
    MESSAGE = "message", pgettext_lazy("handling", "Message taken")
    CUSTOMER_WILL_CONTACT = "customer_will_contact", pgettext_lazy("handling", "Customer will contact us")
    NOT_A_MATTER = "not_a_matter", pgettext_lazy("handling", "Wrong number, silent or sales call")


class Reception(models.TextChoices):
    """How the customer took it (受け止め, D18)."""

    UNDERSTOOD = "understood", pgettext_lazy("reception", "Understood")
    ACCEPTED = "accepted", pgettext_lazy("reception", "Accepted")
    SATISFIED = "satisfied", pgettext_lazy("reception", "Satisfied")
    UNKNOWN = "unknown", pgettext_lazy("reception", "Unknown")


class Mark(models.TextChoices):
    """Marks that a contact may carry."""

    SECOND_COMPLAINT = "second_complaint", _("Complaint about our handling")
    PRAISE = "praise", _("Praise")


class Contact(models.Model):
    """Written down before anything else is done with it (law 1)."""

    class Channel(models.TextChoices):
        CALL_IN = "call_in", _("Incoming call")
        CALL_OUT = "call_out", _("Outgoing call")

    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, related_name="contacts")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="contacts")
    channel = models.CharField(max_length=12, choices=Channel.choices)
    at = models.DateTimeField()
    account_id = models.BigIntegerField(null=True)
    """Who spoke with the customer last; None when nobody did."""
    call_id = models.UUIDField(null=True, unique=True)
    """The call, in the `calls` room above this one."""
    menu = models.CharField(max_length=80, blank=True)
    """What was chosen in the menu."""
    reason = models.ForeignKey(Reason, on_delete=models.SET_NULL, null=True)
    handling = models.CharField(max_length=24, choices=Handling.choices, blank=True)
    reception = models.CharField(max_length=16, choices=Reception.choices, blank=True)
    marks = models.JSONField(default=list)
    """List of `Mark` values."""
    summary = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    """When the wrap-up that describes it ended."""

    class Meta:
        indexes = [
            models.Index(
                fields=["customer", "-at"], condition=models.Q(customer__isnull=False), name="contact_history"
            ),
            models.Index(fields=["-at"], name="contact_at"),
        ]


class Note(models.Model):
    """What one person wrote of one contact, kept from the first words in mid-call.

    Each person has one of their own, so that who takes a customer over overwrites nobody; the contact's
    summary joins them.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="notes")
    account_id = models.BigIntegerField()
    """Who writes; the account's id, since notes outlive accounts."""
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    """Counts the changes of `text`: who saves says on which one theirs is based."""
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "account_id"], name="one_note_a_person")]
