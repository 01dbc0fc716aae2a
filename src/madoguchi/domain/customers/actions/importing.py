"""Files of customers: brought, examined, agreed to, and taken in by the worker, batch by batch.

Each batch is one transaction that also says how far we are. So a worker that is killed loses the batch it was
at and nothing else, its successor goes on behind the last one, and nothing is taken in twice; nor does a long
file keep rows locked that an operator wants to change meanwhile.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import chain, islice
from typing import IO, Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import translation

from madoguchi.domain.customers import import_store
from madoguchi.domain.customers.actions.batches import insert, update
from madoguchi.domain.customers.actions.people import SHOWN_ON_DESKS, SHOWN_ON_FLOOR
from madoguchi.domain.customers.errors import ImportEnded, ImportStuck
from madoguchi.domain.customers.import_file import Reading, Row, blocks, encoding_of, read
from madoguchi.domain.customers.import_join import Joined
from madoguchi.domain.customers.import_plan import BATCH, batches, plan_batch
from madoguchi.domain.customers.models import CustomerImport
from madoguchi.domain.customers.states import IMPORT, WORKING, ImportEvent, ImportStage
from madoguchi.domain.ledger import actions as ledger
from madoguchi.domain.ledger.orders import order
from madoguchi.kit.clock import now as clock_now
from madoguchi.kit.errors import MadoguchiError
from madoguchi.kit.ids import new_id

log = structlog.get_logger(__name__)

STALE_AFTER = timedelta(seconds=60)
"""So long without a sign of progress, and another worker is sent."""
MOST_TRIES = 5
"""Workers sent in vain before we give up and say so."""
ROWS_SHOWN = 10
_IMPORT_LOCK = 4127
"""First half of the advisory lock of imports; the client's id is the second."""


def begin_import(
    client_id: int, name: str, content: IO[bytes], *, language: str, acting_user: int | None
) -> CustomerImport:
    """Keep a file and send a worker to examine it. Raises FileUnreadable when it is too large or no text.

    The file is on the disk before the row is committed: a row without its file could not be examined.
    """
    encoding_of(content)
    import_id, at = new_id(), clock_now()
    digest = import_store.keep(import_id, content)
    with transaction.atomic():
        made = CustomerImport.objects.create(
            id=import_id,
            client_id=client_id,
            name=name[:200],
            sha256=digest,
            language=language,
            by=acting_user,
            made_at=at,
            beat_at=at,
        )
        first = ledger.step(
            "import", import_id, "", ImportStage.EXAMINING, event="brought", at=at, by=acting_user
        )
        ledger.write([first])
        _send_worker(made)
    return made


def examine(import_id: UUID) -> None:
    """Read a file and write down what it holds and what taking it in would do; or why it cannot be read.

    Repeating it is harmless. Called by the worker.
    """
    brought = CustomerImport.objects.get(pk=import_id)
    if brought.stage != ImportStage.EXAMINING:
        return
    with translation.override(brought.language):
        try:
            with import_store.kept(import_id) as content:
                _beat(import_id, people=_lines_of(content))
                reading = read(content, passed=lambda lines: _beat(import_id, people_done=lines))
                found = _findings(brought.client_id, reading)
        except MadoguchiError as refusal:
            _fail(import_id, refusal.shown())
            return
    _move(import_id, ImportEvent.EXAMINED, **found)


def confirm_import(import_id: UUID, *, acting_user: int | None) -> None:
    """Say yes: a worker takes the file in. Saying it again changes nothing. Raises ImportEnded."""
    with transaction.atomic():
        wanted = _locked(import_id)
        if wanted.stage == ImportStage.RUNNING:
            return
        if not IMPORT.allows(wanted.stage, ImportEvent.AGREED):
            raise ImportEnded
        zero = {"new": 0, "changed": 0, "unchanged": 0}
        _step(wanted, ImportEvent.AGREED, by=acting_user, people_done=0, result=zero, tries=0)
        _send_worker(wanted)


