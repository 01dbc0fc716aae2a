"""Prepared statements outlive rollbacks, are made anew on a new connection, and keep a transaction whole."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from madoguchi.domain.ledger.keys import new_key
from madoguchi.domain.ledger.models import Entry
from madoguchi.domain.ledger.prepared import BEGIN, COMMIT, Statement, answers, begins_here, execute

pytestmark = [pytest.mark.action, pytest.mark.django_db(transaction=True)]

SUM = Statement("SELECT $1::int + $2::int, $1::int")
NOTE = Statement(
    "INSERT INTO ledger_entry (at, verb, subject, subject_id, detail) VALUES (now(), $1, 'x', 'x', '{}')"
)


def summed(one: int, two: int) -> tuple[int, int]:
    with connection.cursor() as cursor:
        execute(cursor, (SUM, [one, two]))
        found: tuple[int, int] = cursor.fetchone()
        return found


def test_a_value_may_stand_several_times() -> None:
    assert summed(1, 2) == (3, 1)


def test_a_rollback_forgets_nothing() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        summed(1, 2)
        raise ZeroDivisionError
    assert summed(2, 2) == (4, 2)


def test_a_new_connection_is_prepared_anew() -> None:
    summed(1, 2)
    connection.close()
    assert summed(2, 2) == (4, 2)


def test_each_step_of_a_journey_has_its_answer() -> None:
    with connection.cursor() as cursor:
        execute(cursor, (SUM, [1, 1]), (NOTE, ["a"]), ("SELECT %s", ["b"]))
        assert list(answers(cursor)) == [[(2, 1)], [], [("b",)]]


def test_begin_and_commit_travel_along_and_the_hooks_come_after() -> None:
    seen: list[int] = []
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            assert begins_here()
            execute(cursor, BEGIN, (NOTE, ["first"]))
            assert not begins_here()
            transaction.on_commit(lambda: seen.append(Entry.objects.count()))
            execute(cursor, (NOTE, ["second"]), COMMIT)
        assert seen == []
    assert seen == [2]
    assert connection.get_autocommit()


def test_what_fails_on_the_way_is_undone_whole() -> None:
    with pytest.raises(IntegrityError), transaction.atomic(durable=True), connection.cursor() as cursor:
        assert begins_here()
        execute(cursor, BEGIN, (NOTE, ["first"]))
        Entry.objects.create(at=None, verb="broken", subject="x", subject_id="x")  # type: ignore[misc]
    assert not Entry.objects.exists()
    assert summed(1, 1) == (2, 1)


def test_nothing_travels_along_within_another_transaction() -> None:
    with transaction.atomic():
        Entry.objects.exists()
        assert not begins_here()


def test_no_key_is_given_twice() -> None:
    keys = [new_key(Entry) for _ in range(120)]
    assert len(set(keys)) == 120
    with connection.cursor() as cursor:
        execute(cursor, (NOTE, ["made by the table itself"]))
    assert Entry.objects.get().pk not in keys
