"""When an Asterisk that lives is started anew, and when it is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.program.asterisk_deaf import REST, decide, suspicious
from madoguchi.program.asterisk_look import Look
from madoguchi.switch.listening import Report, report

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SILENT = Look(there=True, listener_opened=False, sip_answers=False, starved=False)
TALKING_ON = replace(SILENT, sip_answers=True)


def told(*, for_s: float = 30, tries: int = 5, old_s: float = 1, conversations: int | None = 0) -> Report:
    return Report(
        pid=7,
        since=NOW - timedelta(seconds=for_s),
        last=NOW - timedelta(seconds=old_s),
        tries=tries,
        conversations=conversations,
    )


def test_a_report_is_read_as_it_was_written_and_nonsense_is_none() -> None:
    assert report(told().text()) == told()
    for nonsense in ("", "{}", "[]", "null", '{"pid": 7, "since": "x", "last": "y"}'):
        assert report(nonsense) is None


@pytest.mark.parametrize(
    "unsure", [{"tries": 3}, {"for_s": 15}, {"old_s": 20, "for_s": 60}], ids=["few", "short", "old"]
)
def test_few_short_or_old_silences_are_no_reason_to_look(unsure: dict[str, float]) -> None:
    assert suspicious(told(), NOW)
    assert not suspicious(told(**unsure), NOW)  # type: ignore[arg-type]


def test_one_that_both_witnesses_find_silent_is_replaced() -> None:
    verdict = decide(told(), SILENT, [], NOW)
    assert verdict.replace
    assert verdict.why == (
        "takes connections and lets nobody listen for 30 s (5 tries), "
        "no other listener gets in either, SIP is silent"
    )


@pytest.mark.parametrize("conversations", [0, 4, None])
def test_one_without_sip_is_replaced_whoever_was_talking(conversations: int | None) -> None:
    assert decide(told(conversations=conversations), SILENT, [], NOW).replace


def test_an_overloaded_machine_alone_is_never_a_reason() -> None:
    verdict = decide(told(for_s=600, tries=90), replace(SILENT, starved=True), [], NOW)
    assert not verdict.replace
    assert "overloaded" in verdict.why


def test_one_that_refuses_connections_is_left_to_the_watch_over_its_process() -> None:
    assert not decide(told(for_s=600), replace(SILENT, there=False), [], NOW).replace


def test_one_that_lets_another_listen_is_replaced_only_after_long() -> None:
    open_to_us = Look(there=True, listener_opened=True, sip_answers=True, starved=False)
    assert not decide(told(for_s=40), open_to_us, [], NOW).replace
    verdict = decide(told(for_s=61, tries=10), open_to_us, [], NOW)
    assert verdict.replace
    assert "another listener gets in" in verdict.why


@pytest.mark.parametrize("conversations", [2, None])
def test_conversations_that_go_on_are_waited_for_but_not_for_ever(conversations: int | None) -> None:
    waiting = decide(told(for_s=30, conversations=conversations), TALKING_ON, [], NOW)
    assert not waiting.replace
    assert "waiting for the end of" in waiting.why
    assert decide(told(for_s=121, conversations=conversations), TALKING_ON, [], NOW).replace
    assert decide(told(for_s=30, conversations=0), TALKING_ON, [], NOW).replace


def test_it_is_never_replaced_in_a_loop() -> None:
    soon = decide(told(), SILENT, [NOW - REST / 2], NOW)
    assert not soon.replace
    assert "not again so soon" in soon.why
    assert decide(told(), SILENT, [NOW - REST], NOW).replace
    thrice = [NOW - timedelta(minutes=minutes) for minutes in (50, 40, 30)]
    often = decide(told(), SILENT, thrice, NOW)
    assert not often.replace
    assert "a person must look" in often.why
    assert decide(told(), SILENT, [NOW - timedelta(minutes=61), *thrice[1:]], NOW).replace
