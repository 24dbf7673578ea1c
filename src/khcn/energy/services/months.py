"""Months of a site: sums of its days, so that an overview reads few rows."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from khcn.energy.models import Site, SiteDay, SiteMonth
from khcn.energy.rules.days import month_end, month_start

WELL_MEASURED: Final = 0.8
SUMS: Final = (
    "import_kwh", "export_kwh", "load_kwh", "self_consumed_kwh", "expected_kwh", "lost_kwh", "poa_kwh_m2",
    "cost_vnd", "surplus_vnd",
)  # fmt: skip


def months_derive(site: Site, days: Iterable[date], now: datetime) -> int:
    """Derive the months in which ``days`` lie; return how many.

    Sums of what is known; ``matched_*``: production and expectation over the days that have both, for a fair ratio;
    ``days``: with any figure, ``days_measured``: of them at least four fifths measured.
    """
    months = sorted({month_start(day) for day in days})
    rows, empty = [], []
    for month in months:
        held = list(
            SiteDay.objects.filter(site=site, day__gte=month, day__lte=month_end(month)).order_by("day")
        )
        if held:
            rows.append(_month(site, month, held, now))
        else:
            empty.append(month)
    SiteMonth.objects.filter(site=site, month__in=empty).delete()
    SiteMonth.objects.bulk_create(
        rows,
        batch_size=50 if connection.vendor == "sqlite" else 500,
        update_conflicts=True,
        update_fields=["figures", "production_kwh", "savings_vnd", "co2_kg", "completeness", "derived_at"],
        unique_fields=["site", "month"],
    )
    return len(rows)


def _month(site: Site, month: date, days: list[SiteDay], now: datetime) -> SiteMonth:
    figures: dict[str, Any] = {name: _total(days, name) for name in SUMS}
    both = [day for day in days if day.production_kwh is not None and day.expected_kwh is not None]
    figures["matched_production_kwh"] = _total(both, "production_kwh")
    figures["matched_expected_kwh"] = _total(both, "expected_kwh")
    lost, made = figures["lost_kwh"], _total(days, "production_kwh")
    judged = [day for day in days if day.availability is not None]
    produced = _total(judged, "production_kwh") or 0.0
    lost_then = _total(judged, "lost_kwh") or 0.0
    figures["availability"] = (
        round(produced / (produced + lost_then), 5) if judged and produced + lost_then > 0 else None
    )
    peaks = [day.peak_kw for day in days if day.peak_kw is not None]
    figures["peak_kw"] = max(peaks) if peaks else None
    figures["days"] = len(days)
    figures["days_measured"] = sum(day.completeness >= WELL_MEASURED for day in days)
    figures["lost_kwh"] = lost
    calendar = (month_end(month) - month).days + 1
    last = days[-1].day
    elapsed = calendar if month_end(month) < now.date() else (last - month).days + 1
    savings = [day.savings_vnd for day in days if day.savings_vnd is not None]
    return SiteMonth(
        site=site,
        month=month,
        figures=figures,
        production_kwh=made,
        savings_vnd=sum(savings) if savings else None,
        co2_kg=_total(days, "co2_kg"),
        completeness=round(min(1.0, sum(day.completeness for day in days) / elapsed), 4),
        derived_at=now,
    )


def _total(days: list[SiteDay], name: str) -> float | None:
    known = [float(value) for day in days if (value := getattr(day, name)) is not None]
    return round(sum(known), 4) if known else None
