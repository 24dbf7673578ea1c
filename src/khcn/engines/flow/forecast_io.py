"""CSV in, JSON-able forecast out (signature; body follows)."""

from pathlib import Path
from typing import Any

from khcn.engines.flow.calendar import Calendar


def forecast_csv(
    path: Path, horizon: int = 336, *, column: str | None = None, calendar: Calendar | None = None
) -> dict[str, Any]:
    """Return the document of ``khcn markets forecast``. Several value columns give ``{"series": {column: document}}``."""
    raise NotImplementedError
