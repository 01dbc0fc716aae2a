"""The command `madoguchi verify`."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from madoguchi.config import installation
from madoguchi.program import database, privileges


@click.command()
@click.option("--from", "begin", type=click.DateTime(), help="Local time; default: seven days ago.")
@click.option("--to", "end", type=click.DateTime(), help="Local time; default: now.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def verify(begin: datetime | None, end: datetime | None, as_json: bool) -> None:
    """Examine what must always be true of calls, people, recordings and rosters; ends with 1 if it is not."""
    privileges.leave_root()
    zone = installation.load().zone
    database.set_up_django()
    from madoguchi.domain.calls import invariants as calls
    from madoguchi.domain.roster import invariants as rosters
    from madoguchi.program import upgrading
    from madoguchi.program.balance import balance_of

    upgrading.demand_up_to_date()
    now = datetime.now(UTC)
    since = begin.replace(tzinfo=zone) if begin else now - timedelta(days=7)
    until = end.replace(tzinfo=zone) if end else now
    found = [*calls.violations(since, until), *rosters.violations(since, until)]
    balance = balance_of(since, until)
    if as_json:
        report = {"arrivals": balance.arrivals, "living": balance.living, "outcomes": balance.outcomes}
        click.echo(json.dumps(report | {"violations": [asdict(one) for one in found]}, default=str))
    else:
        for one in found:
            click.echo(f"✗ {one}")
        became = ", ".join(f"{number} {outcome}" for outcome, number in balance.outcomes.items())
        click.echo(f"{balance.arrivals} arrivals = {balance.living} living + {became or 'no outcomes'}")
        rules = len(calls.CHECKS) + len(rosters.CHECKS)
        click.echo(
            f"{rules} rules examined, {len(found)} violations" if found else f"✓ all {rules} rules hold"
        )
    if found or not balance.even:
        sys.exit(1)
