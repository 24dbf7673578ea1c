"""Adding up what pages noted: by day, by month and as a running total; double clicks and marks end here."""

import contextlib
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from khcn.core.whole_files import write_whole
from khcn.library.models import UsageDay, UsageIntake, UsageMonth, Work
from khcn.library.services.usage import SPOOL, spool_folder
from khcn.library.services.usage_marks import keys_forget

FIELDS: Final = ("views", "downloads", "unique_views", "unique_downloads")
DOUBLE_CLICK_S: Final = 30  # COUNTER Code of Practice, release 5.1, 7.2
_HOUR: Final = 3600
_KEEP_HOURS: Final = 2
_LINE: Final = re.compile(r"(view|read|download) (\d{1,18}) (\d{4}-\d\d-\d\d)(?: (\d{1,11}) ([0-9a-f]{20}))?")
_SEEN_LINE: Final = re.compile(r"(view|download) ([0-9a-f]{20}) (\d{1,11})")
Sums = dict[tuple[int, date], Counter[str]]


@dataclass(frozen=True, slots=True)
class Click:
    """One line of the spool. ``at`` in seconds since the epoch; ``mark`` empty: counted whatever came before."""

    kind: str
    work_id: int
    day: date
    at: int = 0
    mark: str = ""


def usage_take_in(now: datetime) -> int:
    """Add up what pages noted; return how many lines. Periodic duty.

    A file is set aside first and added up at the next call: by then nobody writes to it any more.
    """
    spool = spool_folder()
    place = spool / f"{SPOOL}.log"
    taken = 0
    for waiting in sorted(spool.glob(f"{SPOOL}.*.waiting")):
        taken += _add_up(waiting, now)
    with contextlib.suppress(FileNotFoundError):
        name = f"{SPOOL}.{now:%Y%m%d%H%M%S%f}.{secrets.token_hex(4)}.waiting"  # never a name twice
        place.rename(place.with_name(name))
    keys_forget(timezone.localdate(now), spool)
    _prune(spool / f"{SPOOL}.seen", now)
    return taken


def months_settle(now: datetime) -> int:
    """Work out this month and the last one anew from their days; return how many works were mended. Daily duty.

    A release before the months counts days only; so does a restored backup.
    """
    first = timezone.localdate(now).replace(day=1)
    mended = 0
    for month in ((first - timedelta(days=1)).replace(day=1), first):
        with transaction.atomic():
            mended += _settle(month)
    UsageIntake.objects.filter(taken_at__lt=now - timedelta(days=30)).delete()
    return mended


def _settle(month: date) -> int:
    rows = {row.work_id: row for row in UsageMonth.objects.select_for_update().filter(month=month)}
    days = UsageDay.objects.filter(day__gte=month, day__lt=(month + timedelta(days=32)).replace(day=1))
    sums: Any = days.order_by().values("work_id").annotate(**{f"sum_{name}": Sum(name) for name in FIELDS})
    changed: list[UsageMonth] = []
    fresh: list[UsageMonth] = []
    for found in sums:
        row = rows.get(found["work_id"]) or UsageMonth(work_id=found["work_id"], month=month)
        values = {name: found[f"sum_{name}"] for name in FIELDS}
        if all(getattr(row, name) == value for name, value in values.items()):
            continue
        for name, value in values.items():
            setattr(row, name, value)
        (changed if row.pk else fresh).append(row)
    UsageMonth.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
    UsageMonth.objects.bulk_update(changed, FIELDS, batch_size=500)
    return len(changed) + len(fresh)


def _add_up(waiting: Path, now: datetime) -> int:
    clicks = list(_clicks(waiting.read_text("utf-8", "replace").splitlines()))
    seen_at = waiting.with_name(f"{SPOOL}.seen")
    seen = _read_seen(seen_at)
    sums = _counted(sorted(clicks, key=lambda click: click.at), seen)
    try:
        with transaction.atomic():
            UsageIntake.objects.create(name=waiting.name, taken_at=now)
            _write(sums)
    except IntegrityError:
        if not UsageIntake.objects.filter(name=waiting.name).exists():
            raise  # a work vanished in the middle: the next call adds the file up
        waiting.unlink(missing_ok=True)  # added up already, before somebody could delete it
        return 0
    with contextlib.suppress(OSError):
        _write_seen(seen_at, seen)
    waiting.unlink(missing_ok=True)
    return len(clicks)


