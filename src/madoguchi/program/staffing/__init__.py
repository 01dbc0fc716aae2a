"""`madoguchi staffing MODEL`: how many people are needed, and what so many people achieve.

Each model is a file beside this one with a `command`; it is imported when it is asked for, since the science
behind it loads NumPy.
"""

import importlib
from typing import Any

import click

from madoguchi.program.staffing.words import _

MODELS = (
    "erlang-b",
    "erlang-b-extended",
    "erlang-c",
    "erlang-a",
    "priority",
    "orbit",
    "square-root",
    "offered-load",
    "simulate",
    "forecast",
    "shifts",
    "roster",
)


class Models(click.Group):
    """Finds a model's command in the file of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one learns them."""
        return list(MODELS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """None for a name that is not ours: click then says so."""
        if cmd_name not in MODELS:
            return None
        module = importlib.import_module(f"{__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Say what is wrong with a command line in the language of the terminal."""
        from madoguchi.program.staffing.options import misused

        try:
            return super().invoke(ctx)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            raise misused(error) from error


staffing = Models(
    "staffing",
    help=_("How many people are needed, and what so many people achieve."),
    short_help=_("How many people are needed, and what so many people achieve."),
    epilog=_(
        "Times: 20s, 5min, 1.5h, 1d. Rates: 100/30min, 20/h. Shares: 80% or 0.8. Every model has --help with "
        "examples, and --json."
    ),
)
