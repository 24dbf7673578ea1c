"""Units that devices write, and how each becomes the canonical unit of a metric (``W`` -> ``kW``, ``Wh`` -> ``kWh``).

Case matters where physics says so: ``mW`` is a thousandth of a watt, ``MW`` a million.
"""

from decimal import Decimal
from functools import lru_cache
from typing import Final

# canonical unit -> {unit as written: factor}
_FACTORS: Final[dict[str, dict[str, float]]] = {
    "kW": {"W": 1e-3, "kW": 1.0, "MW": 1e3, "GW": 1e6, "mW": 1e-6},
    "kWh": {"Wh": 1e-3, "kWh": 1.0, "MWh": 1e3, "GWh": 1e6, "mWh": 1e-6, "J": 1 / 3.6e6, "kJ": 1 / 3600, "MJ": 1 / 3.6,
            "Wmin": 1e-3 / 60, "Ws": 1 / 3.6e6},
    "kVA": {"VA": 1e-3, "kVA": 1.0, "MVA": 1e3},
    "kvar": {"var": 1e-3, "kvar": 1.0, "Mvar": 1e3},
    "V": {"mV": 1e-3, "V": 1.0, "kV": 1e3},
    "A": {"mA": 1e-3, "A": 1.0, "kA": 1e3},
    "Hz": {"Hz": 1.0, "mHz": 1e-3, "kHz": 1e3},
    "W/m2": {"W/m2": 1.0, "kW/m2": 1e3, "mW/cm2": 10.0},
    "°C": {"°C": 1.0, "C": 1.0},
    "m/s": {"m/s": 1.0, "km/h": 1 / 3.6, "mph": 0.44704},
    "%": {"%": 1.0},
}  # fmt: skip
_SPELLINGS: Final = {
    "²": "2", "㎡": "m2", "º": "°", "℃": "°C", "℉": "°F", "deg C": "°C", "degC": "°C", "celsius": "°C",
    "Celsius": "°C", "·": "", "^": "",
}  # fmt: skip
_POWERS: Final = {float(f"1e{power}"): power for power in range(-9, 10)}
# Written in any case by some firmware, and then there is no doubt: nobody means millivolt-ampere-reactive by VAR.
_LOWER: Final = {
    "w": "W", "kw": "kW", "kwh": "kWh", "wh": "Wh", "va": "VA", "kva": "kVA", "var": "var", "kvar": "kvar", "v": "V",
    "a": "A", "hz": "Hz", "°c": "°C", "c": "C", "w/m2": "W/m2", "kw/m2": "kW/m2", "m/s": "m/s", "km/h": "km/h",
    "kv": "kV", "gwh": "GWh", "mwh": "MWh", "percent": "%",
}  # fmt: skip


def unit_name(written: str) -> str:
    """Return the usual spelling of a unit (``KWH`` -> ``kWh``, ``W/㎡`` -> ``W/m2``); an unknown one comes back bare."""
    text = written.strip()
    for odd, usual in _SPELLINGS.items():
        text = text.replace(odd, usual)
    known = any(text in table for table in _FACTORS.values()) or text in {"°F", "F", "K"}
    return text if known else _LOWER.get(text.lower(), text)


def to_canonical(value: float, written: str, canonical: str) -> float | None:
    """Return ``value`` in the canonical unit; None when ``written`` measures something else or is not known.

    No unit written, or a metric without one, leaves the value as it is.
    """
    factor, offset = _conversion(written, canonical)
    if factor is None:
        return None
    return scaled(value - offset, factor)


@lru_cache(maxsize=2048)
def _conversion(written: str, canonical: str) -> tuple[float | None, float]:
    """Return (factor, what to take off before); factor None: another quantity, or not known."""
    if not written.strip() or not canonical:
        return 1.0, 0.0
    unit = unit_name(written)
    if canonical == "°C" and unit in {"°F", "F"}:
        return 1 / 1.8, 32.0
    if canonical == "°C" and unit == "K":
        return 1.0, 273.15
    return _FACTORS.get(canonical, {canonical: 1.0}).get(unit), 0.0


def scaled(value: float, factor: float) -> float:
    """Return ``value * factor`` without the dust of binary fractions where the factor is a power of ten.

    7216 x 0.01 is 72.16 and 123.4 W are 0.1234 kW, not 0.12340000000000001.
    """
    if factor == 1.0:
        return value
    power = _POWERS.get(factor)
    if power is None:
        return value * factor
    return float(Decimal(repr(float(value))).scaleb(power))
