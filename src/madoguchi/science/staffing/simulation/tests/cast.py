"""The centres that the tests run."""

from __future__ import annotations

from dataclasses import replace

from madoguchi.science.routing.model import Order
from madoguchi.science.staffing.simulation.centre import Aftermath, Centre, Mail, Person, Queue, Redial
from madoguchi.science.staffing.simulation.distributions import constant, exponential, lognormal

HOUR = 3_600.0
DAY = 24 * HOUR
REPAIR, ORDERS = 0, 1
WASHERS, ENGLISH = 10, 20
PROFILE = (0.0,) * 18 + (0.6, 0.9, 1.2, 1.3, 1.2, 1.0, 0.8, 0.9, 1.1, 1.2, 1.1, 1.0, 0.9, 0.8, 0.7, 0.6)
"""Half-hours of a day from midnight, 9 to 17 o'clock; to be filled up with nothing."""


def day_rates(mean_per_h: float) -> tuple[float, ...]:
    return tuple(mean_per_h * share for share in PROFILE) + (0.0,) * (48 - len(PROFILE))


def plain(*, per_h: float = 120.0, agents: int = 10, hours: float = 8.0, **queue: object) -> Centre:
    """One queue, people who are all alike, there from beginning to end."""
    kind = Queue(rates_per_h=(per_h,), **queue)  # type: ignore[arg-type]
    return Centre((kind,), (Person(),) * agents, hours * HOUR, interval_s=hours * HOUR)


def everything(*, days: int = 1, seats: int = 50) -> Centre:
    """A centre in which everything that can happen does: two queues, shifts, cases, leaders, mail."""
    after = Aftermath(
        share=0.3, casework=lognormal(300.0, 1.0), first=0.5, ask=0.4, department=exponential(3 * HOUR),
        call_back=0.6, calling_back=lognormal(150.0, 0.7), chase=0.7, chase_after=exponential(2 * HOUR),
        named=0.3,
    )  # fmt: skip
    repair = Queue(
        "repair", day_rates(3.6 * seats) * days, lognormal(220.0, 0.8), lognormal(60.0, 0.6),
        chaser_talk=lognormal(150.0, 0.6), patience=exponential(240.0),
        redial=Redial(0.6, 0.8, exponential(400.0)),
        aftermath=after, asks={WASHERS: 2}, order=Order.BEST_SKILLED, consult=0.05, max_wait_s=1_200.0,
    )  # fmt: skip
    orders = Queue(
        "orders", day_rates(2.4 * seats) * days, lognormal(160.0, 0.8), lognormal(40.0, 0.6), priority=1,
        patience=exponential(180.0), redial=Redial(0.5, 0.8, exponential(300.0)), menu=constant(15.0),
        self_served=0.1, offer_call_back_after_s=120.0, accept_call_back=0.3, returns=0.02,
    )  # fmt: skip
    open_hours = tuple((day * DAY + 9 * HOUR, day * DAY + 17 * HOUR) for day in range(days))
    return Centre(
        (repair, orders), tuple(_person(number, days) for number in range(seats)), days * DAY,
        lines=int(1.5 * seats), open=open_hours, pick_up=lognormal(4.0, 0.5), adherence=0.93,
        mail=Mail(day_rates(1.0 * seats) * days, lognormal(300.0, 0.8)), reserve=2,
    )  # fmt: skip


def _person(number: int, days: int) -> Person:
    lunch = 11.5 + (number % 4) * 0.75
    stretches = tuple(
        (day * DAY + since * HOUR, day * DAY + to * HOUR)
        for day in range(days)
        for since, to in ((9.0, lunch), (lunch + 0.75, 17.5))
    )
    person = Person({REPAIR: 1, ORDERS: 2}, {WASHERS: 1 + number % 5}, stretches, miss=0.03, wear=0.05)
    if number % 3 == 0:
        person = replace(person, queues={ORDERS: 1})
    if number % 16 == 1:
        person = replace(person, leader=True, queues={REPAIR: 3, ORDERS: 3})
    return person
