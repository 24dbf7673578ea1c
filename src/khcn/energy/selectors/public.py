"""What the public may know: totals of finished months of sites that publish them. No live figure, no day, no load curve:
nothing tells when a building is empty, and no device or person is named.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import Q, Sum
from django.utils import timezone

from khcn.core.months import Month, months_between
from khcn.energy.models import EmissionFactor, Site, SiteMonth, System
from khcn.energy.selectors.months import ENOUGH
from khcn.energy.selectors.site_page import factor_of

MONTHS_CHARTED: Final = 24


@dataclass(frozen=True, slots=True)
class PublicMonth:
    """A finished month. ``kwh`` None: no figures. ``sites``: how many it is the sum of; ``complete``: nearly nothing missing."""

    month: Month
    kwh: float | None
    saved_vnd: float | None
    co2_kg: float | None
    sites: int
    complete: bool


@dataclass(frozen=True, slots=True)
class PublicSite:
    """One site that publishes its totals. ``year``: of the finished months of the year."""

    site: Site
    kwp: float
    kwh: float | None
    months: int


@dataclass(frozen=True, slots=True)
class PublicProgramme:
    """All published sites. ``year``: the calendar year of the sums; ``through``: its last finished month."""

    sites: tuple[PublicSite, ...]
    months: tuple[PublicMonth, ...]
    year: int
    through: Month
    kwh: float | None
    saved_vnd: float | None
    co2_kg: float | None
    kwp: float
    factor: EmissionFactor | None


@dataclass(frozen=True, slots=True)
class PublicPage:
    """One published site with its finished months, the latest first."""

    site: Site
    kwp: float
    since: date | None
    months: tuple[PublicMonth, ...]
    factor: EmissionFactor | None


@dataclass(frozen=True, slots=True)
class _Row:
    """A stored month of a site."""

    month: Month
    site_id: int
    kwh: float | None
    saved_vnd: Decimal | None
    co2_kg: float | None
    completeness: float


def last_month(now: datetime) -> Month:
    """Return the last finished month."""
    return Month.of(timezone.localtime(now).date()).before


def public_programme(now: datetime) -> PublicProgramme:
    """Return the published totals of this year (of last year in January) and the last twelve months."""
    through = last_month(now)
    today = timezone.localtime(now).date()
    sites = list(Site.objects.listed().in_force(today).select_related("unit"))
    ids = [site.pk for site in sites]
    first = min(Month(through.year, 1), through.year_before.after)
    rows = [
        _Row(Month.of(month), site_id, kwh, saved, carbon, known)
        for site_id, month, kwh, saved, carbon, known in SiteMonth.objects.filter(
            site_id__in=ids, month__gte=first.first, month__lte=through.first
        )
        .order_by("month")
        .values_list("site_id", "month", "production_kwh", "savings_vnd", "co2_kg", "completeness")
    ]
    by_month: dict[Month, list[_Row]] = defaultdict(list)
    made: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        by_month[row.month].append(row)
        if row.month.year == through.year and row.kwh is not None:
            made[row.site_id].append(row.kwh)
    of_year = [row for row in rows if row.month.year == through.year]
    kwp = _kwp(ids, today)
    return PublicProgramme(
        sites=tuple(
            PublicSite(site, kwp.get(site.pk, 0.0), _sum(made[site.pk]), len(made[site.pk])) for site in sites
        ),
        months=tuple(
            _public(month, by_month[month]) for month in months_between(through.year_before.after, through)
        ),
        year=through.year,
        through=through,
        kwh=_sum([row.kwh for row in of_year]),
        saved_vnd=_sum([row.saved_vnd for row in of_year]),
        co2_kg=_sum([row.co2_kg for row in of_year]),
        kwp=sum(kwp.values()),
        factor=factor_of(through.year),
    )


def public_page(key: str, now: datetime) -> PublicPage | None:
    """Return one published site; None when there is no such public page."""
    today = timezone.localtime(now).date()
    site = Site.objects.listed().in_force(today).select_related("unit").filter(key=key).first()
    if site is None:
        return None
    through = last_month(now)
    rows = list(SiteMonth.objects.filter(site=site, month__lte=through.first).order_by("-month"))
    systems = System.objects.filter(site=site).in_force(today)
    since = min((system.valid_from for system in systems if system.valid_from), default=None)
    first = Month.of(rows[-1].month) if rows else through
    stored = {
        Month.of(row.month): [
            _Row(
                Month.of(row.month),
                site.pk,
                row.production_kwh,
                row.savings_vnd,
                row.co2_kg,
                row.completeness,
            )
        ]
        for row in rows
    }
    return PublicPage(
        site=site,
        kwp=float(sum(system.kwp for system in systems)),
        since=since,
        months=tuple(
            _public(month, stored.get(month, [])) for month in reversed(months_between(first, through))
        )
        if rows
        else (),
        factor=factor_of(through.year),
    )


def _public(month: Month, rows: Sequence[_Row]) -> PublicMonth:
    known = [row for row in rows if row.kwh is not None]
    return PublicMonth(
        month,
        _sum([row.kwh for row in known]),
        _sum([row.saved_vnd for row in known]),
        _sum([row.co2_kg for row in known]),
        len(known),
        bool(known) and len(known) == len(rows) and all(row.completeness >= ENOUGH for row in known),
    )


def _sum(values: Sequence[float | Decimal | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return sum(known) if known else None


def _kwp(ids: Sequence[int], today: date) -> dict[int, float]:
    rows = System.objects.filter(site_id__in=ids).in_force(today).values("site_id")
    return {row["site_id"]: float(row["power"]) for row in rows.annotate(power=Sum("kwp")).order_by()}


def energy_told(now: datetime) -> tuple[float, Month] | None:
    """Return the published solar energy of the last finished month and that month; None when there is none (one query)."""
    through = last_month(now)
    today = timezone.localtime(now).date()
    open_ended = Q(site__valid_to__isnull=True) | Q(site__valid_to__gte=today)
    begun = Q(site__valid_from__isnull=True) | Q(site__valid_from__lte=today)
    rows = SiteMonth.objects.filter(begun, open_ended, site__is_public=True, month=through.first)
    made = rows.aggregate(made=Sum("production_kwh"))["made"]
    return (float(made), through) if made else None


def public_sites(now: datetime) -> list[Site]:
    """Return the sites with a public page."""
    return list(Site.objects.listed().in_force(timezone.localtime(now).date()))
