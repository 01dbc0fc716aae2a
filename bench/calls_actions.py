"""What one answered call costs in statements and in Python: arrive, menu, queue, ring, talk, wrap-up.

    bin/bench calls_actions [--calls 200] [--profile]

Goals: at most 36 journeys to the database and 12 ms of Python CPU a call (on a quiet machine), so that one
process carries 40 calls/s with its switch.
The database is an embedded one of its own, thrown away at the end; the prompts are not really spoken.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

MOST_STATEMENTS = 36
MOST_CPU_MS = 12.0


def main() -> int:
    """Measure; the exit code says whether the goals are met."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--calls", type=int, default=200)
    asked.add_argument("--profile", action="store_true", help="also print where the time goes")
    told = asked.parse_args()
    with _installation():
        return _measure(told.calls, told.profile)


@contextmanager
def _installation() -> Iterator[None]:
    home = pathlib.Path(tempfile.mkdtemp(prefix="mgb-"))
    home.chmod(0o711)
    os.environ |= {"MADOGUCHI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "madoguchi.config.settings"}
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from madoguchi.program import account, postgres

    runs_as, here = account.of_servers(), settings.INSTALLATION
    here.run.mkdir(mode=0o711, exist_ok=True)
    data = here.postgres_data / "data"
    data.parent.mkdir(mode=0o711, exist_ok=True)
    cluster = postgres.Cluster(
        programs=postgres.find_programs(runs_as, home / "programs"),
        data=data,
        socket=here.postgres_socket,
        password=here.secrets.database_password,
        account=runs_as,
        durability=tuple(postgres.FLEETING.items()),
    )
    cluster.prepare()
    with (home / "postgres.log").open("wb") as stream:
        server = cluster.start(stream)
    try:
        if not cluster.wait_until_ready(20, server):
            raise SystemExit("PostgreSQL did not start.")
        cluster.create_database()
        call_command("migrate", verbosity=0)
        yield
    finally:
        from django.db import connections

        connections.close_all()
        postgres.stop(server.pid)
        server.wait(10)
        shutil.rmtree(home, ignore_errors=True)


def _measure(calls: int, profiled: bool) -> int:
    from django.db import connection

    from madoguchi.domain.ledger import kept

    centre = _Centre()
    # As control does.
    kept.keep_from_now_on()
    for number in range(10):
        centre.one_call(f"warm-{number}")
    counts: Counter[str] = Counter()
    statements = _counted(connection, counts, lambda: centre.one_call("counted"))
    profile: Any = None
    if profiled:
        import cProfile

        profile = cProfile.Profile()
        profile.enable()
    cpu, wall = time.process_time(), time.perf_counter()
    for number in range(calls):
        centre.one_call(f"in-{number}")
    cpu_ms = (time.process_time() - cpu) * 1000 / calls
    wall_ms = (time.perf_counter() - wall) * 1000 / calls
    if profile is not None:
        import pstats

        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
        for statement, times in counts.most_common():
            print(f"{times:3}  {statement[:150]}")
    met = statements <= MOST_STATEMENTS and cpu_ms <= MOST_CPU_MS
    print(
        f"a whole answered call: {statements} statements (goal {MOST_STATEMENTS}),"
        f" {cpu_ms:.1f} ms of Python CPU (goal {MOST_CPU_MS:.0f}), {wall_ms:.1f} ms in all;"
        f" so one process carries {1000 / cpu_ms:.0f} calls/s: {'met' if met else 'MISSED'}"
    )
    return 0 if met else 1


def _counted(connection: Any, counts: Counter[str], do: Callable[[], None]) -> int:
    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        counts[" ".join(sql.split())] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        do()
    return counts.total()


class _Centre:
    """A client, a number, a menu, a queue, one operator."""

    def __init__(self) -> None:
        from pathlib import Path

        from madoguchi.domain.agents import actions as agents
        from madoguchi.domain.calls.actions import waiting
        from madoguchi.domain.clients.models import Client, Number
        from madoguchi.domain.flows.models import Flow, FlowVersion
        from madoguchi.domain.people.models import Account
        from madoguchi.domain.queues.models import Membership, Queue
        from madoguchi.domain.trunks.models import Trunk
        from madoguchi.kit.clock import now

        waiting.playable = lambda refs: [Path("/said/0")]  # type: ignore[assignment]
        client = Client.objects.create(name="さくら電機")
        queue = Queue.objects.create(name="修理", client=client)
        Trunk.objects.create(name="line", endpoint="trunk-1", kind="address", host="192.0.2.1")
        flow = Flow.objects.create(name="修理受付", client=client)
        graph = {
            "format": 1,
            "entry": "menu",
            "nodes": {
                "menu": {
                    "verb": "ask",
                    "prompts": [{"text": "修理は1を押してください。"}],
                    "keys": {"1": {"next": "wait", "label": "修理"}},
                    "way_out": "wait",
                },
                "wait": {"verb": "enqueue", "queue": queue.pk},
            },
        }
        FlowVersion.objects.create(flow=flow, number=1, stage="published", graph=graph, published_at=now())
        Number.objects.create(e164="+81312345678", label="代表", client=client, flow_id=flow.pk)
        account = Account.objects.create(username="sato", name="佐藤")
        self.agent = agents.create_agent(account.pk, acting_user=None)
        agents.phone_came_or_went(self.agent.endpoint, True)
        agents.choose_presence(self.agent.pk, "available", acting_user=account.pk)
        Membership.objects.create(queue=queue, agent=self.agent)

    def one_call(self, leg_id: str) -> None:
        """One caller from the first ring to the end of the wrap-up, as control would hear and do it."""
        from madoguchi.domain.calls import actions, floor_plan
        from madoguchi.domain.calls.actions import hearing
        from madoguchi.domain.calls.models import WrapUp
        from madoguchi.domain.switchboard.models import Command
        from madoguchi.kit.clock import now
        from madoguchi.science.routing import choose
        from madoguchi.switch import port

        arrival = port.CallArrived(
            node="node-1",
            at=now(),
            leg_id=leg_id,
            trunk="trunk-1",
            called_raw="0312345678",
            caller_raw="09012345678",
            purpose="in",
        )
        call_id = actions.arrive(arrival)
        hearing.key_heard(call_id, leg_id, "1")
        plan = floor_plan.read()
        for pair in choose.choose(now(), plan.visits, plan.agents).pairs:
            actions.offer(pair.visit.id, pair.agent_ids)
        dial = Command.objects.values_list("fields", flat=True).get(call_id=call_id, kind="Dial")
        hearing.leg_rang(call_id, dial["leg_id"])
        hearing.leg_answered(call_id, dial["leg_id"])
        hearing.leg_ended(call_id, leg_id, cause=16)
        hearing.leg_ended(call_id, dial["leg_id"], cause=16)
        row = WrapUp.objects.get(call_id=call_id)
        actions.end_wrap_up(row.pk, acting_user=self.agent.account_id)


if __name__ == "__main__":
    sys.exit(main())
