"""A contact stands before anything else, and belongs to a customer's history."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from madoguchi.domain.clients.models import Client
from madoguchi.domain.contacts import actions, queries
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.customers.models import Customer
from madoguchi.kit.clock import now
from madoguchi.kit.ids import new_id

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def opened(**changed: object) -> Contact:
    fields: dict[str, object] = {"client_id": None, "channel": "call_in", "at": now(), "call_id": new_id()}
    return actions.open_contact(**(fields | changed))  # type: ignore[arg-type]


def test_opening_a_contact_is_one_statement() -> None:
    with CaptureQueriesContext(connection) as statements:
        opened()
    assert len(statements) == 1


def test_a_call_has_one_contact() -> None:
    call = new_id()
    opened(call_id=call)
    with pytest.raises(IntegrityError), transaction.atomic():
        opened(call_id=call)


def test_the_end_of_writing_is_marked_once() -> None:
    contact, ended = opened(), now()
    actions.close(contact.pk, ended)
    actions.close(contact.pk, now())
    contact.refresh_from_db()
    assert contact.closed_at == ended


def test_the_history_is_the_customers_own_newest_first() -> None:
    client = Client.objects.create(name="さくら電機")
    customer = Customer.objects.create(client=client, name="高橋 花子")
    first, second, other = opened(), opened(), opened()
    for contact in (first, second):
        assert actions.link_customer(contact.pk, customer.pk, acting_user=None)
    assert list(queries.history(customer.pk)) == [second, first]
    assert list(queries.history(customer.pk, except_call=second.call_id)) == [first]
    assert other.customer_id is None
    assert not actions.link_customer(0, customer.pk, acting_user=None)
