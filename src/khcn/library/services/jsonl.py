"""Import of a JSONL file: lines streamed in batches, each batch one short transaction."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DataError, IntegrityError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.jobs import job_progress, job_running
from khcn.library.enums import BatchOrigin
from khcn.library.errors import DiskFullError, is_disk_full
from khcn.library.imports.drafts import RecordDraft
from khcn.library.imports.jsonl import read_lines
from khcn.library.imports.prepare import LARGE_BYTES, PreparedLine, prepare_lines
from khcn.library.imports.reports import ImportReport, Progress
from khcn.library.models import ImportBatch
from khcn.library.services.batches import batch_finish, batch_note_failure, batch_start, job_of
from khcn.library.services.external import UpsertContext, works_upsert_external

logger = logging.getLogger("khcn.library")

BATCH_LINES = 1000
BATCH_CHARS = 8_000_000  # a batch of long texts stays small in memory and short in its transaction
MAX_WARNINGS = 1000


def jsonl_import(
    *,
    actor: Actor,
    path: Path,
    publish: bool,
    now: datetime,
    unit_id: int | None = None,
    collection: str = "",
    progress: Progress | None = None,
    shown_as: str = "",
) -> ImportReport:
    """Import every line of ``path`` and return what became of them. Broken lines do not stop the others.

    ``shown_as`` names the file in the report when it is one of several. A full disk stops the import; what was
    written before stays, and running it again goes on from there.

    :raises OSError: when the file cannot be read.
    """
    size = path.stat().st_size
    batch = batch_start(
        actor=actor, origin=BatchOrigin.JSONL, paths=[path.name], now=now, unit_id=unit_id, publish=publish
    )
    context = UpsertContext(
        now=now,
        publish=publish,
        unit_id=unit_id,
        collections=(collection,) if collection else (),
        batch_id=batch.pk,
    )
    job = job_of(batch)

    def told(done: int) -> None:
        job_progress(job, done=done, total=size)
        if progress:
            progress(done, size, path.name)

    run = _Run(actor=actor, batch=batch, context=context, place={"file": shown_as} if shown_as else {})
    start = time.monotonic()
    finished = False
    try:
        with job_running(job=job, total=size):
            try:
                run.read(path, told, large=size > LARGE_BYTES)
            except OperationalError as error:
                run.stop(error)
        finished = True
    finally:
        run.report.seconds = time.monotonic() - start
        batch_finish(
            batch=batch, report=run.report, now=timezone.now(), error="" if finished else "interrupted"
        )
    return run.report


@dataclass(slots=True)
class _Run:
    """The records gathered for the next transaction, and the counts so far."""

    actor: Actor
    batch: ImportBatch
    context: UpsertContext
    report: ImportReport = field(default_factory=ImportReport)
    drafts: dict[str, tuple[int, RecordDraft]] = field(default_factory=dict)
    chars: int = 0
    place: dict[str, Any] = field(default_factory=dict)

    def read(self, path: Path, told: Callable[[int], None], *, large: bool) -> None:
        """Take every line, writing whenever a batch is full."""
        position = 0
        for line in prepare_lines(read_lines(path), large=large):
            position = line.position
            self._take(line)
            if len(self.drafts) >= BATCH_LINES or self.chars >= BATCH_CHARS:
                self._flush()
                told(position)
        self._flush()
        told(position)

    def stop(self, error: OperationalError) -> None:
        """Say that the disk is full. :raises OperationalError: for any other trouble of the database."""
        if not is_disk_full(error):
            raise error
        first = min((number for number, _draft in self.drafts.values()), default=0)
        self.report.failed.append({**self.place, "line": first, "error": DiskFullError().message})
        self.report.stopped = True

    def _take(self, line: PreparedLine) -> None:
        if line.draft is None:
            self._fail(line)
            return
        if line.draft.external_id in self.drafts:  # the same id again in one batch: the later line updates
            self._flush()
        self.drafts[line.draft.external_id] = (line.number, line.draft)
        self.chars += line.size

    def _fail(self, line: PreparedLine) -> None:
        self.report.failed.append({**self.place, "line": line.number, "error": line.error})
        batch_note_failure(
            batch=self.batch,
            position=line.number,
            name=_("dòng %(number)s") % {"number": line.number},
            code="bad-line",
            message=line.error,
            now=self.context.now,
        )

    def _flush(self) -> None:
        """Write what was gathered; it stays gathered while that has not succeeded."""
        if self.drafts:
            self._write(list(self.drafts.values()))
            self.drafts, self.chars = {}, 0

    def _write(self, taken: list[tuple[int, RecordDraft]]) -> None:
        """Write records; one that the database refuses is found by halves and fails alone."""
        try:
            outcomes = works_upsert_external(
                actor=self.actor, drafts=[draft for _number, draft in taken], context=self.context
            )
        except (IntegrityError, DataError) as error:
            if len(taken) == 1:
                logger.warning("line %s of batch %s was refused: %s", taken[0][0], self.batch.pk, error)
                text = _(
                    "Cơ sở dữ liệu không nhận dòng này. Hãy kiểm tra các giá trị trong dòng rồi nhập lại."
                )
                self._fail(PreparedLine(taken[0][0], 0, None, text))
                return
            half = len(taken) // 2
            self._write(taken[:half])
            self._write(taken[half:])
            return
        for (number, _draft), outcome in zip(taken, outcomes, strict=True):
            setattr(self.report, outcome.outcome, getattr(self.report, outcome.outcome) + 1)
            room = MAX_WARNINGS - len(self.report.warnings)
            self.report.warnings += [
                {**self.place, "line": number, "id": outcome.external_id, "warning": note}
                for note in outcome.warnings[:room]
            ]
