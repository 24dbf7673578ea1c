"""Which registers to read together: neighbours in one question, gaps and lengths as the device bears them."""

from collections.abc import Iterable
from dataclasses import dataclass

from khcn.engines.energy.devices.modbus.template import Point, Wire


@dataclass(frozen=True, slots=True)
class Block:
    """One question: ``count`` registers of ``kind`` from ``address``, and the points inside."""

    kind: str
    address: int
    count: int
    points: tuple[Point, ...]


def plan_blocks(points: Iterable[Point], wire: Wire) -> tuple[Block, ...]:
    """Return the questions for ``points``: as few as the longest question and the widest gap allow.

    A point is never split, so a value of two or four registers is always of one moment.
    """
    blocks: list[Block] = []
    for point in sorted(points, key=lambda one: (one.kind, one.address)):
        last = blocks[-1] if blocks else None
        end = point.address + point.count
        if (
            last is not None
            and last.kind == point.kind
            and point.address - (last.address + last.count) <= wire.most_gap
            and end - last.address <= wire.most_registers
        ):
            count = max(last.count, end - last.address)
            blocks[-1] = Block(last.kind, last.address, count, (*last.points, point))
        else:
            blocks.append(Block(point.kind, point.address, point.count, (point,)))
    return tuple(blocks)
