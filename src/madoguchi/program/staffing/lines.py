"""The models that count lines: one row or many."""

from typing import Any

from madoguchi.program.staffing import answers, options, table
from madoguchi.program.staffing.table import Sheet, Solve
from madoguchi.program.staffing.words import _


def answer(given: dict[str, Any], solve: Solve, sheet: Sheet) -> None:
    """Answer one command line; the keys call lines agents, as all models do."""
    with options.refusing():
        options.keep_machine_code()
        if given["csv_in"]:
            table.answer(given, solve, sheet)
            return
        known = given["load"] is not None or given["arrivals"] is not None
        load, handle = options.work(given) if known else (None, options.handle_of(given))
        row = {"load": load, "handle": handle} | {name: given[name] for name in sheet.columns}
        answers.show(
            table.one_row(solve, row),
            json_wanted=given["as_json"],
            renamed={"agents": _("Telephone lines"), "occupancy": _("Occupancy of the lines")},
        )
