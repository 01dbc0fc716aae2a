"""Trunks: the lines to the telephone network, their number rules, and a test that says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from madoguchi.domain.people.models import Role
from madoguchi.domain.switchboard.sealing import SealBroken
from madoguchi.domain.trunks import actions
from madoguchi.domain.trunks.models import Trunk
from madoguchi.domain.trunks.queries import explain, explain_watch, rules_of
from madoguchi.kit.phone_numbers import Bare, TrunkRules
from madoguchi.screens.office.editing import EditView, by
from madoguchi.screens.office.fields import NAME, LinesField
from madoguchi.screens.parts.access import role

OWN = (
    "name",
    "kind",
    "host",
    "port",
    "login",
    "secret",
    "match_networks",
    "channels",
    "shown_in",
    "outbound",
    "allow_abroad",
    "allow_premium",
    "active",
)
RULES = ("strip_prefixes", "bare", "area_code", "dial_prefix", "dial_e164", "dial_intent")


class TrunkForm(forms.ModelForm):  # type: ignore[type-arg]  # Django forms take no parameter at run time
    """A line as the provider's paper describes it, and how it writes numbers."""

    secret = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Never shown again. Leave empty to keep the one that is stored."),
    )
    match_networks = LinesField(
        label=_("Addresses that calls come from"),
        required=False,
        help_text=_("One a line, e.g. 203.0.113.0/24. The provider's host itself need not be named."),
    )
    strip_prefixes = LinesField(
        label=_("Digits that the exchange puts in front"),
        required=False,
        widget=forms.TextInput,
        help_text=_("Taken off where a whole number is left, e.g. 8."),
    )
    bare = forms.ChoiceField(
        label=_("Digits without + or 0 in front are"),
        required=False,
        choices=[
            (Bare.NATIONAL, _("local or short numbers")),
            (Bare.SIGNIFICANT, _("national numbers whose 0 was dropped")),
            (Bare.INTERNATIONAL, _("international numbers whose + was dropped")),
        ],
    )
    area_code = forms.CharField(
        label=_("Own area code"), required=False, max_length=5, help_text=_("For numbers dialled without it.")
    )
    dial_prefix = forms.CharField(
        label=_("Digits for an outside line"), required=False, max_length=8, help_text=_("Often 0.")
    )
    dial_e164 = forms.BooleanField(label=_("Dial +81… in place of 0…"), required=False)
    dial_intent = forms.BooleanField(label=_("Understands 184 and 186"), required=False)

    class Meta:
        model = Trunk
        fields = OWN
        labels = {"name": NAME}
        help_texts = {
            "kind": _(
                "By registration: with log-in and password. By address: the provider knows our address."
            ),
            "host": _("As on the provider's paper, e.g. sip.example.jp."),
            "channels": _("How many calls the contract allows at once; empty if unknown."),
            "shown_in": _("On outgoing calls. Ask the provider when they show another number than yours."),
            "allow_abroad": _("Off until you need it: fraud abroad is expensive."),
            "allow_premium": _("0990, 0570 and the like."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rules = rules_of(self.instance)
        for name in RULES:
            value = getattr(rules, name)
            self.initial[name] = "、".join(value) if isinstance(value, tuple) else value
        self.fields["login"].widget.attrs["autocomplete"] = "off"

    def line_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in OWN]

    def rule_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in RULES]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        rules = {name: given[name] for name in RULES if name in given}
        rules["strip_prefixes"] = tuple(rules.get("strip_prefixes", ()))
        rules["bare"] = Bare(rules.get("bare") or Bare.NATIONAL)
        try:
            given["number_rules"] = TrunkRules(**rules).to_stored()
        except ValueError:
            self.add_error("strip_prefixes", _("Only digits may stand here; an area code begins with 0."))
        return given


@role(Role.ADMINISTRATOR)
def every(request: HttpRequest) -> HttpResponse:
    """The list of trunks."""
    rows = Trunk.objects.select_related("watch").prefetch_related("numbers").order_by("-active", "name")
    shown = [{"trunk": row, **_health(row)} for row in rows]
    return render(request, "office/trunks.html", {"rows": shown})


class Edit(EditView):
    model = Trunk
    form = TrunkForm
    template = "office/trunk.html"
    page = "office:trunk"
    roles = (Role.ADMINISTRATOR,)

    def more(self, request: HttpRequest, row: Trunk | None) -> dict[str, Any]:
        return _health(row)

    def store(self, row: Trunk | None, values: Mapping[str, Any], acting_user: int) -> Trunk:
        given = {name: values[name] for name in (*OWN, "number_rules")}
        if row is None:
            return actions.create_trunk(given, acting_user=acting_user)
        return actions.change_trunk(row.pk, given, acting_user=acting_user)


@role(Role.ADMINISTRATOR)
def health(request: HttpRequest, pk: int) -> HttpResponse:
    """How the line is now: a fragment that the page asks for again and again."""
    row = get_object_or_404(Trunk.objects.select_related("watch"), pk=pk)
    return render(request, "office/trunk_health.html", _health(row))


def _health(row: Trunk | None) -> dict[str, Any]:
    watch = getattr(row, "watch", None) if row is not None and row.active else None
    unwatched = row is None or row.demonstration
    return {"watch": watch, "words": explain_watch(watch) if watch else "", "unwatched": unwatched}


@require_POST
@role(Role.ADMINISTRATOR)
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the provider now: a fragment that says in words what was found."""
    get_object_or_404(Trunk, pk=pk)
    try:
        report = actions.test_trunk(pk, acting_user=by(request))
    except SealBroken as error:
        return render(request, "office/trunk_report.html", {"words": error.shown()})
    return render(request, "office/trunk_report.html", {"report": report, "words": explain(report)})
