"""Work of planning that takes seconds: the simulator."""

from django.conf import settings
from procrastinate.contrib.django import app

from madoguchi.domain.planning.actions import explaining as actions
from madoguchi.domain.planning.models import CauseReport
from madoguchi.domain.planning.states import ReportStage


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
