"""What goes into the reports of a unit: one month, or one year of energy use (law on energy efficiency, article 31)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from khcn.core.months import Month, months_between
from khcn.energy.models import Bill, EmissionFactor, Finding, SavingPlan, Site, SiteDay, SiteMonth, System
from khcn.energy.rules.days import zone_of
from khcn.energy.selectors.bill_months import Month as BillMonth
from khcn.energy.selectors.bill_months import months_of, spans_of
from khcn.energy.selectors.months import Sums, months_of_sites, share, total
from khcn.energy.selectors.overview import visible_sites
from khcn.energy.selectors.site_page import factor_of
from khcn.orgs.models import Unit


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit with sites of the reader, and how many."""

    unit: Unit
    sites: int
    months: int


def units_of(user: Any, today: date) -> list[UnitLine]:
    """Return the units whose sites a person reads, by the sites' order."""
    sites = visible_sites(user, today)
    known: dict[int, set[date]] = {}
    for site_id, month in (
        SiteMonth.objects.filter(site_id__in=[site.pk for site in sites], month__lt=Month.of(today).first)
        .values_list("site_id", "month")
        .order_by()
    ):
        known.setdefault(site_id, set()).add(month)
    lines: dict[int, UnitLine] = {}
    months: dict[int, set[date]] = {}
    for site in sites:
        held = lines.get(site.unit_id)
        months.setdefault(site.unit_id, set()).update(known.get(site.pk, set()))
        lines[site.unit_id] = UnitLine(site.unit, (held.sites if held else 0) + 1, len(months[site.unit_id]))
    return list(lines.values())


def sites_of(unit: Unit, on: date) -> list[Site]:
    """Return the sites of a unit in force on a day."""
    return list(Site.objects.filter(unit=unit).in_force(on).select_related("unit"))


def months_with_figures(unit: Unit, today: date, most: int = 13) -> list[Month]:
    """Return the whole months in which a site of the unit has figures, the latest first."""
    rows = SiteMonth.objects.filter(site__unit=unit, month__lt=Month.of(today).first)
    return [
        Month.of(day) for day in rows.order_by("-month").values_list("month", flat=True).distinct()[:most]
    ]


@dataclass(frozen=True, slots=True)
class UnitMonth:
    """One month of a unit. ``missing``: sites with a system or a device and no figures in it."""

    unit: Unit
    month: Month
    sites: tuple[tuple[Site, Sums], ...]
    total: Sums
    before: Sums
    year_ago: Sums
    findings: tuple[Finding, ...]
    lost_kwh: float | None
    lost_vnd: Decimal | None
    systems: tuple[System, ...]
    factor: EmissionFactor | None
    versions: tuple[Any, ...]
    bills: tuple[Bill, ...]

    @property
    def missing(self) -> list[Site]:
        """Sites without any figure in the month."""
        return [site for site, sums in self.sites if not sums.known]


def unit_month(unit: Unit, month: Month) -> UnitMonth:
    """Return a month of a unit over all its sites."""
    sites = sites_of(unit, month.last)
    found = months_of_sites([site.pk for site in sites], month.year_before, month)
    pairs = tuple((site, found.get(site.pk, {}).get(month, Sums())) for site in sites)

    def sums(at: Month) -> Sums:
        return total(found[site.pk][at] for site in sites if at in found.get(site.pk, {}))

    findings = _findings(sites, month)
    losses = [row.loss_kwh for row in findings if row.loss_kwh is not None]
    priced = [row.loss_vnd for row in findings if row.loss_vnd is not None]
    return UnitMonth(
        unit=unit,
        month=month,
        sites=pairs,
        total=sums(month),
        before=sums(month.before),
        year_ago=sums(month.year_before),
        findings=tuple(findings),
        lost_kwh=sum(losses) if losses else None,
        lost_vnd=sum(priced, Decimal(0)) if priced else None,
        systems=tuple(System.objects.filter(site__in=sites).in_force(month.last).select_related("site")),
        factor=factor_of(month.year),
        versions=_versions(sites, month),
        bills=tuple(
            Bill.objects.filter(
                contract__site__in=sites, ends_on__gte=month.first, ends_on__lte=month.last
            ).select_related("contract__site")
        ),
    )


def _findings(sites: Sequence[Site], month: Month) -> list[Finding]:
    """Return the faults that touched the month, the costliest first."""
    zone = zone_of(sites[0].zone) if sites else None
    begin = datetime.combine(month.first, time(), tzinfo=zone)
    end = datetime.combine(month.after.first, time(), tzinfo=zone)
    rows = Finding.objects.filter(site__in=sites, starts_at__lt=end, ends_at__gte=begin).defer("evidence")
    return sorted(
        rows.select_related("site", "system", "device"), key=lambda row: (-(row.loss_kwh or 0), row.pk)
    )


def _versions(sites: Iterable[Site], month: Month) -> tuple[Any, ...]:
    found: list[Any] = []
    rows = SiteDay.objects.filter(site__in=list(sites), day__gte=month.first, day__lte=month.last)
    for versions in rows.order_by("day").values_list("versions", flat=True):
        if versions and versions not in found:
            found.append(versions)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class YearMonth:
    """One month of the yearly report. ``bought``/``cost``: from bills where they cover it, else from meters."""

    month: Month
    bought_kwh: float | None
    cost_vnd: float | None
    from_bills: bool
    solar_kwh: float | None
    own_kwh: float | None
    used_kwh: float | None


