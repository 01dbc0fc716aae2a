"""Forms of the customers' pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.domain.clients.models import Client
from madoguchi.domain.customers.actions import DETAILS
from madoguchi.domain.customers.birth_dates import read_birth_date
from madoguchi.domain.customers.models import Customer


class BirthDate(forms.CharField):
    """A date of birth as people say it: 1980/1/2 or 昭和55年1月2日."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        found = read_birth_date(text)
        if found is None:
            raise forms.ValidationError(_("Please write the date like 1980/1/2 or S55.1.2."))
        return found


class CustomerForm(forms.Form):
    """What is known of a person; a name, a name in kana or a company is enough."""

    client_id = forms.ModelChoiceField(
        Client.objects.filter(active=True), label=_("Client"), empty_label=None
    )
    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    name_kana = forms.CharField(label=_("Name in kana"), max_length=120, required=False)
    company = forms.CharField(label=_("Company"), max_length=120, required=False)
    department = forms.CharField(label=_("Department"), max_length=80, required=False)
    numbers = forms.CharField(
        label=_("Telephone numbers"),
        required=False,
        help_text=_("One a line, as the customer says them."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    postal_code = forms.CharField(label=_("Postal code"), max_length=8, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    birth_date = BirthDate(label=_("Birth date"), required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    external_id = forms.CharField(label=_("Customer number"), max_length=60, required=False)
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A customer stays with its client; numbers are kept one by one on the customer's page.
        for name in [] if new else ["client_id", "numbers"]:
            del self.fields[name]

    @staticmethod
    def of(customer: Customer) -> dict[str, Any]:
        """What the form shows of a customer."""
        shown: dict[str, Any] = {name: getattr(customer, name) for name in DETAILS}
        if customer.birth_date:
            shown["birth_date"] = f"{customer.birth_date:%Y/%m/%d}"
        return shown | {"company": str(customer.company or "")}

    def details(self) -> dict[str, Any]:
        """The valid values as the actions take them."""
        values = dict(self.cleaned_data)
        if "client_id" in values:
            values["client_id"] = values["client_id"].pk
            values["numbers"] = values["numbers"].splitlines()
        return values
