"""Views and downloads for pages: of one work, of months, of shelves, units and kinds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db.models import Count, F, Sum

from khcn.core.months import Month, months_between
from khcn.library.enums import Visibility, WorkKind, WorkState
from khcn.library.models import Collection, UsageMonth, Work
from khcn.orgs.models import Unit

FIELDS: Final = ("views", "downloads", "unique_views", "unique_downloads")
MOST_MONTHS: Final = 60
TOP: Final = 30


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums of uses. ``works``: how many works they are of, where that is asked."""

    views: int = 0
    downloads: int = 0
    unique_views: int = 0
    unique_downloads: int = 0
    works: int = 0


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which works and months: keys of a collection and of a kind, a unit, all of them optional."""

    first: Month
    last: Month
    collection: str = ""
    unit_id: int | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class WorkUse:
    """One work in the list of the most used."""

    work_id: int
    title: str
    slug: str
    counts: Counts


@dataclass(frozen=True)
class UsageReport:
    """Everything the page of figures shows. Months without any use are there with zeros."""

    months: list[tuple[Month, Counts]]
    total: Counts
    top: list[WorkUse]
    by_collection: list[tuple[str, Counts]]
    by_unit: list[tuple[str, Counts]]
    by_kind: list[tuple[str, Counts]]
    counted_since: date | None = field(default=None)


def is_public_figure(work: Work) -> bool:
    """Whether everybody may see how often a work is used: never for works that not everybody may open."""
    return work.state == WorkState.PUBLISHED and work.visibility == Visibility.PUBLIC and not work.embargoed


def work_counts(work: Work) -> Counts:
    """Return all uses of a work so far, one query."""
    found = UsageMonth.objects.filter(work=work).aggregate(**_sums())
    return _counts(found)


def usage_report(narrowed: Narrowed, *, user: Any) -> UsageReport:
    """Return the figures of the works that ``user`` may see, in a fixed number of queries."""
    rows = _rows(narrowed, user)
    shown = months_between(narrowed.first, narrowed.last)[-MOST_MONTHS:]
    by_month = {row["month"]: _counts(row) for row in rows.values("month").annotate(**_sums())}
    months = [(month, by_month.get(month.first, Counts())) for month in shown]
    first = UsageMonth.objects.order_by("month").values_list("month", flat=True).first()
    return UsageReport(
        months=months,
        total=_counts(rows.aggregate(**_sums(), works=Count("work", distinct=True))),
        top=_top(rows),
        by_collection=_by_collection(rows),
        by_unit=_by_unit(rows),
        by_kind=_by_kind(rows),
        counted_since=first,
    )


def _rows(narrowed: Narrowed, user: Any) -> Any:
    works = Work.objects.visible_to(user)
    if narrowed.collection:
        works = works.filter(collections__key=narrowed.collection)
    if narrowed.unit_id is not None:
        works = works.filter(owner_unit_id=narrowed.unit_id)
    if narrowed.kind:
        works = works.filter(kind=narrowed.kind)
    rows = UsageMonth.objects.filter(month__gte=narrowed.first.first, month__lte=narrowed.last.first)
    return rows.filter(work__in=works.order_by().values("pk")).order_by()


def _sums() -> dict[str, Any]:
    return {f"sum_{name}": Sum(name) for name in FIELDS}


def _counts(row: Any) -> Counts:
    return Counts(**{name: row[f"sum_{name}"] or 0 for name in FIELDS}, works=row.get("works") or 0)


def _top(rows: Any) -> list[WorkUse]:
    found = rows.values("work_id", "work__title", "work__slug").annotate(
        **_sums(), weight=Sum(F("views") + F("downloads"))
    )
    used = found.filter(weight__gt=0).order_by("-weight", "work_id")[:TOP]
    return [WorkUse(row["work_id"], row["work__title"], row["work__slug"], _counts(row)) for row in used]


def _by_collection(rows: Any) -> list[tuple[str, Counts]]:
    names = dict(Collection.objects.values_list("pk", "name"))
    found = rows.filter(work__collections__isnull=False).values("work__collections")
    return _named(found, "work__collections", names)


def _by_unit(rows: Any) -> list[tuple[str, Counts]]:
    found = rows.filter(work__owner_unit__isnull=False).values("work__owner_unit")
    grouped = found.annotate(**_sums(), works=Count("work", distinct=True))
    units = Unit.objects.in_bulk([row["work__owner_unit"] for row in grouped])
    names = {pk: unit.label for pk, unit in units.items()}
    return _named(found, "work__owner_unit", names)


def _by_kind(rows: Any) -> list[tuple[str, Counts]]:
    names = {value: str(label) for value, label in WorkKind.choices}
    return _named(rows.values("work__kind"), "work__kind", names)


def _named(found: Any, key: str, names: Any) -> list[tuple[str, Counts]]:
    grouped = found.annotate(**_sums(), works=Count("work", distinct=True))
    lines = [(names.get(row[key], ""), _counts(row)) for row in grouped]
    return sorted(
        (line for line in lines if line[0]), key=lambda line: (-line[1].views - line[1].downloads, line[0])
    )


def usage_collections() -> Sequence[tuple[str, str]]:
    """Return keys and names of the collections, in the order of the shelf."""
    return list(Collection.objects.order_by("sort_key").values_list("key", "name"))


def usage_units() -> list[tuple[int, str]]:
    """Return the units that own works, in the order of their names."""
    owned = Work.objects.filter(owner_unit__isnull=False).order_by().values("owner_unit")
    return [(unit.pk, unit.label) for unit in Unit.objects.filter(pk__in=owned).order_by("sort_key")]