@dataclass(frozen=True, slots=True)
class UnitYear:
    """The yearly energy-use report of a unit."""

    unit: Unit
    year: int
    sites: tuple[Site, ...]
    months: tuple[YearMonth, ...]
    before_kwh: float | None
    plan: SavingPlan | None
    area_m2: float | None
    people: int | None
    kwp: float
    co2_kg: float | None
    factor: EmissionFactor | None

    def _sum(self, name: str) -> float | None:
        known = [getattr(row, name) for row in self.months]
        return None if not known or None in known else float(sum(known))

    @property
    def used_kwh(self) -> float | None:
        """What was used in the year; None when a month is missing."""
        return self._sum("used_kwh")

    @property
    def bought_kwh(self) -> float | None:
        """What was bought in the year; None when a month is missing."""
        return self._sum("bought_kwh")

    @property
    def cost_vnd(self) -> float | None:
        """What was paid in the year; None when a month is missing."""
        return self._sum("cost_vnd")

    @property
    def own_kwh(self) -> float | None:
        """Solar energy that was used on the spot."""
        return self._sum("own_kwh")

    @property
    def per_m2(self) -> float | None:
        """kWh per square metre of floor."""
        return share(self.used_kwh, self.area_m2)

    @property
    def per_person(self) -> float | None:
        """kWh per person."""
        return share(self.used_kwh, self.people)

    @property
    def renewable_share(self) -> float | None:
        """Share of the used energy that the own roofs gave."""
        return share(self.own_kwh, self.used_kwh)

    @property
    def change(self) -> float | None:
        """Change of the use to the year before."""
        return None if self.used_kwh is None or not self.before_kwh else self.used_kwh / self.before_kwh - 1

    @property
    def against_target(self) -> float | None:
        """Use less the plan's limit, kWh (negative: less than planned)."""
        if self.plan is None or self.plan.target_kwh is None or self.used_kwh is None:
            return None
        return self.used_kwh - float(self.plan.target_kwh)

    @property
    def known_months(self) -> int:
        """Months whose use is known."""
        return sum(row.used_kwh is not None for row in self.months)


def unit_year(unit: Unit, year: int, today: date) -> UnitYear:
    """Return a year of a unit, as far as its months are over."""
    last = min(Month(year, 12), Month.of(today).before)
    on = min(date(year, 12, 31), today)
    sites = sites_of(unit, on)
    ids = [site.pk for site in sites]
    stored = months_of_sites(ids, Month(year - 1, 1), Month(year, 12))
    bills = _bill_months(ids, year)
    systems = list(System.objects.filter(site_id__in=ids).in_force(on))
    roofed = {system.site_id: system.valid_from for system in systems}
    rows = tuple(
        _year_month(month, sites, stored, bills, roofed) for month in months_between(Month(year, 1), last)
    )
    before = [_year_month(row.month.year_before, sites, stored, bills, roofed).used_kwh for row in rows]
    areas, people = [site.floor_area_m2 for site in sites], [site.people for site in sites]
    carbon = [
        sums["co2_kg"]
        for mine in stored.values()
        for month, sums in mine.items()
        if month.year == year and sums["co2_kg"] is not None
    ]
    return UnitYear(
        unit=unit,
        year=year,
        sites=tuple(sites),
        months=rows,
        before_kwh=None if not before or None in before else sum(one for one in before if one),
        plan=SavingPlan.objects.filter(unit=unit, year=year).first(),
        area_m2=None if None in areas or not areas else float(sum(area for area in areas if area)),
        people=None if None in people or not people else sum(count for count in people if count),
        kwp=float(sum(system.kwp for system in systems)),
        co2_kg=sum(one for one in carbon if one is not None) if carbon else None,
        factor=factor_of(year),
    )


def _bill_months(ids: Sequence[int], year: int) -> dict[int, dict[date, BillMonth]]:
    rows = Bill.objects.filter(
        contract__site_id__in=ids, ends_on__gte=date(year - 1, 1, 1), starts_on__lte=date(year, 12, 31)
    ).select_related("contract")
    by_site: dict[int, list[Bill]] = {}
    for bill in rows:
        by_site.setdefault(bill.contract.site_id, []).append(bill)
    return {pk: months_of(spans_of(some)) for pk, some in by_site.items()}


def _year_month(
    month: Month,
    sites: Sequence[Site],
    stored: dict[int, dict[Month, Sums]],
    bills: dict[int, dict[date, BillMonth]],
    roofed: dict[int, date | None],
) -> YearMonth:
    """Add up a month over sites; a site of which a part is not known makes the sum unknown."""
    bought: list[float | None] = []
    cost: list[float | None] = []
    solar: list[float | None] = []
    own: list[float | None] = []
    billed = False
    for site in sites:
        sums = stored.get(site.pk, {}).get(month, Sums())
        bill = bills.get(site.pk, {}).get(month.first)
        if bill is not None and bill.known:
            billed = True
            bought.append(bill.whole_kwh)
            cost.append(bill.vnd / bill.days * bill.length)
        else:
            bought.append(sums["import_kwh"] if sums.enough else None)
            cost.append(sums["cost_vnd"] if sums.enough else None)
        has_roof = site.pk in roofed and (roofed[site.pk] is None or roofed[site.pk] <= month.last)  # type: ignore[operator]  # None is handled before
        solar.append(sums["production_kwh"] if has_roof else 0.0)
        own.append(sums["self_consumed_kwh"] if has_roof else 0.0)
    used = [None if one is None or two is None else one + two for one, two in zip(bought, own, strict=True)]
    return YearMonth(month, _all(bought), _all(cost), billed, _all(solar), _all(own), _all(used))


def _all(values: Sequence[float | None]) -> float | None:
    return None if not values or None in values else sum(value for value in values if value is not None)
