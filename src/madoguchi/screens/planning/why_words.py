"""The causes of lost calls, and why a day cannot be explained, in a supervisor's words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, slots=True)
class Words:
    """A cause: its name, how it comes about, and what would cure it."""

    name: Promise
    meaning: Promise
    cure: Promise


CAUSES = {
    "lines": Words(
        pgettext_lazy("cause", "Too few lines"),
        _("Callers met an engaged line."),
        _("Order more lines."),
    ),
    "planned_staff": Words(
        pgettext_lazy("cause", "Too few people planned"),
        _("Fewer people were there to take calls than the calls of those hours need."),
        _("More people, or shifts moved to the hours of the calls."),
    ),
    "adherence": Words(
        pgettext_lazy("cause", "Away from the phone"),
        _("People were not at the phone though planned: away, late, or gone early."),
        _("Ask what calls them away; put what must be done into the plan."),
    ),
    "wrap_up": Words(
        pgettext_lazy("cause", "Long wrap-up"),
        _("Writing down after a call took longer than 30 seconds on average."),
        _("Shorter input: templates, reasons to choose from, writing during the call."),
    ),
    "casework": Words(
        pgettext_lazy("cause", "Work left by calls"),
        _("Research, arrangements, mail and call backs were done while the telephone rang."),
        _("A back office or set hours for it; quicker answers from other departments."),
    ),
    "ring_no_answer": Words(
        pgettext_lazy("cause", "Rings not answered"),
        _("Calls rang at people who did not take them, and lost time until the next."),
        _("Ask why; let people choose their presence when they leave; shorten the ring."),
    ),
    "skill_routing": Words(
        pgettext_lazy("cause", "Nobody with the skill free"),
        _("People were free, but not for these calls: another queue, or a skill they lack."),
        _("Teach more people; loosen the rules of the queue at peaks."),
    ),
    "chasers": Words(
        pgettext_lazy("cause", "Customers chasing"),
        _("Calls that only asked what became of the last one took the lines and the people."),
        _("Keep promises in time; tell customers where things stand before they ask."),
    ),
    "leaders": Words(
        pgettext_lazy("cause", "Waiting for a supervisor"),
        _("Operators waited for an answer with the customer on the line."),
        _("A supervisor free for questions at peaks; more that operators may decide."),
    ),
    "chance": Words(
        pgettext_lazy("cause", "Chance"),
        _("Many called at once, or hung up at once: it happens in a well staffed centre too."),
        _("Nothing to cure; a call back offered to those who wait catches part of it."),
    ),
}

REFUSALS = {
    "few_lost": _(
        "Fewer than 10 calls were lost on this day. Shares of so few would be chance: "
        "open the calls one by one."
    ),
    "few_answered": _(
        "Fewer than 50 calls were answered on this day: too few to learn how long calls take and how long "
        "callers wait."
    ),
    "nobody_there": _("For this day nobody's presence is on record, so who was there cannot be told."),
    "not_reproduced": _(
        "The day, run again on the computer, loses clearly more or fewer calls than it did in truth. "
        "So no cause is named: it would be a guess."
    ),
    "not_runnable": _("The records of this day cannot be run again on the computer."),
}

MEASURES = {
    "lost": (_("Calls not answered"), "count"),
    "answer_rate": (_("Answer rate (of calls that came to a queue)"), "share"),
    "service_level_a": (_("Answered within 20 s (of calls that came to a queue)"), "share"),
    "mean_wait_served": (_("Mean wait of those answered"), "seconds"),
    "handling_s": (_("Mean talk and wrap-up"), "seconds"),
}
