"""Values that are no values: "not implemented" codes of register types, and their scaled copies.

Codes: SunSpec Information Model Specification (0x8000, 0xFFFF, 0x80000000, NaN; 0 for accumulators) and what SMA, Fronius
and Solplanet devices were seen to send (65535, 2^31, 4294967295).
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.types import Values

NOT_IMPLEMENTED: Final[dict[str, frozenset[int]]] = {
    "int16": frozenset({-0x8000, 0x8000}),
    "uint16": frozenset({0xFFFF}),
    "int32": frozenset({-0x80000000, 0x80000000}),
    "uint32": frozenset({0xFFFFFFFF}),
    "int64": frozenset({-0x8000000000000000, 0x8000000000000000}),
    "uint64": frozenset({0xFFFFFFFFFFFFFFFF}),
    "enum16": frozenset({0xFFFF}),
    "bitfield16": frozenset({0xFFFF}),
    "bitfield32": frozenset({0xFFFFFFFF, 0x80000000}),
    "sunssf": frozenset({-0x8000, 0x8000}),
    "acc16": frozenset({0}),
    "acc32": frozenset({0}),
    "acc64": frozenset({0}),
}
SCALES: Final = (1.0, 0.1, 0.01, 0.001, 10.0)
# Nothing real comes to exactly these: 2^32-1, 2^31 and neighbours, 2^63, 2^64-1 in any common scale.
_CERTAIN: Final = (0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, -0x80000000, 0x8000000000000000, -0x8000000000000000,
                   0xFFFFFFFFFFFFFFFF, 0x7FFFFFFFFFFFFFFF)  # fmt: skip
_MAYBE: Final = (0xFFFF, 0x8000, -0x8000, 0x7FFF)
_LONELY: Final = 0.2  # share by which a 16-bit code must differ from both neighbours before it is one


def not_implemented(raw: float, kind: str) -> bool:
    """Return whether a register's ``raw`` value (before scaling) says "no value"; floats: NaN and infinities.

    ``kind``: a SunSpec type name (``int16 uint16 int32 uint32 int64 uint64 float32 float64 enum16 bitfield32 acc32``...).
    """
    if kind.startswith("float"):
        return not math.isfinite(raw)
    return not math.isfinite(raw) or int(raw) in NOT_IMPLEMENTED.get(kind, frozenset())


def suspicious(values: Values) -> NDArray[np.bool_]:
    """Return which values are scaled "not implemented" codes of 32 or 64 bits (``4294967295 * 0.01``, ``2^31``...)."""
    big = np.abs(values) >= 0x7FFFFFFF * min(SCALES)
    found = np.zeros(len(values), bool)
    at = np.flatnonzero(big)
    if len(at):
        found[at] = _equals(values[at], _CERTAIN)
    return found


def lonely_codes(values: Values) -> NDArray[np.bool_]:
    """Return which values are scaled 16-bit codes (65535, 32768...) far from both neighbours.

    A temperature of 32.768 among its like is a temperature; a voltage of 6553.5 among 230 is not.
    """
    found = np.zeros(len(values), bool)
    at = np.flatnonzero(np.abs(values) >= 0x7FFF * min(SCALES))
    if not len(at):
        return found
    at = at[_equals(values[at], _MAYBE)]
    for index in at.tolist():
        near = [values[other] for other in (index - 1, index + 1) if 0 <= other < len(values)]
        far = [
            abs(one - values[index]) > _LONELY * abs(values[index]) for one in near if one != values[index]
        ]
        found[index] = bool(far) and all(far)
    return found


def _equals(values: Values, codes: tuple[int, ...]) -> NDArray[np.bool_]:
    found = np.zeros(len(values), bool)
    for code in codes:
        for scale in SCALES:
            found |= np.abs(values - code * scale) <= abs(code) * scale * 1e-9
    return found
