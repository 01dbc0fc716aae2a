"""The customers of a client as lines of a file, under headings that the import reads back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Count, Max
from django.utils.translation import pgettext

from madoguchi.domain.customers.models import Customer
from madoguchi.kit.clock import business_day, now
from madoguchi.kit.phone_numbers import display
from madoguchi.kit.spreadsheets import safe_cell

MOST_NUMBERS = 20
"""Columns for telephone numbers, at most; there are as many as somebody has."""
CHUNK = 500


def rows_of(client_id: int) -> Iterator[Sequence[str]]:
    """The headings, then each customer of a client, the oldest first; read while it is written."""
    numbers = _most_numbers(client_id)
    yield headings(numbers)
    people = Customer.objects.filter(client_id=client_id).select_related("company")
    people = people.prefetch_related("numbers", "important_points").order_by("pk")
    for customer in people.iterator(chunk_size=CHUNK):
        yield [safe_cell(cell) for cell in _cells(customer, numbers)]


def headings(numbers: int) -> list[str]:
    """The first line, with so many columns for telephone numbers; each heading is one the import knows."""
    telephone = pgettext("csv", "Phone number")
    return [
        pgettext("csv", "Customer number"),
        pgettext("csv", "Name"),
        pgettext("csv", "Name kana"),
        pgettext("csv", "Company"),
        pgettext("csv", "Department"),
        telephone,
        *(f"{telephone}{place}" for place in range(2, numbers + 1)),
        pgettext("csv", "Postal code"),
        pgettext("csv", "Address"),
        pgettext("csv", "E-mail"),
        pgettext("csv", "Birth date"),
        pgettext("csv", "Important point"),
        pgettext("csv", "Note"),
    ]


def _most_numbers(client_id: int) -> int:
    counted = Customer.objects.filter(client_id=client_id).annotate(number=Count("numbers"))
    most: int | None = counted.aggregate(most=Max("number"))["most"]
    return min(max(most or 0, 1), MOST_NUMBERS)


def _cells(customer: Customer, columns: int) -> list[str]:
    numbers = sorted(customer.numbers.all(), key=lambda number: (not number.main, number.pk))
    shown = [display(number.e164) for number in numbers[:columns]]
    return [
        customer.external_id,
        customer.name,
        customer.name_kana,
        str(customer.company or ""),
        customer.department,
        *shown,
        *[""] * (columns - len(shown)),
        customer.postal_code,
        customer.address,
        customer.email,
        f"{customer.birth_date:%Y-%m-%d}" if customer.birth_date else "",
        _important(customer),
        customer.note,
    ]


def _important(customer: Customer) -> str:
    """The newest point that holds still; a file has room for one."""
    today = business_day(now())
    for point in customer.important_points.all():
        if point.withdrawn_at is None and (point.until is None or point.until >= today):
            return point.text
    return ""
