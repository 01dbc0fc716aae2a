"""The verbs of the flows room: a flow is drawn as a draft, checked, and published as a version."""

from typing import Any

from django.db import IntegrityError, transaction

from madoguchi.domain.flows.checks import Finding
from madoguchi.domain.flows.editing import new_graph
from madoguchi.domain.flows.errors import (
    DraftChanged,
    FlowNameInvalid,
    FlowNameTaken,
    FlowNotFound,
    FlowUnpublishable,
    NoDraft,
)
from madoguchi.domain.flows.graph import parse
from madoguchi.domain.flows.models import Flow, FlowVersion
from madoguchi.domain.flows.queries import digest_of, draft_of, findings_of, published_version
from madoguchi.domain.ledger.actions import announce, note, step, write
from madoguchi.kit.clock import now

Stage = FlowVersion.Stage


@transaction.atomic
def create_flow(name: str, client_id: int, *, acting_user: int | None) -> Flow:
    """Make a flow whose first draft announces the recording. Raises FlowNameInvalid or FlowNameTaken."""
    flow = Flow(name=_checked_name(name), client_id=client_id)
    _save_named(flow)
    note("created_flow", "flow", flow.pk, acting_user=acting_user, name=flow.name)
    _new_draft(flow, new_graph(), acting_user)
    return flow


@transaction.atomic
def rename_flow(flow_id: int, name: str, *, acting_user: int | None) -> Flow:
    """Give a flow another name. Raises FlowNotFound, FlowNameInvalid or FlowNameTaken."""
    flow = _locked(flow_id)
    before, flow.name = flow.name, _checked_name(name)
    _save_named(flow)
    note("renamed_flow", "flow", flow.pk, acting_user=acting_user, before=before, name=flow.name)
    return flow


@transaction.atomic
def start_draft(flow_id: int, *, acting_user: int | None) -> FlowVersion:
    """The flow's draft; made from the published version when there is none."""
    flow = _locked(flow_id)
    draft = draft_of(flow_id)
    if draft is not None:
        return draft
    published = published_version(flow_id)
    return _new_draft(flow, published.graph if published else new_graph(), acting_user)


@transaction.atomic
def save_draft(
    flow_id: int,
    raw_graph: Any,
    *,
    loaded_digest: str | None = None,
    note_text: str | None = None,
    acting_user: int | None,
) -> FlowVersion:
    """Store the draft's graph, which may be unfinished but must be readable.

    `loaded_digest` is `queries.digest_of` the graph that the change was made on; None overwrites
    whatever is there. Raises FlowUnreadable, FlowNotFound, or DraftChanged.
    """
    parse(raw_graph)
    flow = _locked(flow_id)
    draft = draft_of(flow_id)
    if draft is None:
        return _new_draft(flow, raw_graph, acting_user, note_text or "")
    if loaded_digest is not None and loaded_digest != digest_of(draft.graph):
        raise DraftChanged()
    draft.graph = raw_graph
    if note_text is not None:
        draft.note = note_text
    draft.save(update_fields=["graph", "note"])
    return draft


@transaction.atomic
def publish(flow_id: int, *, acting_user: int | None) -> list[Finding]:
    """Make the draft the version that new calls take; returns the warnings that remain.

    1. The draft is checked against today's queues, prompts and reasons; an error refuses it whole.
    2. The version published before is retired. Calls under way finish on it: it is never changed.
    3. The draft is published, and both steps are written down.

    Raises FlowNotFound, NoDraft, FlowUnreadable or FlowUnpublishable.
    """
    _locked(flow_id)
    draft = draft_of(flow_id)
    if draft is None:
        raise NoDraft()
    findings = findings_of(draft.graph)
    if any(finding.is_error for finding in findings):
        raise FlowUnpublishable(findings)
    at = now()
    replaced = published_version(flow_id)
    if replaced is not None:
        _move(replaced, Stage.RETIRED, "replaced", acting_user)
    draft.published_at, draft.published_by = at, acting_user
    _move(draft, Stage.PUBLISHED, "published", acting_user)
    announce(("control", "settings"))
    return findings


@transaction.atomic
def discard_draft(flow_id: int, *, acting_user: int | None) -> None:
    """Throw the draft away; the published version stays. Raises NoDraft for a flow without one."""
    _locked(flow_id)
    draft = draft_of(flow_id)
    if draft is None:
        raise NoDraft()
    note("discarded_draft", "flow", flow_id, acting_user=acting_user, number=draft.number)
    draft.delete()


@transaction.atomic
def restore_version(flow_id: int, number: int, *, acting_user: int | None) -> FlowVersion:
    """Put an earlier version's graph into the draft, to be checked and published anew.

    Replaces what the draft holds. Raises FlowNotFound when there is no such flow or version.
    """
    flow = _locked(flow_id)
    earlier = FlowVersion.objects.filter(flow_id=flow_id, number=number).first()
    if earlier is None:
        raise FlowNotFound(flow_id=flow_id, number=number)
    draft = draft_of(flow_id)
    if draft is None:
        return _new_draft(flow, earlier.graph, acting_user)
    draft.graph = earlier.graph
    draft.save(update_fields=["graph"])
    return draft


def _checked_name(name: str) -> str:
    if not 0 < len(name.strip()) <= 80:
        raise FlowNameInvalid()
    return name.strip()


def _save_named(flow: Flow) -> None:
    """Save, and leave it to the database to say that the name is taken: asking first would be a race."""
    try:
        with transaction.atomic():
            flow.save()
    except IntegrityError as refused:
        raise FlowNameTaken() from refused


def _new_draft(flow: Flow, raw_graph: Any, acting_user: int | None, note_text: str = "") -> FlowVersion:
    last = FlowVersion.objects.filter(flow=flow).order_by("-number").first()
    draft = FlowVersion.objects.create(
        flow=flow,
        number=last.number + 1 if last else 1,
        graph=raw_graph,
        note=note_text,
        created_by=acting_user,
    )
    write([_step(draft, "", Stage.DRAFT, "drafted", acting_user)])
    return draft


def _move(version: FlowVersion, to: FlowVersion.Stage, event: str, acting_user: int | None) -> None:
    old = version.stage
    version.stage = to
    version.save()
    write([_step(version, old, to, event, acting_user)])


def _step(version: FlowVersion, old: str, new: str, event: str, acting_user: int | None) -> Any:
    # Each version goes through its stages; a flow has several at once.
    subject_id = f"{version.flow_id}/{version.number}"
    cause = {"number": version.number}
    return step("flow", subject_id, old, new, event=event, at=now(), by=acting_user, cause=cause)


def _locked(flow_id: int) -> Flow:
    """The flow's row, locked: whoever changes its versions does so one after the other."""
    flow = Flow.objects.select_for_update().filter(pk=flow_id).first()
    if flow is None:
        raise FlowNotFound(flow_id=flow_id)
    return flow
