"""Form fields that several forms of the office share."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from madoguchi.kit.calendar import Period
from madoguchi.kit.times_of_day import NotATimeError, format_periods, parse_periods

NAME = pgettext_lazy("of a thing", "Name")
"""The label of a name that is no person's."""


F = TypeVar("F", bound=forms.BaseForm)


def plainly(form: F) -> F:
    """The same form, which says what is wrong, and that nothing is chosen yet, as a colleague would."""
    for field in form.fields.values():
        chooses = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
        field.error_messages["required"] = _("Please choose.") if chooses else _("Please fill this in.")
        field.error_messages["unique"] = _("This exists already. Please use another one.")
        if isinstance(field, forms.ModelChoiceField) and field.empty_label is not None:
            field.empty_label = _("Please choose") if field.required else "―"
    return form


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        text = unicodedata.normalize("NFKC", super().to_python(value) or "")
        return [line.strip() for line in re.split(r"[\n、,]", text) if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != list(initial or []))


class PeriodsField(forms.CharField):
    """The open stretches of one day as people write them: 9:00–12:00、13:00–26:00; empty is closed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=200, **options)

    def prepare_value(self, value: Any) -> Any:
        return (
            value if isinstance(value, str) else format_periods(tuple(Period(*ends) for ends in value or ()))
        )

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        try:
            return parse_periods(text)
        except NotATimeError as error:
            # What is missing (“9:00–”) cannot be named: then all that was typed is.
            raise ValidationError(_not_a_time(error.text or text)) from error
        except ValueError as error:
            raise ValidationError(_overlap()) from error


def _not_a_time(text: str) -> str:
    return gettext("“%(text)s” is no time. Write hours like 9:00–12:00、13:00–18:00.") % {"text": text[:40]}


def _overlap() -> str:
    return gettext("Each stretch must end after it begins, and none may overlap another.")