def forget_import(import_id: UUID, *, acting_user: int | None) -> None:
    """Say no: the file is thrown away and nothing of it was taken in. Raises ImportEnded."""
    with transaction.atomic():
        unwanted = _locked(import_id)
        if not IMPORT.allows(unwanted.stage, ImportEvent.FORGOTTEN):
            raise ImportEnded
        _step(unwanted, ImportEvent.FORGOTTEN, by=acting_user)
    import_store.forget(import_id)


def take_in(import_id: UUID) -> None:
    """Take in what was agreed to, from where the last worker stopped, each batch whole or not at all.

    1. A lock of its own per client: two imports at once would both find nobody and both write everybody.
    2. Who is known is asked anew for each batch, since people may have changed since the preview.
    3. New customers, changes, numbers and important points are written, and how far we are, together.
    4. At the end the file is thrown away; the ledger keeps its SHA-256 and the numbers of lines.

    Called by the worker; a second one at the same time sees that it is not the first, and leaves.
    """
    wanted = CustomerImport.objects.get(pk=import_id)
    if wanted.stage != ImportStage.RUNNING:
        return
    try:
        with import_store.kept(import_id) as content, import_store.scratch() as scratch:
            reading = read(content, passed=lambda _lines: _beat(import_id))
            ours = _take_people(wanted, Joined(scratch, reading.rows))
    except MadoguchiError as refusal:
        _fail(import_id, refusal.shown())
        return
    if ours:
        _finish(import_id)


def carry_on() -> int:
    """Send another worker wherever the one at work gave no sign for long; give up after some. How many."""
    stale = CustomerImport.objects.filter(stage__in=WORKING, beat_at__lt=clock_now() - STALE_AFTER)
    sent = 0
    for import_id in list(stale.values_list("pk", flat=True)):
        with transaction.atomic():
            stuck = _locked(import_id)
            if stuck.stage not in WORKING or stuck.beat_at > clock_now() - STALE_AFTER:
                continue
            if stuck.tries >= MOST_TRIES:
                with translation.override(stuck.language):
                    why = ImportStuck(done=stuck.people_done, all=stuck.people).shown()
                _step(stuck, ImportEvent.FAILED, why=why)
                continue
            CustomerImport.objects.filter(pk=import_id).update(beat_at=clock_now(), tries=stuck.tries + 1)
            _send_worker(stuck)
            sent += 1
    return sent


def forget_old() -> int:
    """Throw away files that nobody said yes to for a day; how many there were."""
    limit = clock_now() - timedelta(seconds=import_store.KEPT_S)
    old = CustomerImport.objects.filter(stage=ImportStage.EXAMINED, made_at__lt=limit)
    forgotten = 0
    for import_id in list(old.values_list("pk", flat=True)):
        try:
            forget_import(import_id, acting_user=None)
        except ImportEnded:
            continue  # somebody said yes this very moment
        forgotten += 1
    import_store.forget_strays()
    return forgotten


def _take_people(wanted: CustomerImport, file: Joined) -> bool:
    """Take in those that are still missing; False when another worker does it."""
    done = wanted.people_done
    for batch in batches(file.rows(behind=done), BATCH):
        if not _take_batch(wanted.pk, done, batch):
            log.info("Another worker takes this file in.", import_id=str(wanted.pk))
            return False
        done += len(batch)
    return True


def _lines_of(content: IO[bytes]) -> int:
    ends = [0, 0]
    for block in blocks(content):
        ends = [ends[0] + block.count(b"\n"), ends[1] + block.count(b"\r")]
    return max(*ends, 1)


