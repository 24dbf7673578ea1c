"""The request of a plan: what people write, checked, with the values that nobody gave filled in and named."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.pv.builtin import LATITUDE, LONGITUDE
from khcn.engines.energy.pv.finance import Terms
from khcn.engines.energy.pv.load import shape_of
from khcn.engines.energy.pv.tariff_table import newest_factor
from khcn.engines.energy.pv.yields import GAMMA, TEMPERATURE_MODELS, Chain, Roof

MOUNTINGS: Final = ("roof", "open")
MOST_ROOFS: Final = 50
DEFAULT_SHARE: Final = 0.65  # of the output used at once, when nothing is known of the load
SHARE_RANGE: Final = 0.15
PROFILE_RANGE: Final = 0.10


@dataclass(frozen=True)
class PlanSpec:
    """A checked request. ``share``: self-consumed share of the output, None to reckon it from a load profile."""

    latitude: float
    longitude: float
    altitude_m: float | None
    offset: float
    weather: str
    roofs: tuple[Roof, ...]
    chain: Chain
    tariff: Mapping[str, Any]
    price_vnd: float
    share: float | None
    load_kind: str
    annual_kwh: float | None
    monthly_kwh: list[float] | None
    monthly_ghi: list[float] | None
    factor: float
    terms: Terms
    assumed: dict[str, Any] = field(default_factory=dict)

    @property
    def kwp(self) -> float:
        """Power of all modules, kWp."""
        return sum(roof.kwp for roof in self.roofs)


def read_spec(raw: Mapping[str, Any]) -> PlanSpec:
    """Check a request. Raises SpecError with the field and its limits (``plan-number``, ``plan-roofs``, ...)."""
    assumed: dict[str, Any] = {}

    def number(name: str, low: float, high: float, default: float | None = None) -> float:
        value = raw.get(name)
        if value is None and default is not None:
            assumed[name] = default
            return default
        return checked(value, name, low, high)

    latitude = number("latitude", -66.0, 66.0, LATITUDE)
    longitude = number("longitude", -180.0, 180.0, LONGITUDE)
    chain = Chain(
        losses=number("losses_percent", 0, 80, 14.0) / 100.0,
        inverter_efficiency=_efficiency(number("inverter_efficiency", 0.5, 100, 0.96)),
        dc_ac=number("dc_ac_ratio", 0.3, 4, 1.1),
        temperature_model=str(raw.get("temperature_model") or "faiman").lower(),
        gamma=_gamma(number("temperature_coefficient", -1, 0, GAMMA)),
    )
    chain = _known_model(chain)
    share, kind = _consumption(raw, assumed)
    load = _mapping(raw, "load")
    annual = load.get("annual_kwh", raw.get("annual_kwh"))
    return PlanSpec(
        latitude=latitude,
        longitude=longitude,
        altitude_m=None if raw.get("altitude_m") is None else number("altitude_m", -450, 6000),
        offset=number("utc_offset_hours", -12, 14, float(round(longitude / 15))),
        weather=str(raw.get("weather") or "builtin"),
        roofs=_roofs(raw),
        chain=chain,
        tariff=_tariff(raw),
        price_vnd=number("price_vnd", 0, 1e13, 0.0),
        share=share,
        load_kind=kind,
        annual_kwh=None if annual is None else checked(annual, "annual_kwh", 0, 1e9),
        monthly_kwh=_twelve(load.get("monthly_kwh", raw.get("monthly_kwh_used")), "monthly_kwh", 1e8),
        monthly_ghi=_twelve(raw.get("monthly_ghi_kwh_m2_day"), "monthly_ghi_kwh_m2_day", 12),
        factor=number("emission_factor_t_mwh", 0, 3, newest_factor()),
        terms=_terms(raw),
        assumed=assumed,
    )


def checked(value: Any, name: str, low: float, high: float) -> float:
    """Return ``value`` as a number within limits. Raises SpecError (``plan-number``)."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if isinstance(value, bool) or not low <= found <= high:
        raise SpecError("plan-number", name=name, low=f"{low:g}", high=f"{high:g}", value=str(value)[:40])
    return found


def _mapping(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name) or {}
    if not isinstance(found, Mapping):
        raise SpecError("plan-object", name=name)
    return found


