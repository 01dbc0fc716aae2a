"""A promise is made, kept or broken, and each step is a row."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.cases import actions, queries
from madoguchi.domain.cases.errors import NoSuchPromise, PromiseEnded, PromiseIncomplete
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.clients.models import Client
from madoguchi.domain.contacts.actions import open_contact
from madoguchi.domain.customers.models import Customer
from madoguchi.domain.ledger.models import Transition
from madoguchi.kit.clock import now
from madoguchi.kit.ids import new_id

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def client_company() -> Client:
    return Client.objects.create(name="さくら電機")


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    rung: list[tuple[str, str]] = []
    monkeypatch.setattr("madoguchi.domain.ledger.actions.announce", lambda *bells: rung.extend(bells))
    return rung


def call_back(client: Client, **changed: object) -> Promise:
    fields: dict[str, object] = {
        "kind": "call_back",
        "customer_id": None,
        "client_id": client.pk,
        "contact_id": None,
        "call_id": new_id(),
        "due_at": now() + timedelta(hours=1),
        "number": "+819012345678",
        "acting_user": None,
    }
    return actions.make_promise(**(fields | changed))  # type: ignore[arg-type]


def test_a_promise_kept_in_time_is_kept_and_each_step_is_a_row(client_company: Client) -> None:
    promise = call_back(client_company)
    kept = actions.fulfil(promise.pk, call_id=(call := new_id()), acting_user=7)
    assert (kept.stage, kept.kept_by_call_id, kept.ended_by) == ("kept", call, 7)
    rows = Transition.objects.filter(subject="promise", subject_id=str(promise.pk)).order_by("id")
    assert [(row.old, row.new, row.event) for row in rows] == [
        ("", "open", "made"),
        ("open", "kept", "fulfilled"),
    ]


def test_a_promise_past_its_time_is_overdue_and_kept_late(client_company: Client) -> None:
    promise = call_back(client_company, due_at=now() - timedelta(minutes=1))
    assert actions.mark_overdue(now()) == 1
    assert actions.mark_overdue(now()) == 0
    assert [row.pk for row in queries.broken()] == [promise.pk]
    assert actions.fulfil(promise.pk, acting_user=None).stage == "kept_late"


def test_what_has_ended_cannot_end_again(client_company: Client) -> None:
    promise = call_back(client_company)
    actions.withdraw(promise.pk, acting_user=None)
    with pytest.raises(PromiseEnded):
        actions.fulfil(promise.pk, acting_user=None)
    with pytest.raises(PromiseEnded):
        actions.take(promise.pk, 1, acting_user=None)
    with pytest.raises(NoSuchPromise):
        actions.withdraw(promise.pk + 1, acting_user=None)


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"number": ""}, "Number"), ({"due_at": None}, "By when"), ({"kind": "do", "what": " "}, "What")],
)
def test_a_promise_that_cannot_be_kept_is_refused(
    client_company: Client, changed: dict[str, object], named: str
) -> None:
    with pytest.raises(PromiseIncomplete) as refusal:
        call_back(client_company, **changed)
    assert refusal.value.data["missing"]


def test_no_contact_needed_is_a_promise_too(client_company: Client) -> None:
    promise = call_back(client_company, kind="no_contact", number="", due_at=None)
    assert promise in queries.owed()
    assert promise not in queries.call_backs()


def test_a_lost_call_becomes_one_call_back_however_often_it_is_seen(client_company: Client) -> None:
    call, at = new_id(), now()

    def see_the_loss() -> Promise | None:
        return actions.promise_for_lost_call(
            call, client_id=client_company.pk, contact_id=None, customer_id=None, number="+81312345678", at=at
        )

    first = see_the_loss()
    assert first is not None
    assert see_the_loss() is None
    assert [row.pk for row in queries.lost_calls()] == [first.pk]
    assert first.due_at == at + actions.LOST_CALL_DUE
    assert Transition.objects.filter(subject="promise").count() == 1


def test_call_backs_come_in_the_order_they_fall_due(client_company: Client) -> None:
    later = call_back(client_company, due_at=now() + timedelta(hours=3), owner_id=5)
    sooner = call_back(client_company)
    call_back(client_company, owner_id=6)
    assert list(queries.call_backs(5)) == [sooner, later]


def test_the_owner_the_floor_and_the_desk_with_this_customer_hear_of_it(
    client_company: Client, bells: list[tuple[str, str]]
) -> None:
    customer = Customer.objects.create(client=client_company, name="高橋 花子")
    agents = []
    for name in ("owner", "talker"):
        account = get_user_model().objects.create(username=name, name=name)
        agents.append(
            Agent.objects.create(
                account=account,
                endpoint=f"op-{name}",
                presence_since=now(),
                activity_since=now(),
                idle_since=now(),
            )
        )
    owner, talker = agents
    open_contact(
        client_id=client_company.pk,
        channel="call_in",
        at=now(),
        call_id=(call := new_id()),
        customer_id=customer.pk,
    )
    Agent.objects.filter(pk=talker.pk).update(activity="talking", activity_call_id=call)
    call_back(client_company, customer_id=customer.pk, owner_id=owner.account_id)
    assert bells == [
        ("floor", "attention"),
        (f"agent:{owner.pk}", "promises"),
        (f"agent:{talker.pk}", "story"),
    ]


def test_a_promise_changes_hands(client_company: Client) -> None:
    promise = call_back(client_company, owner_id=5)
    assert actions.take(promise.pk, None, acting_user=5).owner_id is None
    actions.count_try(promise.pk)
    promise.refresh_from_db()
    assert promise.tries == 1
