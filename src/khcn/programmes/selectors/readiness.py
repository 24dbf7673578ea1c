"""Reads of the self-check: one by its secret link, what fits its result, and figures in which nobody can be found."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.indicators import Period
from khcn.orgs.models import Unit
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.readiness import Check, Questionnaire, ReadinessCall
from khcn.programmes.rules.readiness import Sheet
from khcn.programmes.rules.readiness_cells import batch, cells_shown, lines_shown
from khcn.programmes.selectors.calendar import Asked, upcoming
from khcn.programmes.selectors.figures import within

TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,40}")
FITTING: Final = 5
BREAKDOWNS: Final = {
    "loai-hinh": gettext_lazy("Loại hình"), "nganh": gettext_lazy("Ngành nghề"), "quy-mo": gettext_lazy("Quy mô"),
    "dia-ban": gettext_lazy("Địa bàn"), "nam": gettext_lazy("Năm"),
}  # fmt: skip


def check_by_token(token: str) -> Check | None:
    """Return the check behind a secret link."""
    if not TOKEN.fullmatch(token):
        return None
    return Check.objects.select_related("questionnaire", "ward").filter(token=token).first()


def earlier_check(link: str, check: Check) -> Check | None:
    """Return a finished check from what somebody pasted: its whole link, or the end of it."""
    found = [part for part in link.strip()[:500].split("/") if TOKEN.fullmatch(part)]
    other = check_by_token(found[-1]) if found else None
    return other if other is not None and other.finished_at is not None and other.pk != check.pk else None


def call_by_token(token: str) -> ReadinessCall | None:
    """Return the wish to be called behind a secret link."""
    return ReadinessCall.objects.filter(token=token).first() if TOKEN.fullmatch(token) else None


def wards_of(sheet: Sheet, on: date) -> QuerySet[Unit]:
    """Return the wards in force, for the form."""
    rows = Unit.objects.in_force(on).filter(is_listed=True, kind__code__in=sheet.ward_kinds)
    return rows.select_related("kind").order_by("order", "sort_key", "pk")


def fitting_programmes(audiences: Collection[str], on: date) -> list[Programme]:
    """Return the next public programmes for any of these people. One query."""
    if not audiences:
        return []
    wanted = reduce(or_, (Q(audiences__contains=f"|{one}|") for one in sorted(audiences)))
    return list(upcoming(on, Asked()).filter(wanted)[:FITTING])


# Figures


class Kept(NamedTuple):
    """What figures read of one check."""

    kind: str
    size: str
    sector: str
    ward_id: int | None
    year: int
    overall: int
    scores: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table; ``count`` ``None``: too few checks, or hidden with another, and then nothing is told."""

    label: str
    count: int | None = None
    overall: int | None = None
    means: tuple[int | None, ...] = ()
    heads: tuple[str, ...] = field(default=(), compare=False)

    @property
    def named(self) -> list[tuple[str, int | None]]:
        """The means with the names of their dimensions."""
        return list(zip(self.heads, self.means, strict=True))


@dataclass(frozen=True, slots=True)
class Spread:
    """How many checks of a dimension reached which level; the last cell: it does not apply. ``None``: hidden."""

    label: str
    mean: int | None
    cells: tuple[int | None, ...]
    heads: tuple[str, ...]

    @property
    def named(self) -> list[tuple[str, int | None]]:
        """The cells with the names of their levels."""
        return list(zip(self.heads, self.cells, strict=True))


@dataclass(frozen=True, slots=True)
class Whole:
    """All checks of a year together."""

    line: Line
    levels: tuple[tuple[str, int | None], ...]
    spreads: tuple[Spread, ...]


def check_years(user: Any) -> list[int]:
    """Return the years with finished checks, the latest first."""
    found = Check.objects.visible_to(user).finished().order_by().datetimes("finished_at", "year")
    return sorted({one.year for one in found}, reverse=True)


