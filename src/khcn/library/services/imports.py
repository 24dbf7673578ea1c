"""``khcn library import``: any mixture of JSONL, files, folders and ZIP, searchable when it returns."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from django.db.models import Q
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.errors import KhcnError
from khcn.core.prepare import database_optimize
from khcn.library.errors import NoSuchUnitError
from khcn.library.imports.reports import ImportReport, Progress
from khcn.library.imports.sources import kind_of, shown_name
from khcn.library.pipeline.steps import read_options
from khcn.library.pipeline.types import Source
from khcn.library.search import facade
from khcn.library.search.changes import index_drain
from khcn.library.services.file_import import files_import
from khcn.library.services.jsonl import jsonl_import
from khcn.orgs.models import Unit

MANY_WORKS = 500
JSONL_SUFFIXES = frozenset({".jsonl", ".ndjson"})
Say = Callable[[str], None]


class NothingToImportError(KhcnError):
    """A path does not exist."""

    code = "no-such-path"


def library_import(
    *,
    actor: Actor,
    paths: Sequence[Path],
    publish: bool,
    now: datetime,
    unit: str = "",
    collection: str = "",
    workers: int = 0,
    ocr: bool = True,
    progress: Progress | None = None,
    say: Say = lambda _text: None,
) -> ImportReport:
    """Import all paths and bring the index up to date. ``say`` gets a line when something lasts.

    :raises NothingToImportError: when a path does not exist (then nothing is imported).
    """
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise NothingToImportError(
            _("Không tìm thấy %(paths)s. Hãy kiểm tra lại đường dẫn.") % {"paths": ", ".join(missing)}
        )
    start = time.monotonic()
    unit_id = unit_by_name(unit).pk if unit else None
    report = ImportReport()
    options = read_options(ocr=ocr)
    for path in paths:
        jsonl = [path] if _is_jsonl(path) else []
        if not jsonl:
            found, jsonl = files_import(
                actor=actor, root=path, publish=publish, now=now, options=options, unit_id=unit_id,
                collection=collection, workers=workers, progress=progress,
            )  # fmt: skip
            report.add(found)
        for lines in jsonl:
            name = "" if lines == path else shown_name(lines, path)
            report.add(
                jsonl_import(
                    actor=actor,
                    path=lines,
                    publish=publish,
                    now=now,
                    unit_id=unit_id,
                    collection=collection,
                    progress=progress,
                    shown_as=name,
                )
            )
    _make_searchable(report, say)
    if report.imported + report.updated >= MANY_WORKS:
        database_optimize()
    report.seconds = time.monotonic() - start
    return report


def _make_searchable(report: ImportReport, say: Say) -> None:
    """Bring the index up to date; when that fails the works are kept and the sentence says what happens next."""
    try:
        index_drain()
    except KhcnError as error:
        report.stopped = True
        say(error.message)


def _is_jsonl(path: Path) -> bool:
    """Tell JSONL by its name, or a single file by its content."""
    if not path.is_file():
        return False
    return path.suffix.lower() in JSONL_SUFFIXES or kind_of(Source(path, path.name)) == "jsonl"


def unit_by_name(name: str) -> Unit:
    """Return the unit with this key or name. :raises NoSuchUnitError:"""
    unit = Unit.objects.filter(Q(key=name) | Q(name=name) | Q(short_name=name)).order_by("id").first()
    if unit is None:
        raise NoSuchUnitError(name)
    return unit


def library_reindex(*, actor: Actor, progress: Callable[[int, int], None] | None = None) -> int:
    """Rebuild the search index beside the live one and swap; return the number of works in it."""
    return facade.reindex(progress)
