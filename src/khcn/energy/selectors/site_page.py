"""Everything the page of one site shows; the number of queries does not depend on how much was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Q
from django.utils import timezone

from khcn.core.months import Month, months_between
from khcn.energy.models import (
    Bill,
    Channel,
    Device,
    EmissionFactor,
    Finding,
    IntervalDay,
    KpiRecord,
    Site,
    SiteDay,
    SiteMonth,
    System,
)
from khcn.energy.rules.days import days_between
from khcn.energy.selectors.baselines import SavingsPage, savings_page
from khcn.energy.selectors.findings import findings_for
from khcn.energy.selectors.flows import site_flows
from khcn.energy.selectors.months import Sums, day_values, month_values, sums_of, total
from khcn.energy.selectors.overview import SiteHealth, health_of
from khcn.energy.selectors.telemetry import SitePower, site_day_power
from khcn.engines.energy.types import Values

USUAL_DAYS: Final = 14
MOST_FINDINGS: Final = 10
YEARS_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual range of the production in each quarter of an hour, kW; nan where it cannot be said."""

    low: Values
    high: Values
    days: int


@dataclass(frozen=True, slots=True)
class Kpi:
    """One key figure of a month as it was computed last, of the site or of one of its systems."""

    record: KpiRecord
    system: str


@dataclass(frozen=True, slots=True)
class SitePage:
    """A site. ``months``: by month back to the January two years ago; ``versions``: tables that priced this month."""

    site: Site
    today: date
    health: SiteHealth
    systems: tuple[System, ...]
    devices: tuple[Device, ...]
    months: dict[Month, Sums]
    findings: tuple[Finding, ...]
    kpis: tuple[Kpi, ...]
    kpi_month: Month
    versions: tuple[Any, ...]
    factor: EmissionFactor | None
    has_days: bool

    @property
    def this(self) -> Month:
        """The month that runs."""
        return Month.of(self.today)

    def month(self, month: Month) -> Sums:
        """Return the sums of a month."""
        return self.months.get(month, Sums())

    def year(self, year: int) -> Sums:
        """Return the sums of a year."""
        return total(sums for month, sums in self.months.items() if month.year == year)

    @property
    def kwp(self) -> float:
        """Power of the systems in force, kWp."""
        return float(sum(system.kwp for system in self.systems))

    def against_year_before(self, month: Month) -> float | None:
        """Return the change of the production to the same month a year ago, when both are well known."""
        now, then = self.month(month), self.month(month.year_before)
        made, before = now["production_kwh"], then["production_kwh"]
        if not now.enough or not then.enough or made is None or not before:
            return None
        return made / before - 1


def site_page(user: Any, site: Site, now: datetime) -> SitePage:
    """Return what the site's page shows of all times."""
    today = timezone.localtime(now).date()
    this = Month.of(today)
    rows = SiteMonth.objects.filter(
        site=site, month__gte=Month(this.year - YEARS_SHOWN + 1, 1).first, month__lte=this.first
    ).order_by("month")
    months = {Month.of(row.month): sums_of([month_values(row)]) for row in rows}
    findings = list(findings_for(user, site=site)[:MOST_FINDINGS])
    kpi_month, kpis = latest_kpis(site, this)
    return SitePage(
        site=site,
        today=today,
        health=health_of([site.pk], now)[site.pk],
        systems=tuple(System.objects.filter(site=site).in_force(today)),
        devices=tuple(Device.objects.filter(site=site).in_force(today).select_related("system", "collector")),
        months=months,
        findings=tuple(findings),
        kpis=kpis,
        kpi_month=kpi_month,
        versions=versions_between(site, this.first, today),
        factor=factor_of(today.year),
        has_days=bool(months),
    )


def factor_of(year: int) -> EmissionFactor | None:
    """Return the emission factor that is used for reports of ``year``."""
    rows = EmissionFactor.objects.filter(used_from_year__lte=year).filter(
        Q(used_to_year__isnull=True) | Q(used_to_year__gte=year)
    )
    return rows.order_by("-used_from_year", "-data_year").first()


def versions_between(site: Site, first: date, last: date) -> tuple[Any, ...]:
    """Return the different ``versions`` of the days, the latest first."""
    found: list[Any] = []
    rows = SiteDay.objects.filter(site=site, day__gte=first, day__lte=last).order_by("-day")
    for versions in rows.values_list("versions", flat=True):
        if versions and versions not in found:
            found.append(versions)
    return tuple(found)


