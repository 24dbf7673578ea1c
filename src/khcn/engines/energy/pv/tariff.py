"""What a kWh of each hour costs, from the ``tariff`` of a planning request.

Three forms (other words for their parts: :mod:`.tariff_words`): one price (``{"vnd_per_kwh": 2072}``), prices by band (``{"normal", "peak", "off", "spans": [...]}``), or a
group of the packaged tables (``{"group": "public_school", "voltage": "lt_6kv", "on": "2026-11-01"}``), to which VAT is
added. Numbers given in the request are taken as they are unless ``vat_percent`` is given with them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.pv.tariff_words import plain_tariff, told

Floats = NDArray[np.float64]
BANDS: Final = ("normal", "peak", "off")


@dataclass(frozen=True)
class HourlyPrice:
    """``vnd``: price of each hour of the year with VAT; ``surplus_vnd``/``surplus_most``: price and share of output that
    may be sold; ``sources``: what it was taken from; ``assumed``: values nobody gave.
    """

    vnd: Floats
    surplus_vnd: float = 0.0
    surplus_most: float = 0.0
    sources: tuple[dict[str, Any], ...] = ()
    assumed: dict[str, Any] = field(default_factory=dict)


def hourly_price(
    tariff: Mapping[str, Any], weekdays: NDArray[np.int64], hours: NDArray[np.int64]
) -> HourlyPrice:
    """Return the price of each hour. Raises SpecError (``tariff-form``, ``tariff-number``, ``tariff-spans``)."""
    tariff = plain_tariff(tariff)
    surplus_vnd = _number(tariff.get("surplus_vnd", 0.0), "surplus")
    surplus_most = _share(tariff.get("surplus_most", 100.0 if surplus_vnd else 0.0))
    vat = _vat(tariff, 0.0)
    if "vnd_per_kwh" in tariff:
        vnd = np.full(len(hours), _number(tariff["vnd_per_kwh"], "vnd_per_kwh")) * vat
        return HourlyPrice(vnd, surplus_vnd, surplus_most, _given(tariff))
    from khcn.engines.energy.pv.tariff_table import newest_spans, packaged_bands  # noqa: PLC0415  # reads the packaged tables

    bands: Mapping[str, Any] = tariff
    sources: tuple[dict[str, Any], ...] = ()
    assumed: dict[str, Any] = {}
    spans: Sequence[Mapping[str, Any]] | None = tariff.get("spans")
    if tariff.get("group"):
        found = packaged_bands(tariff)
        bands, sources, vat = found.bands, found.sources, _vat(tariff, found.vat_percent)
        spans = spans if spans is not None else found.spans
        assumed = {"vat_percent": found.vat_percent}
    if bands.get("normal") is None:
        raise SpecError("tariff-form")
    spans = spans if spans is not None else newest_spans()
    shares = band_shares(spans, weekdays, hours)
    normal = _number(bands["normal"], "normal")
    vnd = np.zeros(len(hours))
    for band in BANDS:
        given = bands[band] if bands.get(band) is not None else normal
        vnd += shares[band] * _number(given, band)
    return HourlyPrice(vnd * vat, surplus_vnd, surplus_most, sources or _given(tariff), assumed)


def band_shares(
    spans: Sequence[Mapping[str, Any]], weekdays: NDArray[np.int64], hours: NDArray[np.int64]
) -> dict[str, Floats]:
    """Return the share of each hour that lies in each band (half hours happen: 17:30)."""
    shares = {band: np.zeros(len(hours)) for band in BANDS}
    if not isinstance(spans, Sequence) or isinstance(spans, str):
        raise SpecError("tariff-spans")
    for span in spans:
        try:
            begin, end, band = _clock(span["from"]), _clock(span["to"]), str(span["band"])
            days = np.isin(weekdays, list(span.get("weekdays", range(7))))
        except (KeyError, ValueError, TypeError) as error:
            raise SpecError("tariff-spans") from error
        if band not in ("peak", "off"):
            raise SpecError("tariff-spans")
        pieces = [(begin, end)] if begin < end else [(begin, 24.0), (0.0, end)]
        for low, high in pieces:
            covered = np.clip(np.minimum(hours + 1, high) - np.maximum(hours, low), 0.0, 1.0)
            shares[band] = np.maximum(shares[band], np.where(days, covered, 0.0))
    shares["normal"] = np.clip(1.0 - shares["peak"] - shares["off"], 0.0, 1.0)
    return shares


def _clock(text: Any) -> float:
    hour, minute = str(text).split(":")[:2]
    value = int(hour) + int(minute) / 60
    if not 0 <= value <= 24:
        raise ValueError(text)
    return value


def _number(value: Any, name: str) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise SpecError("tariff-number", name=name) from None
    if isinstance(value, bool) or not 0 <= found <= 1_000_000:
        raise SpecError("tariff-number", name=name)
    return found


def _share(value: Any) -> float:
    found = _number(value, "most_percent")
    return min(found / 100.0 if found > 1 else found, 1.0)


def _vat(tariff: Mapping[str, Any], otherwise: float) -> float:
    return 1.0 + _number(tariff.get("vat_percent", otherwise), "vat_percent") / 100.0


def _given(tariff: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    understood = {"told": told(tariff)}
    return (
        {"what": "tariff", "code": "tariff-given", "params": {}, "certainty": "given"},
        {"what": "tariff", "code": "tariff-understood", "params": understood, "certainty": "given"},
    )
