"""Who it is that calls: by the number told, by the operator's word, and proven or not."""

import pytest

from madoguchi.domain.calls.actions import check_identity, hearing, say_who
from madoguchi.domain.calls.errors import CallGone, NotNow
from madoguchi.domain.calls.models import Call
from madoguchi.domain.calls.tests.conftest import CALLED, Centre
from madoguchi.domain.clients.models import Client, Reason
from madoguchi.domain.contacts.actions import note_menu
from madoguchi.domain.customers.models import Customer, CustomerNumber
from madoguchi.domain.ledger.models import Entry
from madoguchi.kit.clock import now
from madoguchi.switch import port

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def person(centre: Centre, name: str = "山田太郎", client: Client | None = None) -> Customer:
    customer = Customer.objects.create(client=client or centre.client, name=name)
    CustomerNumber.objects.create(customer=customer, e164="+819012345678", raw="090-1234-5678")
    return customer


def test_the_only_person_with_the_number_is_taken_for_the_caller(centre: Centre) -> None:
    yamada = person(centre)
    call = centre.arrive()
    assert (call.customer, call.contact.customer, call.customer_chosen_by) == (yamada, yamada, None)


def test_of_two_with_one_number_nobody_is_chosen(centre: Centre) -> None:
    person(centre)
    person(centre, "山田花子")
    assert centre.arrive().customer is None


def test_another_clients_customer_is_nobody_here(centre: Centre) -> None:
    person(centre, client=Client.objects.create(name="別会社"))
    assert centre.arrive().customer is None


@pytest.mark.parametrize(
    ("raw", "presentation", "reason"),
    [
        ("09012345678", "prohib_not_screened", "P"),
        ("anonymous", "", "P"),
        ("Anonymous", "prohib", "P"),
        ("", "unavailable", "O"),
    ],
)
def test_a_withheld_number_matches_nobody(centre: Centre, raw: str, presentation: str, reason: str) -> None:
    person(centre)
    event = port.CallArrived(
        node="node-1",
        at=now(),
        leg_id="in-1",
        trunk="trunk-1",
        called_raw=CALLED,
        caller_raw=raw,
        presentation=presentation,
        purpose="in",
    )
    from madoguchi.domain.calls.actions import arrive

    call = Call.objects.get(pk=arrive(event))
    assert (call.customer, call.customer_e164, call.no_number_reason) == (None, "", reason)


@pytest.mark.parametrize("raw", ["\x00\x01", "'; DROP TABLE", "９" * 256, "sip:@@@;;", "🦊"])
def test_any_bytes_in_the_callers_number_are_taken_in(centre: Centre, raw: str) -> None:
    call = centre.arrive(caller=raw)
    assert (call.phase, call.customer) == ("menu", None)


def test_the_operator_says_who_it_is_and_the_check_begins_anew(centre: Centre) -> None:
    yamada, hanako = person(centre), person(centre, "山田花子")
    call = centre.talking()
    account_id = centre.sato.account_id
    say_who(call.pk, yamada.pk, acting_user=account_id)
    check_identity(call.pk, ["お名前", " 生年月日 ", ""], acting_user=account_id)
    call.refresh_from_db()
    assert (call.identity_items, call.identity_checked_by) == (["お名前", "生年月日"], account_id)
    say_who(call.pk, hanako.pk, acting_user=account_id)
    call.refresh_from_db()
    assert (call.customer, call.contact.customer, call.identity_checked_at) == (hanako, hanako, None)
    assert set(Entry.objects.values_list("verb", flat=True)) >= {"chose_customer", "checked_identity"}


def test_a_check_without_an_item_is_no_check(centre: Centre) -> None:
    call = centre.talking()
    check_identity(call.pk, ["お名前"], acting_user=centre.sato.account_id)
    check_identity(call.pk, [" "], acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert (call.identity_checked_at, call.identity_checked_by, call.identity_items) == (None, None, [])


def test_it_can_still_be_said_in_the_wrap_up(centre: Centre) -> None:
    call = centre.talking()
    hearing.leg_ended(call.pk, "in-1", cause=16)
    yamada = person(centre)
    say_who(call.pk, yamada.pk, acting_user=centre.sato.account_id)
    call.refresh_from_db()
    assert call.customer == yamada


def test_another_clients_customer_cannot_be_chosen(centre: Centre) -> None:
    call = centre.talking()
    stranger = person(centre, client=Client.objects.create(name="別会社"))
    with pytest.raises(NotNow):
        say_who(call.pk, stranger.pk, acting_user=centre.sato.account_id)


def test_who_has_no_part_in_the_call_says_nothing(centre: Centre) -> None:
    call = centre.talking()
    with pytest.raises(CallGone):
        say_who(call.pk, None, acting_user=centre.outsider.pk)
    with pytest.raises(CallGone):
        check_identity(call.pk, ["お名前"], acting_user=centre.suzuki.account_id)


def test_the_menu_choice_sets_the_reason_when_there_is_still_such_a_reason(centre: Centre) -> None:
    reason = Reason.objects.create(client=centre.client, name="修理")
    contact = centre.arrive().contact
    note_menu(contact.pk, "修理", reason.pk)
    contact.refresh_from_db()
    assert (contact.menu, contact.reason_id) == ("修理", reason.pk)
    note_menu(contact.pk, "修理", reason.pk + 1000)
    contact.refresh_from_db()
    assert contact.reason_id is None
