"""Makes the demonstration fit for tests, by the office's own actions; run as a process of its own.

Reads one line of JSON (trunk_port) and writes one: the log-ins, the numbers, and the customers that tests
call as. Waits are short, everything is open, and the menu asks at once.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

from madoguchi.program import database

MAIN, DIRECT, ORDERS = "0301234567", "0301234568", "0309876543"
SHARED = "09000009001"
"""A number that two customers have."""
FAST = {"ring_s": 12, "cooling_off_s": 8, "wrap_up_s": 0, "announce_every_s": 0}


def main() -> None:
    database.set_up_django()
    given = json.loads(sys.stdin.readline())
    _open_all(given["trunk_port"])
    _queues()
    _flows()
    json.dump(_told(_customers()), sys.stdout)


def _open_all(trunk_port: int) -> None:
    from madoguchi.control import configuring
    from madoguchi.domain.clients import actions as clients
    from madoguchi.domain.clients.models import Hours, Number
    from madoguchi.domain.trunks import actions as trunks
    from madoguchi.domain.trunks.models import Trunk

    always = Hours.objects.get(always_open=True)
    for number in Number.objects.all():
        clients.change_number(number.pk, {"hours": always}, acting_user=None)
    # The customers' network: a telephone of the test stands behind the line.
    trunks.change_trunk(Trunk.objects.get().pk, {"port": trunk_port}, acting_user=None)
    configuring.write()


def _queues() -> None:
    from madoguchi.domain.agents.actions import choose_presence
    from madoguchi.domain.agents.models import Agent
    from madoguchi.domain.queues import actions as queues
    from madoguchi.domain.queues.models import Queue

    for queue in Queue.objects.all():
        queues.change_queue(queue.pk, FAST, acting_user=None)
        queues.set_requirements(queue.pk, {}, acting_user=None)
    every = [queue.pk for queue in Queue.objects.all()]
    for agent in Agent.objects.select_related("account"):
        mine = every if agent.account.username in {"sato", "tanaka"} else []
        queues.set_queues_of(agent.pk, mine, acting_user=None)
        choose_presence(agent.pk, "available", acting_user=None)


def _flows() -> None:
    from madoguchi.domain.clients.models import Number
    from madoguchi.domain.flows import actions as flows
    from madoguchi.domain.queues.models import Queue

    queue = {one.name: one.pk for one in Queue.objects.all()}
    ask = {
        "verb": "ask",
        "title": "ご用件",
        "prompts": [{"text": "ご用件の番号をどうぞ。"}],
        "keys": {"1": {"next": "repair", "label": "修理"}, "2": {"next": "usage", "label": "使い方"}},
        "wait_s": 5,
        "tries": 2,
        "way_out": "repair",
    }
    repair = {"verb": "enqueue", "title": "修理窓口へ", "queue": queue["修理窓口"]}
    usage = {"verb": "enqueue", "title": "使い方窓口へ", "queue": queue["使い方窓口"]}
    all_ring = {"verb": "enqueue", "title": "ご注文窓口へ", "queue": queue["ご注文窓口"]}
    graphs: dict[str, dict[str, Any]] = {
        MAIN: {"entry": "menu", "nodes": {"menu": ask, "repair": repair, "usage": usage}},
        DIRECT: {"entry": "repair", "nodes": {"repair": repair}},
        ORDERS: {"entry": "wait", "nodes": {"wait": all_ring}},
    }
    for number in Number.objects.all():
        graph = graphs[number.e164.replace("+81", "0", 1)]
        if number.flow_id is None:
            raise LookupError(number)
        raw = {"format": 1, "language": "ja", **graph}
        flows.save_draft(number.flow_id, raw, note_text="", acting_user=None)
        flows.publish(number.flow_id, acting_user=None)


def _customers() -> dict[str, int]:
    from madoguchi.domain.cases.actions import make_promise, mark_overdue
    from madoguchi.domain.cases.models import Promise
    from madoguchi.domain.clients.models import Client
    from madoguchi.domain.customers import actions as customers
    from madoguchi.domain.customers.models import Customer
    from madoguchi.kit.clock import now

    client = Client.objects.get(name="さくら電機")
    for name, kana in (("岸 一郎", "キシ イチロウ"), ("岸 二葉", "キシ フタバ")):
        customers.create(client.pk, name=name, name_kana=kana, numbers=[SHARED], acting_user=None)
    hanako = Customer.objects.get(name="髙橋 花子")
    taro = Customer.objects.get(name="山田 太郎")
    for owed_to, what, days in ((hanako, "部品の入荷をご連絡", -2), (taro, "新しい型番のご連絡", 1)):
        make_promise(
            kind=Promise.Kind.CALL_BACK,
            customer_id=owed_to.pk,
            client_id=client.pk,
            contact_id=None,
            call_id=None,
            what=what,
            owner_id=None,
            due_at=now() + timedelta(days=days),
            number=owed_to.numbers.get().e164,
            number_repeated=True,
            wished_hours="",
            message="",
            acting_user=None,
        )
    mark_overdue(now())
    return {"hanako": hanako.pk, "taro": taro.pk}


def _told(customers: dict[str, int]) -> dict[str, Any]:
    from madoguchi.domain.agents.models import Agent
    from madoguchi.program import demonstration

    words = {name: word for _, name, word in demonstration.log_ins()}
    agents = {one.account.username: one.pk for one in Agent.objects.select_related("account")}
    return {"number": MAIN, "words": words, "agents": agents, "customers": customers}


if __name__ == "__main__":
    main()
