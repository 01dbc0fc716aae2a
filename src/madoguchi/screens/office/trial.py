"""A flow tried without a telephone, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from madoguchi.domain.flows.graph import Graph
from madoguchi.domain.flows.simulate import Moment, simulate
from madoguchi.domain.flows.steps.shape import EndCall, Ending, PutInQueue
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.queues.models import Queue
from madoguchi.screens.office.outline import said, verb_word


@dataclass(frozen=True)
class Told:
    """One line of the trial."""

    what: str
    words: str
    node: str
    title: str
    """What the author calls the step, or what it does."""


def trial(graph: Graph, keys: str) -> list[Told]:
    """What a caller who presses `keys` hears and where they end; “-” presses nothing."""
    queues = dict(Queue.objects.values_list("pk", "name"))
    prompts = dict(Prompt.objects.values_list("pk", "name"))
    return [
        Told(moment.what, _words(moment, queues, prompts), moment.node, _title(graph, moment.node))
        for moment in simulate(graph, keys)
    ]


def _title(graph: Graph, node_id: str) -> str:
    node = graph.nodes.get(node_id)
    return (node.title or verb_word(node.step.verb)) if node else ""


def _words(moment: Moment, queues: dict[int, str], prompts: dict[int, str]) -> str:
    if moment.what == "said":
        return " ".join(said(ref, prompts) for ref in moment.prompts)
    if moment.what == "waited":
        return _("Waits %(seconds)d seconds for a key.") % {"seconds": moment.wait_s}
    if moment.what == "pressed":
        return _("The caller presses %(key)s.") % {"key": moment.key}
    return _end(moment, queues)


def _end(moment: Moment, queues: dict[int, str]) -> str:
    asked = moment.instruction
    if isinstance(asked, PutInQueue):
        queue = queues.get(asked.queue_id, "?")
        if asked.menu:
            return _("Waits in “%(queue)s”; the operator sees “%(menu)s”.") % {
                "queue": queue,
                "menu": asked.menu,
            }
        return _("Waits in “%(queue)s”.") % {"queue": queue}
    if isinstance(asked, EndCall) and asked.outcome == Ending.FAULT:
        return _("The flow leads nowhere here: the call ends as a fault.")
    return _("The call ends.")
