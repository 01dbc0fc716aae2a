"""What the check finds, and that it names the place."""

import copy
from typing import Any

import pytest
from django.utils import translation

from madoguchi.domain.flows.checks import _WORDS, Finding, Known, Severity, check
from madoguchi.domain.flows.graph import parse
from madoguchi.domain.flows.tests.flows import HOWTO, MENU, OTHER, ask, enqueue, flow, hang_up, say

pytestmark = pytest.mark.pure

ALL_KNOWN = Known(queues={HOWTO, OTHER}, prompts={1}, reasons={7})


def found(raw: dict[str, Any], known: Known = ALL_KNOWN) -> set[tuple[str, str]]:
    return {(finding.node, finding.code) for finding in check(parse(raw), known)}


def menu(**changes: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(MENU)
    for node_id, fields in changes.items():
        changed["nodes"].setdefault(node_id, {}).update(fields)
    return changed


def test_a_sound_flow_has_no_findings() -> None:
    assert found(MENU) == set()


@pytest.mark.parametrize(
    ("raw", "node", "code"),
    [
        (flow("gone", a=enqueue()), "", "no_entry"),
        (menu(hello={"next": None}), "hello", "way_missing"),
        (menu(hello={"next": "gone"}), "hello", "way_unknown"),
        (menu(menu={"way_out": None}), "menu", "way_missing"),
        (menu(menu={"keys": {"1": {"next": None, "label": "x"}}}), "menu", "way_missing"),
        (menu(menu={"keys": {"1": {"next": "gone", "label": "x"}}}), "menu", "way_unknown"),
        (menu(menu={"keys": {}}), "menu", "no_keys"),
        (menu(menu={"prompts": []}), "menu", "nothing_said"),
        (menu(menu={"prompts": [{"prompt": 99}]}), "menu", "prompt_unknown"),
        (menu(menu={"prompts": [{"text": "😀"}]}), "menu", "text_refused"),
        (menu(menu={"no_key": [{"text": ""}]}), "menu", "text_refused"),
        (menu(menu={"way_out": "bye"}), "menu", "no_person"),
        (menu(menu={"way_out": "hello"}), "menu", "endless_loop"),
        (menu(hello={"prompts": []}), "hello", "nothing_said"),
        (menu(howto={"queue": None}), "howto", "no_queue"),
        (menu(howto={"queue": 404}), "howto", "queue_unknown"),
        (menu(howto={"reason": 404}), "howto", "reason_unknown"),
        (flow("a", a=say("b"), b=say("a")), "a", "endless_loop"),
        (flow("a", a=say("a")), "a", "endless_loop"),
        (flow("a", a=ask("b", k1="q"), b=ask("a", k1="q"), q=enqueue()), "b", "endless_loop"),
        (flow("a", a=enqueue(otherwise="b"), b=say("a")), "b", "endless_loop"),
    ],
)
def test_an_error_is_found_where_it_is(raw: dict[str, Any], node: str, code: str) -> None:
    assert (node, code) in found(raw)
    assert any(one.is_error for one in check(parse(raw), ALL_KNOWN) if (one.node, one.code) == (node, code))


@pytest.mark.parametrize(
    ("raw", "node", "code"),
    [
        (menu(notice={"skippable": True}), "notice", "notice_can_be_skipped"),
        (menu(stray=hang_up()), "stray", "not_reached"),
        (menu(menu={"keys": {"1": {"next": "other"}}}), "menu", "key_without_label"),
        (menu(bye={"prompts": []}), "bye", "ends_without_a_word"),
        (menu(notice={"prompts": [{"text": "はい"}]}), "", "recording_not_announced"),
        (flow("a", a=hang_up()), "", "nobody_reached"),
    ],
)
def test_a_warning_does_not_stand_against_publishing(raw: dict[str, Any], node: str, code: str) -> None:
    findings = check(parse(raw), ALL_KNOWN)
    assert (node, code, Severity.WARNING) in {(one.node, one.code, one.severity) for one in findings}
    assert not any(one.is_error for one in findings)


def test_a_notice_in_words_of_ones_own_counts() -> None:
    assert found(menu(notice={"prompts": [{"text": "通話は録音されます。"}]})) == set()


def test_the_way_out_may_lead_to_a_person_by_way_of_words() -> None:
    assert found(menu(menu={"way_out": "sorry"}, sorry=say("other"))) == set()


def test_a_full_queue_may_send_the_caller_back_to_the_menu() -> None:
    """Nobody goes round without pressing a key, since the menu's way out leads to the other queue."""
    back = menu(howto={"otherwise": "hello"})
    del back["nodes"]["full"]
    assert found(back) == set()


def test_errors_come_first() -> None:
    findings = check(parse(menu(notice={"skippable": True}, howto={"queue": None})), ALL_KNOWN)
    assert [one.is_error for one in findings] == sorted((one.is_error for one in findings), reverse=True)


def test_unknown_rows_are_left_alone_when_nobody_knows_them() -> None:
    assert found(MENU, Known()) == set()


@pytest.mark.parametrize("code", sorted(_WORDS))
def test_every_finding_has_words(code: str) -> None:
    data = {"exit": "1", "to": "x", "key": "1"}
    with translation.override("en"):
        assert "%(" not in Finding("a", code, Severity.ERROR, data).shown()


def test_a_refused_text_says_why() -> None:
    (finding,) = check(parse(menu(menu={"prompts": [{"text": "やあ😀"}]})), ALL_KNOWN)
    with translation.override("en"):
        assert finding.shown() == "The voice cannot read “😀” (character 3)."
