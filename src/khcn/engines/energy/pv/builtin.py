"""The year that needs no network: month x hour means of Tan Son Nhat, 10.755 N 106.667 E.

Facts: TMYx of WMO 489000, 1,998 kWh/m2 a year; its radiation is modelled from cloud reports, not measured. A typical
year has no cloudy and bright days, only their mean: right for sums, too smooth for a single day.
"""

import csv
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.pv.weather import COLUMNS, Weather

LATITUDE: Final = 10.755
LONGITUDE: Final = 106.667
ALTITUDE_M: Final = 5.0
REACH_KM: Final = 80.0  # farther away the table is a guess, and a note says so
NIGHT_TEMPERATURE: Final = 25.0  # no module is warm at night: the value decides nothing
NIGHT_WIND: Final = 2.0
# The same place in the city's own programme (EVNHCMC, 10/08/2021; one origin): the low end of the range.
LOW_KWH_M2: Final = 1581.0


@cache
def month_hour() -> NDArray[np.float64]:
    """Return the table: shape (12, 24, 5), columns as :data:`COLUMNS`."""
    table = np.zeros((12, 24, len(COLUMNS)))
    table[:, :, 3], table[:, :, 4] = NIGHT_TEMPERATURE, NIGHT_WIND
    path = Path(__file__).with_name("data") / "tan_son_nhat.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            table[int(row["month"]) - 1, int(row["hour"])] = [float(row[name]) for name in COLUMNS]
    return table


def builtin_weather(offset_hours: float = 7.0) -> Weather:
    """Return the built-in year (of 2025, which has no 29 February)."""
    import pandas as pd  # noqa: PLC0415  # heavy: only for whoever plans

    index = pd.date_range("2025-01-01 00:30", periods=8760, freq="h", tz=_offset(offset_hours))
    values = month_hour()[index.month - 1, index.hour]
    frame = pd.DataFrame(values, index=index, columns=list(COLUMNS))
    return Weather(
        frame=frame, latitude=LATITUDE, longitude=LONGITUDE, altitude_m=ALTITUDE_M,
        code="weather-builtin", params={"total": round(float(frame["ghi"].sum() / 1000))}, certainty="S1",
    )  # fmt: skip


def _offset(hours: float) -> "object":
    from datetime import timedelta, timezone  # noqa: PLC0415

    return timezone(timedelta(hours=hours))


def km_from_builtin(latitude: float, longitude: float) -> float:
    """Return the distance from the built-in place, km (flat earth is good enough here)."""
    north = (latitude - LATITUDE) * 111.2
    east = (longitude - LONGITUDE) * 111.2 * float(np.cos(np.radians(latitude)))
    return float(np.hypot(north, east))
