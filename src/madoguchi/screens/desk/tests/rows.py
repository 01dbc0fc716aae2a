"""A day at the repair desk of さくら電機: the rows that the desk's tests and pictures show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.contrib.auth.hashers import make_password

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Call, Offer, QueueVisit, WrapUp
from madoguchi.domain.cases.models import Promise
from madoguchi.domain.clients.models import Client, Number, Reason
from madoguchi.domain.contacts.models import Contact
from madoguchi.domain.customers.models import (
    Company,
    Customer,
    CustomerNumber,
    ImportantPoint,
    Ownership,
    Product,
)
from madoguchi.domain.customers.search_keys import customer_key
from madoguchi.domain.people.models import Account
from madoguchi.domain.queues.models import Membership, Queue
from madoguchi.domain.switchboard.sealing import seal
from madoguchi.kit.clock import now

PASSWORD = "sakura-denki-2026"
TOLD = (
    "修理日はいつになるのかとお尋ね。部品の入荷待ちとご説明し、20日18:30までにお電話するとお約束。",
    "冷蔵室が冷えない。製造番号を確認し、訪問修理を受付。部品部へ在庫を照会中。",
    "製氷機の洗い方をご案内。説明書12ページ。",
)


@dataclass
class Day:
    """The cast: two operators, a supervisor, their client, and who calls."""

    sato: Agent
    tanaka: Agent
    suzuki: Agent
    client: Client
    number: Number
    queue: Queue
    hanako: Customer


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def person(username: str, name: str, kana: str, *, role: str = "operator") -> Agent:
    account = Account(username=username, name=name, name_kana=kana, role=role)
    account.password = _hashed()
    account.save()
    at = now() - timedelta(minutes=9, seconds=41)
    return Agent.objects.create(
        account=account,
        endpoint=f"op-{username}",
        sip_secret_sealed=seal("secret"),
        presence="available",
        presence_since=at,
        activity_since=at,
        idle_since=at,
        phone_reachable=True,
    )


def day() -> Day:
    asks = ["お名前", "ご住所", "生年月日", "製造番号"]
    client = Client.objects.create(name="さくら電機", identity_items=asks)
    number = Number.objects.create(e164="+81312345678", label="修理受付", client=client, caller_number=True)
    queue = Queue.objects.create(name="修理窓口", client=client)
    sato = person("sato", "佐藤 恵", "サトウ メグミ")
    tanaka = person("tanaka", "田中 一郎", "タナカ イチロウ")
    suzuki = person("suzuki", "鈴木 由美", "スズキ ユミ", role="supervisor")
    for agent in (sato, tanaka):
        Membership.objects.create(queue=queue, agent=agent)
    repair = Reason.objects.create(name="修理", client=client, position=1)
    for position, name in enumerate(["冷えない・動かない", "異音", "訪問日の変更", "催促"]):
        Reason.objects.create(name=name, parent=repair, client=client, position=position)
    asking = Reason.objects.create(name="お問い合わせ", client=client, position=2)
    for position, name in enumerate(["使い方", "部品・消耗品", "保証"]):
        Reason.objects.create(name=name, parent=asking, client=client, position=position)
    return Day(sato, tanaka, suzuki, client, number, queue, hanako(client, suzuki, tanaka, sato))


def hanako(client: Client, suzuki: Agent, tanaka: Agent, sato: Agent) -> Customer:
    """The customer with a history: a promise that is overdue, a dealer's contract, an important point."""
    at = now()
    company = Company.objects.create(name="高橋商店", name_kana="タカハシショウテン")
    who = Customer.objects.create(
        client=client,
        name="髙橋 花子",
        name_kana="タカハシ ハナコ",
        company=company,
        postal_code="220-0012",
        address="横浜市西区みなとみらい2-3-1",
    )
    who.key = customer_key(who)
    who.save(update_fields=["key"])
    for e164, label in (("+819012345678", "携帯"), ("+81452223333", "自宅")):
        CustomerNumber.objects.create(customer=who, e164=e164, raw=e164, label=label)
    ImportantPoint.objects.create(
        customer=who,
        text="ご連絡は平日18時以降に（日中は接客中で出られない）",
        noted_at=at - timedelta(days=3),
        noted_by=sato.account_id,
    )
    _owns_a_fridge(client, who)
    _spoke_before(who, suzuki, tanaka, sato)
    _was_promised(who, suzuki, sato)
    return who


