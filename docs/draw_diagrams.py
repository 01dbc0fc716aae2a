"""Draw docs/states.md from the state tables: python docs/draw_diagrams.py [--check]

The tables are the truth; the page is made of them and of nothing else. A test fails when it is stale.
"""

import argparse
import sys
from pathlib import Path

import django
from django.utils import translation

from madoguchi.kit.machine import Machine
from madoguchi.program import translations

Drawn = tuple[Machine, type, str, str]

PAGE = Path(__file__).parent / "states.md"
HEAD = """# States

Drawn from the tables in `states.py` by `docs/draw_diagrams.py`; do not edit by hand. A pair of state and
event that is not here is refused by name (`Impossible`), and each step is a `Transition` row in the same
transaction (see [the way of a call](way-of-a-call.md)). Words on screens: [glossary](glossary.md).
"""


def page() -> str:
    """The whole page as Markdown."""
    with translation.override("ja"):
        parts = [_section(*one) for one in [*_of_calls(), *_of_planning()]]
    return "\n".join([HEAD, *parts])


def _of_calls() -> list[Drawn]:
    # After set-up only: the enums' words are translated lazily by Django.
    from madoguchi.domain.agents.states import ACTIVITY, Activity
    from madoguchi.domain.calls.states import (
        CALL,
        CONSULT,
        OFFER,
        RECORDING,
        ConsultStage,
        OfferStage,
        Phase,
        RecordingStage,
    )
    from madoguchi.domain.cases.states import PROMISE, PromiseStage
    from madoguchi.domain.customers.states import IMPORT, ImportStage

    return [
        (
            CALL,
            Phase,
            "domain/calls/states.py",
            "Where the customer is; an outgoing call begins at `dialling`.",
        ),
        (ACTIVITY, Activity, "domain/agents/states.py", "What the system has a person doing."),
        (OFFER, OfferStage, "domain/calls/states.py", "One ring at one person."),
        (CONSULT, ConsultStage, "domain/calls/states.py", "Asking somebody else meanwhile."),
        (RECORDING, RecordingStage, "domain/calls/states.py", "From the wish to have it until it is gone."),
        (PROMISE, PromiseStage, "domain/cases/states.py", "Who contacts whom, by when."),
        (IMPORT, ImportStage, "domain/customers/states.py", "A file of customers that is taken in."),
    ]


def _of_planning() -> list[Drawn]:
    from madoguchi.domain.planning.states import (
        FORECAST,
        REPORT,
        SUPPOSING,
        ForecastStage,
        ReportStage,
        SupposingStage,
    )
    from madoguchi.domain.roster.states import ROSTER, RosterStage

    return [
        (REPORT, ReportStage, "domain/planning/states.py", "Why the calls of a day were lost."),
        (FORECAST, ForecastStage, "domain/planning/states.py", "How many calls will come, as it was made."),
        (SUPPOSING, SupposingStage, "domain/planning/states.py", "What a past day would have been like."),
        (ROSTER, RosterStage, "domain/roster/states.py", "Who works on some days: from a draft to a plan."),
    ]


def _section(machine: Machine, states: type, source: str, words: str) -> str:
    lines = [f"## {machine.name}", "", f"{words} Table: `src/madoguchi/{source}`.", "", "```mermaid"]
    lines += ["stateDiagram-v2", f"    [*] --> {machine.initial}"]
    lines += [f"    {old} --> {new}: {event}" for old, event, new in machine.arrows()]
    lines += [f"    {end} --> [*]" for end in sorted(machine.ends)]
    lines += ["```", "", "| state | 日本語 | events that may come |", "|---|---|---|"]
    for state in states:  # type: ignore[attr-defined]
        events = [event for old, event, _ in machine.arrows() if old == state]
        lines.append(f"| `{state}` | {state.label} | {', '.join(f'`{one}`' for one in events) or 'none'} |")
    return "\n".join([*lines, ""])


def main() -> int:
    """Write the page, or with --check say whether it is up to date."""
    parser = argparse.ArgumentParser(description="Draw docs/states.md from the state tables.")
    parser.add_argument("--check", action="store_true", help="Write nothing; end with 1 when it is stale.")
    check = parser.parse_args().check
    django.setup()
    translations.compile_catalogue()
    fresh = page()
    if check:
        return 0 if PAGE.exists() and PAGE.read_text() == fresh else 1
    PAGE.write_text(fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main())
