"""From lines of JSONL to checked records, in this process or, for large files, in one beside each core.

Reading a line, looking for sensitive content and making keys cost three quarters of an import and need no
database, so they are done elsewhere while this process writes.
"""

import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.db import connection, connections
from django.utils.translation import gettext as _

from khcn.engines.text.collate import sort_key
from khcn.engines.text.sensitive import looks_sensitive
from khcn.engines.text.slug import slugify_vi
from khcn.library.imports.drafts import BadLineError, RecordDraft, parse_line, text_hash
from khcn.library.imports.jsonl import MAX_LINE_BYTES
from khcn.library.pipeline.checks import check_sensitive, findings_json, guess_language
from khcn.library.rules import MAX_SLUG

LARGE_BYTES: Final = 3_000_000  # below this, starting processes costs more than it saves
_CHUNK: Final = 200
_MAX_PROCESSES: Final = 8

Line = tuple[int, int, bytes | None]
"""Number from 1, bytes read so far, and the line (None: too long)."""


@dataclass(frozen=True, slots=True)
class PreparedLine:
    """One line: a record, or the sentence that says why there is none."""

    number: int
    position: int
    draft: RecordDraft | None
    error: str = ""
    size: int = 0


def prepare_line(line: Line) -> PreparedLine:
    """Read and check one line."""
    number, position, raw = line
    if raw is None:
        limit = {"limit": MAX_LINE_BYTES // 2**20}
        text = _("Dòng dài quá %(limit)s MB. Hãy chia tài liệu này thành nhiều phần rồi nhập lại.")
        return PreparedLine(number, position, None, text % limit)
    try:
        draft = parse_line(raw)
    except BadLineError as error:
        return PreparedLine(number, position, None, error.message)
    derive(draft)
    return PreparedLine(number, position, draft, size=len(raw))


def derive(draft: RecordDraft) -> None:
    """Fill in what is computed from the text: hash, keys, language, sensitive findings."""
    draft.text_hash = text_hash(draft.pages)
    draft.slug = slugify_vi(draft.title, MAX_SLUG)
    draft.sort_key = sort_key(draft.title)
    draft.fields.setdefault("language", guess_language(draft.pages, draft.title))
    findings = check_sensitive(draft.pages)
    draft.findings = findings_json(findings)
    draft.sensitive = looks_sensitive(findings)


def _prepare_chunk(chunk: list[Line]) -> list[PreparedLine]:
    return [prepare_line(line) for line in chunk]


def prepare_lines(lines: Iterable[Line], *, large: bool, processes: int = 0) -> Iterator[PreparedLine]:
    """Yield every line prepared, in order."""
    count = min(processes or os.cpu_count() or 1, _MAX_PROCESSES)
    # An open transaction (tests) cannot be shared with a child.
    if not large or count < 2 or connection.in_atomic_block:
        yield from map(prepare_line, lines)
        return
    connections.close_all()  # a child must not inherit an open database
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(
        count, mp_context=context, initializer=_end_with, initargs=(os.getpid(),)
    ) as pool:
        yield from _in_order(pool, iter(lines), ahead=count * 3)


def _end_with(parent: int) -> None:
    """Make a child end when its parent was killed: nothing else would tell it, and it would wait for ever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _in_order(pool: ProcessPoolExecutor, lines: Iterator[Line], *, ahead: int) -> Iterator[PreparedLine]:
    waiting: deque[tuple[list[Line], Future[list[PreparedLine]] | None]] = deque()
    while True:
        while len(waiting) < ahead and (chunk := list(islice(lines, _CHUNK))):
            waiting.append((chunk, _submit(pool, chunk)))
        if not waiting:
            return
        chunk, future = waiting.popleft()
        try:
            yield from future.result() if future else _prepare_chunk(chunk)
        except BrokenProcessPool:  # a child was killed: this process does its part
            yield from _prepare_chunk(chunk)


def _submit(pool: ProcessPoolExecutor, chunk: list[Line]) -> Future[list[PreparedLine]] | None:
    try:
        return pool.submit(_prepare_chunk, chunk)
    except BrokenProcessPool:
        return None