def _findings(client_id: int, reading: Reading) -> dict[str, Any]:
    """What examining a file found, as the columns of its row."""
    first = list(islice(reading.rows, ROWS_SHOWN))
    foreseen = {"new": 0, "changed": 0, "unchanged": 0}
    with import_store.scratch() as scratch:
        file = Joined(scratch, chain(first, reading.rows))
        for batch in batches(file.rows(), BATCH):
            planned = plan_batch(client_id, batch)
            foreseen["new"] += len(planned.new)
            foreseen["changed"] += len(planned.changed)
            foreseen["unchanged"] += planned.unchanged
    return {
        "encoding": reading.encoding,
        "columns": [[heading, target] for heading, target in reading.columns.items()],
        "first_rows": [_shown(row) for row in first],
        "mistakes": [[mistake.line, mistake.words] for mistake in reading.mistakes],
        "mistaken_lines": reading.mistaken_lines,
        "doubled": file.doubled,
        "foreseen": foreseen,
        "people": file.people,
        "people_done": 0,
    }


def _shown(row: Row) -> dict[str, Any]:
    return {
        "line": row.line,
        "name": row.name,
        "name_kana": row.name_kana,
        "company": row.company,
        "external_id": row.external_id,
        "numbers": [number.e164 for number in row.numbers],
    }


@transaction.atomic
def _take_batch(import_id: UUID, done: int, batch: list[Row]) -> bool:
    """One batch and the progress with it; False when it is not ours to do any more."""
    wanted = _locked(import_id)
    if wanted.stage != ImportStage.RUNNING or wanted.people_done != done:
        return False
    with connection.cursor() as cursor:
        # Not the client's row: an exclusive lock there would stop arriving calls.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_IMPORT_LOCK, wanted.client_id])
    planned = plan_batch(wanted.client_id, batch)
    insert(wanted.client_id, planned.new, wanted.by)
    update(planned.changed, wanted.by)
    told = {"new": len(planned.new), "changed": len(planned.changed), "unchanged": planned.unchanged}
    CustomerImport.objects.filter(pk=import_id).update(
        people_done=done + len(batch),
        result={name: wanted.result.get(name, 0) + number for name, number in told.items()},
        beat_at=clock_now(),
        tries=0,
    )
    return True


def _finish(import_id: UUID) -> None:
    with transaction.atomic():
        ended = _locked(import_id)
        if not IMPORT.allows(ended.stage, ImportEvent.FINISHED):
            return
        _step(ended, ImportEvent.FINISHED)
        ledger.note(
            "imported_customers",
            "client",
            ended.client_id,
            acting_user=ended.by,
            sha256=ended.sha256,
            doubled=ended.doubled,
            left_out=ended.mistaken_lines,
            **ended.result,
        )
        ledger.announce(SHOWN_ON_DESKS, SHOWN_ON_FLOOR)
    import_store.forget(import_id)


def _fail(import_id: UUID, why: str) -> None:
    _move(import_id, ImportEvent.FAILED, why=why[:400])
    import_store.forget(import_id)


@transaction.atomic
def _move(import_id: UUID, event: ImportEvent, **fields: Any) -> None:
    """Move on what the worker was at; what somebody else moved on meanwhile stays as it is."""
    moved = _locked(import_id)
    if IMPORT.allows(moved.stage, event):
        _step(moved, event, **fields)


def _step(moved: CustomerImport, event: ImportEvent, by: int | None = None, **fields: Any) -> None:
    old, at = moved.stage, clock_now()
    moved.stage = IMPORT.next_state(old, event)
    moved.beat_at = at
    if moved.stage in IMPORT.ends:
        # Whom it told of is in the customers now, or nowhere; only what was wrong is still wanted.
        moved.ended_at, moved.first_rows = at, []
    for name, value in fields.items():
        setattr(moved, name, value)
    moved.save()
    ledger.write([ledger.step("import", moved.pk, old, moved.stage, event=event, at=at, by=by)])


def _locked(import_id: UUID) -> CustomerImport:
    return CustomerImport.objects.select_for_update().get(pk=import_id)


def _beat(import_id: UUID, **progress: int) -> None:
    CustomerImport.objects.filter(pk=import_id).update(beat_at=clock_now(), **progress)


def _send_worker(wanted: CustomerImport) -> None:
    name = "customers.examine" if wanted.stage == ImportStage.EXAMINING else "customers.take_in"
    order(name, queue="imports", import_id=str(wanted.pk))
