"""The names people give to the parts of a tariff, brought to one form.

``{"type": "flat", "price_vnd_kwh": 2072}``, ``{"energy_vnd_kwh": 2072}`` and ``{"vnd_per_kwh": 2072}`` say the same;
so do ``{"normal_vnd_kwh", "peak_vnd_kwh", "off_peak_vnd_kwh"}`` and ``{"bands": {"normal", "peak", "off"}}``. What is
understood is told in the sources of a plan; what is not is never taken for a price of zero.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from khcn.engines.energy.errors import SpecError

# words that add nothing to "a price of a kWh"
_FILLERS: Final = frozenset(
    [
        "vnd",
        "per",
        "kwh",
        "price",
        "prices",
        "energy",
        "rate",
        "rates",
        "tariff",
        "import",
        "retail",
        "flat",
        "average",
        "value",
        "electricity",
        "unit",
        "đ",
        "dong",
    ]
)
_PARTS: Final = {
    "": "flat",
    "normal": "normal", "standard": "normal", "shoulder": "normal", "mid": "normal", "mid peak": "normal", "base": "normal",
    "peak": "peak", "on peak": "peak", "onpeak": "peak", "high": "peak",
    "off": "off", "off peak": "off", "offpeak": "off", "low": "off",
    "surplus": "surplus", "export": "surplus", "feed in": "surplus", "feedin": "surplus", "fit": "surplus",
    "sell": "surplus", "sale": "surplus", "excess": "surplus",
    "most": "most", "max": "most", "limit": "most", "share": "most", "max share": "most", "most percent": "most",
    "max percent": "most", "limit percent": "most", "share percent": "most", "percent": "most", "cap percent": "most",
    "surplus most": "most", "surplus most percent": "most", "surplus max percent": "most", "surplus share": "most",
    "surplus limit percent": "most", "surplus max share": "most", "surplus percent": "most",
    "vat": "vat", "vat percent": "vat", "tax": "vat", "tax percent": "vat",
    "peak hours": "peak hours", "on peak hours": "peak hours", "off hours": "off hours", "off peak hours": "off hours",
    "hours": "hours", "periods": "hours", "times": "hours",
    "bands": "bands", "tou": "bands", "time of use": "bands",
}  # fmt: skip
_KEPT: Final = ("group", "voltage", "on", "spans", "time_of_use")
_EVERY_DAY: Final = list(range(7))
_WORKDAYS: Final = list(range(6))  # no peak on Sundays


def plain_tariff(tariff: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``tariff`` as ``{"vnd_per_kwh"} | {"normal", "peak", "off", "spans"} | {"group", ...}`` with ``surplus_vnd``,
    ``surplus_most`` and ``vat_percent`` where they were given. Raises SpecError (``tariff-form``, ``tariff-spans``)."""
    plain = {name: tariff[name] for name in _KEPT if tariff.get(name) is not None}
    spans: list[dict[str, Any]] = []
    found: dict[str, Any] = {}
    _gather(tariff, found, spans)
    if "vat" in found:
        vat = found.pop("vat")
        plain["vat_percent"] = vat * 100 if isinstance(vat, float) and 0 < vat < 1 else vat
    surplus = found.pop("surplus", None)
    if isinstance(surplus, Mapping):
        inside: dict[str, Any] = {}
        _gather(surplus, inside, [])
        found |= {"most": inside["most"]} if "most" in inside else {}
        sold = surplus.get("allowed", True) is not False
        surplus = inside.get("flat", inside.get("surplus")) if sold else None
        if surplus is None and sold:
            raise SpecError("tariff-form")
    plain |= {} if surplus is None else {"surplus_vnd": surplus}
    plain |= {"surplus_most": found.pop("most")} if "most" in found else {}
    if "peak" in found or "off" in found or "normal" in found:
        plain |= {"normal": found.get("normal", found.get("flat"))}
        plain |= {name: found[name] for name in ("peak", "off") if name in found}
        if spans and "spans" not in plain:
            plain["spans"] = spans
    elif "flat" in found:
        plain["vnd_per_kwh"] = found["flat"]
    return plain


def _gather(given: Mapping[str, Any], found: dict[str, Any], spans: list[dict[str, Any]]) -> None:
    for key, value in given.items():
        part = _PARTS.get(_word(str(key)))
        if part is None or value is None or str(key) in _KEPT:
            continue
        if part == "bands" or (part == "flat" and isinstance(value, Mapping)):
            if not isinstance(value, Mapping):
                raise SpecError("tariff-form")
            _gather(value, found, spans)
        elif part in ("peak hours", "off hours"):
            spans += _spans(part.split()[0], value)
        elif part in ("peak", "off", "normal") and isinstance(value, Mapping):
            inside: dict[str, Any] = {}
            _gather(value, inside, spans)
            found[part] = inside.get("flat")
            if part != "normal" and inside.get("hours") is not None:
                spans += _spans(part, inside["hours"])
        else:
            found.setdefault(part, value)


def _word(key: str) -> str:
    words = re.split(r"[^a-zđ]+", key.lower())
    return " ".join(word for word in words if word and word not in _FILLERS)


def _spans(band: str, hours: Any) -> list[dict[str, Any]]:
    """Read ``["17:30-22:30"]``, ``[["17:30", "22:30"]]`` or ``[{"from", "to"}]``."""
    weekdays = _WORKDAYS if band == "peak" else _EVERY_DAY
    read = []
    for one in [hours] if isinstance(hours, str) else hours if isinstance(hours, list) else [None]:
        if isinstance(one, Mapping):
            begin, end = one.get("from", one.get("start")), one.get("to", one.get("end"))
            weekdays = one.get("weekdays", weekdays)
        elif isinstance(one, str) and "-" in one:
            begin, end = (part.strip() for part in one.split("-", 1))
        elif isinstance(one, list) and len(one) == 2:
            begin, end = one
        else:
            raise SpecError("tariff-spans")
        read.append({"band": band, "weekdays": weekdays, "from": _clock(begin), "to": _clock(end)})
    return read


def _clock(value: Any) -> str:
    text = str(value)
    return text if ":" in text else f"{text}:00"


def told(plain: Mapping[str, Any]) -> str:
    """Return what was understood, in Vietnamese, for the sources of a plan."""
    names = (
        ("vnd_per_kwh", "một giá"),
        ("normal", "bình thường"),
        ("peak", "cao điểm"),
        ("off", "thấp điểm"),
    )
    prices = [f"{name} {_money(plain[key])}" for key, name in names if plain.get(key) is not None]
    more = [f"thuế GTGT {float(plain['vat_percent']):g} %"] if "vat_percent" in plain else ["đã gồm thuế"]
    if float(plain.get("surplus_vnd", 0) or 0) > 0:
        more.append(f"bán điện dư {_money(plain['surplus_vnd'])}")
    return ", ".join([*prices, *more])


def _money(value: Any) -> str:
    return f"{float(value):,.0f}".replace(",", ".") + " đồng/kWh"
