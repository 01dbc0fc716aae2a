"""Work of planning that takes seconds: the simulator."""

from django.conf import settings
from procrastinate.contrib.django import app

from madoguchi.domain.planning.actions import explaining as actions
from madoguchi.domain.planning.actions import rostering, supposing
from madoguchi.domain.planning.models import CauseReport
from madoguchi.domain.planning.queries.supposed import one
from madoguchi.domain.planning.states import ReportStage, SupposingStage
from madoguchi.domain.roster.models import Roster
from madoguchi.domain.roster.states import RosterStage


@app.task(name="planning.explain", queue="planning")
def explain(report_id: int) -> None:
    """Find out why the calls of a day were lost. Repeating it is harmless."""
    # Not at the top: every process loads the jobs, and only this one needs the compiler's 100 MB.
    from madoguchi.domain.planning.explaining import explain as explained
    from madoguchi.science.staffing.compiled import keep_in

    report = CauseReport.objects.get(pk=report_id)
    if report.stage == ReportStage.WORKING:
        keep_in(settings.INSTALLATION.home / "compiled")
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
    from madoguchi.science.staffing.compiled import keep_in

    asked = one(supposed_id)
    if asked is not None and asked.stage == SupposingStage.WORKING:
        keep_in(settings.INSTALLATION.home / "compiled")
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
