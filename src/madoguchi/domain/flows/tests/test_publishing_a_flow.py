"""Draft, check, publish; calls under way keep their version."""

import copy
from typing import Any

import pytest

from madoguchi.domain.clients.models import Client
from madoguchi.domain.flows.actions import (
    create_flow,
    discard_draft,
    publish,
    rename_flow,
    restore_version,
    save_draft,
    start_draft,
)
from madoguchi.domain.flows.errors import (
    DraftChanged,
    FlowNameInvalid,
    FlowNameTaken,
    FlowNotFound,
    FlowUnpublishable,
    NoDraft,
)
from madoguchi.domain.flows.fields import FlowUnreadable
from madoguchi.domain.flows.models import Flow, FlowVersion
from madoguchi.domain.flows.queries import (
    digest_of,
    draft_of,
    flows_using_prompt,
    graph_of,
    published_version,
)
from madoguchi.domain.flows.tests.flows import MENU, ask, enqueue, flow, hang_up, say
from madoguchi.domain.ledger.models import Transition
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.queues.models import Queue

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@pytest.fixture
def client_company() -> Client:
    return Client.objects.create(name="みどり精機")


@pytest.fixture
def queue(client_company: Client) -> Queue:
    return Queue.objects.create(name="使い方", client=client_company)


@pytest.fixture
def made(client_company: Client) -> Flow:
    return create_flow("代表", client_company.pk, acting_user=1)


def to_queue(queue: Queue, text: str = "録音します。") -> dict[str, Any]:
    return flow("a", a=say("q", text), q=enqueue(queue.pk))


def test_a_new_flow_has_a_draft_that_cannot_be_published_yet(made: Flow) -> None:
    with pytest.raises(FlowUnpublishable) as refused:
        publish(made.pk, acting_user=1)
    assert any(finding.code == "way_missing" for finding in refused.value.findings)
    assert published_version(made.pk) is None


def test_a_checked_draft_is_published_and_written_down(made: Flow, queue: Queue) -> None:
    save_draft(made.pk, to_queue(queue), note_text="初版", acting_user=1)
    assert publish(made.pk, acting_user=2) == []
    version = published_version(made.pk)
    assert version is not None
    assert (version.number, version.published_by, version.note) == (1, 2, "初版")
    assert version.published_at is not None
    assert draft_of(made.pk) is None
    steps = Transition.objects.filter(subject="flow").order_by("id").values_list("old", "new", "event", "by")
    assert list(steps) == [("", "draft", "drafted", 1), ("draft", "published", "published", 2)]


def chain(version: str) -> list[str]:
    """The stages of a version as its steps tell them, each beginning where the one before ended."""
    steps = Transition.objects.filter(subject="flow", subject_id=version).order_by("id")
    stages = [""]
    for old, new in steps.values_list("old", "new"):
        assert old == stages[-1]
        stages.append(new)
    return stages


def test_calls_under_way_keep_the_version_they_began_on(made: Flow, queue: Queue) -> None:
    save_draft(made.pk, to_queue(queue, "録音します。一"), acting_user=1)
    publish(made.pk, acting_user=1)
    first = published_version(made.pk)
    assert first is not None
    before = graph_of(first.pk)
    save_draft(made.pk, to_queue(queue, "録音します。二"), acting_user=1)
    assert graph_of(first.pk) == before, "a draft changes nothing"
    publish(made.pk, acting_user=1)
    second = published_version(made.pk)
    assert second is not None
    assert (second.number, graph_of(second.pk) == before) == (2, False)
    first.refresh_from_db()
    assert (first.stage, graph_of(first.pk)) == (FlowVersion.Stage.RETIRED, before)
    assert chain(f"{made.pk}/1") == ["", "draft", "published", "retired"]
    assert chain(f"{made.pk}/2") == ["", "draft", "published"]


def test_a_queue_that_was_taken_out_of_use_stands_against_publishing(made: Flow, queue: Queue) -> None:
    save_draft(made.pk, to_queue(queue), acting_user=1)
    queue.active = False
    queue.save()
    with pytest.raises(FlowUnpublishable) as refused:
        publish(made.pk, acting_user=1)
    assert [(one.node, one.code) for one in refused.value.findings if one.is_error] == [
        ("q", "queue_unknown")
    ]


