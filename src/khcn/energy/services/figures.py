"""Days and months of sites and systems, derived from intervals for exactly the days that changed.

Money: a day keeps the terms (prices, VAT, hours, rule, factor with their values) by which it was priced first. Deriving
it again, after late data, prices it by the same terms, whatever the tables say by then. Only an explicit
:func:`site_rerate` takes the tables as they are now, as a new version that says so.

Expected yield and availability need pvlib and some days around: they are worked out for days that are over, by the
worker. Today has its sums only.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db import connection, transaction

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.energy import permissions
from khcn.energy.models import Site, SiteDay, System, SystemDay
from khcn.energy.rules.days import day_of_ms, day_start_ms, days_between, ms_of
from khcn.energy.rules.pricing import Worth, co2_kg, worth_of
from khcn.energy.selectors.flows import Flows, Series, site_flows
from khcn.energy.selectors.tariffs import TariffBook
from khcn.energy.services.availability import Available, available_days
from khcn.energy.services.derive import intervals_derive
from khcn.energy.services.expectation import Expectation, expectation_of
from khcn.energy.services.months import months_derive
from khcn.energy.setup_errors import require
from khcn.engines.energy.types import Values

logger = logging.getLogger("khcn.energy")
DAYS_AT_ONCE: Final = 210
CONTEXT_DAYS: Final = 10  # availability looks at the days around
ENGINE: Final = "figures-1"
_SITE_FIELDS: Final = (
    "production_kwh", "expected_kwh", "poa_kwh_m2", "poa_measured", "lost_kwh", "availability", "completeness",
    "peak_kw", "versions", "derived_at", "import_kwh", "export_kwh", "load_kwh", "self_consumed_kwh", "savings_vnd",
    "surplus_vnd", "cost_vnd", "co2_kg",
)  # fmt: skip
_SYSTEM_FIELDS: Final = _SITE_FIELDS[:10]


@dataclass(slots=True)
class RefreshReport:
    """What one run did."""

    channels: int = 0
    days: int = 0
    failed: int = 0


def figures_refresh(now: datetime, *, site_id: int | None = None) -> RefreshReport:
    """Derive what is marked: intervals, then the figures of exactly the days that changed. A periodic duty."""
    report = RefreshReport()
    found = intervals_derive(now, site_id=site_id)
    report.channels, report.failed = found.channels, found.failed
    for site in Site.objects.filter(pk__in=found.days):
        try:
            report.days += figures_derive(site, found.days[site.pk], now)
        except Exception:  # one site's odd data must not hold up the others
            logger.exception("figures of site %s failed", site.key)
            report.failed += 1
    return report


def figures_derive(
    site: Site, days: Collection[date], now: datetime, *, whole: bool = True, rerate: bool = False
) -> int:
    """Derive the given local days of a site, and their months; return how many.

    ``whole``: also expected yield and availability of days that are over (loads pvlib); else what a day has of them
    stays. ``rerate``: price by the tables as they are now.
    """
    today = day_of_ms(ms_of(now), site.zone)
    wanted = sorted(day for day in set(days) if day <= today)
    done: list[date] = []
    for chunk in _chunks(wanted):
        with transaction.atomic():
            Site.objects.select_for_update(no_key=True).get(pk=site.pk)
            _derive(_Chunk(site, chunk, now, today, whole=whole, rerate=rerate))
        done += chunk
    if done:
        months_derive(site, done, now)
    return len(done)


def _chunks(days: Sequence[date]) -> Iterable[list[date]]:
    """Yield runs of days that lie near each other, none too long."""
    run: list[date] = []
    for day in days:
        if run and ((day - run[-1]).days > CONTEXT_DAYS or (day - run[0]).days >= DAYS_AT_ONCE):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


@dataclass(slots=True)
class _Chunk:
    """Some days of a site being derived."""

    site: Site
    days: list[date]
    now: datetime
    today: date
    whole: bool
    rerate: bool


def _derive(chunk: _Chunk) -> None:
    site, over = chunk.site, [day for day in chunk.days if day < chunk.today]
    whole = chunk.whole and bool(over)
    first, last = chunk.days[0], chunk.days[-1]
    if whole:
        first = first - timedelta(days=CONTEXT_DAYS)
    flows = site_flows(site, first, last)
    systems = list(System.objects.filter(site=site).prefetch_related("arrays"))
    expected = expectation_of(site, systems, flows) if whole else Expectation(flows.grid)
    available = available_days(site, flows, expected.total) if whole else {}
    held = {row.day: row for row in SiteDay.objects.filter(site=site, day__in=chunk.days)}
    held_of = {
        (row.system_id, row.day): row
        for row in SystemDay.objects.filter(system__in=systems, day__in=chunk.days)
    }
    book = TariffBook([site])
    sites, of_systems, empty = [], [], []
    for day in chunk.days:
        cut = _Day(chunk, flows, day, expected if whole and day < chunk.today else None)
        row = _site_day(cut, held.get(day), available.get(day), book)
        if row is None:
            empty.append(day)
            continue
        sites.append(row)
        of_systems += [
            made
            for system in systems
            if (made := _system_day(cut, system, held_of.get((system.pk, day)))) is not None
        ]
    SiteDay.objects.filter(site=site, day__in=empty).delete()
    SystemDay.objects.filter(system__in=systems, day__in=empty).delete()
    _upsert(SiteDay, sites, _SITE_FIELDS, "site")
    _upsert(SystemDay, of_systems, _SYSTEM_FIELDS, "system")


@dataclass(slots=True)
class _Day:
    """One day cut out of the flows."""

    chunk: _Chunk
    flows: Flows
    day: date
    expected: Expectation | None

    @property
    def place(self) -> slice:
        return self.flows.grid.place(self.day)

    def cut(self, series: Series | None) -> Values | None:
        """Return the day's values; None without a series or when nothing of the day is known."""
        if series is None:
            return None
        values = series.values[self.place]
        return values if np.isfinite(values).any() else None

    def total(self, series: Series | None) -> float | None:
        """Return the day's sum of what is known."""
        values = self.cut(series)
        return None if values is None else round(float(np.nansum(values)), 4)

    @property
    def light(self) -> Any:
        return self.flows.daylight[self.place]

    def completeness(self, series: Series | None, *, by_day: bool) -> float | None:
        """Return the share of the day (of its daylight) so far that is known."""
        if series is None:
            return None
        share = series.share[self.place]
        wanted = self.light.copy() if by_day else np.ones(len(share), np.bool_)
        if self.day == self.chunk.today:
            elapsed = (ms_of(self.chunk.now) - day_start_ms(self.day, self.flows.grid.zone)) // 900_000
            wanted[max(0, int(elapsed)) :] = False
        if not wanted.any():
            return None
        return round(float(share[wanted].mean()), 4)

    def modelled(self, of: dict[int, Values], system_id: int | None = None) -> float | None:
        """Return the day's sum of an expectation, of one system or of all."""
        chosen = [values for pk, values in of.items() if system_id in {None, pk}]
        return round(float(sum(values[self.place].sum() for values in chosen)), 4) if chosen else None