def _owns_a_fridge(client: Client, who: Customer) -> None:
    dealer = Company.objects.create(name="ミナト電器 横浜店", dealer=True)
    fridge = Product.objects.create(client=client, name="冷蔵庫 SR-480F")
    Ownership.objects.create(
        customer=who, product=fridge, serial="SR48-220917", contract="5年延長保証", contract_holder=dealer
    )


def _spoke_before(who: Customer, suzuki: Agent, tanaka: Agent, sato: Agent) -> None:
    at = now()
    told = [
        (1, suzuki, "催促", "customer_will_contact", "understood", TOLD[0]),
        (3, tanaka, "冷えない・動かない", "asking", "accepted", TOLD[1]),
        (41, sato, "使い方", "done", "satisfied", TOLD[2]),
    ]
    for days, by, reason, handling, reception, summary in told:
        Contact.objects.create(
            client=who.client,
            customer=who,
            channel="call_in",
            at=at - timedelta(days=days, hours=3),
            account_id=by.account_id,
            reason=Reason.objects.filter(name=reason).first(),
            handling=handling,
            reception=reception,
            marks=["second_complaint"] if days == 1 else [],
            summary=summary,
            closed_at=at - timedelta(days=days),
        )


def _was_promised(who: Customer, suzuki: Agent, sato: Agent) -> None:
    at = now()
    Promise.objects.create(
        kind="call_back",
        client=who.client,
        customer=who,
        contact=Contact.objects.filter(customer=who).order_by("-at").first(),
        what="修理日をご連絡",
        owner_id=sato.account_id,
        made_by=suzuki.account_id,
        made_at=at - timedelta(days=1),
        due_at=at - timedelta(hours=18),
        number="+819012345678",
        number_repeated=True,
        wished_hours="平日18時以降",
        stage="broken",
    )


def call(
    cast: Day, *, e164: str = "+819012345678", customer: Customer | None = None, **fields: object
) -> Call:
    """A call that arrived 48 s ago and waits in the queue."""
    at = now()
    contact = Contact.objects.create(
        client=cast.client,
        customer=customer,
        channel="call_in",
        at=at - timedelta(seconds=48),
        menu="修理窓口",
    )
    made = Call.objects.create(
        direction="inbound",
        node="node-1",
        number=cast.number,
        client=cast.client,
        caller_raw=e164,
        customer_e164=e164,
        customer_number_kind="mobile" if e164.startswith("+8190") else "fixed" if e164 else "",
        customer=customer,
        contact=contact,
        phase="waiting",
        phase_since=at,
        menu="修理窓口",
        arrived_at=at - timedelta(seconds=48),
        **fields,
    )
    Contact.objects.filter(pk=contact.pk).update(call_id=made.pk)
    QueueVisit.objects.create(call=made, queue=cast.queue, enqueued_at=at - timedelta(seconds=44))
    return made


def ring(cast: Day, made: Call, agent: Agent) -> Offer:
    at = now()
    offer = Offer.objects.create(
        call=made,
        visit=made.visits.first(),
        agent=agent,
        leg_id=f"leg-{made.pk}",
        offered_at=at,
        rang_at=at,
        rings_until=at + timedelta(seconds=20),
    )
    Call.objects.filter(pk=made.pk).update(phase="ringing", phase_since=at)
    busy(agent, made, "ringing")
    return offer


def busy(agent: Agent, made: Call, activity: str) -> None:
    Agent.objects.filter(pk=agent.pk).update(
        activity=activity,
        activity_since=now(),
        activity_call_id=made.pk,
        activity_due_at=now() + timedelta(minutes=5),
    )


def answer(cast: Day, made: Call, agent: Agent) -> None:
    at = now()
    made.offers.update(stage="accepted", ended_at=at)
    made.visits.update(left_at=at, left="taken")
    Call.objects.filter(pk=made.pk).update(phase="talking", phase_since=at, agent=agent, answered_at=at)
    Contact.objects.filter(pk=made.contact_id).update(account_id=agent.account_id)
    busy(agent, made, "talking")


def end(made: Call, agent: Agent) -> WrapUp:
    at = now()
    Call.objects.filter(pk=made.pk).update(
        phase="ended", phase_since=at, ended_at=at + timedelta(seconds=134), outcome="answered"
    )
    busy(agent, made, "wrap_up")
    return WrapUp.objects.create(call=made, agent=agent, began_at=at, due_at=at + timedelta(seconds=120))
