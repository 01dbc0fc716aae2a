"""`POST /desk/do/<verb>`: each verb reads its fields and does one action. What it raises, the view tells."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.conf import settings

from madoguchi.domain.agents import actions as agents
from madoguchi.domain.agents.states import Presence
from madoguchi.domain.calls import actions as calls
from madoguchi.domain.calls.models import Call
from madoguchi.domain.cases import actions as cases
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.clients.models import Number
from madoguchi.domain.contacts.actions import Choices
from madoguchi.domain.contacts.models import Handling, Mark, Reception
from madoguchi.domain.customers import actions as customers
from madoguchi.screens.desk.asked import Asked
from madoguchi.screens.desk.errors import Malformed, NotYourCall

Verb = Callable[[Asked], dict[str, object] | None]
VERBS: dict[str, Verb] = {}
LONGEST_EXTENSION_S = 1800
FORMS = ("promise", "new_customer", "point", "transfer")
"""The forms beside a call whose half-typed words are kept (`data-draft` in the page)."""
MOST_FIELDS = 20


def verb(function: Verb) -> Verb:
    """Register a verb under its function's name."""
    VERBS[function.__name__] = function
    return function


# -- oneself


@verb
def presence(asked: Asked) -> None:
    chosen = asked.text("presence", most=16, required=True)
    about = asked.agent.activity_call_id or _last_call(asked) if chosen == Presence.OTHER_WORK else None
    agents.choose_presence(
        asked.agent.pk,
        chosen,
        matter=asked.text("matter", most=16),
        call_id=about,
        expected_back_at=asked.coming_time("expected_back"),
        acting_user=asked.account_id,
    )


def _last_call(asked: Asked) -> UUID | None:
    # Time off the phone is for what the last call left behind, unless another one is at hand.
    mine = Call.objects.filter(agent=asked.agent).order_by("-arrived_at")
    return mine.values_list("pk", flat=True).first()


@verb
def lift_cooling_off(asked: Asked) -> None:
    agents.lift_cooling_off(asked.agent.pk, acting_user=asked.account_id)


# -- the call


@verb
def refuse(asked: Asked) -> None:
    calls.refuse_offer(asked.id("offer_id"), acting_user=asked.account_id)


def _of_a_call(action: Callable[..., None]) -> Verb:
    """A verb that only needs to know of which call."""
    return lambda asked: action(asked.id("call_id"), acting_user=asked.account_id)


for _action in (calls.hold, calls.resume, calls.hang_up, calls.hand_over, calls.take_back):
    VERBS[_action.__name__] = _of_a_call(_action)


@verb
def keys(asked: Asked) -> None:
    pressed = asked.text("keys", most=20, required=True)
    calls.send_keys(asked.id("call_id"), pressed, acting_user=asked.account_id)


@verb
def mute(asked: Asked) -> None:
    """At the switch: for desk phones. The browser's telephone mutes its own microphone."""
    calls.mute(asked.id("call_id"), asked.flag("on"), acting_user=asked.account_id)


@verb
def transfer_to_queue(asked: Asked) -> None:
    _transfer(asked, calls.transfer_to_queue, "queue_id")


@verb
def transfer_to_agent(asked: Asked) -> None:
    _transfer(asked, calls.transfer_to_agent, "agent_id")


def _transfer(asked: Asked, action: Callable[..., None], target: str) -> None:
    call_id, target_id = asked.id("call_id"), asked.required_number(target)
    action(call_id, target_id, asked.text("note", most=200), acting_user=asked.account_id)
    calls.forget_draft(call_id, "transfer", acting_user=asked.account_id)


@verb
def consult(asked: Asked) -> None:
    calls.consult(
        asked.id("call_id"),
        asked.number("agent_id"),
        asked.text("number", most=40),
        acting_user=asked.account_id,
    )


@verb
def dial(asked: Asked) -> dict[str, object]:
    """From any number shown: our number is the one chosen, else one of the customer's client."""
    made = calls.dial(
        asked.agent.pk,
        asked.text("number", most=40, required=True),
        asked.number("number_id") or _number_of_client(asked.number("client_id")),
        asked.number("customer_id"),
        asked.number("promise_id"),
        acting_user=asked.account_id,
        node=settings.INSTALLATION.node,
    )
    return {"call_id": str(made.pk)}


def _number_of_client(client_id: int | None) -> int | None:
    shown = Number.objects.filter(active=True, caller_number=True)
    of_client = shown.filter(client_id=client_id) if client_id else shown
    return of_client.order_by("pk").values_list("pk", flat=True).first()


# -- who it is


@verb
def say_who(asked: Asked) -> None:
    call = asked.own_call()
    calls.say_who(call.pk, asked.number("customer_id"), acting_user=asked.account_id)


