"""The planner: a request in, a year of yield, money and CO2 with their range out (``docs/contract.md``, energy plan).

Runs in the worker or on the command line: it loads pvlib. Low and high are what weather and self-consumption make of
the same roof; the sources say which numbers are measured, modelled or assumed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.pv.builtin import LOW_KWH_M2, REACH_KM, builtin_weather, km_from_builtin
from khcn.engines.energy.pv.finance import worth
from khcn.engines.energy.pv.load import hourly_load
from khcn.engines.energy.pv.spec import PROFILE_RANGE, SHARE_RANGE, PlanSpec, read_spec
from khcn.engines.energy.pv.sun import sky_of
from khcn.engines.energy.pv.tariff import HourlyPrice, hourly_price
from khcn.engines.energy.pv.weather import Weather
from khcn.engines.energy.pv.weather_files import read_weather
from khcn.engines.energy.pv.yields import roof_yield

Floats = NDArray[np.float64]
WEATHER_SPREAD: Final = 0.08  # 10-90 %: 4 % between years and 5 % of the model, both assumed, times 1.28


@dataclass(frozen=True)
class Year:
    """One year of a plan under one weather: ``ac_kw`` of all roofs hour by hour, ``poa``: irradiation, kWh/m2."""

    ac_kw: Floats
    poa: float
    by_roof: tuple[tuple[float, float], ...]  # (kWh, POA kWh/m2)

    @property
    def kwh(self) -> float:
        """AC energy of the year, kWh."""
        return float(self.ac_kw.sum())


def plan(raw: Mapping[str, Any], *, weather_file: tuple[str, bytes] | None = None) -> dict[str, Any]:
    """Plan the roofs of a site.

    ``raw``: the SPEC of the contract. ``weather_file``: name and content, when the weather was uploaded.

    Raises:
        SpecError: a field or the weather file cannot be used.
    """
    spec = read_spec(raw)
    weather, sources = _weather(spec, weather_file)
    index: Any = weather.frame.index
    clock = (index.month.to_numpy(), index.weekday.to_numpy(), index.hour.to_numpy())
    price = hourly_price(spec.tariff, clock[1], clock[2]) if spec.tariff else None
    low_factor, high_factor, range_source = _spread(spec, weather)
    years = {
        "central": _year(spec, weather),
        "low": _year(spec, weather.scaled(low_factor)),
        "high": _year(spec, weather.scaled(high_factor)),
    }
    load = _load(spec, clock)
    shift = {"low": -1, "central": 0, "high": 1}
    found = {name: _money(spec, year, load, price, shift[name]) for name, year in years.items()}
    months = np.bincount(clock[0], weights=years["central"].ac_kw, minlength=13)[1:]
    low_share, high_share = found["low"]["self_consumption"], found["high"]["self_consumption"]
    return {
        "poa_kwh_m2": _round(years["central"].poa, 3),
        "yield_kwh_kwp": _round(years["central"].kwh / spec.kwp, 2),
        "annual_kwh": _round(years["central"].kwh, 1),
        "monthly_kwh": [_round(float(one), 1) for one in months],
        "kwp": _round(spec.kwp, 3),
        **_case(found["central"]),
        "low": _end(spec, years["low"], found["low"], clock[0]),
        "high": _end(spec, years["high"], found["high"], clock[0]),
        "roofs": [
            {"kwp": roof.kwp, "tilt_deg": roof.tilt_deg, "azimuth_deg": roof.azimuth_deg,
             "annual_kwh": _round(kwh, 1), "yield_kwh_kwp": _round(kwh / roof.kwp, 2), "poa_kwh_m2": _round(poa, 3)}
            for roof, (kwh, poa) in zip(spec.roofs, years["central"].by_roof, strict=True)
        ],
        "monthly_load_kwh": None if load is None else [
            _round(float(one), 1) for one in np.bincount(clock[0], weights=load, minlength=13)[1:]
        ],
        "day": _usual_day(years["central"].ac_kw, load, clock[2]),
        "assumptions": {**spec.assumed, **(price.assumed if price else {}), "finance": spec.terms.as_json()},
        "sources": [*sources, range_source, *_more_sources(spec, price, low_share, high_share)],
    }  # fmt: skip


def _year(spec: PlanSpec, weather: Weather) -> Year:
    sky = sky_of(weather, weather.latitude, weather.longitude)
    each = [roof_yield(weather, sky, roof, spec.chain) for roof in spec.roofs]
    total = np.sum([one.ac_kw for one in each], axis=0)
    poa = sum(one.poa_kwh_m2 * roof.kwp for one, roof in zip(each, spec.roofs, strict=True)) / spec.kwp
    return Year(total, float(poa), tuple((float(one.ac_kw.sum()), one.poa_kwh_m2) for one in each))


def _weather(spec: PlanSpec, uploaded: tuple[str, bytes] | None) -> tuple[Weather, list[dict[str, Any]]]:
    extra: list[dict[str, Any]] = []
    if uploaded is not None:
        weather = read_weather(
            uploaded[1],
            name=uploaded[0],
            latitude=spec.latitude,
            longitude=spec.longitude,
            offset=spec.offset,
        )
    elif spec.weather != "builtin":
        weather = read_weather(
            Path(spec.weather), latitude=spec.latitude, longitude=spec.longitude, offset=spec.offset
        )
    else:
        weather = builtin_weather()
        km = km_from_builtin(spec.latitude, spec.longitude)
        if km > REACH_KM:
            extra.append(_source("weather", "weather-far", {"km": round(km)}, "M"))
        if km > 1:
            weather = replace(weather, latitude=spec.latitude, longitude=spec.longitude)
    if spec.altitude_m is not None:
        weather = replace(weather, altitude_m=spec.altitude_m)
    found = [_source("weather", weather.code, weather.params, weather.certainty), *extra]
    if spec.monthly_ghi is not None:
        weather = weather.scaled(_monthly_factors(weather, spec.monthly_ghi))
        found.append(_source("weather", "weather-monthly", {}, "given"))
    return weather, found


def _monthly_factors(weather: Weather, wanted: list[float]) -> list[float]:
    index: Any = weather.frame.index
    months = index.month.to_numpy()
    sums = np.bincount(months, weights=weather.frame["ghi"].to_numpy(), minlength=13)[1:] / 1000.0
    days = np.bincount(months, minlength=13)[1:] / 24.0
    return [float(w * d / s) if s > 0 else 1.0 for w, d, s in zip(wanted, days, sums, strict=True)]


def _spread(spec: PlanSpec, weather: Weather) -> tuple[float, float, dict[str, Any]]:
    high = 1.0 + WEATHER_SPREAD
    if weather.code == "weather-builtin" and spec.monthly_ghi is None and km_from_builtin(
        spec.latitude, spec.longitude
    ) <= REACH_KM:  # fmt: skip
        return LOW_KWH_M2 / weather.ghi_kwh_m2, high, _source("range", "range-low-builtin", {}, "S1")
    percent = {"percent": round(WEATHER_SPREAD * 100)}
    return 1.0 - WEATHER_SPREAD, high, _source("range", "range-weather", percent, "M")


def _load(spec: PlanSpec, clock: tuple[Any, Any, Any]) -> Floats | None:
    if spec.annual_kwh is None and spec.monthly_kwh is None:
        return None
    return hourly_load(spec.load_kind, *clock, annual_kwh=spec.annual_kwh, monthly_kwh=spec.monthly_kwh)


def _money(
    spec: PlanSpec, year: Year, load: Floats | None, price: HourlyPrice | None, shift: int
) -> dict[str, Any]:
    """Return what a year is worth. ``shift`` -1, 0, 1: self-consumption at its low, middle or high."""
    if spec.share is None and load is not None:
        used = np.minimum(year.ac_kw, load)
        share = float(used.sum() / year.kwh) if year.kwh else 0.0
        moved = min(max(share + shift * PROFILE_RANGE, 0.0), 1.0)
        used = used * (moved / share) if share > 0 else used
        used = np.minimum(used, year.ac_kw)
    else:
        spread = SHARE_RANGE if "self_consumption" in spec.assumed else PROFILE_RANGE
        moved = min(max((spec.share or 0.0) + shift * spread, 0.0), 1.0)
        used = year.ac_kw * moved
    self_kwh = float(used.sum())
    surplus = year.kwh - self_kwh
    found: dict[str, Any] = {
        "self_consumption": self_kwh / year.kwh if year.kwh else 0.0,
        "self_consumed_kwh": self_kwh,
        "surplus_kwh": surplus,
        "co2_t_year": year.kwh / 1000.0 * spec.factor,
        "self_sufficiency": None if load is None or not load.sum() else self_kwh / float(load.sum()),
        "savings_vnd_year": None, "surplus_vnd_year": None, "payback_years": None, "payback_cash_years": None,
        "npv_vnd": None,
    }  # fmt: skip
    if price is not None:
        saved = float((used * price.vnd).sum())
        sold = min(surplus, price.surplus_most * year.kwh) * price.surplus_vnd
        value = worth(spec.price_vnd, saved + sold, spec.terms)
        found |= {
            "savings_vnd_year": saved + sold, "surplus_vnd_year": sold, "payback_years": value.payback_years,
            "payback_cash_years": value.payback_cash_years, "npv_vnd": value.npv_vnd,
        }  # fmt: skip
    return found


def _case(money: Mapping[str, Any]) -> dict[str, Any]:
    places = {
        "self_consumption": 4,
        "self_sufficiency": 4,
        "co2_t_year": 3,
        "payback_years": 2,
        "payback_cash_years": 2,
    }
    return {name: _round(value, places.get(name, 0)) for name, value in money.items()}


def _end(spec: PlanSpec, year: Year, money: Mapping[str, Any], months: Any) -> dict[str, Any]:
    by_month = np.bincount(months, weights=year.ac_kw, minlength=13)[1:]
    return {
        "poa_kwh_m2": _round(year.poa, 3),
        "yield_kwh_kwp": _round(year.kwh / spec.kwp, 2),
        "annual_kwh": _round(year.kwh, 1),
        "monthly_kwh": [_round(float(one), 1) for one in by_month],
        **_case(money),
    }


def _usual_day(ac: Floats, load: Floats | None, hours: Any) -> dict[str, Any]:
    """Return the mean power of each hour of the day, kW, for a picture."""
    count = np.bincount(hours, minlength=24)
    mean = np.bincount(hours, weights=ac, minlength=24) / count
    use = None if load is None else np.bincount(hours, weights=load, minlength=24) / count
    return {
        "production_kw": [_round(float(one), 3) for one in mean],
        "load_kw": None if use is None else [_round(float(one), 3) for one in use],
    }


def _more_sources(spec: PlanSpec, price: HourlyPrice | None, low: float, high: float) -> list[dict[str, Any]]:
    found = [_source("model", "model-used", {"temperature": spec.chain.temperature_model}, "D")]
    if spec.share is None:
        found.append(_source("load", "load-profile", {"name": spec.load_kind}, "M"))
    elif "self_consumption" in spec.assumed:
        found.append(_source("load", "share-assumed", {"percent": round(spec.share * 100)}, "M"))
    else:
        found.append(_source("load", "share-given", {}, "given"))
    found.append(_source("load", "range-share", {"low": round(low * 100), "high": round(high * 100)}, "M"))
    if price:
        found += [_source(one["what"], one["code"], one["params"], one["certainty"]) for one in price.sources]
    found += [] if price else [_source("tariff", "no-tariff", {}, "M")]
    found.append(_source("co2", "factor-used", {"value": f"{spec.factor:g}"}, "S2"))
    return found


def _source(what: str, code: str, params: Mapping[str, Any], certainty: str) -> dict[str, Any]:
    from khcn.engines.energy.messages import sentence  # noqa: PLC0415  # joins all rooms

    return {
        "what": what,
        "code": code,
        "params": dict(params),
        "certainty": certainty,
        "text": sentence(code, params),
    }


def _round(value: float | None, places: int) -> float | None:
    return None if value is None else round(float(value), places)
