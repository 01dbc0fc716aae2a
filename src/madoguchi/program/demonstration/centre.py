"""The demonstration's centre, made by the same actions that the office uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from madoguchi.domain.agents.actions import create_agent, set_skill
from madoguchi.domain.agents.models import Agent, Skill
from madoguchi.domain.clients import actions as clients
from madoguchi.domain.clients.models import Client, Hours, Number, Reason
from madoguchi.domain.flows import actions as flows
from madoguchi.domain.flows.models import Flow
from madoguchi.domain.people.actions import create_account
from madoguchi.domain.people.models import Account, Role
from madoguchi.domain.queues import actions as queues
from madoguchi.domain.queues.models import Queue
from madoguchi.domain.trunks.actions import create_trunk
from madoguchi.kit.calendar import Period
from madoguchi.program.demonstration.cast import (
    FRIDGE,
    GUIDE,
    ORDERS,
    REASONS,
    REPAIR,
    SALES,
    SKILLS,
    STAFF,
    USAGE,
)

LogIn = tuple[str, str, str]
MAIN_NUMBER, DIRECT_NUMBER, ORDER_NUMBER = "03-0123-4567", "03-0123-4568", "03-0987-6543"


@dataclass(frozen=True)
class Centre:
    """What was made, for the past to be written into."""

    clients: tuple[Client, Client]
    numbers: dict[str, Number]
    queues: dict[str, Queue]
    agents: dict[str, Agent]
    reasons: dict[tuple[int, str, str], Reason]
    log_ins: list[LogIn]


def build(today: date) -> Centre:
    """Make clients, hours, queues, flows, numbers and people. `today` decides the special days."""
    sakura, aoba = _clients()
    skills = {name: queues.create_skill(name, acting_user=None) for name in SKILLS}
    made_queues = _queues(sakura, aoba, skills)
    agents, log_ins = _staff(skills, made_queues)
    return Centre(
        clients=(sakura, aoba),
        numbers=_numbers(sakura, aoba, made_queues, today),
        queues=made_queues,
        agents=agents,
        reasons=_reasons((sakura, aoba)),
        log_ins=log_ins,
    )


def _clients() -> tuple[Client, Client]:
    items = ["お名前", "ご住所", "お電話番号", "保証書番号"]
    sakura = clients.create_client(
        {"name": "さくら電機", "name_kana": "サクラデンキ", "identity_items": items}, acting_user=None
    )
    aoba = clients.create_client(
        {
            "name": "あおば通販",
            "name_kana": "アオバツウハン",
            "identity_items": ["お名前", "お届け先のご住所", "会員番号"],
            "at_closing": Client.AtClosing.TELL,
        },
        acting_user=None,
    )
    return sakura, aoba


def _queues(sakura: Client, aoba: Client, skills: dict[str, Skill]) -> dict[str, Queue]:
    plans = (
        (REPAIR, sakura, Queue.Order.LONGEST_IDLE, FRIDGE, 1),
        (USAGE, sakura, Queue.Order.BEST_SKILLED, GUIDE, 2),
        (ORDERS, aoba, Queue.Order.RING_ALL, SALES, 1),
    )
    made = {}
    for name, client, order, skill, level in plans:
        queue = queues.create_queue({"name": name, "client": client, "order": order}, acting_user=None)
        queues.set_requirements(queue.pk, {skills[skill].pk: level}, acting_user=None)
        made[name] = queue
    return made


def _staff(skills: dict[str, Skill], made: dict[str, Queue]) -> tuple[dict[str, Agent], list[LogIn]]:
    agents: dict[str, Agent] = {}
    log_ins: list[LogIn] = []
    for person in STAFF:
        values = {
            "username": person.username,
            "name": person.name,
            "name_kana": person.kana,
            "role": person.role,
            "demonstration": True,
        }
        account, password = create_account(values, acting_user=None)
        log_ins.append((str(person.role.label), person.username, password))
        if person.role in {Role.OPERATOR, Role.SUPERVISOR}:
            agents[person.username] = _at_the_phone(account, person.skills, person.queues, skills, made)
    return agents, log_ins


def _at_the_phone(
    account: Account,
    levels: dict[str, int],
    serves: tuple[str, ...],
    skills: dict[str, Skill],
    made: dict[str, Queue],
) -> Agent:
    agent = create_agent(account.pk, acting_user=None)
    for name, level in levels.items():
        set_skill(agent.pk, skills[name].pk, level, acting_user=None)
    queues.set_queues_of(agent.pk, [made[name].pk for name in serves], acting_user=None)
    return agent


def _reasons(owners: tuple[Client, Client]) -> dict[tuple[int, str, str], Reason]:
    made = {}
    for place, (client, tree) in enumerate(zip(owners, REASONS, strict=True)):
        for branch, leaves in tree.items():
            above = clients.add_reason(branch, client_id=client.pk, acting_user=None)
            for leaf in leaves:
                made[place, branch, leaf] = clients.add_reason(leaf, parent_id=above.pk, acting_user=None)
    return made


def _numbers(sakura: Client, aoba: Client, made: dict[str, Queue], today: date) -> dict[str, Number]:
    line = create_trunk(
        {
            "name": "実演用の回線",
            "kind": "address",
            "host": "127.0.0.1",
            "port": 5060,
            "match_networks": ["127.0.0.1/32"],
        },
        demonstration=True,
        acting_user=None,
    )
    weekdays, every_day, always = _hours(today)
    plans = (
        (MAIN_NUMBER, "代表", sakura, always, _menu(sakura, made)),
        (DIRECT_NUMBER, "修理直通", sakura, weekdays, _straight(sakura, "修理直通", made[REPAIR])),
        (ORDER_NUMBER, "ご注文", aoba, every_day, _straight(aoba, "ご注文受付", made[ORDERS])),
    )
    numbers = {}
    for text, label, client, hours, flow in plans:
        values = {
            "e164": text,
            "label": label,
            "client": client,
            "hours": hours,
            "trunk": line,
            "flow_id": flow.pk,
            "caller_number": text != DIRECT_NUMBER,
        }
        numbers[text] = clients.create_number(values, acting_user=None)
    return numbers


def _hours(today: date) -> tuple[Hours, Hours, Hours]:
    # The main number is always open: whoever tries the demonstration may do so on a Sunday night.
    always = clients.create_hours("24時間受付", acting_user=None)
    clients.change_hours(always.pk, {"always_open": True}, acting_user=None)
    weekdays = clients.create_hours("平日・土曜", acting_user=None)
    long, short = [Period(9 * 60, 12 * 60), Period(13 * 60, 18 * 60)], [Period(9 * 60, 12 * 60)]
    clients.change_hours(weekdays.pk, {}, weekly=[long] * 5 + [short, []], acting_user=None)
    inventory = today + timedelta(days=10)
    clients.set_special_day(weekdays.pk, inventory, "棚卸しのため午前のみ", short, acting_user=None)
    every_day = clients.create_hours("毎日・深夜まで", acting_user=None)
    late = [Period(10 * 60, 26 * 60)]
    clients.change_hours(every_day.pk, {"closed_on_holidays": False}, weekly=[late] * 7, acting_user=None)
    return weekdays, every_day, always


def _menu(client: Client, made: dict[str, Queue]) -> Flow:
    greeting = "お電話ありがとうございます。さくら電機、お客様窓口でございます。"
    choices = "修理のご相談は1を、使い方のご質問は2を、その他のご用件は、そのままお待ちください。"
    nodes = {
        "hello": {
            "verb": "say",
            "title": "ごあいさつと録音のご案内",
            "prompts": [{"text": greeting}, {"built_in": "recording_notice"}],
            "skippable": False,
            "next": "menu",
        },
        "menu": {
            "verb": "ask",
            "title": "ご用件",
            "prompts": [{"text": choices}],
            "keys": {
                "1": {"next": "repair", "label": "修理"},
                "2": {"next": "usage", "label": "使い方"},
            },
            "wait_s": 5,
            "tries": 2,
            "way_out": "repair",
        },
        "repair": {"verb": "enqueue", "title": "修理窓口へ", "queue": made[REPAIR].pk},
        "usage": {"verb": "enqueue", "title": "使い方窓口へ", "queue": made[USAGE].pk},
    }
    return _published("さくら電機 代表", client, {"entry": "hello", "nodes": nodes})


def _straight(client: Client, name: str, queue: Queue) -> Flow:
    greeting = f"お電話ありがとうございます。{client.name}でございます。"
    nodes = {
        "hello": {
            "verb": "say",
            "title": "ごあいさつと録音のご案内",
            "prompts": [{"text": greeting}, {"built_in": "recording_notice"}],
            "skippable": False,
            "next": "wait",
        },
        "wait": {"verb": "enqueue", "title": f"{queue.name}へ", "queue": queue.pk},
    }
    return _published(f"{client.name} {name}", client, {"entry": "hello", "nodes": nodes})


def _published(name: str, client: Client, graph: dict[str, object]) -> Flow:
    flow = flows.create_flow(name, client.pk, acting_user=None)
    raw = {"format": 1, "language": "ja", **graph}
    flows.save_draft(flow.pk, raw, note_text="最初の版", acting_user=None)
    flows.publish(flow.pk, acting_user=None)
    return flow
