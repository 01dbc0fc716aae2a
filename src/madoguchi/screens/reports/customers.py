"""Customers: the search, one person's line of time, and what is written about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madoguchi.domain.calls.models import Call
from madoguchi.domain.cases import actions as cases
from madoguchi.domain.cases import queries as promises
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.cases.queries import OWED
from madoguchi.domain.clients.models import Client
from madoguchi.domain.contacts import queries as contacts
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.customers import actions, export_file, queries
from madoguchi.domain.customers.models import Customer
from madoguchi.domain.ledger.actions import note
from madoguchi.domain.people.models import Account, Role
from madoguchi.kit.clock import business_day, now
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.parts.access import account_of, role
from madoguchi.screens.parts.csv_answer import csv_answer
from madoguchi.screens.reports.forms import CustomerForm

CONTACTS_SHOWN = 30


@role(*Role)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Find people by name, kana, company, customer number or part of a telephone number."""
    text = request.GET.get("q", "").strip()
    client = request.GET.get("client", "")
    client_id = int(client) if client.isdecimal() and len(client) < 10 else None
    found = queries.search(text, client_id=client_id) if text else None
    context = {"q": text, "found": found, "client_id": client_id, "clients": Client.objects.order_by("name")}
    return render(request, "reports/customers.html", context)


@role(Role.SUPERVISOR, Role.ADMINISTRATOR)
@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """All customers of a client as a file that the import reads back; who took it is on record."""
    client = request.GET.get("client", "")
    wanted = get_object_or_404(Client, pk=int(client) if client.isdecimal() and len(client) < 10 else 0)
    note("exported", "customers", wanted.pk, acting_user=account_of(request).pk)
    name = f"customers-{wanted.pk}-{business_day(now())}"
    return csv_answer(request, lambda: export_file.rows_of(wanted.pk), name)


@role(*Role)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Write a new person down."""
    form = CustomerForm(request.POST or None, initial={"numbers": request.GET.get("number", "")}, new=True)
    if request.method == "POST" and form.is_valid():
        values = form.details()
        client_id, numbers = values.pop("client_id"), values.pop("numbers")
        try:
            made = actions.create(client_id, numbers=numbers, acting_user=account_of(request).pk, **values)
        except MadoguchiError as error:
            form.add_error(None, error.shown())
        else:
            return redirect("customer", customer_id=made.pk)
    context = {"form": form, "customer": None}
    return render(request, "reports/customer_edit.html", context, status=422 if form.errors else 200)


@role(*Role)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Change what is known of a person; what changed is on record."""
    person = get_object_or_404(Customer.objects.select_related("company"), pk=customer_id)
    form = CustomerForm(request.POST or None, initial=CustomerForm.of(person), new=False)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(customer_id, acting_user=account_of(request).pk, **form.details())
        except MadoguchiError as error:
            form.add_error(None, error.shown())
        else:
            messages.success(request, _("Saved."))
            return redirect("customer", customer_id=customer_id)
    context = {"form": form, "customer": person}
    return render(request, "reports/customer_edit.html", context, status=422 if form.errors else 200)


@role(*Role)
@require_GET
def customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """One person over all channels, newest first; important points and promises pinned above."""
    person = get_object_or_404(Customer.objects.select_related("company", "client"), pk=customer_id)
    note("viewed_customer", "customer", customer_id, acting_user=account_of(request).pk)
    page = request.GET.get("page", "")
    start = CONTACTS_SHOWN * (int(page) if page.isdecimal() and len(page) < 6 else 0)
    rows = list(contacts.history(customer_id)[start : start + CONTACTS_SHOWN + 1])
    shown = rows[:CONTACTS_SHOWN]
    all_promises = list(promises.of_customer(customer_id)[:200])
    context = {
        "customer": person,
        "numbers": person.numbers.order_by("-main", "pk"),
        "points": _named(queries.points_in_force(customer_id, business_day(now())), "noted_by"),
        "owed": _named([each for each in all_promises if each.stage in OWED], "owner_id"),
        "line": _line(shown, all_promises),
        "next": start // CONTACTS_SHOWN + 1 if len(rows) > CONTACTS_SHOWN else None,
        "ownerships": person.ownerships.select_related("product", "contract_holder"),
    }
    return render(request, "reports/customer.html", context)


@role(*Role)
@require_POST
def do(request: HttpRequest, customer_id: int, verb: str) -> HttpResponse:
    """One small change from the customer's page: numbers, important points, promises."""
    deed = _DEEDS.get(verb)
    if deed is None:
        raise Http404
    try:
        deed(request, customer_id, account_of(request).pk)
    except MadoguchiError as error:
        messages.error(request, error.shown())
    return redirect("customer", customer_id=customer_id)


def _add_number(request: HttpRequest, customer_id: int, me: int) -> None:
    words = request.POST
    main = words.get("main") == "1"
    actions.add_number(
        customer_id, words.get("number", ""), label=words.get("label", ""), main=main, acting_user=me
    )


def _remove_number(request: HttpRequest, customer_id: int, me: int) -> None:
    actions.remove_number(customer_id, _id(request), acting_user=me)


def _add_point(request: HttpRequest, customer_id: int, me: int) -> None:
    try:
        until = date.fromisoformat(request.POST.get("until", ""))
    except ValueError:
        until = None
    actions.note_important_point(customer_id, request.POST.get("text", ""), until, acting_user=me)


def _withdraw_point(request: HttpRequest, customer_id: int, me: int) -> None:
    actions.withdraw_important_point(_id(request), acting_user=me)


def _keep_promise(request: HttpRequest, customer_id: int, me: int) -> None:
    cases.fulfil(_id(request), acting_user=me)


def _withdraw_promise(request: HttpRequest, customer_id: int, me: int) -> None:
    cases.withdraw(_id(request), acting_user=me)


_DEEDS = {
    "add-number": _add_number,
    "remove-number": _remove_number,
    "add-point": _add_point,
    "withdraw-point": _withdraw_point,
    "keep-promise": _keep_promise,
    "withdraw-promise": _withdraw_promise,
}


def _id(request: HttpRequest) -> int:
    text = request.POST.get("id", "")
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _line(rows: list[Contact], all_promises: list[Promise]) -> list[dict[str, Any]]:
    """Contacts with their calls, who spoke, and what was promised in them."""
    call_ids = [each.call_id for each in rows if each.call_id]
    calls: dict[UUID, Call] = {
        call.pk: call for call in Call.objects.filter(pk__in=call_ids).select_related("agent__account")
    }
    names = _names(each.account_id for each in rows)
    found: list[dict[str, Any]] = []
    for each in rows:
        call = calls.get(each.call_id) if each.call_id else None
        talk = call.ended_at - call.answered_at if call and call.ended_at and call.answered_at else None
        speaker = names.get(each.account_id or 0) or (str(call.agent) if call and call.agent else "")
        made = [promise for promise in all_promises if promise.contact_id == each.pk]
        found.append({"contact": each, "call": call, "talk": talk, "speaker": speaker, "promises": made})
    return found


def _named(rows: Iterable[Any], attribute: str) -> list[tuple[Any, str]]:
    """Each row with the name of the account that one of its fields holds."""
    listed = list(rows)
    names = _names(getattr(each, attribute) for each in listed)
    return [(each, names.get(getattr(each, attribute) or 0, "")) for each in listed]


def _names(ids: Iterable[int | None]) -> dict[int, str]:
    return dict(Account.objects.filter(pk__in={each for each in ids if each}).values_list("pk", "name"))
