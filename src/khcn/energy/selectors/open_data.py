"""Totals that everybody may read: sites whose figures are published.

Only finished months: who asks every day about a month that runs could tell on which days a building stands empty.
"""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from ninja import Schema

from khcn.core.errors import NotFoundError
from khcn.energy.models import Site, SiteMonth, System
from khcn.energy.rules.days import month_start


class PublicSiteOut(Schema):
    """One published site with its totals. Energies kWh, money VND; null when nothing is known."""

    key: str
    name: str
    kind: str
    kwp: float
    production_kwh: float | None
    savings_vnd: float | None
    co2_kg: float | None
    first_month: str | None
    last_month: str | None


class PublicTotalsOut(Schema):
    """Totals of all published sites of the programme."""

    sites: int
    kwp: float
    production_kwh: float
    savings_vnd: float
    co2_kg: float
    completeness: float | None
    months: list["PublicMonthOut"]


class PublicMonthOut(Schema):
    """One month of a site, or of all published sites."""

    month: str
    production_kwh: float | None
    savings_vnd: float | None
    co2_kg: float | None
    completeness: float


def _kwp(sites: list[int], today: date) -> dict[int, float]:
    found: dict[int, float] = {}
    for site_id, kwp in System.objects.filter(site__in=sites).in_force(today).values_list("site_id", "kwp"):
        found[site_id] = found.get(site_id, 0.0) + float(kwp)
    return found


def public_sites(today: date) -> list[dict[str, Any]]:
    """Return the published sites in force with their totals since the beginning."""
    sites = list(Site.objects.listed().in_force(today))
    ids = [site.pk for site in sites]
    kwp = _kwp(ids, today)
    sums: dict[int, list[SiteMonth]] = {}
    for row in _finished(today).filter(site__in=ids).order_by("month"):
        sums.setdefault(row.site_id, []).append(row)
    return [
        {
            "key": site.key,
            "name": site.name,
            "kind": site.kind,
            "kwp": kwp.get(site.pk, 0.0),
            "production_kwh": _total(sums.get(site.pk, []), "production_kwh"),
            "savings_vnd": _total(sums.get(site.pk, []), "savings_vnd"),
            "co2_kg": _total(sums.get(site.pk, []), "co2_kg"),
            "first_month": f"{sums[site.pk][0].month:%Y-%m}" if site.pk in sums else None,
            "last_month": f"{sums[site.pk][-1].month:%Y-%m}" if site.pk in sums else None,
        }
        for site in sites
    ]


def _finished(today: date) -> QuerySet[SiteMonth]:
    return SiteMonth.objects.filter(month__lt=month_start(today))


def _total(rows: list[SiteMonth], name: str) -> float | None:
    known = [float(value) for row in rows if (value := getattr(row, name)) is not None]
    return round(sum(known), 2) if known else None


def public_totals(today: date) -> dict[str, Any]:
    """Return the totals of all published sites, and by month."""
    ids = list(Site.objects.listed().in_force(today).values_list("pk", flat=True))
    rows = list(_finished(today).filter(site__in=ids).order_by("month"))
    by_month: dict[date, list[SiteMonth]] = {}
    for row in rows:
        by_month.setdefault(row.month, []).append(row)
    return {
        "sites": len(ids),
        "kwp": round(sum(_kwp(ids, today).values()), 3),
        "production_kwh": _total(rows, "production_kwh") or 0.0,
        "savings_vnd": _total(rows, "savings_vnd") or 0.0,
        "co2_kg": _total(rows, "co2_kg") or 0.0,
        "completeness": round(sum(row.completeness for row in rows) / len(rows), 4) if rows else None,
        "months": [_month(month, of_month) for month, of_month in by_month.items()],
    }


def public_months(key: str, first: date | None, last: date | None, today: date) -> list[dict[str, Any]]:
    """Return a published site's months (at most 120). Raises NotFoundError."""
    site = Site.objects.listed().in_force(today).filter(key=key).first()
    if site is None:
        raise NotFoundError(
            _("Không có công trình nào công bố số liệu ở địa chỉ này. Hãy xem danh sách các công trình.")
        )
    rows = _finished(today).filter(site=site)
    if first is not None:
        rows = rows.filter(month__gte=month_start(first))
    if last is not None:
        rows = rows.filter(month__lte=last)
    return [_month(row.month, [row]) for row in list(rows.order_by("-month")[:120])[::-1]]


def _month(month: date, rows: list[SiteMonth]) -> dict[str, Any]:
    return {
        "month": f"{month:%Y-%m}",
        "production_kwh": _total(rows, "production_kwh"),
        "savings_vnd": _total(rows, "savings_vnd"),
        "co2_kg": _total(rows, "co2_kg"),
        "completeness": round(sum(row.completeness for row in rows) / len(rows), 4),
    }
