"""Harvesting from the command line: the same runs as in the worker, to their end, one source after the other."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from khcn.core.errors import KhcnError
from khcn.library.harvest_enums import RunState, SourceState
from khcn.library.harvest_words import summary
from khcn.library.models import HarvestRun, HarvestSource
from khcn.library.services.harvest_runs import harvest_slice, harvest_start
from khcn.library.services.harvest_sources import source_by_key


@dataclass(frozen=True)
class RunReport:
    """What one source brought. ``error``: the sentence, "" when all went well."""

    key: str
    name: str
    state: str
    error: str = ""
    records: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    skipped: int = 0
    summary: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the report for machines."""
        return {"source": self.key, **{name: value for name, value in asdict(self).items() if name != "key"}}


def harvest_now(
    *, key: str = "", full: bool = False, now: datetime, told: Callable[[str], Any] = lambda _text: None
) -> list[RunReport]:
    """Read one source, or all that are not paused and not asking; return a report for each.

    :raises NoSuchSourceError: for an unknown key.
    """
    closed = {SourceState.PAUSED, SourceState.ASKING}
    chosen = (
        [source_by_key(key)] if key else list(HarvestSource.objects.exclude(state__in=closed).order_by("pk"))
    )
    reports = []
    for source in chosen:
        told(source.name)
        try:
            run, token = harvest_start(actor=None, source=source, now=now, full=full, enqueue=False)
        except KhcnError as error:
            reports.append(RunReport(source.key, source.name, "", error.message))
            continue
        while not harvest_slice(source_id=source.pk, token=token, requeue=False):
            pass
        run.refresh_from_db()
        reports.append(_report(source, run))
    return reports


def _report(source: HarvestSource, run: HarvestRun) -> RunReport:
    source.refresh_from_db()
    counts = {
        name: getattr(run, name) for name in ("records", "new", "changed", "unchanged", "deleted", "skipped")
    }
    error = run.error if run.state != RunState.DONE else source.last_error
    return RunReport(source.key, source.name, run.state, error, summary=summary(run), **counts)
