"""What every form of the office does: show, send to one action, put what it refuses beside its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.office.fields import plainly
from madoguchi.screens.parts.access import LEADERS, RoleRequired, account_of

T = TypeVar("T")


def by(request: HttpRequest) -> int:
    """The account that acts."""
    return account_of(request).pk


def attempt(form: BaseForm, act: Callable[[], T]) -> T | None:
    """Run an action. What it refuses lands on the form, beside the field that it names; then None."""
    try:
        return act()
    except ValidationError as refused:
        named = refused.error_dict if hasattr(refused, "error_dict") else {NON_FIELD_ERRORS: [refused]}
        for name, errors in named.items():
            field = form.fields.get(name)
            for error in errors:
                # A model says it of “this Queue with this Name”; the form says it to people.
                words = field.error_messages.get(error.code or "") if field else None
                form.add_error(name if field else None, words or error.messages)
    except MadoguchiError as refused:
        form.add_error(None, refused.shown())
    return None


def tell(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Run an action that has no form; say on the next page that it is done, or why not."""
    try:
        act()
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return False
    except MadoguchiError as refused:
        messages.error(request, refused.shown())
        return False
    messages.success(request, done)
    return True


class EditView(RoleRequired, View):
    """One row's page: a form, and whatever else belongs to it. Without a `pk` the row is new.

    A subclass names model, form, template and `page` (the URL name that takes the row's id), and says
    in `store` which action writes it.
    """

    roles: tuple[str, ...] = LEADERS
    model: ClassVar[type[models.Model]]
    form: ClassVar[Callable[..., Any]]
    template: ClassVar[str]
    page: ClassVar[str]

    def store(self, row: Any | None, values: Mapping[str, Any], acting_user: int) -> models.Model:
        """Write the valid values by an action; None for `row` makes a new one."""
        raise TypeError(f"{type(self).__name__} does not say how it is stored")

    def more(self, request: HttpRequest, row: Any | None) -> dict[str, Any]:
        """What the template needs beside `row` and `form`."""
        return {}

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        row = self._row(pk)
        return self._page(request, row, self._form(request, row))

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        row = self._row(pk)
        form = self._form(request, row)
        stored = None
        if form.is_valid():
            stored = attempt(form, lambda: self.store(row, form.cleaned_data, by(request)))
        if stored is None:
            # Read again: checking the form has put its values on the row, which was not saved.
            return self._page(request, self._row(pk), form, status=422)
        messages.success(request, _("“%(name)s” was saved.") % {"name": stored})
        return self.after(request, stored, is_new=row is None)

    def after(self, request: HttpRequest, stored: Any, *, is_new: bool) -> HttpResponse:
        """Where to go once it is saved."""
        return redirect(self.page, stored.pk)

    def _row(self, pk: int | None) -> Any | None:
        return None if pk is None else get_object_or_404(self.model, pk=pk)

    def _form(self, request: HttpRequest, row: Any | None) -> Any:
        return plainly(type(self).form(request.POST if request.method == "POST" else None, instance=row))

    def _page(self, request: HttpRequest, row: Any | None, form: Any, status: int = 200) -> HttpResponse:
        context = {"row": row, "form": form, **self.more(request, row)}
        return render(request, self.template, context, status=status)