def _site_day(
    cut: _Day, held: SiteDay | None, available: Available | None, book: TariffBook
) -> SiteDay | None:
    """Return the row of a day, or None when nothing at all is known of it."""
    flows, chunk = cut.flows, cut.chunk
    parts = (flows.production, flows.imported, flows.load)
    if all(cut.cut(part) is None for part in parts):
        return None
    row = SiteDay(site=chunk.site, day=cut.day, derived_at=chunk.now)
    row.production_kwh, row.import_kwh = cut.total(flows.production), cut.total(flows.imported)
    row.export_kwh, row.load_kwh = cut.total(flows.exported), cut.total(flows.load)
    own = flows.self_consumed
    used = own[cut.place] if own is not None else None
    used = used if used is not None and np.isfinite(used).any() else None
    row.self_consumed_kwh = round(float(np.nansum(used)), 4) if used is not None else None
    made = cut.cut(flows.production)
    row.peak_kw = round(float(np.nanmax(made)) * 4, 3) if made is not None else None
    shares = [
        cut.completeness(flows.production, by_day=True),
        cut.completeness(flows.imported, by_day=False),
        cut.completeness(flows.load, by_day=False) if flows.load_measured else None,
    ]
    known = [share for share in shares if share is not None]
    row.completeness = round(sum(known) / len(known), 4) if known else 0.0
    _expected(row, cut, held)
    _available(row, available, held)
    terms, version = _terms(chunk, held, cut.day, book)
    row.versions = {"engine": ENGINE, "terms": terms, "rating": version}
    worth = worth_of(
        terms,
        day_start_ms(cut.day, flows.grid.zone),
        flows.grid.zone,
        self_consumed=used,
        imported=cut.cut(flows.imported),
        exported=None if flows.no_export_meter else cut.cut(flows.exported),
        production_kwh=row.production_kwh,
    )
    _money(row, worth)
    row.co2_kg = co2_kg(terms, row.production_kwh)
    if flows.no_export_meter:
        row.versions["no_export_meter"] = True
    if cut.expected is not None or (held is not None and "finished" in held.versions):
        row.versions["finished"] = True
    return row


def _money(row: SiteDay, worth: Worth) -> None:
    row.savings_vnd, row.surplus_vnd, row.cost_vnd = worth.savings_vnd, worth.surplus_vnd, worth.cost_vnd
    if worth.problem:
        row.versions["money"] = worth.problem