def test_warnings_are_given_back_and_do_not_stand_against_publishing(made: Flow) -> None:
    save_draft(made.pk, flow("a", a=hang_up()), acting_user=1)
    assert [finding.code for finding in publish(made.pk, acting_user=1)] == ["nobody_reached"]


def test_an_unreadable_graph_is_not_stored(made: Flow) -> None:
    before = draft_of(made.pk)
    with pytest.raises(FlowUnreadable):
        save_draft(made.pk, {"nodes": {"a": {"verb": "sing"}}}, acting_user=1)
    after = draft_of(made.pk)
    assert before is not None
    assert after is not None
    assert after.graph == before.graph


def test_two_editors_do_not_undo_each_other(made: Flow) -> None:
    draft = draft_of(made.pk)
    assert draft is not None
    loaded = digest_of(draft.graph)
    save_draft(made.pk, MENU, loaded_digest=loaded, acting_user=1)
    with pytest.raises(DraftChanged):
        save_draft(made.pk, flow("a", a=hang_up()), loaded_digest=loaded, acting_user=2)
    saved = draft_of(made.pk)
    assert saved is not None
    assert saved.graph == MENU


def test_the_mark_of_a_graph_is_that_of_its_content() -> None:
    turned = dict(reversed(list(copy.deepcopy(MENU).items())))
    assert digest_of(turned) == digest_of(MENU)
    assert digest_of({**MENU, "entry": "menu"}) != digest_of(MENU)


def test_work_on_a_published_flow_begins_with_what_is_published(made: Flow, queue: Queue) -> None:
    save_draft(made.pk, to_queue(queue), acting_user=1)
    publish(made.pk, acting_user=1)
    draft = start_draft(made.pk, acting_user=1)
    assert (draft.number, draft.graph) == (2, to_queue(queue))
    assert start_draft(made.pk, acting_user=1).pk == draft.pk
    discard_draft(made.pk, acting_user=1)
    assert draft_of(made.pk) is None
    with pytest.raises(NoDraft):
        discard_draft(made.pk, acting_user=1)
    with pytest.raises(NoDraft):
        publish(made.pk, acting_user=1)


def test_an_earlier_version_can_be_taken_up_again(made: Flow, queue: Queue) -> None:
    save_draft(made.pk, to_queue(queue, "録音一"), acting_user=1)
    publish(made.pk, acting_user=1)
    save_draft(made.pk, to_queue(queue, "録音二"), acting_user=1)
    publish(made.pk, acting_user=1)
    assert restore_version(made.pk, 1, acting_user=1).graph == to_queue(queue, "録音一")
    with pytest.raises(FlowNotFound):
        restore_version(made.pk, 99, acting_user=1)


def test_two_flows_cannot_have_one_name(made: Flow, client_company: Client) -> None:
    with pytest.raises(FlowNameTaken):
        create_flow("代表", client_company.pk, acting_user=1)
    other = create_flow("夜間", client_company.pk, acting_user=1)
    with pytest.raises(FlowNameTaken):
        rename_flow(other.pk, "代表", acting_user=1)
    assert rename_flow(other.pk, "休日", acting_user=1).name == "休日"


@pytest.mark.parametrize("name", ["", "  ", "長" * 81])
def test_a_flow_needs_a_name_that_fits(client_company: Client, name: str) -> None:
    with pytest.raises(FlowNameInvalid):
        create_flow(name, client_company.pk, acting_user=1)


def test_the_flows_that_say_a_prompt_are_found(made: Flow, queue: Queue) -> None:
    prompt = Prompt.objects.create(name="挨拶", text="はい。")
    asked = ask("q", k1="q")
    save_draft(
        made.pk,
        flow("a", a={**asked, "prompts": [{"prompt": prompt.pk}]}, q=enqueue(queue.pk)),
        acting_user=1,
    )
    assert flows_using_prompt(prompt.pk) == [made]
    assert flows_using_prompt(prompt.pk + 1) == []


def test_a_flow_that_is_gone_is_said_to_be() -> None:
    with pytest.raises(FlowNotFound):
        save_draft(404, MENU, acting_user=1)
