"""Sites and units side by side, only on what both were measured in: twelve whole months, or a calendar year.

Consumption comes from meters when they know (nearly) all of the time, otherwise from bills plus what the sun gave on
the spot. A site with a month missing is shown and not ranked: a missing month would look like saving.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from khcn.core.months import Month, months_between
from khcn.energy.models import Bill, Site, System
from khcn.energy.selectors.bill_months import Month as BillMonth
from khcn.energy.selectors.bill_months import months_of, spans_of
from khcn.energy.selectors.months import Sums, months_of_sites
from khcn.energy.selectors.overview import visible_sites

METER: Final = "meter"
BILLS: Final = "bills"


@dataclass(frozen=True, slots=True)
class Use:
    """What was used in some months. ``kwh`` None: a month is missing; ``known``: months that are known."""

    kwh: float | None
    source: str
    known: int
    of: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One site, or one unit with all its sites. Ratios are None when a part is missing or not recorded."""

    name: str
    key: str
    unit: str
    kinds: frozenset[str]
    use: Use
    production_kwh: float | None
    production_known: int
    kwp: float | None
    area_m2: float | None
    people: int | None
    against_last_year: float | None
    months_against: int

    @property
    def per_m2(self) -> float | None:
        """kWh used per square metre of floor."""
        return _per(self.use.kwh, self.area_m2)

    @property
    def per_person(self) -> float | None:
        """kWh used per person."""
        return _per(self.use.kwh, self.people)

    @property
    def per_kwp(self) -> float | None:
        """kWh made per kWp."""
        return _per(self.production_kwh, self.kwp)


