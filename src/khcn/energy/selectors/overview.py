"""The programme at a glance: every site of the reader's reach with its state, and sums that say over whom they run."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db.models import Avg, Count, Max, Q, Sum
from django.utils import timezone

from khcn.core.months import Month, months_between
from khcn.energy.enums import OPEN_FINDINGS, BuildingKind, Driver
from khcn.energy.models import Contract, Device, Finding, Site, SiteMonth, System
from khcn.energy.selectors.months import NOTHING, Sums, month_values, sums_of, total
from khcn.engines.energy.types import FindingKind

GRAVE: Final = frozenset({FindingKind.OUTAGE, FindingKind.UNDERPERFORMANCE})
HARMLESS: Final = frozenset(
    {FindingKind.COMMUNICATION_GAP, FindingKind.INTERPOLATED, FindingKind.OUTLIER, FindingKind.CLIPPING}
)
LIVE_DRIVERS: Final = frozenset({Driver.MQTT, Driver.MODBUS, Driver.SUNSPEC, Driver.PUSH})
FEW_DAYS: Final = 2


class Health(StrEnum):
    """How a site stands, the worst first."""

    FAULT = "su-co"
    SILENT = "mat-lien-lac"
    WATCH = "theo-doi"
    GOOD = "tot"
    BILLS = "hoa-don"
    NOTHING = "chua-noi"


_RANK: Final = {health: rank for rank, health in enumerate(Health)}
TROUBLED: Final = frozenset({Health.FAULT, Health.SILENT, Health.WATCH})


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One site. ``faults``: unsettled findings; ``kwp``: power of the systems in force today."""

    site: Site
    health: Health
    systems: int
    kwp: float
    faults: int
    heard_at: datetime | None
    month: Sums
    year: Sums


