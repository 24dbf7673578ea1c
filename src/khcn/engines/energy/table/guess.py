"""A first mapping for a file nobody has described: portal layouts by their header, other files by words and values.

What is guessed is shown to a person before anything is imported; every guess that could be wrong leaves a note.
"""

import re
import unicodedata
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.devices.units import to_canonical, unit_name
from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.metrics import METRICS, metric_of
from khcn.engines.energy.table.mapfile import (
    DEFAULT_DEVICE,
    DEFAULT_ZONE,
    ColumnMap,
    LongMap,
    Mapping,
    irradiation_factor,
)
from khcn.engines.energy.table.notes import Note, note_of
from khcn.engines.energy.table.reader import Table
from khcn.engines.energy.types import ChannelKind

# name without its unit -> metric of a portal's period export
_FUSIONSOLAR: Final = {
    "inverter yield": "ac_energy_today", "pv yield": "dc_energy_today", "export": "export_energy_today",
    "feed-in": "export_energy_today", "import": "import_energy_today", "consumption": "load_energy_today",
    "charge": "charge_energy_today", "discharge": "discharge_energy_today", "global irradiation": "ghi",
    "average temperature": "ambient_temperature",
}  # fmt: skip
_UNIT: Final = re.compile(
    r"\s*[(\[]\s*([^()\[\]]{1,12})\s*[)\]]\s*$|\s*/\s*(\(?[A-Za-z°%][A-Za-z0-9/^²°%]{0,9}\)?)\s*$"
)
_SUFFIX: Final = re.compile(r"[_\s](kwh|wh|mwh|kw|w|mw|w[_/]?m2|wm2|v|a|hz|degc|c|pct)$", re.IGNORECASE)
_TIME_WORDS: Final = re.compile(r"^(statistical (time|period)|time ?stamp|date ?time|time|date|ts|timestamp.*|thời (gian|điểm)|ngày( giờ)?|giờ|start time|collect time)$")  # fmt: skip
# Words of a name (folded, no marks) -> metric, first match wins; "energy" is told apart by its values.
_WORDS: Final[tuple[tuple[str, str], ...]] = tuple(
    (pattern, metric)
    for pattern, metric in (
        (r"\b(poa|plane of array|refcell|buc xa (tren )?mat)", "poa_irradiance"),
        (r"\b(ghi|global horizontal|irradiance|irradiation|irr\b|solar radiation|buc xa)", "ghi"),
        (r"\b(mod(ule)?|panel|cell|pv|tpan)[ _]*(temp\w*|\d*$)|nhiet do (tam )?pin|\btpan\b", "module_temperature"),
        (r"\b(amb\w*|air|outdoor|tamb)[ _]*temp\w*|nhiet do (khong khi|moi truong)|\btamb\b", "ambient_temperature"),
        (r"\b(inv\w*|cabinet|internal|heatsink|das)[ _]*temp\w*|nhiet do may", "cabinet_temperature"),
        (r"wind|toc do gio", "wind_speed"),
        (r"\b(power factor|pf|cos ?phi|he so cong suat)\b", "power_factor"),
        (r"\breactive|phan khang", "reactive_power"),
        (r"\bapparent|bieu kien", "apparent_power"),
        (r"(meter|grid|net).*(power|\bp\b)|cong suat (trao doi|luoi)", "grid_power"),
        (r"import.*power", "import_power"),
        (r"(export|feed).*power", "export_power"),
        (r"(load|consum\w*|tieu thu).*(power)|cong suat tieu thu", "load_power"),
        (r"\bdc.*power|\bpdc\b|input power|power.*\bdc\b|cong suat mot chieu", "dc_power"),
        (r"power|\bpac\b|cong suat|\bp\b", "ac_power"),
        (r"soc\b|state of charge|muc pin", "battery_soc"),
        (r"freq|tan so", "frequency"),
        (r"\bdc.*(volt\w*)|\bvdc\b|volt.*\bdc\b", "dc_voltage"),
        (r"\bdc.*(curr\w*|amp\w*)|\bidc\b", "dc_current"),
        (r"volt\w*|dien ap|\bvl1n\b", "voltage_l1"),
        (r"curr\w*|dong dien|\bil1\b", "current_l1"),
        (r"(import|lay tu luoi|mua|tu luoi).*|.*(import)", "import_energy"),
        (r"(export|feed|day len luoi|phat len luoi|ban).*", "export_energy"),
        (r"(load|consum\w*|tieu thu).*", "load_energy"),
        (r"discharge|\bxa\b", "discharge_energy"),
        (r"charge|\bnap\b", "charge_energy"),
        (r"energy|yield|produc\w*|generat\w*|san luong|dien nang|dien phat|chi so|total|e[_ ]?day|e[_ ]?total", "ac_energy"),
        (r"status|state|trang thai", "state"),
    )
)  # fmt: skip
_DEVICE: Final = re.compile(
    r"\b((?:inv(?:erter)?|bien tan|meter|met|dong ho|bo|apu|pcs|string)[ _-]*\d+)\b", re.IGNORECASE
)
_BIG_W: Final = 3000.0  # a median power above this in a file without units is written in watts


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping to start from, the layout recognised ("": none) and what to check. ``unused``: columns left out."""

    mapping: Mapping
    layout: str = ""
    notes: list[Note] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def guess_mapping(table: Table, *, zone: str = DEFAULT_ZONE, device: str = DEFAULT_DEVICE) -> Guess:
    """Return a mapping for ``table``, as good as header and values allow; ``columns`` may be empty."""
    names = list(table.names)
    time = _time_column(table, names)
    bare = {_bare(name)[0]: name for name in names}
    if {"pv yield", "inverter yield"} & set(bare) and any(one.startswith("statistical") for one in bare):
        return _portal(names, time, zone, device)
    long = _long(table, names)
    if long is not None:
        return _long_guess(table, long, time, zone, device)
    return _generic(table, names, time, zone, device)


def _bare(name: str) -> tuple[str, str]:
    """Return (name without unit in small letters, unit)."""
    text = unicodedata.normalize("NFKC", name).replace("_", " ").strip()
    found = _UNIT.search(text)
    if found:
        unit = (found[1] or found[2]).strip("()")
        return text[: found.start()].strip().casefold(), unit
    suffix = _SUFFIX.search(text)
    if suffix:
        unit = {"wm2": "W/m2", "w m2": "W/m2", "w/m2": "W/m2", "degc": "°C", "c": "°C", "pct": "%"}.get(
            suffix[1].lower(), unit_name(suffix[1])
        )
        return text[: suffix.start()].strip().casefold(), unit
    return text.casefold(), ""


def unit_in_name(name: str, metric: str) -> str:
    """Return the unit that the name of a column tells ("Power (W)"), "" when there is none that suits ``metric``."""
    unit = _bare(name)[1]
    return unit if unit and _fits(metric, unit) else ""


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(mark for mark in plain if not unicodedata.combining(mark))


def _time_column(table: Table, names: list[str]) -> str:
    for name in names:
        if _TIME_WORDS.match(_bare(name)[0]):
            return name
    for name in names:
        cells = [cell for cell in table.column(name)[:200] if cell not in {None, ""}]
        from khcn.engines.energy.table.times import infer  # noqa: PLC0415  # times read tables too

        if cells and infer(cells).valid.mean() > 0.9 and not _numeric(table, name):
            return name
    return names[0] if names else ""


def _numeric(table: Table, name: str) -> bool:
    quiet = len(table.notes)
    values = table.numbers(name)[:2000]
    del table.notes[quiet:]
    return bool(np.isfinite(values).mean() > 0.3)


def _portal(names: list[str], time: str, zone: str, device: str) -> Guess:
    columns, unused = [], []
    both = {_bare(name)[0] for name in names}
    for name in names:
        bare, unit = _bare(name)
        metric = _FUSIONSOLAR.get(bare)
        if metric == "dc_energy_today" and "inverter yield" not in both:
            metric = "ac_energy_today"
        if metric and _fits(metric, unit):
            columns.append(ColumnMap(name, metric, unit=unit, period=True))
        elif name != time:
            unused.append(name)
    mapping = Mapping(time, tuple(columns), zone, device=device, layout="fusionsolar")
    return Guess(mapping, "fusionsolar", [note_of("layout", layout="FusionSolar (Huawei)")], unused)


def _fits(metric: str, unit: str) -> bool:
    canonical = metric_of(metric).unit
    return to_canonical(1.0, unit, canonical) is not None or (
        canonical == "W/m2" and irradiation_factor(unit) > 0
    )


def _long(table: Table, names: list[str]) -> LongMap | None:
    """A column of a few words repeated all along, and one column of numbers: one value a row."""
    lowered = {_bare(name)[0]: name for name in names}
    metric = next(
        (
            lowered[one]
            for one in ("meas name", "metric", "parameter", "tag", "variable", "đại lượng")
            if one in lowered
        ),
        "",
    )
    value = next(
        (lowered[one] for one in ("meas val f", "value", "val", "reading", "giá trị") if one in lowered), ""
    )
    return LongMap(metric, value) if metric and value and _numeric(table, value) else None


def _long_guess(table: Table, long: LongMap, time: str, zone: str, device: str) -> Guess:
    notes, columns, unused = [], [], []
    for name in sorted(set(table.text(long.metric))):
        found = _metric(name, None)
        if found:
            columns.append(ColumnMap(name, found[0], unit=found[1]))
        else:
            unused.append(name)
    lowered = {_bare(name)[0]: name for name in table.names}
    column = next(
        (lowered[one] for one in ("sensor", "device", "meter", "inverter", "thiết bị") if one in lowered), ""
    )
    if not columns:
        notes.append(note_of("nothing-guessed"))
    return Guess(
        Mapping(time, tuple(columns), zone, device=device, device_column=column, long=long), "", notes, unused
    )


def _generic(table: Table, names: list[str], time: str, zone: str, device: str) -> Guess:
    notes: list[Note] = []
    columns: list[ColumnMap] = []
    unused: list[str] = []
    taken: set[tuple[str, str]] = set()
    for name in names:
        if name == time:
            continue
        one = _guessed(table, name, notes) if _numeric(table, name) else None
        if one is None or (one.device, one.metric) in taken:
            unused.append(name)
            continue
        taken.add((one.device, one.metric))
        columns.append(one)
    if not columns:
        notes.append(note_of("nothing-guessed"))
    return Guess(Mapping(time, tuple(columns), zone, device=device), "", notes, unused)


def _guessed(table: Table, name: str, notes: list[Note]) -> ColumnMap | None:
    values = table.numbers(name)
    found = _metric(name, values)
    if found is None:
        return None
    metric, unit = found
    device = _device(name)
    period = False
    if metric_of(metric).kind is ChannelKind.COUNTER:
        metric, period = _energy_kind(metric, values, name, notes)
    if not unit and metric_of(metric).unit == "kW":
        seen = np.abs(values[np.isfinite(values) & (values != 0)])
        if len(seen) and float(np.median(seen)) > _BIG_W:
            unit = "W"
            notes.append(note_of("unit-guessed", column=name, unit=unit))
    try:
        return ColumnMap(name, metric, device, unit, period=period)
    except SpecError:
        return None


def _metric(name: str, values: NDArray[np.float64] | None) -> tuple[str, str] | None:
    bare, unit = _bare(name)
    plain = _folded(bare)
    if plain.replace(" ", "_") in METRICS:
        return plain.replace(" ", "_"), unit
    for pattern, metric in _WORDS:
        if re.search(pattern, plain) and (not unit or _fits(metric, unit)):
            return metric, unit
    return None


def _device(name: str) -> str:
    found = _DEVICE.search(_folded(name.replace("_", " ").casefold()))
    return re.sub(r"[ _-]+", "", found[1]) if found else ""


def _energy_kind(metric: str, values: NDArray[np.float64], name: str, notes: list[Note]) -> tuple[str, bool]:
    """Return (metric, period): a counter never falls, one of the day falls once a day, energy of periods falls often."""
    seen = values[np.isfinite(values)]
    steps = np.diff(seen)
    falls = float(np.mean(steps < 0)) if len(steps) else 0.0
    today = f"{metric}_today"
    if falls < 0.005 or today not in METRICS:
        return metric, False
    if falls < 0.06:
        notes.append(note_of("kind-guessed", column=name, meaning="đã hiểu là điện đếm lại từ 0 mỗi ngày"))
        return today, False
    notes.append(
        note_of("kind-guessed", column=name, meaning="đã hiểu là điện của từng kỳ, không phải chỉ số lũy kế")
    )
    return today, True


def layouts() -> AnyMapping[str, str]:
    """Return the layouts recognised by their header: key -> name for people."""
    return {"fusionsolar": "FusionSolar (Huawei)"}
