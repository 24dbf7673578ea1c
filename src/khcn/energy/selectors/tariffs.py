"""The terms of a day: which rows of the five tables hold for a site on that day, with their values written out."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from khcn.energy.enums import PriceGroup
from khcn.energy.models import (
    EmissionFactor,
    Price,
    PriceDecision,
    Site,
    SurplusRule,
    TariffAssignment,
    TariffHours,
    VatRate,
)
from khcn.orgs.models.dated import Dated

R = TypeVar("R", bound=Dated)
PUBLIC_GROUPS = frozenset({PriceGroup.PUBLIC_SCHOOL, PriceGroup.PUBLIC_ADMIN})
_BANDS = ("flat", "normal", "peak", "off")


class TariffBook:
    """The tables as they are now, read once for many days (seven queries)."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._decisions = list(PriceDecision.objects.all())
        self._prices: dict[tuple[int, str, str], dict[str, Price]] = defaultdict(dict)
        for price in Price.objects.all():
            self._prices[price.decision_id, price.group, price.voltage][price.band] = price
        self._hours = list(TariffHours.objects.all())
        self._vat = list(VatRate.objects.all())
        self._factors = list(EmissionFactor.objects.all())
        self._surplus = list(SurplusRule.objects.all())
        self._assigned: dict[int, list[TariffAssignment]] = defaultdict(list)
        rows = TariffAssignment.objects.filter(contract__site__in=[site.pk for site in sites])
        for row in rows.select_related("contract").order_by("contract_id", "valid_from"):
            self._assigned[row.contract.site_id].append(row)

    def terms(self, site: Site, day: date) -> dict[str, Any]:
        """Return the terms of ``day``: parts for which no row holds are missing, never taken from another day."""
        found: dict[str, Any] = {}
        assigned = next(
            (row for row in self._assigned[site.pk] if row.in_force(day) and row.contract.in_force(day)), None
        )
        if assigned is not None:
            found["assignment"] = {
                "id": assigned.pk,
                "group": assigned.group,
                "voltage": assigned.voltage,
                "time_of_use": assigned.time_of_use,
            }
            self._price_terms(found, assigned, day)
        vat = _held(self._vat, day)
        if vat is not None:
            found["vat"] = {"id": vat.pk, "document": vat.document, "percent": str(vat.percent)}
        factor = self.factor(day.year)
        if factor is not None:
            found["factor"] = {
                "id": factor.pk,
                "document": factor.document,
                "data_year": factor.data_year,
                "t_per_mwh": str(factor.t_per_mwh),
            }
        rule = _held(self._surplus, day)
        if rule is not None:
            public = assigned is None or assigned.group in PUBLIC_GROUPS
            found["surplus"] = {
                "id": rule.pk,
                "document": rule.document,
                "most_percent": str(rule.most_percent),
                "vnd": str(rule.vnd_per_kwh) if rule.vnd_per_kwh is not None else None,
                "allowed": rule.public_allowed or not public,
            }
        return found

    def factor(self, year: int) -> EmissionFactor | None:
        """Return the factor used for reports about ``year``; a missing year is never filled by another."""
        held = [
            row
            for row in self._factors
            if row.used_from_year <= year and (row.used_to_year is None or year <= row.used_to_year)
        ]
        return max(held, key=lambda row: (row.data_year, row.used_from_year), default=None)

    def _price_terms(self, found: dict[str, Any], assigned: TariffAssignment, day: date) -> None:
        decision = _held(self._decisions, day)
        if decision is None:
            return
        prices = self._prices.get((decision.pk, assigned.group, assigned.voltage), {})
        timed = assigned.time_of_use and assigned.group not in PUBLIC_GROUPS
        wanted = _BANDS if timed else ("flat", "normal")
        chosen = {
            band: {"id": prices[band].pk, "vnd": str(prices[band].vnd_per_kwh)}
            for band in wanted
            if band in prices
        }
        if not chosen:
            return
        found["prices"] = chosen
        found["decision"] = {"id": decision.pk, "document": decision.document}
        hours = _held(self._hours, day) if timed else None
        if hours is not None:
            found["hours"] = {"id": hours.pk, "document": hours.document, "spans": hours.spans}


def _held(rows: Iterable[R], day: date) -> R | None:
    """Return the row in force on ``day``; of several the one that began last."""
    held = [row for row in rows if row.in_force(day)]
    return max(held, key=lambda row: (row.valid_from or date.min, row.pk), default=None)