def _per(what: float | None, base: float | None) -> float | None:
    return None if what is None or not base else what / float(base)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that is compared, over the months ``first`` to ``last``."""

    first: Month
    last: Month
    rows: tuple[Compared, ...]


def comparison(
    user: Any, today: date, *, year: int | None = None, kind: str = "", by_unit: bool = False
) -> Comparison:
    """Return the comparison of the reader's sites: the last twelve whole months, or a calendar year's whole months."""
    last = Month.of(today).before
    first = last.year_before.after
    if year is not None:
        first, last = Month(year, 1), min(Month(year, 12), last)
    sites = [site for site in visible_sites(user, today) if not kind or site.kind == kind]
    window = months_between(first, last)
    found = _Reader(sites, window, today)
    if not by_unit:
        return Comparison(first, last, tuple(found.of_site(site) for site in sites))
    units: dict[int, list[Site]] = defaultdict(list)
    for site in sites:
        units[site.unit_id].append(site)
    return Comparison(first, last, tuple(found.of_unit(group) for group in units.values()))


class _Reader:
    """Months, bills and systems of all compared sites, in four queries."""

    def __init__(self, sites: Sequence[Site], window: Sequence[Month], today: date) -> None:
        ids = [site.pk for site in sites]
        self.window = window
        self._held: dict[tuple[int, Month], float | None] = {}
        begin = window[0].year_before if window else Month.of(today)
        end = window[-1] if window else Month.of(today)
        self.months = months_of_sites(ids, begin, end)
        bills: dict[int, list[Bill]] = defaultdict(list)
        rows = Bill.objects.filter(
            contract__site_id__in=ids, ends_on__gte=begin.first, starts_on__lte=end.last
        ).select_related("contract")
        for bill in rows:
            bills[bill.contract.site_id].append(bill)
        self.bills = {pk: months_of(spans_of(some)) for pk, some in bills.items()}
        self.systems: dict[int, list[System]] = defaultdict(list)
        for system in System.objects.filter(site_id__in=ids).in_force(today):
            self.systems[system.site_id].append(system)

    def of_site(self, site: Site) -> Compared:
        return self._compared(site.name, site.key, site.unit.name, [site])

    def of_unit(self, sites: Sequence[Site]) -> Compared:
        return self._compared(sites[0].unit.name, "", "", sites)

    def _compared(self, name: str, key: str, unit: str, sites: Sequence[Site]) -> Compared:
        uses = [self.use(site.pk, self.window) for site in sites]
        made = [self._made(site.pk) for site in sites if self.systems[site.pk]]
        whole = [kwh for kwh, known in made if known == len(self.window)]
        areas = [site.floor_area_m2 for site in sites]
        people = [site.people for site in sites]
        change, months = self._against(sites)
        return Compared(
            name=name,
            key=key,
            unit=unit,
            kinds=frozenset(site.kind for site in sites),
            use=_joined(uses),
            production_kwh=sum(whole) if made and len(whole) == len(made) else None,
            production_known=min((known for _kwh, known in made), default=0),
            kwp=float(sum(system.kwp for site in sites for system in self.systems[site.pk])) or None,
            area_m2=None if None in areas else float(sum(area for area in areas if area)),
            people=None if None in people else sum(count for count in people if count),
            against_last_year=change,
            months_against=months,
        )

    def use(self, pk: int, window: Sequence[Month]) -> Use:
        """Return what a site used in the months of ``window``."""
        measured = [self._metered(pk, month) for month in window]
        if window and all(kwh is not None for kwh in measured):
            return Use(sum(kwh for kwh in measured if kwh is not None), METER, len(window), len(window))
        billed = [self._billed(pk, month) for month in window]
        by_month = [one if one is not None else other for one, other in zip(measured, billed, strict=True)]
        known = sum(kwh is not None for kwh in by_month)
        whole = known == len(window) and known > 0
        return Use(
            sum(kwh for kwh in by_month if kwh is not None) if whole else None,
            BILLS if any(kwh is not None for kwh in billed) else METER,
            known,
            len(window),
        )

    def _known(self, pk: int, month: Month) -> float | None:
        """Return what a site used in a month, by meters or else by bills."""
        key = (pk, month)
        if key not in self._held:
            metered = self._metered(pk, month)
            self._held[key] = self._billed(pk, month) if metered is None else metered
        return self._held[key]

    def _metered(self, pk: int, month: Month) -> float | None:
        sums = self.months.get(pk, {}).get(month)
        return sums["load_kwh"] if sums is not None and sums.enough else None

    def _billed(self, pk: int, month: Month) -> float | None:
        """Return bought energy plus what the sun gave; None when the sun's part is not known where a system stands."""
        bill: BillMonth | None = self.bills.get(pk, {}).get(month.first)
        bought = bill.whole_kwh if bill else None
        if bought is None:
            return None
        own = self.months.get(pk, {}).get(month, Sums())["self_consumed_kwh"]
        if own is None:
            running = [s for s in self.systems[pk] if s.valid_from is None or s.valid_from <= month.last]
            return None if running else bought
        return bought + own

    def _made(self, pk: int) -> tuple[float, int]:
        """Return the production in the window and in how many of its months it is well known."""
        known = [
            sums["production_kwh"] or 0.0
            for month in self.window
            if (sums := self.months.get(pk, {}).get(month)) is not None
            and sums.enough
            and sums["production_kwh"] is not None
        ]
        return sum(known), len(known)

    def _against(self, sites: Iterable[Site]) -> tuple[float | None, int]:
        """Return the change of use to a year before over the months known in both years, and how many these are."""
        now = then = 0.0
        months: set[Month] = set()
        for site in sites:
            for month in self.window:
                one, other = self._known(site.pk, month), self._known(site.pk, month.year_before)
                if one is not None and other is not None:
                    now, then = now + one, then + other
                    months.add(month)
        return (now / then - 1 if then > 0 else None), len(months)


def _joined(uses: Sequence[Use]) -> Use:
    if len(uses) == 1:
        return uses[0]
    whole = all(use.kwh is not None for use in uses)
    sources = {use.source for use in uses}
    return Use(
        sum(use.kwh for use in uses if use.kwh is not None) if whole else None,
        sources.pop() if len(sources) == 1 else BILLS,
        min((use.known for use in uses), default=0),
        uses[0].of if uses else 0,
    )
