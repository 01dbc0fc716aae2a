"""The options that models share, and what is read out of them."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from madoguchi.program.staffing.quantities import (
    NUMBER,
    PEOPLE,
    PLACES,
    RATE,
    SHARE,
    TIME,
    Exact,
    Unreadable,
)
from madoguchi.program.staffing.words import _, name_of
from madoguchi.science.staffing.errors import StaffingError, VanishinglySmall

Command = Callable[..., None]


def helped(sentence: str, *examples: str) -> str:
    """The help of a model: what it is, and command lines to begin with."""
    lines = "".join(f"\n  madoguchi staffing {example}" for example in examples)
    return f"{sentence}\n\n\b\n{_('Examples:')}{lines}"


def load(command: Command) -> Command:
    """How much work comes."""
    return _with(
        command,
        click.option("--load", type=NUMBER, help=_("Load in Erlang, instead of arrivals and handling time.")),
        click.option("--arrivals", type=RATE, help=_("Calls per time, e.g. 100/30min.")),
        click.option(
            "--handle", type=TIME, help=_("Mean handling time with work after the call, e.g. 180s.")
        ),
        click.option(
            "--service-rate", type=RATE, help=_("Calls an agent can do, e.g. 20/h; instead of --handle.")
        ),
    )


def staff(command: Command) -> Command:
    """How many people, or what for."""
    return _with(
        command,
        click.option("--agents", type=PEOPLE, help=_("So many agents: what do they achieve?")),
        click.option("--target", type=SHARE, help=_("Share to be answered within --within, e.g. 80%.")),
        click.option("--goal", multiple=True, help=_("MEASURE<=VALUE or MEASURE>=VALUE; may be repeated.")),
        click.option("--max-occupancy", type=SHARE, help=_("No busier than this, e.g. 85%.")),
        click.option("--shrinkage", type=SHARE, help=_("Share of paid time that is lost, e.g. 30%.")),
    )


def waits(command: Command) -> Command:
    """At which times and percentiles to look."""
    share = click.option("--percentile", type=SHARE, multiple=True, help=_("E.g. 90%; may be repeated."))
    return times(share(command))


def times(command: Command) -> Command:
    """At which times to look."""
    return _with(
        command,
        click.option(
            "--within", type=TIME, multiple=True, help=_("A waiting time, e.g. 20s; may be repeated.")
        ),
        click.option(
            "--short-abandon",
            type=TIME,
            default="5s",
            show_default=True,
            help=_("Left at once, for level b."),
        ),
    )


def places(command: Command) -> Command:
    """How many may wait."""
    return _with(
        command,
        click.option("--places", type=PLACES, help=_("Waiting places; 0 = none, default unlimited.")),
    )


def intervals(command: Command) -> Command:
    """Many intervals at once."""
    return _with(
        command,
        click.option(
            "--csv",
            "csv_in",
            type=click.Path(exists=True, dir_okay=False, allow_dash=True),
            help=_("Intervals, one a line, with columns named as the options (- is the standard input)."),
        ),
        click.option(
            "--output",
            type=click.Path(dir_okay=False, allow_dash=True),
            default="-",
            help=_("Where the CSV goes."),
        ),
        click.option(
            "--interval",
            type=TIME,
            default="30min",
            show_default=True,
            help=_("Length for bare counts of calls."),
        ),
    )


def output(command: Command) -> Command:
    """For programs."""
    return _with(
        command, click.option("--json", "as_json", is_flag=True, help=_("Answer as JSON, full precision."))
    )


def _with(command: Command, *decorators: Callable[[Command], Command]) -> Command:
    return functools.reduce(lambda done, add: add(done), reversed(decorators), command)


class Refused(click.ClickException):
    """A question without an answer; the message is ready to be shown."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """One line, in the language of the terminal."""
        click.echo(_("Error: {message}").format(message=self.message), file=file, err=file is None)


def in_words(error: StaffingError) -> str:
    """What the science refuses, in the language of the terminal."""
    named = {key: name_of(value) if key in {"name", "what"} else value for key, value in error.data.items()}
    return _(str(error.message)).format(**named)


def misused(error: click.UsageError) -> Refused:
    """What click says of a command line, in our own words, since it knows no Japanese."""
    parameter = getattr(error, "param", None)
    name = parameter.opts[-1] if parameter is not None else ""
    path = error.ctx.command_path.split() if error.ctx else []
    model = " ".join(path[path.index("staffing") + 1 :]) if "staffing" in path else ""
    hint = _("See {command}.").format(command=" ".join(["madoguchi staffing", *model.split(), "--help"]))
    if isinstance(error, click.NoSuchOption):
        said = _("There is no option {name} here.").format(name=error.option_name)
    elif isinstance(error, click.BadOptionUsage):
        said = _("{name} needs a value.").format(name=error.option_name)
    elif error.ctx and isinstance(error.ctx.command, click.Group):
        said = _("There is no such model.")
    elif isinstance(error, click.MissingParameter):
        said = _("{name} is missing.").format(name=name)
    elif isinstance(error, click.BadParameter) and isinstance(getattr(parameter, "type", None), click.Path):
        said = _("{name}: there is no such file.").format(name=name)
    elif isinstance(error, click.BadParameter) and name:
        said = f"{name}: {error.message}"
    else:
        said = error.message
    return Refused(f"{said} {hint}")


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the science refuses into one line and exit status 2."""
    try:
        with warnings.catch_warnings(record=True) as noted:
            warnings.simplefilter("always", VanishinglySmall)
            yield
        if any(issubclass(one.category, VanishinglySmall) for one in noted):
            click.echo(_("Note: a probability below 2.2e-308 is shown as 0."), err=True)
    except StaffingError as error:
        raise Refused(in_words(error)) from error
    except Unreadable as error:
        raise Refused(str(error)) from error


