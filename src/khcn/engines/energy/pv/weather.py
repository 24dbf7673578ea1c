"""A year of weather, hour by hour, and where it comes from.

Times stand in the middle of each hour, in the site's local standard time. pandas and pvlib are imported inside: this
module is loaded by whoever plans, never by a web process.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("ghi", "dni", "dhi", "temperature", "wind")


@dataclass(frozen=True)
class Weather:
    """``frame``: index = local time in the middle of the hour (fixed offset, 8,760 rows of one calendar year),
    columns ``ghi dni dhi`` (W/m2, mean of the hour), ``temperature`` (degrees C), ``wind`` (m/s).

    ``code``/``params``: the sentence of :mod:`.messages` that names the source; ``certainty``: S2, S1, D or M.
    """

    frame: "pd.DataFrame"
    latitude: float
    longitude: float
    altitude_m: float
    code: str
    params: dict[str, Any]
    certainty: str = "S1"
    albedo: float = 0.2

    @property
    def ghi_kwh_m2(self) -> float:
        """Global horizontal irradiation of the year, kWh/m2."""
        return float(self.frame["ghi"].sum() / 1000.0)

    def scaled(self, factors: "float | list[float]") -> "Weather":
        """Return the same year with its irradiation multiplied, by one factor or by twelve (January first)."""
        frame = self.frame.copy()
        if isinstance(factors, list):
            factor: Any = frame.index.month.map(lambda month: factors[month - 1]).to_numpy()
        else:
            factor = factors
        for name in ("ghi", "dni", "dhi"):
            frame[name] = frame[name] * factor
        return replace(self, frame=frame)