@verb
def new_customer(asked: Asked) -> dict[str, object]:
    """Write a customer down and say that this call is theirs."""
    call = asked.own_call()
    if call.client_id is None:
        raise NotYourCall
    number = asked.text("number", most=40)
    made = customers.create(
        call.client_id,
        name=asked.text("name", most=80),
        name_kana=asked.text("name_kana", most=120),
        numbers=[number] if number else [],
        company=asked.text("company", most=120),
        acting_user=asked.account_id,
    )
    calls.say_who(call.pk, made.pk, acting_user=asked.account_id)
    calls.forget_draft(call.pk, "new_customer", acting_user=asked.account_id)
    return {"customer_id": made.pk}


@verb
def check_identity(asked: Asked) -> None:
    call = asked.own_call()
    items = asked.words("items")
    if not items:
        raise Malformed(field="items")
    calls.check_identity(call.pk, items, acting_user=asked.account_id)


@verb
def acknowledge(asked: Asked) -> None:
    call = asked.own_call()
    calls.acknowledge(call.pk, asked.required_number("point_id"), acting_user=asked.account_id)


@verb
def point(asked: Asked) -> None:
    """Note an important point of this call's customer; who notes it has seen it."""
    call = asked.own_call()
    if call.customer_id is None:
        raise NotYourCall
    made = customers.note_important_point(
        call.customer_id, asked.text("text"), asked.day("until"), acting_user=asked.account_id
    )
    calls.acknowledge(call.pk, made.pk, acting_user=asked.account_id)
    calls.forget_draft(call.pk, "point", acting_user=asked.account_id)


# -- what it leaves behind


@verb
def write_down(asked: Asked) -> dict[str, object]:
    """Keep what is written so far: from the first words of the call until after the wrap-up."""
    choices: Choices = {}
    if "reason_id" in asked.fields:
        choices["reason_id"] = asked.number("reason_id")
    if "handling" in asked.fields:
        choices["handling"] = _one_of(asked, "handling", Handling.values)
    if "reception" in asked.fields:
        choices["reception"] = _one_of(asked, "reception", Reception.values)
    if "marks" in asked.fields:
        choices["marks"] = [mark for mark in asked.words("marks") if mark in Mark.values]
    written = calls.write_down(
        asked.id("call_id"),
        asked.writing("summary"),
        choices,
        based_on=asked.required_number("version"),
        acting_user=asked.account_id,
    )
    return {"summary": written.text, "version": written.version, "kept_both": written.kept_both}


@verb
def keep_draft(asked: Asked) -> None:
    """Keep what stands half typed in a form; it comes back when the desk is opened again."""
    form = _one_of(asked, "form", list(FORMS))
    if not form:
        raise Malformed(field="form")
    typed = asked.fields.get("fields")
    if not isinstance(typed, dict) or len(typed) > MOST_FIELDS:
        raise Malformed(field="fields")
    inner = Asked(asked.agent, typed)
    fields = {
        name[:40]: inner.words(name) if isinstance(value, list) else inner.writing(name)
        for name, value in typed.items()
    }
    calls.keep_draft(asked.own_call().pk, form, fields, acting_user=asked.account_id)


def _one_of(asked: Asked, name: str, values: list[str]) -> str:
    found = asked.text(name, most=24)
    if found and found not in values:
        raise Malformed(field=name)
    return found


@verb
def extend_wrap_up(asked: Asked) -> None:
    extra_s = min(max(asked.required_number("extra_s"), 10), LONGEST_EXTENSION_S)
    calls.extend_wrap_up(asked.id("wrap_up_id"), extra_s, acting_user=asked.account_id)


@verb
def end_wrap_up(asked: Asked) -> None:
    calls.end_wrap_up(asked.id("wrap_up_id"), acting_user=asked.account_id)


@verb
def promise(asked: Asked) -> dict[str, object]:
    call = asked.own_call()
    kind = _one_of(asked, "kind", Promise.Kind.values)
    if not kind:
        raise Malformed(field="kind")
    number = asked.text("number", most=40) if kind == Promise.Kind.CALL_BACK else ""
    made = cases.make_promise(
        kind=kind,
        customer_id=call.customer_id,
        client_id=call.client_id,
        contact_id=call.contact_id,
        call_id=call.pk,
        what=asked.text("what", most=200),
        owner_id=asked.account_id if asked.text("owner", most=8) == "me" else None,
        due_at=asked.moment("due_at"),
        number=customers.stored(customers.read_number(number)) if number else "",
        number_repeated=asked.flag("number_repeated"),
        wished_hours=asked.text("wished_hours", most=80),
        message=asked.text("message"),
        acting_user=asked.account_id,
    )
    calls.forget_draft(call.pk, "promise", acting_user=asked.account_id)
    return {"promise_id": made.pk}


@verb
def fulfil(asked: Asked) -> None:
    call_id = asked.own_call().pk if asked.fields.get("call_id") else None
    cases.fulfil(asked.required_number("promise_id"), call_id, acting_user=asked.account_id)


@verb
def take_promise(asked: Asked) -> None:
    cases.take(asked.required_number("promise_id"), asked.account_id, acting_user=asked.account_id)
