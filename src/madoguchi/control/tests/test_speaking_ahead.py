"""No caller waits for the synthesiser: what is heard first was spoken before."""

import pytest

from madoguchi.control.speaking import SOON_NEEDED, speak_ahead
from madoguchi.domain.clients import actions as clients
from madoguchi.domain.flows import actions as flows
from madoguchi.domain.prompts.built_in import sentence
from madoguchi.domain.prompts.spoken import render
from madoguchi.domain.queues import actions as queues

pytestmark = [pytest.mark.action, pytest.mark.django_db]


def test_published_flows_and_common_sentences_are_on_the_shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    client = clients.create_client({"name": "試験", "name_kana": "シケン"}, acting_user=None)
    queue = queues.create_queue({"name": "窓口", "client": client}, acting_user=None)
    flow = flows.create_flow("試験", client.pk, acting_user=None)
    nodes = {
        "hello": {"verb": "say", "title": "", "prompts": [{"text": "試験でございます。"}], "next": "wait"},
        "wait": {"verb": "enqueue", "title": "", "queue": queue.pk},
    }
    raw = {"format": 1, "language": "ja", "entry": "hello", "nodes": nodes}
    flows.save_draft(flow.pk, raw, note_text="", acting_user=None)
    unpublished = speak_ahead()
    flows.publish(flow.pk, acting_user=None)
    assert unpublished == len(SOON_NEEDED)
    assert speak_ahead() == len(SOON_NEEDED) + 1

    def too_late(*_: object) -> None:
        raise AssertionError("spoken only now")

    monkeypatch.setattr("madoguchi.domain.prompts.spoken._spoken", too_late)
    for text in ("試験でございます。", *(sentence(key, "ja", None) for key in SOON_NEEDED)):
        assert render(text).wav.exists()
