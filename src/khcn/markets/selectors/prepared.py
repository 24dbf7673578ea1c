"""Results that take a worker seconds to make (forecasts, effects, floors), kept as JSON below the data folder.

A page only reads them. They hold numbers, never pictures, and can all be made again.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

_NAME: Final = re.compile(r"(forecast|floor|effect|charts)-[0-9]+(-[0-9]+)?")


def prepared_path(name: str, ending: str = "json") -> Path:
    """Return where the result ``name`` lies. :raises ValueError: for a name that was not made here."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a prepared result: {name[:40]!r}")
    folder: Path = settings.KHCN.data_dir / "prepared" / "markets"
    return folder / f"{name}.{ending}"


def prepared(name: str) -> Mapping[str, Any] | None:
    """Return a result with its ``made_at``; None when it was not made yet."""
    path = prepared_path(name)
    try:
        return _read(str(path), path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def made_at(result: Mapping[str, Any]) -> datetime:
    """Return when a result was made."""
    return datetime.fromisoformat(str(result["made_at"]))


@lru_cache(maxsize=128)
def _read(path: str, changed_ns: int) -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return found