def latest_kpis(site: Site, this: Month) -> tuple[Month, tuple[Kpi, ...]]:
    """Return the newest month with key figures, and the latest version of each figure of its longest span."""
    last = (
        KpiRecord.objects.filter(site=site, starts_on__lte=this.last)
        .order_by("-ends_on")
        .values_list("ends_on", flat=True)
        .first()
    )
    if last is None:
        return this, ()
    return Month.of(last), kpis_of(site, Month.of(last))


def kpis_of(site: Site, month: Month) -> tuple[Kpi, ...]:
    """Return the key figures of a month: of each, the longest span and its latest version."""
    rows = KpiRecord.objects.filter(
        site=site, starts_on__gte=month.first, ends_on__lte=month.last
    ).select_related("system")
    best: dict[tuple[int | None, str], KpiRecord] = {}
    for row in rows:
        held = best.get((row.system_id, row.key))
        if held is None or _rank(row) > _rank(held):
            best[row.system_id, row.key] = row
    of_site = {key for system_id, key in best if system_id is None}
    if len({system_id for system_id, _key in best if system_id is not None}) == 1:
        # the only system is the site: told once
        best = {place: row for place, row in best.items() if place[0] is None or place[1] not in of_site}
    return tuple(Kpi(row, row.system.name if row.system else "") for row in best.values())


def _rank(row: KpiRecord) -> tuple[int, date, int]:
    return (row.ends_on - row.starts_on).days, row.ends_on, row.version


def days_of(site: Site, first: date, last: date) -> dict[date, Sums]:
    """Return the days of a site."""
    rows = SiteDay.objects.filter(site=site, day__gte=first, day__lte=last)
    return {row.day: sums_of([day_values(row)]) for row in rows}


def first_month(site: Site) -> Month | None:
    """Return the first month with figures."""
    found = SiteMonth.objects.filter(site=site).order_by("month").values_list("month", flat=True).first()
    return Month.of(found) if found else None


@dataclass(frozen=True, slots=True)
class DayView:
    """One day by quarters of an hour, with the usual range of the two weeks before."""

    day: date
    power: SitePower
    usual: Usual | None
    figures: Sums


def day_view(site: Site, day: date) -> DayView:
    """Return one local day of a site."""
    return DayView(
        day, site_day_power(site, day), usual_production(site, day), days_of(site, day, day).get(day, Sums())
    )


def usual_production(site: Site, day: date) -> Usual | None:
    """Return the range in which the production of most of the last 14 days lay; None with fewer than five days."""
    first, last = day - timedelta(days=USUAL_DAYS), day - timedelta(days=1)
    flows = site_flows(site, first, last)
    if flows.production is None:
        return None
    size = 96
    days = []
    for one in days_between(first, last):
        place = flows.grid.place(one)
        values = flows.production.values[place]
        if len(values) == size and np.isfinite(values).mean() > 0.9:
            days.append(values * 4)
    if len(days) < 5:
        return None
    stack = np.stack(days)
    return Usual(np.nanquantile(stack, 0.1, axis=0), np.nanquantile(stack, 0.9, axis=0), len(days))


@dataclass(frozen=True, slots=True)
class ChannelMonth:
    """The days of one channel in a month: total (mean for gauges), completeness and highest power of each day."""

    channel: Channel
    month: Month
    days: dict[date, IntervalDay]


def channel_month(site: Site, pk: int, month: Month) -> ChannelMonth | None:
    """Return the month of a channel of this site from its stored days; None when the channel is not of it."""
    channel = Channel.objects.filter(pk=pk, device__site=site).select_related("device").first()
    if channel is None:
        return None
    rows = IntervalDay.objects.filter(channel=channel, day__gte=month.first, day__lte=month.last).defer(
        "packed"
    )
    return ChannelMonth(channel, month, {row.day: row for row in rows})


def channels_of(site: Site) -> Sequence[Channel]:
    """Return the channels of a site's devices."""
    return list(
        Channel.objects.filter(device__site=site).select_related("device").order_by("device__name", "pk")
    )


def years_of(page: SitePage) -> list[tuple[int, list[tuple[Month, Sums]]]]:
    """Return the years with figures, the latest first, each with all its months that have begun."""
    years = sorted({month.year for month in page.months}, reverse=True)
    return [
        (
            year,
            [
                (month, page.month(month))
                for month in months_between(Month(year, 1), min(Month(year, 12), page.this))
            ],
        )
        for year in years
    ]


def savings_of(site: Site, today: date) -> SavingsPage | None:
    """Return what bills prove against the baseline (with its error); None for a site without bills."""
    if not Bill.objects.filter(contract__site=site).exists():
        return None
    return savings_page(site, today)