def _tariff(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    given = raw.get("tariff")
    if isinstance(given, int | float) and not isinstance(given, bool):
        return {"vnd_per_kwh": given}
    return _mapping(raw, "tariff")


def _efficiency(value: float) -> float:
    found = value / 100.0 if value > 1.5 else value
    return min(found, 0.999)


def _gamma(value: float) -> float:
    return value / 100.0 if value < -0.02 else value  # people write -0.37 (percent) or -0.0037


def _known_model(chain: Chain) -> Chain:
    names = {"default": "faiman", "pvwatts": "fuentes", "noct": "fuentes", "sandia": "sapm", "king": "sapm"}
    asked = chain.temperature_model.strip().replace("-", "_").replace(" ", "_").removesuffix("_cell")
    if (
        asked not in TEMPERATURE_MODELS
    ):  # "faiman_rad" is read as faiman; "sapm" alone takes the roof's own mounting
        asked = next((one for one in TEMPERATURE_MODELS if asked.startswith(f"{one}_")), asked)
    model = names.get(asked, asked)
    if model not in TEMPERATURE_MODELS:
        raise SpecError("temperature-model", name=model, known=", ".join(TEMPERATURE_MODELS))
    return replace(chain, temperature_model=model)


def _roofs(raw: Mapping[str, Any]) -> tuple[Roof, ...]:
    rows = raw.get("roofs")
    if not isinstance(rows, list) or not rows or len(rows) > MOST_ROOFS:
        raise SpecError("plan-roofs", most=MOST_ROOFS)
    return tuple(_roof(row) for row in rows)


def _roof(row: Any) -> Roof:
    if not isinstance(row, Mapping):
        raise SpecError("plan-roofs", most=MOST_ROOFS)
    mounting = str(row.get("mounting") or "roof").lower()
    if mounting not in MOUNTINGS:
        raise SpecError("plan-mounting", name=mounting)
    shading = checked(row.get("shading_percent", 0.0) or 0.0, "shading_percent", 0, 100) / 100.0
    if row.get("shading_factor") is not None:
        shading = 1.0 - checked(row["shading_factor"], "shading_factor", 0, 1)
    return Roof(
        kwp=checked(row.get("kwp"), "kwp", 0.01, 100_000),
        tilt_deg=checked(row.get("tilt_deg", 10), "tilt_deg", 0, 90),
        azimuth_deg=checked(row.get("azimuth_deg", 180), "azimuth_deg", -180, 360) % 360.0,
        mounting=mounting,
        shading=shading,
    )


def _consumption(raw: Mapping[str, Any], assumed: dict[str, Any]) -> tuple[float | None, str]:
    wanted = raw.get("self_consumption", "profile")
    wanted = "profile" if wanted is None else wanted
    load = _mapping(raw, "load")
    kind = str(load.get("profile") or raw.get("profile") or "office")
    if isinstance(wanted, str):
        text = wanted.strip().rstrip("%").replace(",", ".")
        if _is_number(text):
            wanted = float(text) / (100.0 if wanted.strip().endswith("%") else 1.0)
        elif wanted != "profile":
            kind = wanted  # the name of a profile: "school"
    elif isinstance(wanted, bool) or not isinstance(wanted, int | float):
        raise SpecError("plan-share", value=str(wanted)[:40])
    if not isinstance(wanted, str):
        share = checked(wanted, "self_consumption", 0, 100)
        return (share / 100.0 if share > 1 else share), kind
    shape_of(kind)
    known = ("annual_kwh" in load, "monthly_kwh" in load, "annual_kwh" in raw, "monthly_kwh_used" in raw)
    if not any(known):
        assumed["self_consumption"] = DEFAULT_SHARE
        return DEFAULT_SHARE, kind
    return None, kind


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _twelve(value: Any, name: str, most: float) -> list[float] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 12:
        raise SpecError("plan-twelve", name=name)
    return [checked(one, name, 0, most) for one in value]


def _terms(raw: Mapping[str, Any]) -> Terms:
    given = _mapping(raw, "finance")
    limits = {
        "years": (1, 40), "discount": (0, 1), "degradation": (0, 0.1), "upkeep": (0, 0.5), "price_growth": (-0.2, 0.5),
        "replacement": (0, 1), "replaced_in": (0, 40),
    }  # fmt: skip
    unknown = set(given) - set(limits)
    if unknown:
        raise SpecError("plan-finance", name=", ".join(sorted(map(str, unknown))), known=", ".join(limits))
    values = {name: checked(value, name, *limits[name]) for name, value in given.items()}
    for name in ("years", "replaced_in"):
        if name in values:
            values[name] = int(values[name])
    return Terms(**values)  # type: ignore[arg-type]  # names and ranges were checked above
