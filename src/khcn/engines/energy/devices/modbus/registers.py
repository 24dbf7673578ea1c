"""Sixteen-bit registers to values and back: every type, word order and byte order that devices use."""

import math
import struct
from collections.abc import Sequence
from typing import Final

# type -> (registers, struct code; "" for text)
TYPES: Final[dict[str, tuple[int, str]]] = {
    "u16": (1, "H"), "s16": (1, "h"), "u32": (2, "I"), "s32": (2, "i"), "u64": (4, "Q"), "s64": (4, "q"),
    "f32": (2, "f"), "f64": (4, "d"), "text": (0, ""),
}  # fmt: skip
# What a device answers for "I have no such value", before scaling (SunSpec and most makers agree).
NOT_IMPLEMENTED: Final[dict[str, tuple[int, ...]]] = {
    "u16": (0xFFFF,), "s16": (-0x8000,), "u32": (0xFFFFFFFF,), "s32": (-0x80000000,),
    "u64": (0xFFFFFFFFFFFFFFFF,), "s64": (-0x8000000000000000,), "f32": (), "f64": (), "text": (),
}  # fmt: skip
ORDERS: Final = ("high_first", "low_first")


def width(kind: str) -> int:
    """Return how many registers a value of ``kind`` fills (0 for text: the template says)."""
    return TYPES[kind][0]


def decode(
    registers: Sequence[int], kind: str, *, words: str = "high_first", octets: str = "high_first"
) -> int | float:
    """Return the number in ``registers``, a 32-bit float by its shortest digits. Raises ValueError for a wrong count."""
    count, code = TYPES[kind]
    if len(registers) != count or not code:
        raise ValueError(f"{kind} needs {count} registers, not {len(registers)}")
    value: int | float = struct.unpack(">" + code, _octets(registers, words, octets))[0]
    return _shortest(value) if code == "f" and isinstance(value, float) and math.isfinite(value) else value


def encode(value: float, kind: str, *, words: str = "high_first", octets: str = "high_first") -> list[int]:
    """Return the registers of ``value``, cut to the range of ``kind``; the inverse of :func:`decode`."""
    code = TYPES[kind][1]
    if code in "fd":
        packed = struct.pack(">" + code, value)
    else:
        size = 8 * struct.calcsize(code)
        low, high = (0, 2**size - 1) if code.isupper() else (-(2 ** (size - 1)), 2 ** (size - 1) - 1)
        packed = struct.pack(">" + code, min(high, max(low, round(value))))
    pairs = [packed[at : at + 2] for at in range(0, len(packed), 2)]
    if octets == "low_first":
        pairs = [pair[::-1] for pair in pairs]
    if words == "low_first":
        pairs.reverse()
    return [int.from_bytes(pair, "big") for pair in pairs]


def decode_text(registers: Sequence[int], *, octets: str = "high_first") -> str:
    """Return text of two characters a register, without padding and without anything that cannot be printed."""
    data = _octets(registers, "high_first", octets).split(b"\0", 1)[0]
    return "".join(sign for sign in data.decode("latin-1") if sign.isprintable()).strip()


def encode_text(text: str, count: int) -> list[int]:
    """Return ``text`` in ``count`` registers, padded with zeros."""
    data = text.encode("ascii", "replace")[: 2 * count].ljust(2 * count, b"\0")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def _shortest(value: float) -> float:
    """Return the decimal number that a 32-bit float stands for: 224.9, not 224.89999389648438."""
    for digits in (6, 7, 8):
        short = float(f"{value:.{digits}g}")
        if struct.pack(">f", short) == struct.pack(">f", value):
            return short
    return float(f"{value:.9g}")


def _octets(registers: Sequence[int], words: str, octets: str) -> bytes:
    ordered = list(reversed(registers)) if words == "low_first" else list(registers)
    return b"".join(
        (one & 0xFFFF).to_bytes(2, "little" if octets == "low_first" else "big") for one in ordered
    )
