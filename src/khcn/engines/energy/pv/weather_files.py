"""Weather files that people bring: EPW, TMY3, PVGIS, NASA POWER, NSRDB/SAM, PVWatts hourly, or a plain table.

Read by pvlib where it has a reader. Whatever the file, the result is one year of 8,760 hours of mean values.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.pv.weather import COLUMNS, Weather

if TYPE_CHECKING:
    import pandas as pd

MOST_BYTES: Final = 64 << 20
HOURS: Final = 8760
_NAMES: Final = {
    "ghi": ("ghi", "gh", "global horizontal", "allsky_sfc_sw_dwn", "g(h)", "global horizontal irradiance (w/m2)"),
    "dni": ("dni", "dn", "beam", "allsky_sfc_sw_dni", "gb(n)", "beam irradiance (w/m^2)", "direct normal"),
    "dhi": ("dhi", "df", "diffuse", "allsky_sfc_sw_diff", "gd(h)", "diffuse irradiance (w/m^2)"),
    "temperature": ("temperature", "temp_air", "tdry", "t2m", "ambient temperature (c)", "drybulb", "temp"),
    "wind": ("wind speed", "wind_speed", "wspd", "ws10m", "wind speed (m/s)", "wind", "windspeed"),
}  # fmt: skip


def read_weather(
    source: Path | bytes, *, name: str = "", latitude: float, longitude: float, offset: float
) -> Weather:
    """Read a year of weather. ``offset``: hours from UTC, used when the file does not say.

    Raises:
        SpecError: ``weather-unreadable``, ``weather-columns``, ``weather-short``, ``weather-large``, ``weather-values``.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    label = name or (source.name if isinstance(source, Path) else "")
    if len(data) > MOST_BYTES:
        raise SpecError("weather-large", name=label)
    text = data.decode("utf-8-sig", errors="replace")
    place = Place(latitude, longitude, 0.0, offset)
    try:
        found = _dispatch(text, label, place)
    except SpecError:
        raise
    except Exception as error:  # pvlib and pandas raise whatever a broken file makes them raise
        raise SpecError("weather-unreadable", name=label) from error
    return _checked(found, label)


@dataclass(frozen=True)
class Place:
    """Where the weather was taken, and its hours from UTC."""

    latitude: float
    longitude: float
    altitude_m: float
    offset: float


Reader = Callable[[str, str, Place], Weather]


def _dispatch(text: str, label: str, place: Place) -> Weather:
    head = text[:4000]
    first = head.split("\n", 1)[0]
    named = bool({*_cells(first)} & {*_NAMES["ghi"], *_NAMES["dni"]})  # NSRDB's first line has "DNI Units"
    signs: list[tuple[bool, Reader]] = [
        (head.startswith("LOCATION,"), _epw),
        ("-BEGIN HEADER-" in head, _nasa_power),
        ("G(h)" in head and "time(UTC)" in text, _pvgis),
        (head.startswith("PVWatts"), _pvwatts),
        (re.match(r'^"?\d{6}"?,', head) is not None, _tmy3),
        (first.count(",") >= 5 and not named, _sam),
    ]
    reader = next((one for sign, one in signs if sign), _table)
    return reader(text, label, place)


def _nasa_power(text: str, label: str, place: Place) -> Weather:
    return _made(_by_name(text.split("-END HEADER-", 1)[1].lstrip(), label), (label, "NASA POWER"), place)


def _epw(text: str, label: str, place: Place) -> Weather:
    from pvlib.iotools import read_epw  # noqa: PLC0415

    frame, about = read_epw(io.StringIO(text), coerce_year=2025)
    picked = frame[["ghi", "dni", "dhi", "temp_air", "wind_speed"]]
    return _made(picked, (label, "EPW"), _told(about))


def _tmy3(text: str, label: str, place: Place) -> Weather:
    from pvlib.iotools import read_tmy3  # noqa: PLC0415

    frame, about = read_tmy3(io.StringIO(text), coerce_year=2025, map_variables=True)
    picked = frame[["ghi", "dni", "dhi", "temp_air", "wind_speed"]]
    return _made(picked, (label, "TMY3"), _told(about))


def _pvgis(text: str, label: str, place: Place) -> Weather:
    def line(word: str, otherwise: float) -> float:
        found = re.search(rf"{word}[^:\n]*:\s*(-?[\d.]+)", text)
        return float(found.group(1)) if found else otherwise

    body = text[text.index("time(UTC)") :].split("\n\n", 1)[0]
    frame = _by_name(body, label)
    told = Place(
        line("Latitude", place.latitude),
        line("Longitude", place.longitude),
        line("Elevation", 0.0),
        place.offset,
    )
    return _made(frame, (label, "PVGIS"), told, utc=True)


def _pvwatts(text: str, label: str, place: Place) -> Weather:
    lines = text.splitlines()

    def value(word: str) -> float:
        row = next(one for one in lines[:20] if one.startswith(word))
        return float(row.split(",")[1].strip().strip('"'))

    start = next(i for i, one in enumerate(lines) if one.startswith(("Month,Day,Hour", '"Month"')))
    body = [lines[start], *(one for one in lines[start + 1 :] if one[:1].isdigit())]
    frame = _by_name("\n".join(body), label)
    east = value("Long (deg W)") * -1.0
    return _made(
        frame, (label, "PVWatts"), Place(value("Lat (deg N)"), east, value("Elev"), round(east / 15.0))
    )


