"""Import of files, folders and ZIP: read side by side in child processes, written one after the other.

The order of works and of the report is that of the names. A killed import leaves whole works or nothing; running
it again finds what is held by content and goes on.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from khcn.core.actors import Actor
from khcn.core.jobs import job_progress, job_running
from khcn.engines.documents.types import ExtractionError
from khcn.library.enums import BatchOrigin, ItemState
from khcn.library.errors import DiskFullError, is_disk_full
from khcn.library.imports.reports import ImportReport, Progress
from khcn.library.imports.sources import Refused, kind_of, members, walk
from khcn.library.models import ImportBatch
from khcn.library.pipeline.steps import ReadOptions, fingerprint, os_failure, read_source
from khcn.library.pipeline.types import Failure, Fingerprint, Reading, Source
from khcn.library.services.batches import batch_finish, batch_start, item_note, job_of
from khcn.library.services.filing import (
    Filed,
    Filing,
    file_held,
    work_duplicate,
    work_file_new,
    work_file_reread,
    worth_another_try,
)

_PREFIX = "import-"


@dataclass(slots=True)
class _Entry:
    """One file on its way: where it is, and what is known of it so far."""

    position: int
    source: Source
    mark: Fingerprint | None = None
    future: "Future[Reading | Failure] | None" = None
    failure: Failure | None = None
    temporary: bool = False


def files_import(
    *,
    actor: Actor,
    root: Path,
    publish: bool,
    now: datetime,
    options: ReadOptions,
    unit_id: int | None = None,
    collection: str = "",
    workers: int = 0,
    progress: Progress | None = None,
) -> tuple[ImportReport, list[Path]]:
    """Import the file or every file below the folder ``root``.

    Returns the report and the JSONL files met on the way, which are for the caller.
    """
    batch = batch_start(
        actor=actor, origin=BatchOrigin.FILES, paths=[root.name], now=now, unit_id=unit_id, publish=publish
    )
    filing = Filing(now=now, publish=publish, unit_id=unit_id, collection=collection)
    job = job_of(batch)
    start = time.monotonic()
    finished = False
    with _scratch() as scratch:
        run = _Run(actor, batch, filing, options, scratch, workers or os.cpu_count() or 1)
        try:
            with job_running(job=job):
                for done in run.entries(root):
                    job_progress(job, done=done, total=run.total)
                    if progress:
                        progress(done, run.total, run.current)
            finished = True
        finally:
            run.report.items = run.items
            run.report.seconds = time.monotonic() - start
            error = "" if finished else "interrupted"
            batch_finish(batch=batch, report=run.report, now=timezone.now(), error=error)
    return run.report, run.jsonl


@dataclass(slots=True)
class _Run:
    actor: Actor
    batch: ImportBatch
    filing: Filing
    options: ReadOptions
    scratch: Path
    workers: int
    report: ImportReport = field(default_factory=ImportReport)
    items: list[dict[str, Any]] = field(default_factory=list)
    jsonl: list[Path] = field(default_factory=list)
    total: int = 0
    current: str = ""
    reading: set[str] = field(default_factory=set)

    def entries(self, root: Path) -> Iterator[int]:
        """Do the work; yield the number of files done after each."""
        found = list(walk(root))
        self.total = len(found)
        waiting: deque[_Entry] = deque()
        with ThreadPoolExecutor(self.workers, thread_name_prefix="read") as pool:
            entries = self._expand(found)
            done = 0
            while True:
                while len(waiting) < self.workers * 2 and (entry := next(entries, None)):
                    waiting.append(self._begin(entry, pool))
                if not waiting:
                    return
                entry = waiting.popleft()
                self._end(entry)
                done += 1
                yield done

    def _expand(self, found: list[Source | Refused]) -> Iterator[_Entry]:
        """Yield every file, those inside archives in the place of the archive."""
        position = 0
        for item in found:
            kind = kind_of(item) if isinstance(item, Source) else ""
            if isinstance(item, Source) and kind == "jsonl":
                self.jsonl.append(item.path)
                continue
            packed = isinstance(item, Source) and kind == "zip"
            for member in self._inside(item, packed=packed):
                position += 1
                self.total = max(self.total, position)
                if isinstance(member, Refused):
                    source = Source(Path(), member.name)
                    yield _Entry(position, source, failure=Failure(member.code, member.message))
                elif packed:  # a member's file lives only until the next one is asked for
                    kept = Path(shutil.move(member.path, self.scratch / str(position)))
                    yield _Entry(position, Source(kept, member.name), temporary=True)
                else:
                    yield _Entry(position, member)

    def _inside(self, item: Source | Refused, *, packed: bool) -> Iterable[Source | Refused]:
        if packed and isinstance(item, Source):
            return members(item, max_bytes=self.options.limits.max_bytes)
        return (item,)

    def _begin(self, entry: _Entry, pool: ThreadPoolExecutor) -> _Entry:
        """Find out what the file is and, unless it is held or being read already, start reading it."""
        if entry.failure:
            return entry
        try:
            entry.mark = fingerprint(entry.source, self.options.limits)
        except ExtractionError as error:
            entry.failure = Failure(error.code, error.message)
            return entry
        except OSError as error:
            entry.failure = os_failure(error)
            return entry
        held = file_held(entry.mark.sha256)
        if entry.mark.sha256 not in self.reading and (held is None or worth_another_try(held)):
            self.reading.add(entry.mark.sha256)
            entry.future = pool.submit(read_source, entry.source, entry.mark, self.options)
        return entry

    def _end(self, entry: _Entry) -> None:
        self.current = entry.source.name
        try:
            result = entry.failure or self._file(entry)
        except OSError as error:
            result = os_failure(error, entry.mark)
        except OperationalError as error:
            if not is_disk_full(error):
                raise
            result = Failure(DiskFullError.code, DiskFullError().message, entry.mark)
        finally:
            if entry.temporary:
                entry.source.path.unlink(missing_ok=True)
        self._tell(entry, result)

    def _file(self, entry: _Entry) -> Filed | Failure:
        assert entry.mark is not None  # noqa: S101  # _begin gave it one or a failure
        reading = entry.future.result() if entry.future else None
        if isinstance(reading, Failure):
            return reading
        held = file_held(entry.mark.sha256)
        if held is None and reading is None:  # its twin earlier in this run could not be read
            second = read_source(entry.source, entry.mark, self.options)
            if isinstance(second, Failure):
                return second
            reading = second
        if held is None and reading is not None:
            return work_file_new(actor=self.actor, source=entry.source, reading=reading, filing=self.filing)
        assert held is not None  # noqa: S101  # one of the two is there
        if reading is not None and worth_another_try(held):
            return work_file_reread(actor=self.actor, file=held, reading=reading, filing=self.filing)
        return work_duplicate(actor=self.actor, file=held, filing=self.filing)

    def _tell(self, entry: _Entry, result: Filed | Failure) -> None:
        """Put the file's fate into the report and where staff see it."""
        failed = isinstance(result, Failure)
        line = {
            "file": entry.source.name,
            "id": None if isinstance(result, Failure) else result.work.pk,
            "state": ItemState.FAILED.value if isinstance(result, Failure) else result.state.value,
            "pages": 0 if isinstance(result, Failure) else result.pages,
            "warnings": [] if isinstance(result, Failure) else [item.as_json() for item in result.cautions],
            "duplicate_of": None if isinstance(result, Failure) else result.duplicate_of,
            "metadata": {} if isinstance(result, Failure) else dict(result.metadata),
        }
        if isinstance(result, Failure):
            line |= {"code": result.code, "error": result.message}
            self.report.failed.append({"file": entry.source.name, "error": result.message})
        else:
            setattr(self.report, result.outcome, getattr(self.report, result.outcome) + 1)
        self.items.append(line)
        with contextlib.suppress(OperationalError):  # a full disk has been told of already
            item_note(
                batch=self.batch,
                position=entry.position,
                name=entry.source.name,
                mark=entry.mark,
                result=result,
                now=self.filing.now,
            )
        if failed:
            self.reading.discard(entry.mark.sha256 if entry.mark else "")


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """A folder for unpacked files, gone afterwards; what killed imports left behind is swept away first."""
    spool = Path(settings.KHCN.data_dir) / "spool"
    spool.mkdir(parents=True, exist_ok=True)
    for left in spool.glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            for path in sorted(left.rglob("*"), reverse=True):
                path.unlink() if path.is_file() else path.rmdir()
            left.rmdir()
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-", dir=spool) as folder:
        yield Path(folder)
