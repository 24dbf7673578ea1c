"""Counting views and downloads: a page adds one line to a file of the spool, a duty adds the lines up by day.

So reading a page never waits for the database. Neither person nor address is written; programs that fetch pages by
themselves are left out as far as they say who they are.
"""

import contextlib
import os
import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal

from django.conf import settings
from django.db import transaction

from khcn.library.models import UsageDay, Work

Kind = Literal["view", "download"]
SPOOL: Final = "library-usage"
_ROBOTS: Final = re.compile(
    r"bot|crawl|spider|slurp|preview|fetch|curl|wget|python|http-?client|monitor|headless", re.I
)
_LINE: Final = re.compile(r"(view|download) (\d{1,18}) (\d{4}-\d\d-\d\d)")


def _open_file() -> Path:
    folder = Path(settings.KHCN.data_dir) / "spool"
    return folder / f"{SPOOL}.log"


def usage_note(*, kind: Kind, work_id: int, day: date, agent: str = "") -> None:
    """Note one view or download. Never raises: a full disk must not stop anybody from reading."""
    if not agent or _ROBOTS.search(agent):
        return
    with contextlib.suppress(OSError):
        place = _open_file()
        place.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(
                handle, f"{kind} {work_id} {day.isoformat()}\n".encode()
            )  # one short write is never torn
        finally:
            os.close(handle)


def usage_take_in(now: datetime) -> int:
    """Add up what pages noted; return how many lines. Periodic duty.

    A file is set aside first and added up at the next call: by then nobody writes to it any more.
    """
    place = _open_file()
    taken = 0
    for waiting in sorted(place.parent.glob(f"{SPOOL}.*.waiting")):
        taken += _add_up(waiting)
    with contextlib.suppress(FileNotFoundError):
        place.rename(place.with_name(f"{SPOOL}.{now:%Y%m%d%H%M%S%f}.waiting"))
    return taken


def _add_up(waiting: Path) -> int:
    lines = [
        match
        for line in waiting.read_text("utf-8", "replace").splitlines()
        if (match := _LINE.fullmatch(line))
    ]
    counts = Counter((match[1], int(match[2]), match[3]) for match in lines)
    with transaction.atomic():
        _write(counts)
    waiting.unlink()
    return len(lines)


def _write(counts: Counter[tuple[str, int, str]]) -> None:
    places = {(work, day) for _kind, work, day in counts}
    known = set(Work.objects.filter(pk__in={work for work, _day in places}).values_list("pk", flat=True))
    wanted = sorted((work, date.fromisoformat(day)) for work, day in places if work in known and _is_day(day))
    UsageDay.objects.bulk_create(
        [UsageDay(work_id=work, day=day) for work, day in wanted], ignore_conflicts=True
    )
    days = {day for _work, day in wanted}
    rows = list(UsageDay.objects.select_for_update().filter(work__in=known, day__in=days))
    changed = []
    for row in rows:
        views = counts["view", row.work_id, row.day.isoformat()]
        downloads = counts["download", row.work_id, row.day.isoformat()]
        if views or downloads:
            row.views, row.downloads = row.views + views, row.downloads + downloads
            changed.append(row)
    UsageDay.objects.bulk_update(changed, ["views", "downloads"], batch_size=500)
    _totals(changed, counts)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).year >= 2000
    except ValueError:
        return False


def _totals(changed: Iterable[UsageDay], counts: Counter[tuple[str, int, str]]) -> None:
    """Bring the running total of views of each work up to date (downloads count themselves when they happen)."""
    views: Counter[int] = Counter()
    for row in changed:
        views[row.work_id] += counts["view", row.work_id, row.day.isoformat()]
    works = list(
        Work.objects.filter(pk__in=[pk for pk, count in views.items() if count]).only("pk", "view_count")
    )
    for work in works:
        work.view_count += views[work.pk]
    Work.objects.bulk_update(works, ["view_count"], batch_size=500)