def _clicks(lines: Iterable[str]) -> Iterator[Click]:
    for line in lines:
        match = _LINE.fullmatch(line)
        day = _day(match[3]) if match else None
        if match and day:
            yield Click(match[1], int(match[2]), day, int(match[4] or 0), match[5] or "")


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= 2000 else None


def _counted(clicks: Iterable[Click], seen: dict[tuple[str, str], int]) -> Sums:
    """Return the sums by work and day, and note in ``seen`` when each mark clicked last."""
    sums: Sums = defaultdict(Counter)
    for click in clicks:
        name = "download" if click.kind == "download" else "view"
        place = sums[click.work_id, click.day]
        if not click.mark:
            place[f"{name}s"] += 1
            place[f"unique_{name}s"] += 1
            continue
        last = seen.get((name, click.mark))
        seen[name, click.mark] = max(click.at, last or 0)
        again = last is not None and last // _HOUR == click.at // _HOUR
        if (click.kind == "read" and again) or (last is not None and click.at - last <= DOUBLE_CLICK_S):
            continue
        place[f"{name}s"] += 1
        place[f"unique_{name}s"] += not again
    return sums


def _read_seen(place: Path) -> dict[tuple[str, str], int]:
    try:
        lines = place.read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    return {(found[1], found[2]): int(found[3]) for line in lines if (found := _SEEN_LINE.fullmatch(line))}


def _write_seen(place: Path, seen: Mapping[tuple[str, str], int]) -> None:
    text = "".join(f"{name} {mark} {at}\n" for (name, mark), at in seen.items())
    write_whole(place, text.encode())


def _prune(place: Path, now: datetime) -> None:
    """Forget marks that no later click can meet."""
    seen = _read_seen(place)
    kept = {key: at for key, at in seen.items() if at > now.timestamp() - _KEEP_HOURS * _HOUR}
    with contextlib.suppress(OSError):
        if not kept:
            place.unlink(missing_ok=True)
        elif len(kept) < len(seen):
            _write_seen(place, kept)


def _write(sums: Sums) -> None:
    known = set(Work.objects.filter(pk__in={work for work, _day in sums}).values_list("pk", flat=True))
    days: Sums = {key: counts for key, counts in sums.items() if key[0] in known and any(counts.values())}
    months: Sums = defaultdict(Counter)
    totals: dict[int, Counter[str]] = defaultdict(Counter)
    for (work, day), counts in days.items():
        months[work, day.replace(day=1)].update(counts)
        totals[work].update(counts)
    _add(UsageDay, "day", days)
    _add(UsageMonth, "month", months)
    for work, counts in sorted(totals.items()):
        Work.objects.filter(pk=work).update(
            view_count=F("view_count") + counts["views"],
            download_count=F("download_count") + counts["downloads"],
        )


def _add(model: Any, field: str, sums: Sums) -> None:
    """Add to the rows of these works and days (or months), made where they are missing."""
    keys = sorted(sums)
    model.objects.bulk_create(
        [model(work_id=work, **{field: day}) for work, day in keys], batch_size=500, ignore_conflicts=True
    )
    wanted = {"work__in": {work for work, _day in keys}, f"{field}__in": {day for _work, day in keys}}
    changed = []
    for row in model.objects.select_for_update().filter(**wanted).order_by("pk"):
        counts = sums.get((row.work_id, getattr(row, field)))
        if counts:
            for name in FIELDS:
                setattr(row, name, getattr(row, name) + counts[name])
            changed.append(row)
    model.objects.bulk_update(changed, FIELDS, batch_size=500)
