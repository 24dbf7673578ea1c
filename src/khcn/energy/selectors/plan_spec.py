"""From what a person ticks on the planner's form to the request that the engine takes.

Everything that the person left out comes from the registers (roofs, contract, tables) or from the usual values of the
engine's presets; what was assumed is named in the result.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.energy.enums import Band, Mounting, PriceGroup, Voltage
from khcn.energy.models import (
    EmissionFactor,
    Price,
    PriceDecision,
    Roof,
    Site,
    SurplusRule,
    TariffAssignment,
    TariffHours,
    VatRate,
)
from khcn.energy.selectors.bill_months import use_by_month
from khcn.energy.setup_errors import RegisterError
from khcn.engines.energy.pv import presets

DIRECTIONS: Final = {
    "nw": 315, "n": 0, "ne": 45, "w": 270, "flat": 180, "e": 90, "sw": 225, "s": 180, "se": 135,
}  # fmt: skip
SHADES: Final = {"none": 0, "little": 3, "some": 10, "much": 25}  # percent of the yield
USABLE_PERCENT: Final = 70.0  # of a roof whose use nobody has looked at
LARGEST_KWP: Final = 20_000.0


def plan_spec(site: Site, asked: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Return the request of a plan for :func:`khcn.engines.energy.pv.plan.plan`, with ``asked`` beside it.

    ``asked`` (all optional but the size): ``roofs`` (ids of registered roofs) or ``size_by`` (area, kwp), ``size``,
    ``direction``, ``tilt``, ``shade``; ``use_by`` (bill, kwh, bills, none), ``use``; ``kind``; ``million_per_kwp``;
    ``losses``, ``inverter_efficiency``, ``dc_ac``, ``temperature_model``, ``self_percent``, ``group``, ``voltage``,
    ``vnd_per_kwh``, ``sell``. Raises RegisterError.
    """
    kind = str(asked.get("kind") or site.kind)
    roofs = _roofs(site, asked)
    kwp = sum(roof["kwp"] for roof in roofs)
    if not 0.1 <= kwp <= LARGEST_KWP:
        raise RegisterError(
            "size", _("Công suất tính ra ngoài khoảng 0,1 đến 20.000 kWp. Hãy xem lại số đã ghi.")
        )
    tariff = tariff_for(site, asked, on)
    million = asked.get("million_per_kwp")
    usual = float(million) if million is not None else presets.PRICE.usual / 1_000_000
    spec: dict[str, Any] = {
        "weather": "builtin",
        "roofs": roofs,
        "price_vnd": round(kwp * usual * 1_000_000),
        "tariff": tariff,
        "load": {"profile": kind, **_use(site, asked, tariff, on)},
        "self_consumption": "profile",
        "emission_factor_t_mwh": _factor(on),
    }
    if site.latitude is not None and site.longitude is not None:
        spec |= {"latitude": float(site.latitude), "longitude": float(site.longitude)}
    if site.altitude_m is not None:
        spec["altitude_m"] = site.altitude_m
    options = {
        "losses": "losses_percent", "inverter_efficiency": "inverter_efficiency", "dc_ac": "dc_ac_ratio",
        "temperature_model": "temperature_model",
    }  # fmt: skip
    spec |= {name: _plain(asked[key]) for key, name in options.items() if asked.get(key) not in (None, "")}
    if asked.get("self_percent") is not None:
        spec["self_consumption"] = float(asked["self_percent"]) / 100
    spec["asked"] = {
        name: _plain(value)
        for name, value in asked.items()
        if value not in (None, "", []) and name != "weather"
    }
    return spec


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _roofs(site: Site, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    ids = [int(pk) for pk in asked.get("roofs") or ()]
    if ids:
        rows = [_registered(roof) for roof in Roof.objects.filter(site=site, pk__in=ids)]
        if rows:
            return rows
    size = asked.get("size")
    if size is None:
        raise RegisterError("size", _("Hãy ghi diện tích mái hoặc công suất muốn lắp."))
    by_area = asked.get("size_by", "area") == "area"
    direction = str(asked.get("direction") or "s")
    mounting = Mounting.OPEN if direction == "flat" else Mounting.ROOF
    kwp = presets.kwp_of_area(float(size), USABLE_PERCENT, mounting) if by_area else float(size)
    tilt = asked.get("tilt")
    return [{
        "kwp": round(kwp, 2),
        "tilt_deg": 10.0 if tilt in (None, "") else float(tilt),
        "azimuth_deg": float(DIRECTIONS.get(direction, 180)),
        "mounting": str(mounting),
        "shading_percent": float(SHADES.get(str(asked.get("shade") or "none"), 0)),
    }]  # fmt: skip


def _registered(roof: Roof) -> dict[str, Any]:
    kwp = presets.kwp_of_area(float(roof.area_m2), roof.usable_percent, roof.mounting)
    return {
        "kwp": round(kwp, 2), "tilt_deg": roof.tilt_deg, "azimuth_deg": roof.azimuth_deg, "mounting": roof.mounting,
        "shading_percent": roof.shading_percent, "name": roof.name,
    }  # fmt: skip


def _use(site: Site, asked: Mapping[str, Any], tariff: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Return what is known of the consumption: kWh of the year, or of its months."""
    by, amount = str(asked.get("use_by") or "none"), asked.get("use")
    if by == "bills":
        known = use_by_month(site, on)
        if known is None:
            raise RegisterError(
                "use_by", _("Công trình chưa có đủ 6 tháng hóa đơn. Hãy ghi tiền điện một tháng.")
            )
        return {"monthly_kwh": known.months} if known.months else {"annual_kwh": known.annual_kwh}
    if by == "none" or amount is None:
        return {}
    if by == "kwh":
        return {"annual_kwh": float(amount) * 12}
    price = mean_price(tariff)
    if not price:
        raise RegisterError("use", _("Chưa có giá điện để đổi tiền ra kWh. Hãy ghi số kWh mỗi tháng."))
    return {"annual_kwh": float(amount) * 12 / price}


def mean_price(tariff: Mapping[str, Any]) -> float | None:
    """Return the price of a usual kWh with VAT, VND; ``None`` when no price is known."""
    price = tariff.get("vnd_per_kwh", tariff.get("normal"))
    return None if price is None else float(price) * (1 + float(tariff.get("vat_percent", 0)) / 100)


def tariff_for(site: Site, asked: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Return the ``tariff`` of a request: typed, or by contract and tables; empty when nothing is known."""
    found = _sale(asked, on)
    if asked.get("vnd_per_kwh") is not None:
        return {"vnd_per_kwh": float(asked["vnd_per_kwh"]), **found}
    assigned = (
        TariffAssignment.objects.in_force(on).filter(contract__site=site).order_by("-valid_from").first()
    )
    usual = presets.PRICE_GROUP.get(site.kind, PriceGroup.PUBLIC_ADMIN)
    group = str(asked.get("group") or (assigned.group if assigned else usual))
    voltage = str(asked.get("voltage") or (assigned.voltage if assigned else Voltage.BELOW_6))
    by_hours = assigned.time_of_use if assigned and not asked.get("group") else False
    decision = PriceDecision.objects.in_force(on).order_by("-valid_from").first()
    if decision is None:
        return found
    prices = Price.objects.filter(decision=decision, group=group)
    rows = {row.band: row for row in prices.filter(voltage=voltage)} or {
        row.band: row for row in prices.filter(voltage="")
    }
    vat = VatRate.objects.in_force(on).order_by("-valid_from").first()
    found |= {
        "document": decision.document, "certainty": decision.certainty, "group": None, "group_name": group,
        "voltage_name": voltage, "vat_percent": float(vat.percent) if vat else 0.0,
        "vat_document": vat.document if vat else "", "assumed_group": assigned is None and not asked.get("group"),
    }  # fmt: skip
    prices_of = _prices(rows, on, by_hours=by_hours)
    return (
        {**found, **prices_of}
        if prices_of
        else {name: one for name, one in found.items() if name == "surplus"}
    )


def _prices(rows: Mapping[str, Price], on: date, *, by_hours: bool) -> dict[str, Any]:
    """Return the price, or the prices by band with their hours; empty when the table has none of the group."""
    bands = {str(band): float(row.vnd_per_kwh) for band, row in rows.items()}
    if Band.NORMAL in bands and by_hours:
        hours = TariffHours.objects.in_force(on).order_by("-valid_from").first()
        return {**bands, **({"spans": hours.spans, "hours_document": hours.document} if hours else {})}
    steps = [price for band, price in bands.items() if band.startswith("step")]
    flat = bands.get(Band.FLAT, bands.get(Band.NORMAL, max(steps) if steps else None))
    return {} if flat is None else {"vnd_per_kwh": flat}  # of steps: the sun replaces the dearest kWh


def _sale(asked: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Return what may be sold of the surplus: nothing unless the person says so and a rule has a price."""
    rule = SurplusRule.objects.in_force(on).order_by("-valid_from").first()
    if not asked.get("sell") or rule is None or rule.vnd_per_kwh is None:
        return {}
    return {"surplus": {"vnd_per_kwh": float(rule.vnd_per_kwh), "most_percent": float(rule.most_percent)}}


def _factor(on: date) -> float | None:
    rows = EmissionFactor.objects.filter(used_from_year__lte=on.year).order_by("-data_year")
    row = next((row for row in rows if row.used_to_year is None or row.used_to_year >= on.year), None)
    return float(row.t_per_mwh) if row else None
