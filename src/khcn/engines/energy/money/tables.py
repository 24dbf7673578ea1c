"""Rows of the five tables with dates, and the tables that the project ships (``data/vn_tables.toml``).

Dates are inclusive; an empty end is open. The site's database holds the same rows; it hands them to the engine as these.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Protocol, TypeVar

from khcn.engines.energy.errors import SpecError


class Group(StrEnum):
    """Groups of customers of the retail price."""

    PUBLIC_SCHOOL = "public_school"  # hospitals, kindergartens, general schools
    PUBLIC_ADMIN = "public_admin"  # street lighting, administration and other public units
    BUSINESS = "business"
    PRODUCTION = "production"
    HOUSEHOLD = "household"


class Band(StrEnum):
    """Part of the day, or step of a household's month."""

    FLAT = "flat"
    NORMAL = "normal"
    PEAK = "peak"
    OFF_PEAK = "off"
    STEP_1 = "step_1"
    STEP_2 = "step_2"
    STEP_3 = "step_3"
    STEP_4 = "step_4"
    STEP_5 = "step_5"
    STEP_6 = "step_6"


STEPS = (Band.STEP_1, Band.STEP_2, Band.STEP_3, Band.STEP_4, Band.STEP_5, Band.STEP_6)
VOLTAGES: Mapping[Group, tuple[str, ...]] = {
    Group.PUBLIC_SCHOOL: ("lt_6kv", "ge_6kv"),
    Group.PUBLIC_ADMIN: ("lt_6kv", "ge_6kv"),
    Group.BUSINESS: ("lt_6kv", "6_22kv", "ge_22kv"),
    Group.PRODUCTION: ("lt_6kv", "6_22kv", "22_110kv", "ge_110kv"),
    Group.HOUSEHOLD: ("",),
}
PUBLIC = frozenset({Group.PUBLIC_SCHOOL, Group.PUBLIC_ADMIN})
FLAT_GROUPS = PUBLIC  # no time of use, whatever the voltage


class Dated(Protocol):
    """What all rows with dates have."""

    @property
    def valid_from(self) -> date | None: ...

    @property
    def valid_to(self) -> date | None: ...


D = TypeVar("D", bound=Dated)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision on retail prices and its average price (VND/kWh without VAT)."""

    document: str
    average_vnd: Decimal
    valid_from: date | None = None
    valid_to: date | None = None
    certainty: str = "M"
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price of a decision; ``ratio`` is its share of the average, ``up_to_kwh`` the end of a household's step."""

    decision: str
    group: Group
    voltage: str
    band: Band
    vnd_per_kwh: Decimal
    valid_from: date | None = None
    valid_to: date | None = None
    certainty: str = "M"
    ratio: Decimal | None = None
    up_to_kwh: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """``band`` holds on ``weekdays`` (Monday is 0) from ``start`` to ``end``; an end not after the start is on the
    next day, and the part after midnight belongs to the weekday on which it lies."""

    band: Band
    weekdays: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class HoursRow:
    """Peak and off-peak spans; what none covers is normal. ``holidays``: days on which Sunday's spans hold."""

    document: str
    spans: tuple[Span, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    certainty: str = "M"
    source: str = ""
    note: str = ""
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class VatRow:
    """Value-added tax on electricity, percent."""

    document: str
    percent: Decimal
    valid_from: date | None = None
    valid_to: date | None = None
    certainty: str = "M"
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class FactorRow:
    """Grid emission factor of ``data_year``, used for reports about the years from .. to (None: until replaced)."""

    document: str
    data_year: int
    t_per_mwh: Decimal
    used_from_year: int
    used_to_year: int | None = None
    certainty: str = "M"
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SurplusRow:
    """What may be sold: ``most_percent`` of the output at ``vnd_per_kwh``; public assets only if ``public_allowed``."""

    document: str
    most_percent: Decimal
    vnd_per_kwh: Decimal | None = None
    public_allowed: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    certainty: str = "M"
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RatioRow:
    """Known share of the average price in a structure of prices."""

    structure: str
    group: Group
    voltage: str
    band: Band
    ratio: Decimal
    up_to_kwh: int | None = None


@dataclass(frozen=True, slots=True)
class Tables:
    """The five tables (prices in two parts) and the known ratios."""

    decisions: tuple[DecisionRow, ...]
    prices: tuple[PriceRow, ...]
    hours: tuple[HoursRow, ...]
    vat: tuple[VatRow, ...]
    factors: tuple[FactorRow, ...]
    surplus: tuple[SurplusRow, ...]
    ratios: tuple[RatioRow, ...] = ()


def in_force(rows: Sequence[D], day: date) -> D | None:
    """Return the row that holds on ``day``; of several the one that began last."""
    held = [row for row in rows if _holds(row, day)]
    return max(held, key=lambda row: row.valid_from or date.min, default=None)


def _holds(row: Dated, day: date) -> bool:
    return (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or day <= row.valid_to)


def hours_row(document: str, spans: Sequence[Mapping[str, Any]], **more: Any) -> HoursRow:
    """Build a row of hours from spans as JSON keeps them: ``{"band", "weekdays": [0..6], "from", "to"}``.

    Raises SpecError (``money-hours``).
    """
    try:
        found = tuple(
            Span(
                Band(span["band"]),
                frozenset(int(day) for day in span["weekdays"]),
                _clock(span["from"]),
                _clock(span["to"]),
            )
            for span in spans
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SpecError("money-hours", document=document) from error
    if any(not span.weekdays or not span.weekdays <= set(range(7)) for span in found):
        raise SpecError("money-hours", document=document)
    return HoursRow(document, found, **more)


def _clock(text: str) -> time:
    return time() if text == "24:00" else time.fromisoformat(text)


@cache
def seed_tables() -> Tables:
    """Return the tables that the project ships, every row with its source and certainty."""
    data = tomllib.loads(files(__package__).joinpath("data/vn_tables.toml").read_text("utf-8"))
    decisions, prices = [], []
    for row in data["decision"]:
        listed = row.pop("prices")
        decision = DecisionRow(**{**row, "average_vnd": Decimal(row["average_vnd"])})
        decisions.append(decision)
        prices += [_price(decision, price) for price in listed]
    return Tables(
        tuple(decisions),
        tuple(prices),
        tuple(hours_row(row.pop("document"), row.pop("spans"), **row) for row in data["hours"]),
        tuple(VatRow(**{**row, "percent": Decimal(row["percent"])}) for row in data["vat"]),
        tuple(FactorRow(**{**row, "t_per_mwh": Decimal(row["t_per_mwh"])}) for row in data["factor"]),
        tuple(
            SurplusRow(**{
                **row, "most_percent": Decimal(row["most_percent"]), "vnd_per_kwh": Decimal(row["vnd_per_kwh"]),
            })
            for row in data["surplus"]
        ),
        tuple(_ratio(one["name"], row) for one in data["structure"] for row in one["ratios"]),
    )  # fmt: skip


def _price(decision: DecisionRow, row: Mapping[str, Any]) -> PriceRow:
    return PriceRow(
        decision.document,
        Group(row["group"]),
        row["voltage"],
        Band(row["band"]),
        Decimal(row["vnd"]),
        decision.valid_from,
        decision.valid_to,
        row["certainty"],
        Decimal(row["ratio"]) if "ratio" in row else None,
        row.get("up_to_kwh"),
        decision.source,
    )


def _ratio(structure: str, row: Mapping[str, Any]) -> RatioRow:
    ratio, end = Decimal(row["ratio"]), row.get("up_to_kwh")
    return RatioRow(structure, Group(row["group"]), row["voltage"], Band(row["band"]), ratio, end)