def _terms(chunk: _Chunk, held: SiteDay | None, day: date, book: TariffBook) -> tuple[dict[str, Any], int]:
    """Return the terms of a day and their version: those it has, completed where something was missing."""
    mine = dict(held.versions.get("terms") or {}) if held is not None else {}
    version = int(held.versions.get("rating", 1)) if held is not None else 1
    if not mine:
        return book.terms(chunk.site, day), version
    now = book.terms(chunk.site, day)
    if chunk.rerate:
        return now, version + (now != mine)
    if "prices" not in mine and "prices" in now:  # it was never priced: the contract came later
        return {**now, **{name: mine[name] for name in ("factor",) if name in mine}}, version
    return {**{name: now[name] for name in ("factor", "surplus") if name in now}, **mine}, version


def _expected(row: SiteDay | SystemDay, cut: _Day, held: Any, system_id: int | None = None) -> None:
    if cut.expected is not None:
        row.expected_kwh = cut.modelled(cut.expected.by_system, system_id)
        poa = [values[cut.place].sum() for pk, values in cut.expected.poa.items() if system_id in {None, pk}]
        row.poa_kwh_m2 = round(float(np.mean(poa)), 4) if poa else None
        row.poa_measured = cut.expected.measured
    elif held is not None:
        row.expected_kwh, row.poa_kwh_m2, row.poa_measured = (
            held.expected_kwh,
            held.poa_kwh_m2,
            held.poa_measured,
        )


def _available(row: SiteDay, available: Available | None, held: SiteDay | None) -> None:
    if available is not None:
        row.availability, row.lost_kwh = available.availability, available.lost_kwh
    elif held is not None:
        row.availability, row.lost_kwh = held.availability, held.lost_kwh


def _system_day(cut: _Day, system: System, held: SystemDay | None) -> SystemDay | None:
    series = cut.flows.by_system.get(system.pk)
    made = cut.cut(series)
    if made is None or not system.in_force(cut.day):
        return None
    row = SystemDay(system=system, day=cut.day, derived_at=cut.chunk.now, versions={"engine": ENGINE})
    row.production_kwh = cut.total(series)
    row.peak_kw = round(float(np.nanmax(made)) * 4, 3)
    row.completeness = cut.completeness(series, by_day=True) or 0.0
    _expected(row, cut, held, system.pk)
    return row


def _upsert(model: Any, rows: list[Any], fields: Sequence[str], owner: str) -> None:
    model.objects.bulk_create(
        rows,
        batch_size=40 if connection.vendor == "sqlite" else 500,
        update_conflicts=True,
        update_fields=list(fields),
        unique_fields=[owner, "day"],
    )


def site_rerate(*, actor: Actor, site: Site, first: date, last: date, reason: str, now: datetime) -> int:
    """Price the days of a site from ``first`` to ``last`` by the tables as they are now; return how many changed.

    A day whose terms change gets the next version of its rating; what it was before stays in the audit trail. Raises
    PermissionDeniedError.
    """
    require(permissions.can_keep_tables(actor) or permissions.can_found(actor), "tính lại tiền theo biểu giá")
    before = _sums(site, first, last)
    changed = 0
    days = list(days_between(first, last))
    ratings = dict(SiteDay.objects.filter(site=site, day__in=days).values_list("day", "versions"))
    figures_derive(site, list(ratings), now, whole=False, rerate=True)
    for day, versions in SiteDay.objects.filter(site=site, day__in=days).values_list("day", "versions"):
        changed += versions.get("rating") != ratings[day].get("rating")
    with transaction.atomic():
        audit_record(
            actor=actor,
            action="energy.site.rerate",
            target=site,
            before=before,
            after={**_sums(site, first, last), "first": str(first), "last": str(last), "days": changed},
            reason=reason,
            at=now,
        )
    return changed


def _sums(site: Site, first: date, last: date) -> dict[str, Any]:
    rows = SiteDay.objects.filter(site=site, day__gte=first, day__lte=last)
    saved = [row for row in rows.values_list("savings_vnd", flat=True) if row is not None]
    return {"savings_vnd": str(sum(saved)) if saved else None}


def days_finish(now: datetime) -> int:
    """Give yesterday (and any day before that lacks it) its expected yield and availability. A periodic duty."""
    done = 0
    for site in Site.objects.in_force(day_of_ms(ms_of(now), "Asia/Ho_Chi_Minh")):
        today = day_of_ms(ms_of(now), site.zone)
        rows = SiteDay.objects.filter(site=site, day__lt=today, day__gte=today - timedelta(days=40))
        lacking = [
            row.day
            for row in rows
            if "finished" not in row.versions or ("money" in row.versions and row.savings_vnd is None)
        ]
        if not lacking:
            continue
        try:
            done += figures_derive(site, lacking, now)
        except Exception:  # one site's odd data must not hold up the others
            logger.exception("days of site %s failed", site.key)
    return done