def keep_machine_code() -> None:
    """Compiled formulas go to the installation's folder when that is ours, else to the user's cache."""
    import os

    from madoguchi.config import installation
    from madoguchi.science.staffing import compiled

    home = Path(installation.home_of(os.environ))
    if home.is_dir() and os.access(home, os.W_OK):
        compiled.keep_in(home / "cache")


def one_or_list(values: list[Any]) -> Any:
    """A single value stands for itself: most ask for one time only."""
    return values[0] if len(values) == 1 else values


def handle_of(given: dict[str, Any]) -> float | None:
    """Handling time in seconds, from either option. Raises Unreadable."""
    handle: float | None = given.get("handle")
    rate = given.get("service_rate")
    if rate is None:
        return handle
    if handle is not None:
        raise Unreadable(_("Give --handle or --service-rate, not both."))
    if rate <= 0:
        raise Unreadable(_("--service-rate must be more than zero."))
    return Exact(1 / Exact.of(rate).exact)


def work(given: dict[str, Any]) -> tuple[float, float | None]:
    """Load in Erlang and handling time in seconds, None where nothing says it. Raises Unreadable."""
    amount, arrivals, handle = given.get("load"), given.get("arrivals"), handle_of(given)
    if amount is not None and arrivals is not None and handle is not None:
        raise Unreadable(_("Give two of --load, --arrivals and --handle; the third follows."))
    if amount is None:
        if arrivals is None or handle is None:
            raise Unreadable(
                _("How much work is it? Give --load, or --arrivals with --handle (or --service-rate).")
            )
        return Exact(Exact.of(arrivals).exact * Exact.of(handle).exact), handle
    if arrivals is not None:
        if arrivals <= 0:
            raise Unreadable(_("--arrivals must be more than zero to tell the handling time from the load."))
        return amount, Exact(Exact.of(amount).exact / Exact.of(arrivals).exact)
    return amount, handle
