"""Fills a new centre's database by the office's own actions; run as a process of its own, since it is Django.

Reads one line of JSON (operators, recorded, fields of the queue) and writes one with the
operators' endpoints and secrets. `--violations SECONDS` instead tells what `madoguchi verify` finds.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

from madoguchi.program import database

NUMBER = "0312345678"


def main() -> None:
    database.set_up_django()
    if sys.argv[1:2] == ["--violations"]:
        json.dump(_violations(float(sys.argv[2])), sys.stdout)
        return
    json.dump(_seed(**json.loads(sys.stdin.readline())), sys.stdout)


def _seed(operators: int, recorded: bool = True, **queue_fields: Any) -> dict[str, Any]:
    from django.conf import settings
    from django.core.signals import setting_changed

    from madoguchi.control import configuring

    # Nobody types these passwords, and hundreds of careful hashes would take a minute.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    setting_changed.send(sender=settings, setting="PASSWORD_HASHERS", value=None, enter=True)
    queue_id, line = _company(recorded, queue_fields)
    made = [_operator(count, queue_id) for count in range(operators)]
    configuring.write()
    return {"operators": made, "number": NUMBER, "line": line}


def _company(recorded: bool, queue_fields: dict[str, Any]) -> tuple[int, str]:
    """One client with one number, whose callers wait in one queue at once."""
    from madoguchi.domain.clients import actions as clients
    from madoguchi.domain.flows import actions as flows
    from madoguchi.domain.queues import actions as queues
    from madoguchi.domain.trunks.actions import create_trunk

    company = {"name": "試験電機", "name_kana": "シケンデンキ", "recording_days": 365 if recorded else 0}
    client = clients.create_client(company, acting_user=None)
    address = {"kind": "address", "host": "127.0.0.1", "port": 5060, "match_networks": ["127.0.0.1/32"]}
    line = create_trunk({"name": "試験用の回線", **address}, acting_user=None)
    values = {"name": "試験窓口", "client": client, "announce_every_s": 0, **queue_fields}
    queue = queues.create_queue(values, acting_user=None)
    flow = flows.create_flow("試験", client.pk, acting_user=None)
    graph = {"wait": {"verb": "enqueue", "title": "窓口へ", "queue": queue.pk}}
    raw = {"format": 1, "language": "ja", "entry": "wait", "nodes": graph}
    flows.save_draft(flow.pk, raw, note_text="", acting_user=None)
    flows.publish(flow.pk, acting_user=None)
    number = {"e164": NUMBER, "label": "代表", "client": client, "trunk": line, "flow_id": flow.pk}
    clients.create_number({**number, "caller_number": True}, acting_user=None)
    return queue.pk, line.endpoint


def _operator(count: int, queue_id: int) -> dict[str, Any]:
    """Somebody who is available at a desk phone, and logged in."""
    from madoguchi.domain.agents.actions import choose_presence, create_agent
    from madoguchi.domain.agents.models import Agent
    from madoguchi.domain.people.actions import create_account
    from madoguchi.domain.queues.actions import set_queues_of

    person = {"username": f"operator{count}", "name": f"試験 {count}", "role": "operator"}
    # As in the demonstration: nobody is asked to choose another password first.
    person |= {"demonstration": True}
    account, _ = create_account(person, acting_user=None)
    agent = create_agent(account.pk, acting_user=None, phone=Agent.Phone.DESK)
    set_queues_of(agent.pk, [queue_id], acting_user=None)
    choose_presence(agent.pk, "available", acting_user=None)
    phone = {"endpoint": agent.endpoint, "secret": agent.sip_secret}
    return {"id": agent.pk, **phone, "session": _log_in(account)}


def _log_in(account: Any) -> str:
    """A session as a log-in makes it; returns the cookie's value."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _violations(last_s: float) -> list[str]:
    from madoguchi.domain.calls.invariants import violations
    from madoguchi.kit.clock import now

    return [str(one) for one in violations(now() - timedelta(seconds=last_s), now())]


if __name__ == "__main__":
    main()
