"""Reading the series of a delivery without trust: times and values as arrays, what cannot be used as problems.

A piece of a delivery is one device's one metric. What has no usable form at all is set aside as it came; a value that
is none stays a reading with a problem and what was said in ``raws``.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.types import Values

METRIC: Final = re.compile(r"[a-z][a-z0-9_.:-]{0,59}")
RAW_LIMIT: Final = 500
MOST_MS: Final = 1 << 60
_NUMBERS: Final = frozenset({int, float, type(None)})


@dataclass(slots=True)
class Piece:
    """One device's one metric: ``t`` ms since 1970 UTC, ``v`` value or nan; problems and raw texts by place."""

    device: str
    metric: str
    t: NDArray[np.int64]
    v: Values
    problems: dict[int, str] = field(default_factory=dict)
    raws: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.t)

    def only(self, keep: NDArray[np.bool_]) -> "Piece":
        """Return the readings where ``keep`` holds."""
        if keep.all():
            return self
        return self.at(np.flatnonzero(keep))

    def at(self, places: NDArray[Any]) -> "Piece":
        """Return the readings at ``places``, in that order."""
        problems, raws = self.problems, self.raws
        if problems or raws:
            listed = places.tolist()
            problems = {new: problems[old] for new, old in enumerate(listed) if old in problems}
            raws = {new: raws[old] for new, old in enumerate(listed) if old in raws}
        return Piece(self.device, self.metric, self.t[places], self.v[places], problems, raws)

    def by_time(self) -> "Piece":
        """Return the readings in order of time, those of one time in the order in which they came."""
        if len(self.t) < 2 or bool((self.t[1:] >= self.t[:-1]).all()):
            return self
        return self.at(np.argsort(self.t, kind="stable"))

    def as_json(self) -> str:
        """Return the wire form, for setting aside."""
        document: dict[str, Any] = {
            "device": self.device,
            "metric": self.metric,
            "t": self.t.tolist(),
            "v": [value if math.isfinite(value) else None for value in self.v.tolist()],
        }
        if self.problems:
            document["p"] = {str(at): code for at, code in self.problems.items()}
        if self.raws:
            document["raw"] = {str(at): said for at, said in self.raws.items()}
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


class BadPieceError(ValueError):
    """A piece of a delivery without a usable form. ``code`` says what is wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_piece(item: Any) -> tuple[Piece, Piece | None]:
    """Return the readings of one piece, and those whose times are none (``None``: all have one).

    :raises BadPieceError: codes ``piece-form``, ``piece-lengths``.
    """
    if not isinstance(item, Mapping):
        raise BadPieceError("piece-form")
    device, metric, t, v = (item.get(name) for name in ("device", "metric", "t", "v"))
    if not isinstance(device, str) or not isinstance(metric, str) or not device or len(device) > 120:
        raise BadPieceError("piece-form")
    if not isinstance(t, list) or not isinstance(v, list):
        raise BadPieceError("piece-form")
    if len(t) != len(v):
        raise BadPieceError("piece-lengths")
    problems, raws = _by_place(item.get("p"), len(t), 60), _by_place(item.get("raw"), len(t), RAW_LIMIT)
    values = _values(v, problems, raws)
    times, timeless = _times(t)
    piece = Piece(device, metric, times, values, problems, raws)
    if timeless is None:
        return piece, None
    for at in np.flatnonzero(timeless).tolist():
        raws.setdefault(at, f"{_said(t[at])}: {_said(v[at])}"[:RAW_LIMIT])
    return piece.at(np.flatnonzero(~timeless)), piece.at(np.flatnonzero(timeless))


def _by_place(given: Any, count: int, most: int) -> dict[int, str]:
    if not isinstance(given, Mapping):
        return {}
    found = {}
    for key, said in given.items():
        if isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 9 and int(key) < count:
            found[int(key)] = cleaned(str(said), most)
    return found


def cleaned(text: str, most: int = RAW_LIMIT) -> str:
    """Return a text that both databases take: no NUL, no half characters, not endless."""
    return text[:most].replace("\0", "").encode("utf-8", "replace").decode()


def _said(value: Any) -> str:
    return cleaned(json.dumps(value, ensure_ascii=False, default=str))


def _values(v: list[Any], problems: dict[int, str], raws: dict[int, str]) -> Values:
    if _NUMBERS.issuperset(map(type, v)):
        try:
            found = np.array(v, np.float64)
        except OverflowError:
            found = np.array([_number(value) for value in v], np.float64)
    else:
        found = np.array([_number(value) for value in v], np.float64)
    bad = ~np.isfinite(found)
    if bad.any():
        found[bad] = np.nan
        for at in np.flatnonzero(bad).tolist():
            said = v[at]
            problems.setdefault(at, "value-missing" if said is None else "value-unreadable")
            if said is not None:
                raws.setdefault(at, _said(said))
    for at, code in problems.items():
        if (
            code and not bad[at]
        ):  # a driver that names a problem and still gives a value: the value is not used
            raws.setdefault(at, _said(v[at]))
            found[at] = np.nan
    return found


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan


def _times(t: list[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_] | None]:
    if set(map(type, t)) <= {int}:
        try:
            return np.array(t, np.int64), None
        except OverflowError:
            pass
    times = np.zeros(len(t), np.int64)
    timeless = np.zeros(len(t), np.bool_)
    for at, said in enumerate(t):
        whole = isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said)
        if whole and abs(said) < MOST_MS:
            times[at] = int(said)
        else:
            timeless[at] = True
    return times, timeless if timeless.any() else None
