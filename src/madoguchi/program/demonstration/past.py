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
from madoguchi.program.demonstration.rows import Rows

DAYS = 21
# Calls an hour from 8:00 on, as a centre knows them: the morning's wave, lunch, the wave after it.
WAVE = (1, 7, 9, 7, 5, 7, 8, 6, 5, 4, 2, 1, 1)
MENU = {REPAIR: ("1", "修理"), USAGE: ("2", "使い方"), ORDERS: ("", "")}


def write(centre: Centre, people: list[tuple[Caller, Customer]], chance: Random, now: datetime) -> None:
    """Play the last three weeks and write what happened; nothing in it ends after `now`."""
    rows = Rows(centre, settings.INSTALLATION.node, now)
    today, script = local(now).date(), dict(SCRIPT)
    for back in range(DAYS, -1, -1):
        day = today - timedelta(days=back)
        for call in play(_visitors(centre, chance, day), _teams(day), frozenset({ORDERS}), chance):
            if (call.wrapped or call.ended) < now - timedelta(minutes=1):
                person, story = _who_and_why(people, chance, call)
                # On the day of the script, or the next on which somebody answered.
                scene = next((planned for planned in script if back <= planned), None)
                if scene is not None and call.agent and call.visitor.queue == REPAIR:
                    person, story = people[0], script.pop(scene)
                rows.add(call, person, story, chance)
    rows.store()


def _teams(day: date) -> dict[str, list[Operator]]:
    operators = {}
    for place, person in enumerate(one for one in STAFF if one.queues):
        begins = from_local(datetime.combine(day, time(9 if place < 3 else 10)))
        operators[person.username] = Operator(
            person.username,
            begins,
            lunch=begins + timedelta(hours=3, minutes=20 * place),
            # The last shift stays while the order line is open, until 26:00.
            leaves=begins + timedelta(hours=9.5 if place < 3 else 16),
        )
    return {
        queue: [operators[one.username] for one in STAFF if queue in one.queues]
        for queue in (REPAIR, USAGE, ORDERS)
    }


def _visitors(centre: Centre, chance: Random, day: date) -> list[Visitor]:
    busy = 1.25 if day.weekday() == 0 else 1.0
    visitors = []
    for hour, rate in enumerate(WAVE, start=8):
        for _call in range(int(rate * busy + chance.random())):
            at = from_local(datetime.combine(day, time(hour))) + timedelta(seconds=chance.uniform(0, 3600))
            visitors.append(_visitor(centre, chance, at))
    return visitors


def _visitor(centre: Centre, chance: Random, at: datetime) -> Visitor:
    queue = chance.choices((REPAIR, USAGE, ORDERS), weights=(5, 3, 4))[0]
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
