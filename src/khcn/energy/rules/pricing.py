"""What a day's energy is worth by the tariff that was noted for that very day. Pure: everything comes in.

``terms`` is what a day keeps of the tables (``versions["terms"]``): prices by band, VAT, hours, surplus rule, factor, each
with the row it came from and its values. A day that has its terms is never priced by other ones; the money engine only
ever sees the rows of that day. See :mod:`khcn.energy.services.figures`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Final

import numpy as np

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.money.prices import Customer, exact
from khcn.engines.energy.money.series import cost_of
from khcn.engines.energy.money.surplus import surplus_income
from khcn.engines.energy.money.tables import (
    PUBLIC,
    Band,
    Group,
    PriceRow,
    SurplusRow,
    Tables,
    VatRow,
    hours_row,
)
from khcn.engines.energy.types import Values

CENT: Final = Decimal("0.01")
_ANY_DAY: Final = date(2000, 1, 1)  # the rule is that of the day already


@dataclass(frozen=True, slots=True)
class Worth:
    """Money of one day, VND: what self-consumption saved (a business without VAT, which it deducts; everybody else with
    it), what the surplus brought, what the import cost with VAT. None: not known; ``problem``: code of why not.
    """

    savings_vnd: Decimal | None = None
    surplus_vnd: Decimal | None = None
    cost_vnd: Decimal | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Priced:
    """The rows of one day as the engine takes them."""

    tables: Tables
    customer: Customer


def worth_of(
    terms: Mapping[str, Any],
    start_ms: int,
    zone: str,
    *,
    self_consumed: Values | None,
    imported: Values | None,
    exported: Values | None,
    production_kwh: float | None,
) -> Worth:
    """Return the money of a local day that begins at ``start_ms``; intervals that are not known (nan) add nothing."""
    found = _engine_rows(_spelled(terms))
    surplus = _surplus(terms, exported, production_kwh)
    if found is None:
        return Worth(surplus_vnd=surplus, problem="money-no-price")
    public = found.customer.group in PUBLIC
    try:
        saved = _cost(found, start_ms, zone, self_consumed, with_vat=public)
        cost = _cost(found, start_ms, zone, imported, with_vat=True)
    except SpecError as error:
        return Worth(surplus_vnd=surplus, problem=error.code)
    return Worth(saved, surplus, cost)


def _cost(found: _Priced, start_ms: int, zone: str, kwh: Values | None, *, with_vat: bool) -> Decimal | None:
    if kwh is None or not np.isfinite(kwh).any():
        return None
    cost = cost_of(start_ms, kwh, tables=found.tables, customer=found.customer, zone=zone)
    money = cost.before_vat + cost.vat if with_vat else cost.before_vat
    return money.quantize(CENT, ROUND_HALF_UP)


def _surplus(
    terms: Mapping[str, Any], exported: Values | None, production_kwh: float | None
) -> Decimal | None:
    rule = terms.get("surplus")
    if exported is None or rule is None or not np.isfinite(exported).any():
        return None
    sold = exact(float(np.nansum(exported)))
    row = SurplusRow(
        rule["document"],
        Decimal(rule["most_percent"]),
        Decimal(rule["vnd"]) if rule.get("vnd") is not None else None,
        bool(rule.get("allowed")),
    )
    output = exact(production_kwh) if production_kwh is not None else sold
    from_rule = surplus_income(
        sold, output, on=_ANY_DAY, rows=(row,), public=not rule.get("allowed"), contract=True
    )
    return from_rule.vnd.quantize(CENT)


def _spelled(terms: Mapping[str, Any]) -> str:
    named = ("prices", "vat", "hours", "assignment", "decision")
    return json.dumps({name: terms.get(name) for name in named}, sort_keys=True)


@lru_cache(maxsize=256)
def _engine_rows(spelled: str) -> _Priced | None:
    terms = json.loads(spelled)
    assigned, prices, vat = terms["assignment"], terms["prices"], terms["vat"]
    if not assigned or not prices or not vat or assigned["group"] == Group.HOUSEHOLD.value:
        return None
    group, document = Group(assigned["group"]), terms["decision"]["document"]
    rows = tuple(
        PriceRow(document, group, assigned["voltage"], Band(band), Decimal(price["vnd"]))
        for band, price in prices.items()
    )
    hours = terms["hours"]
    timed = (hours_row(hours["document"], hours["spans"]),) if hours else ()
    tables = Tables((), rows, timed, (VatRow(vat["document"], Decimal(vat["percent"])),), (), ())
    return _Priced(tables, Customer(group, assigned["voltage"], bool(assigned["time_of_use"])))


def mean_price(terms: Mapping[str, Any]) -> Decimal | None:
    """Return the price of a kWh with VAT when no hour is known: flat, else normal hours."""
    prices = terms.get("prices") or {}
    price = prices.get("flat") or prices.get("normal")
    if price is None:
        return None
    vat = Decimal(terms["vat"]["percent"]) if terms.get("vat") else Decimal(0)
    return (Decimal(price["vnd"]) * (1 + vat / 100)).quantize(CENT, ROUND_HALF_UP)


def co2_kg(terms: Mapping[str, Any], production_kwh: float | None) -> float | None:
    """Return kg of CO2 avoided by the factor of the year (t/MWh is kg/kWh); None without a factor."""
    factor = terms.get("factor")
    if factor is None or production_kwh is None:
        return None
    return float(exact(production_kwh) * Decimal(factor["t_per_mwh"]))
