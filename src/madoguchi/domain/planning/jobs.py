"""Work of planning that takes seconds: the simulator, forecasts, rosters."""

from pathlib import Path

from django.conf import settings
from procrastinate.contrib.django import app

from madoguchi.domain.planning import warming
from madoguchi.domain.planning.actions import explaining as actions
from madoguchi.domain.planning.actions import forecasting, rostering, supposing
from madoguchi.domain.planning.models import CauseReport, Forecast
from madoguchi.domain.planning.queries.forecasts import last_slot
from madoguchi.domain.planning.queries.supposed import one
from madoguchi.domain.planning.states import ForecastStage, ReportStage, SupposingStage
from madoguchi.domain.roster.models import Roster
from madoguchi.domain.roster.states import RosterStage
from madoguchi.kit.clock import now


def _compiled() -> Path:
    """Where the simulator's machine code is kept."""
    return Path(settings.INSTALLATION.home) / "compiled"


@app.periodic(cron="* * * * *")
@app.task(name="planning.warm_up", queue="planning", queueing_lock="planning.warm_up")
def warm_up(timestamp: int) -> None:
    """Make the simulator ready as soon as a worker runs; later ones do nothing."""
    warming.warm_up(_compiled())


@app.task(name="planning.explain", queue="planning")
def explain(report_id: int) -> None:
    """Find out why the calls of a day were lost. Repeating it is harmless."""
    # Not at the top: every process loads the jobs, and only this one needs the compiler's 100 MB.
    from madoguchi.domain.planning.explaining import explain as explained

    report = CauseReport.objects.get(pk=report_id)
    if report.stage == ReportStage.WORKING:
        warming.ready(_compiled())
        actions.answer(report.pk, explained(report.day))


@app.periodic(cron="* * * * *")
@app.task(name="planning.carry_on", queueing_lock="planning.carry_on")
def carry_on(timestamp: int) -> None:
    """Send another worker after one that died over a report."""
    actions.carry_on()


@app.task(name="planning.suppose", queue="planning")
def suppose(supposed_id: int) -> None:
    """Answer a what-if, unless nobody wants to know any more. Repeating it is harmless."""
    from madoguchi.domain.planning.supposing import suppose as supposed

    asked = one(supposed_id)
    if asked is not None and asked.stage == SupposingStage.WORKING:
        warming.ready(_compiled())
        supposing.answer(asked.pk, supposed(asked.day, asked.weeks, asked.change))


@app.periodic(cron="* * * * *")
@app.task(name="planning.carry_on_supposing", queueing_lock="planning.carry_on_supposing")
def carry_on_supposing(timestamp: int) -> None:
    """Send another worker after one that died over a what-if; forget what nobody keeps."""
    supposing.carry_on()


@app.task(name="planning.roster", queue="planning")
def make_roster(roster_id: int) -> None:
    """Give shifts to named people, unless somebody else did meanwhile. Repeating it is harmless."""
    from madoguchi.domain.planning.rostering import make

    roster = Roster.objects.get(pk=roster_id)
    if roster.stage == RosterStage.MAKING:
        rostering.answer(roster.pk, make(roster))


@app.periodic(cron="* * * * *")
@app.task(name="planning.carry_on_rosters", queueing_lock="planning.carry_on_rosters")
def carry_on_rosters(timestamp: int) -> None:
    """Send another worker after one that died over a roster."""
    rostering.carry_on()


@app.task(name="planning.forecast", queue="planning")
def forecast(forecast_id: int) -> None:
    """Make a forecast. Repeating it is harmless."""
    from madoguchi.domain.planning.forecasting import make

    asked = Forecast.objects.get(pk=forecast_id)
    if asked.stage == ForecastStage.WORKING:
        forecasting.keep(asked.pk, make(asked.origin))


@app.periodic(cron="*/5 * * * *")
@app.task(name="planning.forecast_when_due", queueing_lock="planning.forecast_when_due")
def forecast_when_due(timestamp: int) -> None:
    """Ask for the forecast of a day that has begun; a worker that slept over midnight catches up."""
    forecasting.ask_when_due()


@app.periodic(cron="1,31 * * * *")
@app.task(name="planning.see_today_again", queueing_lock="planning.see_today_again")
def see_today_again(timestamp: int) -> None:
    """See the rest of today from the calls of its morning. Repeating it is harmless."""
    from madoguchi.domain.planning.forecasting import again

    days, until = forecasting.days_under_way(), last_slot(now())
    rows = again(days, until) if days else None
    if rows is not None:
        forecasting.keep_again(days, until, rows)


@app.periodic(cron="* * * * *")
@app.task(name="planning.carry_on_forecasts", queueing_lock="planning.carry_on_forecasts")
def carry_on_forecasts(timestamp: int) -> None:
    """Send another worker after one that died over a forecast."""
    forecasting.carry_on_forecasts()