@dataclass(frozen=True, slots=True)
class Programme:
    """All sites of the reader's reach, their sums this month, this year and by month.

    ``with_data``: sites with any energy this month; ``missing``: sites that have systems or devices but no figures
    this month; ``by_month``: production and how many sites it is of, None where no site has figures.
    """

    today: date
    lines: tuple[SiteLine, ...]
    month: Sums
    year: Sums
    by_month: tuple[tuple[Month, Sums, int], ...]
    systems: int
    running: int
    troubled: int
    kwp: float

    @property
    def with_data(self) -> int:
        """How many sites have figures this month."""
        return sum(line.month.known for line in self.lines)

    @property
    def missing(self) -> list[SiteLine]:
        """Sites from which figures are expected this month and none have come."""
        return [
            line
            for line in self.lines
            if not line.month.known and line.health not in (Health.BILLS, Health.NOTHING)
        ]

    @property
    def incomplete(self) -> list[SiteLine]:
        """Sites whose figures of this month have holes."""
        return [line for line in self.lines if line.month.known and not line.month.enough]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked to see."""

    unit: int | None = None
    kind: str = ""
    state: str = ""
    text: str = ""

    def keep(self, line: SiteLine) -> bool:
        """Whether a site is asked for."""
        return (
            (self.unit is None or line.site.unit_id == self.unit)
            and (not self.kind or line.site.kind == self.kind)
            and (not self.state or line.health in _STATES[self.state])
            and (not self.text or self.text.casefold() in line.site.name.casefold())
        )


_STATES: Final[dict[str, frozenset[Health]]] = {
    "co-van-de": TROUBLED,
    **{health.value: frozenset({health}) for health in Health},
}
STATES: Final = tuple(_STATES)
KINDS: Final = tuple(BuildingKind.values)


def silent_after(now: datetime) -> timedelta:
    """Return after how long without a word a site counts as silent: inverters sleep at night, meters do not tell."""
    hour = timezone.localtime(now).hour
    return timedelta(hours=3) if 9 <= hour < 17 else timedelta(hours=16)


def visible_sites(user: Any, today: date) -> list[Site]:
    """Return the sites in force whose figures a person reads, in Vietnamese order."""
    return list(Site.objects.visible_to(user, today).in_force(today).select_related("unit"))


def overview(user: Any, now: datetime) -> Programme:
    """Return the programme as this person may see it; the number of queries does not grow with the sites."""
    return programme_of(visible_sites(user, timezone.localtime(now).date()), now)


def programme_of(sites: Sequence[Site], now: datetime) -> Programme:
    """Return the programme of these sites."""
    today = timezone.localtime(now).date()
    ids = [site.pk for site in sites]
    this = Month.of(today)
    sums = _sums(ids, this)
    systems = defaultdict(list)
    for pk, site_id, kwp in (
        System.objects.filter(site_id__in=ids).in_force(today).values_list("pk", "site_id", "kwp")
    ):
        systems[site_id].append((pk, float(kwp)))
    health = health_of(ids, now)
    faults = _faults(ids)
    lines = []
    for site in sites:
        state = health[site.pk]
        standing = state.health
        if standing == Health.GOOD and site.pk not in sums.this and today.day > FEW_DAYS:
            standing = Health.WATCH  # it answers, and yet nothing of this month has come
        lines.append(
            SiteLine(
                site=site,
                health=standing,
                systems=len(systems[site.pk]),
                kwp=sum(kwp for _pk, kwp in systems[site.pk]),
                faults=faults[site.pk],
                heard_at=state.heard_at,
                month=sums.this.get(site.pk, NOTHING),
                year=sums.year.get(site.pk, NOTHING),
            )
        )
    bad, down = _bad_systems(ids)
    troubled = sum(
        1 for line in lines for pk, _kwp in systems[line.site.pk] if pk in bad or line.health == Health.SILENT
    )
    running = sum(
        pk not in down
        for line in lines
        if line.health not in (Health.NOTHING, Health.BILLS, Health.SILENT)
        for pk, _kwp in systems[line.site.pk]
    )
    return Programme(
        today=today,
        lines=tuple(sorted(lines, key=lambda line: _RANK[line.health])),
        month=total(line.month for line in lines if line.month.known),
        year=total(line.year for line in lines if line.year.known),
        by_month=sums.by_month,
        systems=sum(line.systems for line in lines),
        running=running,
        troubled=troubled,
        kwp=sum(line.kwp for line in lines),
    )


@dataclass(frozen=True, slots=True)
class SiteHealth:
    """How a site stands, and when any of its devices was heard last."""

    health: Health
    heard_at: datetime | None


def health_of(site_ids: Sequence[int], now: datetime) -> dict[int, SiteHealth]:
    """Return how sites stand, from open faults and from when their devices were heard (three queries)."""
    today = timezone.localtime(now).date()
    kinds: dict[int, set[str]] = defaultdict(set)
    for site_id, kind in Finding.objects.filter(
        site_id__in=site_ids, state__in=OPEN_FINDINGS, ongoing=True
    ).values_list("site_id", "kind"):
        kinds[site_id].add(kind)
    devices = {
        row["site_id"]: row
        for row in Device.objects.filter(site_id__in=site_ids)
        .in_force(today)
        .values("site_id")
        .annotate(
            heard=Max("heard_at"),
            live=Count("pk", filter=Q(driver__in=LIVE_DRIVERS)),
            troubled=Count("pk", filter=~Q(trouble="")),
        )
        .order_by()
    }
    billed = set(
        Contract.objects.filter(site_id__in=site_ids, bills__isnull=False).values_list("site_id", flat=True)
    )
    limit = now - silent_after(now)
    return {pk: _health(kinds[pk], devices.get(pk), pk in billed, limit) for pk in site_ids}


def _health(kinds: set[str], row: Mapping[str, Any] | None, billed: bool, limit: datetime) -> SiteHealth:
    heard = row["heard"] if row else None
    if kinds & GRAVE:
        return SiteHealth(Health.FAULT, heard)
    if row is None:
        return SiteHealth(Health.BILLS if billed else Health.NOTHING, None)
    if row["live"] and (heard is None or heard < limit):
        return SiteHealth(Health.SILENT, heard)
    if kinds - HARMLESS or row["troubled"]:
        return SiteHealth(Health.WATCH, heard)
    return SiteHealth(Health.GOOD, heard)


def _faults(ids: Iterable[int]) -> Counter[int]:
    return Counter(
        Finding.objects.filter(site_id__in=ids).unsettled().values_list("site_id", flat=True).order_by()
    )


def _bad_systems(ids: Iterable[int]) -> tuple[set[int], set[int]]:
    """Return the systems with a fault that goes on, and those of them that stand still."""
    rows = Finding.objects.filter(site_id__in=ids, ongoing=True, system__isnull=False).unsettled()
    found = [(pk, kind) for pk, kind in rows.values_list("system_id", "kind").order_by() if pk is not None]
    return (
        {pk for pk, kind in found if kind not in HARMLESS},
        {pk for pk, kind in found if kind == FindingKind.OUTAGE},
    )


@dataclass(frozen=True, slots=True)
class _Sums:
    """What the overview needs of the months: added up by the database, so that few rows are read."""

    this: dict[int, Sums]
    year: dict[int, Sums]
    by_month: tuple[tuple[Month, Sums, int], ...]


_ADDED: Final = ("production_kwh", "savings_vnd", "co2_kg")


def _sums(ids: Sequence[int], this: Month) -> _Sums:
    """Return this month and this year by site, and the production of the last thirteen months (three queries)."""
    rows = SiteMonth.objects.filter(site_id__in=ids)
    added = {f"sum_{name}": Sum(name) for name in _ADDED}
    year = {
        site_id: _added(values, share, count)
        for site_id, share, count, *values in rows.filter(
            month__gte=Month(this.year, 1).first, month__lte=this.first
        )
        .values_list("site_id")
        .annotate(share=Avg("completeness"), count=Count("pk"), **added)
        .order_by()
    }
    months = {
        Month.of(month): (_added([made, None, None], share, count), known)
        for month, share, count, known, made in rows.filter(
            month__gte=this.year_before.first, month__lte=this.first
        )
        .values_list("month")
        .annotate(
            share=Avg("completeness"),
            count=Count("pk"),
            known=Count("production_kwh"),
            made=Sum("production_kwh"),
        )
        .order_by()
    }
    empty = (Sums(), 0)
    return _Sums(
        this={row.site_id: sums_of([month_values(row)]) for row in rows.filter(month=this.first).order_by()},
        year=year,
        by_month=tuple(
            (month, *months.get(month, empty)) for month in months_between(this.year_before, this)
        ),
    )


def _added(values: Sequence[Any], share: float | None, count: int) -> Sums:
    known = {name: float(value) for name, value in zip(_ADDED, values, strict=True) if value is not None}
    return Sums(known, share, None, count)
