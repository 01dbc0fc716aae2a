"""Three weeks of the demonstration's past: calls, contacts and promises, relative to now."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from django.conf import settings

from madoguchi.domain.clients.queries import hours_of
from madoguchi.domain.customers.models import Customer
from madoguchi.kit.calendar import opening_at
from madoguchi.kit.clock import from_local, local
from madoguchi.program.demonstration.cast import ORDERS, REPAIR, SCRIPT, STAFF, STORIES, USAGE, Caller, Story
from madoguchi.program.demonstration.centre import DIRECT_NUMBER, MAIN_NUMBER, ORDER_NUMBER, Centre
from madoguchi.program.demonstration.day import Operator, Played, Visitor, play
from madoguchi.program.demonstration.presences import presences
from madoguchi.program.demonstration.roster import hours_on
from madoguchi.program.demonstration.rows import Rows

DAYS = 21
# Calls an hour from 8:00 on, as a centre knows them: the morning's wave, lunch, the wave after it.
WAVE = (1, 7, 9, 7, 5, 7, 8, 6, 5, 4, 2, 1, 1)
RUSH = 60
"""Orders more on the day on which the orders of the month close, most of them in its last hours."""
MENU = {REPAIR: ("1", "修理"), USAGE: ("2", "使い方"), ORDERS: ("", "")}


def write(centre: Centre, people: list[tuple[Caller, Customer]], chance: Random, now: datetime) -> None:
    """Play the last three weeks and write what happened; nothing in it ends after `now`."""
    rows = Rows(centre, settings.INSTALLATION.node, now)
    today, script = local(now).date(), dict(SCRIPT)
    closing = next(day for day in (today - timedelta(days=back) for back in range(1, 8)) if day.weekday() < 5)
    for back in range(DAYS, -1, -1):
        day = today - timedelta(days=back)
        staff = _staff(chance, day)
        teams = {
            queue: [staff[one.username] for one in STAFF if queue in one.queues and one.username in staff]
            for queue in (REPAIR, USAGE, ORDERS)
        }
        visitors = _visitors(centre, chance, day) + (_rush(centre, chance, day) if day == closing else [])
        for call in play(visitors, teams, frozenset({ORDERS}), chance):
            if (call.wrapped or call.ended) < now - timedelta(minutes=1):
                person, story = _who_and_why(people, chance, call)
                # On the day of the script, or the next on which somebody answered.
                scene = next((planned for planned in script if back <= planned), None)
                if scene is not None and call.agent and call.visitor.queue == REPAIR:
                    person, story = people[0], script.pop(scene)
                rows.add(call, person, story, chance)
        if back:
            # Today people choose their presence themselves.
            rows.steps += presences(staff.values(), centre.agents, chance, before=now)
    rows.store()


def _staff(chance: Random, day: date) -> dict[str, Operator]:
    """Who works on a day by the roster, and when they came: about in time."""
    midnight = from_local(datetime.combine(day, time()))
    found: dict[str, Operator] = {}
    for one in STAFF:
        hours = hours_on(one.username, day) if one.queues else None
        if hours is not None:
            begins, ends, eats = (midnight + timedelta(hours=hour) for hour in hours)
            came = begins + timedelta(minutes=chance.triangular(-8, 6, -3))
            # Not all at once to lunch.
            lunch = eats + timedelta(minutes=20 * len(found))
            found[one.username] = Operator(one.username, came, lunch=lunch, leaves=ends, came=came)
    return found


def _rush(centre: Centre, chance: Random, day: date) -> list[Visitor]:
    """Calls that come because something closes today: without a gap towards the end."""
    noon = from_local(datetime.combine(day, time(12)))
    ats = (noon + timedelta(hours=chance.triangular(0, 7, 6.5)) for _ in range(RUSH))
    return [_visitor(centre, chance, at, ORDERS) for at in ats]


def _visitors(centre: Centre, chance: Random, day: date) -> list[Visitor]:
    busy = 1.25 if day.weekday() == 0 else 1.0
    visitors = []
    for hour, rate in enumerate(WAVE, start=8):
        for _call in range(int(rate * busy + chance.random())):
            at = from_local(datetime.combine(day, time(hour))) + timedelta(seconds=chance.uniform(0, 3600))
            visitors.append(_visitor(centre, chance, at))
    return visitors


def _visitor(centre: Centre, chance: Random, at: datetime, queue: str = "") -> Visitor:
    queue = queue or chance.choices((REPAIR, USAGE, ORDERS), weights=(5, 3, 4))[0]
    text = MAIN_NUMBER
    if queue == ORDERS:
        text = ORDER_NUMBER
    elif queue == REPAIR and chance.random() < 0.3:
        text = DIRECT_NUMBER
    keys, menu = MENU[queue] if text == MAIN_NUMBER else ("", "")
    return Visitor(
        at=at,
        number=text,
        queue=queue,
        keys=keys,
        menu=menu,
        # The main number, always open today, kept the hours of the direct one while people worked by them.
        is_open=opening_at(
            hours_of(centre.numbers[ORDER_NUMBER if queue == ORDERS else DIRECT_NUMBER]), at
        ).is_open,
        gives_up_in_menu=chance.random() < 0.03,
        patience=timedelta(seconds=chance.choice((3, 35, 60, 90, 150, 240, 400))),
        talk=timedelta(seconds=chance.lognormvariate(5.2, 0.5)),
        hold=timedelta(seconds=chance.uniform(15, 90)) if chance.random() < 0.2 else timedelta(),
        wrap=timedelta(seconds=chance.uniform(20, 110)),
        ring=timedelta(seconds=chance.uniform(2, 6)),
    )


def _who_and_why(
    people: list[tuple[Caller, Customer]], chance: Random, call: Played
) -> tuple[tuple[Caller, Customer] | None, Story | None]:
    """The customer behind a call (a stranger now and then), and what it was about if somebody spoke."""
    place = 1 if call.visitor.queue == ORDERS else 0
    person = chance.choice([one for one in people if one[0].client == place][1:])
    branch = call.visitor.menu
    stories = [one for one in STORIES[place] if not branch or one.branch in {branch, "保証・料金", "ご意見"}]
    story = chance.choice(stories) if call.answered else None
    return (None if chance.random() < 0.12 else person), story
