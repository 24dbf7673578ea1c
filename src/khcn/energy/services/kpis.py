"""Key figures of months that are over, kept with their inputs, definitions and versions; never overwritten.

A figure that comes out otherwise (late data, a new rating of money, another engine) is a new version beside the old.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.db.models import Max

from khcn.energy.models import KpiRecord, Site, SiteDay, SiteMonth, System
from khcn.energy.rules.days import day_of_ms, month_end, month_start, ms_of
from khcn.energy.selectors.flows import Flows, Series, site_flows
from khcn.energy.services.expectation import Expectation, expectation_of
from khcn.engines.energy.types import STEP_MS, Values

logger = logging.getLogger("khcn.energy")
HOURS: Final = STEP_MS / 3_600_000
MONTHS_BACK: Final = 15
CLOSE: Final = 1e-6
AT_ONCE: Final = 60  # site-months a run
MONEY: Final = (
    ("savings_vnd", "VND", "kpi-savings_vnd"),
    ("cost_vnd", "VND", "kpi-cost_vnd"),
    ("co2_kg", "kg", "kpi-co2_kg"),
)


@dataclass(slots=True)
class _Value:
    """One figure on its way into a record."""

    key: str
    value: float | None
    unit: str
    inputs: dict[str, Any]
    versions: dict[str, Any]
    completeness: float | None
    definition: str
    note: str = ""


def kpis_refresh(now: datetime, *, limit: int = AT_ONCE) -> int:
    """Compute the key figures of months that are over and changed since, the newest first, a bounded number at once.

    Return how many records were made. A periodic duty.
    """
    made = looked = 0
    earliest = month_start(now.date() - timedelta(days=31 * MONTHS_BACK))
    computed = {
        (site_id, start): at
        for site_id, start, at in KpiRecord.objects.filter(starts_on__gte=earliest)
        .order_by()
        .values_list("site_id", "starts_on")
        .annotate(at=Max("computed_at"))
    }
    for month in (
        SiteMonth.objects.filter(month__gte=earliest).select_related("site").order_by("-month", "site")
    ):
        today = day_of_ms(ms_of(now), month.site.zone)
        done = computed.get((month.site_id, month.month))
        if month_end(month.month) >= today or (done is not None and done >= month.derived_at):
            continue
        looked += 1
        if looked > limit:
            break
        try:
            made += site_month_kpis(month.site, month.month, now)
        except Exception:  # one site's odd data must not hold up the others
            logger.exception("key figures of site %s, %s failed", month.site.key, month.month)
    return made


def site_month_kpis(site: Site, month: date, now: datetime) -> int:
    """Compute the key figures of one site and its systems in one month; return how many new records."""
    first, last = month_start(month), month_end(month)
    flows = site_flows(site, first, last)
    systems = [
        system
        for system in System.objects.filter(site=site).prefetch_related("arrays")
        if (system.valid_from is None or system.valid_from <= last)
        and (system.valid_to is None or system.valid_to >= first)
    ]
    expected = expectation_of(site, systems, flows)
    days = list(SiteDay.objects.filter(site=site, day__gte=first, day__lte=last).order_by("day"))
    made = _keep(site, None, (first, last), _of_site(flows, systems, expected, days), now)
    for system in systems:
        series = flows.by_system.get(system.pk)
        if series is not None:
            values = _engine(flows, series, [system], expected, None)
            made += _keep(site, system, (first, last), values, now)
    if not made:  # nothing changed: note that it was looked at
        KpiRecord.objects.filter(site=site, starts_on=first, ends_on=last).update(computed_at=now)
    return made


def _of_site(flows: Flows, systems: list[System], expected: Expectation, days: list[SiteDay]) -> list[_Value]:
    lost = np.zeros(flows.grid.size)
    for day in days:
        if day.lost_kwh:
            lost[flows.grid.place(day.day).start] = day.lost_kwh
    judged = any(day.availability is not None for day in days)
    values = _engine(flows, flows.production, systems, expected, lost if judged else None, whole=True)
    calendar = round((flows.grid.last - flows.grid.first) / timedelta(days=1)) + 1
    ratings = sorted({int(day.versions.get("rating", 1)) for day in days})
    documents = sorted({str(name) for day in days for name in _documents(day)})
    share = sum(day.completeness for day in days) / calendar if days else 0.0
    for key, unit, definition in MONEY:
        known = [float(value) for day in days if (value := getattr(day, key)) is not None]
        values.append(
            _Value(
                key, round(sum(known), 2) if known else None, unit, {"days": len(known)},
                {"documents": documents, "ratings": ratings}, round(share, 4), definition,
                "" if known else "kpi-note-nothing",
            )
        )  # fmt: skip
    return values


def _documents(day: SiteDay) -> Iterable[str]:
    terms = day.versions.get("terms") or {}
    for name in ("decision", "vat", "hours", "factor"):
        if terms.get(name):
            yield str(terms[name]["document"])


def _engine(
    flows: Flows,
    production: Series | None,
    systems: list[System],
    expected: Expectation,
    lost: Values | None,
    *,
    whole: bool = False,
) -> list[_Value]:
    """Return what the KPI engine says of a month: of a site (``whole``), or of one system."""
    from khcn.engines.energy.kpi.site import Grain, SiteInputs, site_kpis  # noqa: PLC0415

    if not systems and not whole:
        return []
    kwp = sum(float(system.kwp) for system in systems)
    ac = sum(float(system.ac_kw) for system in systems)
    inputs = SiteInputs(
        start_ms=flows.grid.start_ms,
        production=_values(production),
        array_energy=_values(flows.array) if whole else None,
        imported=_values(flows.imported) if whole else None,
        exported=_values(flows.exported) if whole and not flows.no_export_meter else None,
        load=_values(flows.load) if whole and (flows.load_measured or flows.imported is not None) else None,
        poa=_poa(flows, systems, expected),
        poa_modelled=not expected.measured,
        module_temperature=_values(flows.module_temperature),
        lost=lost,
        pdc0_kw=kwp or None,
        pac0_kw=ac or None,
        gamma_per_c=_gamma(systems),
        versions={"weather": "pyranometer" if expected.measured else "usual-year"},
    )
    return [
        _Value(
            one.key, one.value, one.unit, dict(one.inputs), dict(one.versions), round(one.completeness, 4),
            one.definition_code, one.note_code,
        )
        for one in site_kpis(inputs, zone=flows.grid.zone, grain=Grain.TOTAL)
    ]  # fmt: skip


def _values(series: Series | None) -> Values | None:
    return series.values if series is not None else None


def _gamma(systems: list[System]) -> float | None:
    kwp = sum(float(system.kwp) for system in systems)
    if not kwp:
        return None
    return sum(float(s.kwp) * s.temperature_coefficient for s in systems) / kwp / 100


def _poa(flows: Flows, systems: list[System], expected: Expectation) -> Values | None:
    """Return mean W/m2 on the modules: measured, or of the model, weighted by power."""
    if expected.measured and flows.poa is not None:
        return np.asarray(np.maximum(flows.poa.values, 0.0))
    parts = [(float(s.kwp), expected.poa[s.pk]) for s in systems if s.pk in expected.poa]
    if not parts:
        return None
    total = sum(kwp for kwp, _poa in parts)
    return np.asarray(sum(kwp * poa for kwp, poa in parts) / total / HOURS * 1000)


@transaction.atomic
def _keep(
    site: Site, system: System | None, span: tuple[date, date], values: list[_Value], now: datetime
) -> int:
    """Write what is new or came out otherwise as the next version."""
    rows = KpiRecord.objects.filter(site=site, system=system, starts_on=span[0], ends_on=span[1])
    held: dict[str, KpiRecord] = {}
    for row in rows.order_by("version"):
        held[row.key] = row
    fresh = []
    for one in values:
        before = held.get(one.key)
        if before is not None and _same(before, one):
            continue
        fresh.append(
            KpiRecord(
                site=site, system=system, key=one.key[:40], starts_on=span[0], ends_on=span[1],
                version=(before.version if before else 0) + 1, value=one.value, unit=one.unit[:20],
                inputs=_finite(one.inputs), versions=_finite(one.versions), completeness=one.completeness,
                definition=one.definition[:60], note=one.note[:60], computed_at=now,
            )
        )  # fmt: skip
    KpiRecord.objects.bulk_create(fresh)
    return len(fresh)


def _same(row: KpiRecord, one: _Value) -> bool:
    if (row.value is None) != (one.value is None) or row.note != one.note[:60]:
        return False
    near = (
        row.value is None
        or one.value is None
        or abs(row.value - one.value) <= CLOSE * max(1.0, abs(row.value))
    )
    return near and row.versions == _finite(one.versions)


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value
        for name, value in values.items()
    }