def _sam(text: str, label: str, place: Place) -> Weather:
    names, values, body = text.split("\n", 2)
    about = dict(zip(_cells(names), _cells(values), strict=False))

    def number(word: str, otherwise: float) -> float:
        try:
            return float(about.get(word, ""))
        except ValueError:
            return otherwise

    frame = _by_name(body, label)
    told = Place(
        number("latitude", place.latitude), number("longitude", place.longitude), number("elevation", 0.0),
        number("time zone", place.offset),
    )  # fmt: skip
    return _at_minute(_made(frame, (label, "SAM/NSRDB"), told), body)


def _at_minute(weather: Weather, body: str) -> Weather:
    """Move the rows to the minute that the file gives them; SAM takes the sun's place then. Without one: the half hour."""
    from pandas import Timedelta  # noqa: PLC0415

    lines = body.splitlines()
    names = _cells(lines[0])
    rows = [_cells(line) for line in lines[1:3] if line]
    if "minute" not in names or len(lines) > HOURS + 100 or not rows:
        return weather
    minutes = {row[names.index("minute")] for row in rows if len(row) == len(names)}
    if len(minutes) == 1 and (minute := minutes.pop()).isdigit() and int(minute) < 60:
        weather.frame.index = weather.frame.index + Timedelta(minutes=int(minute) - 30)
    return weather


def _table(text: str, label: str, place: Place) -> Weather:
    return _made(_by_name(text, label), (label, "CSV"), place)


def _told(about: Any) -> Place:
    return Place(*(float(about[name]) for name in ("latitude", "longitude", "altitude", "TZ")))


def _cells(line: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in line.split(",")]


def _by_name(text: str, label: str) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415

    frame = pd.read_csv(io.StringIO(text), sep=None, engine="python", skip_blank_lines=True)
    columns = {str(name).strip().lower(): name for name in frame.columns}
    picked = {}
    for wanted, known in _NAMES.items():
        match = next((columns[word] for word in known if word in columns), None)
        if match is not None:
            picked[wanted] = pd.to_numeric(frame[match], errors="coerce")
    missing = [name for name in ("temperature",) if name not in picked]
    light = [name for name in ("ghi", "dni", "dhi") if name in picked]
    if missing or ("ghi" not in light and len(light) < 2):
        raise SpecError("weather-columns", name=label, found=", ".join(map(str, list(frame.columns)[:12])))
    return pd.DataFrame(picked)


def _made(frame: "pd.DataFrame", name: tuple[str, str], place: Place, *, utc: bool = False) -> Weather:
    """Give the rows their hours: the first row is the first hour of the year, local standard time (or UTC)."""
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    values = frame.rename(columns={"temp_air": "temperature", "wind_speed": "wind"}).reset_index(drop=True)
    if "wind" not in values:
        values["wind"] = 1.0
    per_hour = len(values) / HOURS
    if per_hour == 8784 / 8760:
        values = values.drop(range(1416, 1440)).reset_index(drop=True)  # 29 February
    elif len(values) in (2 * HOURS, 4 * HOURS, 12 * HOURS, 60 * HOURS):
        values = values.groupby(np.arange(len(values)) // int(per_hour)).mean()
    if len(values) != HOURS:
        raise SpecError("weather-short", name=name[0], rows=len(values))
    if utc:
        values = pd.DataFrame(np.roll(values.to_numpy(), round(place.offset), axis=0), columns=values.columns)
    index = pd.date_range(
        "2025-01-01 00:30", periods=HOURS, freq="h", tz=timezone(timedelta(hours=float(place.offset)))
    )
    values.index = index
    return Weather(
        frame=_completed(values, place.latitude, place.longitude), latitude=place.latitude,
        longitude=place.longitude, altitude_m=place.altitude_m, code="weather-file",
        params={"name": name[0], "form": name[1]},
    )  # fmt: skip


def _completed(values: "pd.DataFrame", latitude: float, longitude: float) -> "pd.DataFrame":
    """Fill the one component of light that the other two (or the sun alone) give."""
    import numpy as np  # noqa: PLC0415
    import pvlib  # noqa: PLC0415

    index: Any = values.index
    zenith = pvlib.solarposition.get_solarposition(index, latitude, longitude)["apparent_zenith"]
    up = np.maximum(np.cos(np.radians(zenith)), 0.0)
    if "ghi" not in values:
        values["ghi"] = values["dhi"] + values["dni"] * up
    if "dni" not in values and "dhi" not in values:
        split = pvlib.irradiance.erbs_driesse(values["ghi"], zenith, index)
        values["dni"], values["dhi"] = split["dni"].to_numpy(), split["dhi"].to_numpy()
    elif "dni" not in values:
        values["dni"] = np.where(up > 0.02, (values["ghi"] - values["dhi"]) / np.maximum(up, 0.02), 0.0)
    elif "dhi" not in values:
        values["dhi"] = values["ghi"] - values["dni"] * up
    return values[list(COLUMNS)]


def _checked(found: Weather, label: str) -> Weather:
    """Refuse what cannot be a year of sun on earth."""
    frame = found.frame
    for name in ("ghi", "dni", "dhi"):
        frame[name] = frame[name].where(frame[name] > -900).fillna(0.0).clip(lower=0.0)
    frame["temperature"] = (
        frame["temperature"].where(frame["temperature"].between(-90, 70)).ffill().fillna(25.0)
    )
    frame["wind"] = frame["wind"].where(frame["wind"].between(0, 100)).fillna(1.0)
    if not 400 <= found.ghi_kwh_m2 <= 3200 or float(frame["ghi"].max()) > 1700:
        raise SpecError("weather-values", name=label, total=round(found.ghi_kwh_m2))
    return found
