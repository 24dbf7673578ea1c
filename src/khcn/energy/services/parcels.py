"""A batch on its way in: who sends it, what became of it, what of it is set aside."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from khcn.energy.models import Collector, Device, SetAside
from khcn.energy.rules.wire import BadPieceError, Piece, cleaned, read_piece

RAW_LIMIT: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends. ``source``: ``collector:<key>``, ``device:<key>`` or ``import:<key>``; ``trusted``: not the own twin.

    A collector may write to its devices, a device to itself, an import to the devices of its site.
    """

    source: str
    instance: str
    collector: Collector | None = None
    device: Device | None = None
    site_id: int | None = None
    twin: bool = False

    def may_write(self, device: Device) -> bool:
        """Return whether the sender may write to ``device``."""
        if self.collector is not None:
            return device.collector_id == self.collector.pk
        if self.device is not None:
            return device.pk == self.device.pk
        return self.site_id == device.site_id


@dataclass(slots=True)
class BatchResult:
    """What became of a batch. ``repeated``: it was known already; ``notes``: what was odd, by code, with how often."""

    seq: int
    readings: int = 0
    kept: int = 0
    duplicates: int = 0
    set_aside: int = 0
    repeated: bool = False
    notes: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """Return the answer to the sender."""
        return {
            "seq": self.seq,
            "repeated": self.repeated,
            "readings": self.readings,
            "kept": self.kept,
            "duplicates": self.duplicates,
            "set_aside": self.set_aside,
            "notes": [{"code": code, "count": count} for code, count in sorted(self.notes.items())],
        }


class Parcel:
    """The readable pieces of a batch, and what is set aside of it."""

    def __init__(self, sender: Sender, now: datetime, result: BatchResult) -> None:
        self.sender, self.now, self.result = sender, now, result
        self.pieces: list[Piece] = []
        self._aside: dict[tuple[str, int | None], list[tuple[str, int]]] = defaultdict(list)

    def read(self, series: Sequence[Any]) -> None:
        """Read the pieces; what has no usable form is set aside."""
        for item in series:
            try:
                piece, timeless = read_piece(item)
            except BadPieceError as error:
                count = _count(item)
                self.result.readings += count
                self.aside_text(error.code, json.dumps(item, ensure_ascii=False, default=str), count)
                continue
            self.result.readings += len(piece) + (len(timeless) if timeless else 0)
            if timeless is not None:
                self.aside("time-unreadable", timeless)
            if len(piece):
                self.pieces.append(piece)

    def aside(self, code: str, piece: Piece, device: Device | None = None) -> None:
        """Set a piece aside."""
        if len(piece):
            self.aside_text(code, piece.as_json(), len(piece), device)

    def aside_text(self, code: str, raw: str, count: int, device: Device | None = None) -> None:
        """Set something aside as it came."""
        self._aside[code, device.pk if device else None].append((raw, count))
        self.result.set_aside += count
        self.result.notes[code] += count

    def write_aside(self) -> None:
        """Write what was set aside: one row for each reason and device, split where it would be too long."""
        rows = []
        for (code, device_id), items in self._aside.items():
            for texts, count in _bundles(items):
                rows.append(
                    SetAside(
                        source=self.sender.source, collector=self.sender.collector, device_id=device_id,
                        received_at=self.now, code=code, params={"instance": self.sender.instance},
                        raw=cleaned(texts, RAW_LIMIT * 2), readings=count,
                    )
                )  # fmt: skip
        SetAside.objects.bulk_create(rows, batch_size=50)


def _count(item: Any) -> int:
    values = item.get("v") if isinstance(item, dict) else None
    return max(1, len(values)) if isinstance(values, list) else 1


def _bundles(items: list[tuple[str, int]]) -> Iterable[tuple[str, int]]:
    """Yield JSON lists of raw pieces that are not too long, with the number of readings in each."""
    texts: list[str] = []
    count = size = 0
    for text, readings in items:
        if texts and size + len(text) > RAW_LIMIT:
            yield f"[{','.join(texts)}]", count
            texts, count, size = [], 0, 0
        texts.append(text)
        count, size = count + readings, size + len(text)
    if texts:
        yield f"[{','.join(texts)}]", count