def whole_of(user: Any, questionnaire: Questionnaire, year: int) -> Whole:
    """Return the figures of a year. One query."""
    sheet, rows = questionnaire.sheet, _kept(user, year)
    rows = rows[: batch(len(rows), sheet.least_cell)]
    line = _line(_("Tất cả"), rows, sheet)
    names = [one.label for one in sheet.levels]
    reached = cells_shown(_levels([row.overall for row in rows], sheet), sheet.least_cell)
    spreads = []
    for place, one in enumerate(sheet.dimensions):
        points = [row.scores.get(one.key) for row in rows]
        counts = _levels([each for each in points if each is not None], sheet)
        counts["—"] = points.count(None)
        cells = cells_shown(counts, sheet.least_cell)
        mean = line.means[place] if line.means else None
        spreads.append(Spread(one.label, mean, tuple(cells.values()), (*names, _("Không áp dụng"))))
    return Whole(line, tuple(zip(names, reached.values(), strict=True)), tuple(spreads))


def breakdown_of(user: Any, questionnaire: Questionnaire, by: str, year: int) -> list[Line]:
    """Return the lines of one breakdown of one year (``nam``: of every year). No two breakdowns are ever crossed."""
    sheet = questionnaire.sheet
    rows = _kept(user, None if by == "nam" else year)
    groups: dict[Any, list[Kept]] = defaultdict(list)
    for row in rows:
        groups[_group(row, by)].append(row)
    labels = _labels(by, sheet, groups)
    counts = {key: len(found) for key, found in groups.items()}
    shown = lines_shown(counts, sheet.least_cell)
    return [
        _line(label, groups[key][: shown[key]], sheet) if key in shown else Line(label)
        for key, label in labels.items()
    ]


def _kept(user: Any, year: int | None) -> list[Kept]:
    rows: QuerySet[Check] = Check.objects.visible_to(user).finished()
    if year is not None:
        rows = within(rows, "finished_at", Period(date(year, 1, 1), date(year, 12, 31)))
    fields = ("kind", "size", "sector", "ward_id", "finished_at", "overall", "scores")
    return [
        Kept(kind, size, sector, ward, timezone.localtime(at).year, overall, scores)
        for kind, size, sector, ward, at, overall, scores in rows.values_list(*fields)
    ]


def _group(row: Kept, by: str) -> Any:
    return {
        "loai-hinh": row.kind, "nganh": row.sector, "quy-mo": row.size, "dia-ban": row.ward_id, "nam": row.year,
    }[by]  # fmt: skip


def _labels(by: str, sheet: Sheet, groups: Iterable[Any]) -> dict[Any, str]:
    """Return every line there can be, also those nobody chose: an empty line looks like a hidden one."""
    unsaid = _("Không ghi")
    if by == "nam":
        return {year: str(year) for year in sorted(groups, reverse=True)}
    if by == "dia-ban":
        used = [pk for pk in groups if pk]
        rows = Unit.objects.filter(Q(kind__code__in=sheet.ward_kinds, is_listed=True) | Q(pk__in=used))
        found: dict[Any, str] = {one.pk: one.name for one in rows.order_by("order", "sort_key", "pk")}
        return found | {None: unsaid}
    choices = {"loai-hinh": sheet.kinds, "nganh": sheet.sectors, "quy-mo": sheet.sizes}[by]
    known = {one.key: one.label for one in choices}
    return known | {key: key for key in groups if key and key not in known} | {"": unsaid}


def _levels(points: Sequence[int], sheet: Sheet) -> dict[str, int]:
    found = {one.key: 0 for one in sheet.levels}
    for each in points:
        found[sheet.level_at(each).key] += 1
    return found


def _line(label: str, rows: Sequence[Kept], sheet: Sheet) -> Line:
    if not rows:
        return Line(label)
    means = tuple(_mean([row.scores.get(one.key) for row in rows], sheet) for one in sheet.dimensions)
    heads = tuple(one.label for one in sheet.dimensions)
    return Line(label, len(rows), _mean([row.overall for row in rows], sheet), means, heads)


def _mean(values: Sequence[int | None], sheet: Sheet) -> int | None:
    found = [each for each in values if each is not None]
    if len(found) < sheet.least_cell:
        return None
    return (2 * sum(found) + len(found)) // (2 * len(found))
