"""The folder driver: reads CSV and XLSX exports that a portal or a person drops into a folder.

A file is read once it has not grown for a while; what was read is remembered in ``.khcn-files.json`` beside the files
(when the folder cannot be written to, only until the program ends: reading again does no harm, the centre takes a
reading once). The memory is written when the next question comes, because only then are the last samples safe.
Options: those of :mod:`.layout`, ``settle_s`` (default 5), ``every_s`` (default 60).
"""

import contextlib
import fnmatch
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from khcn.engines.energy.devices.files.layout import Column, columns_of, time_column
from khcn.engines.energy.devices.protocol import Clock, DeviceConfig, Notice, Pace, ProbeResult, Sink, pace_of
from khcn.engines.energy.devices.roles import in_role
from khcn.engines.energy.devices.units import to_canonical
from khcn.engines.energy.devices.values import raw_text
from khcn.engines.energy.errors import DeviceError, TableError
from khcn.engines.energy.metrics import metric_of
from khcn.engines.energy.types import Sample

MEMORY: Final = ".khcn-files.json"
_CHUNK: Final = 20_000  # samples handed over at once
_MOST_REMEMBERED: Final = 5_000
_PATTERN: Final = "*"
_SUFFIXES: Final = {".csv", ".xlsx", ".txt", ".tsv", ".xlsm"}


class FolderDriver:
    """One device whose readings come as files."""

    pushes = False

    def __init__(self, config: DeviceConfig) -> None:
        folder = config.address.get("folder")
        if not isinstance(folder, str) or not folder:
            raise DeviceError("device-address", field="folder", expected="đường dẫn thư mục")
        pattern = config.address.get("pattern", _PATTERN)
        self.config, self.folder = config, Path(folder)
        self.pattern = pattern if isinstance(pattern, str) and pattern and "/" not in pattern else _PATTERN
        self.pace: Pace = pace_of(config, Pace(every_s=60.0))
        settle = config.options.get("settle_s", 5.0)
        known = isinstance(settle, int | float) and not isinstance(settle, bool) and 0 <= settle <= 3600
        self._settle_s = float(settle) if known else 5.0
        self._waiting: list[Sample] = []
        self._done: dict[str, list[int]] | None = None
        self._totals: dict[str, list[float]] = {}
        self._unsaved = False
        self._trouble = ""

    def poll(self, now_ms: int) -> list[Sample]:
        """Return the samples of the next new file, at most 20,000 at once. Raises DeviceError for a missing folder."""
        self._recall()
        if not self._waiting:
            if self._unsaved:
                self._remember()
            self._waiting = self._next_file(now_ms)
        chunk, self._waiting = self._waiting[:_CHUNK], self._waiting[_CHUNK:]
        return in_role(chunk, self.config.options)

    def listen(self, sink: Sink, clock: Clock) -> None:
        """Do nothing: this driver is asked."""

    def state(self) -> str:
        """Return the code of what was wrong with the last file, "" when nothing was."""
        return self._trouble

    def close(self) -> None:
        """Free nothing: files are closed already."""

    def files(self) -> list[Path]:
        """Return the files that fit, oldest first. Raises DeviceError ``files-folder``."""
        try:
            found = [path for path in self.folder.iterdir() if self._fits(path)]
            return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))
        except OSError as error:
            raise DeviceError("files-folder", folder=str(self.folder)) from error

    def read(self, path: Path, now_ms: int) -> list[Sample]:
        """Return the samples of one file. Raises DeviceError, TableError, OSError."""
        from khcn.engines.energy.table.reader import read_table  # noqa: PLC0415  # openpyxl only when a file comes
        from khcn.engines.energy.table.times import read_times  # noqa: PLC0415

        table = read_table(path)
        time_format = self.config.options.get("time_format")
        times = read_times(
            table, time_column(self.config.options, table.names), zone=self.config.zone,
            time_format=time_format if isinstance(time_format, str) else None,
        )  # fmt: skip
        samples: list[Sample] = []
        for column in columns_of(self.config.options, table.names):
            rows = list(
                zip(times.ms.tolist(), times.valid.tolist(), table.numbers(column.name).tolist(), strict=True)
            )
            cells = table.column(column.name)
            good = [
                (int(ms), value, raw_text(cells[at])) for at, (ms, valid, value) in enumerate(rows) if valid
            ]
            samples += self._column(column, good, int(times.step_ms))
        return sorted(samples, key=lambda sample: sample.ts_ms)

    def _column(self, column: Column, rows: list[tuple[int, float, str]], step_ms: int) -> Iterator[Sample]:
        canonical = metric_of(column.metric).unit
        last, total = self._totals.get(column.metric, [-math.inf, 0.0])
        for ms, number, raw in rows:
            if math.isnan(number):
                if raw.strip() and raw.strip() not in {"-", "--", "N/A", "None"}:
                    yield Sample(self.config.key, column.metric, ms, None, "reading-not-number", raw)
                continue
            value = to_canonical(number, column.unit, canonical)
            if value is None:
                yield Sample(self.config.key, column.metric, ms, None, "reading-unit", f"{raw} {column.unit}")
            elif not column.per_period:
                yield Sample(self.config.key, column.metric, ms, value)
            elif ms > last:
                if math.isinf(last):
                    yield Sample(self.config.key, column.metric, ms, 0.0)
                total, last = total + value, float(ms)
                yield Sample(self.config.key, column.metric, ms + step_ms, round(total, 6))
        if column.per_period:
            self._totals[column.metric] = [last, total]

    def _fits(self, path: Path) -> bool:
        return (
            path.suffix.lower() in _SUFFIXES and not path.name.startswith((".", "~$"))
            and fnmatch.fnmatch(path.name, self.pattern) and path.is_file()
        )  # fmt: skip

    def _next_file(self, now_ms: int) -> list[Sample]:
        done = self._done if self._done is not None else {}
        for path in self.files():
            mark = _mark(path)
            if (
                mark is None
                or done.get(path.name) == mark
                or now_ms - mark[1] // 1_000_000 < 1000 * self._settle_s
            ):
                continue
            before = {name: list(total) for name, total in self._totals.items()}
            self._unsaved = True
            done[path.name] = mark
            try:
                samples = self.read(path, now_ms)
                self._trouble = ""
            except (TableError, DeviceError, OSError) as error:
                self._totals, self._trouble = before, "files-unreadable"
                said = f"{path.name}: {error}"
                samples = [
                    Sample(self.config.key, "payload", now_ms, None, "files-unreadable", raw_text(said))
                ]
            if samples:
                return samples
        return []

    def _recall(self) -> None:
        if self._done is not None:
            return
        self._done = {}
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            found: dict[str, Any] = json.loads((self.folder / MEMORY).read_text("utf-8"))[self.config.key]
            self._done = {str(name): [int(one) for one in mark] for name, mark in found["done"].items()}
            self._totals = {
                str(name): [float(one) for one in total] for name, total in found["totals"].items()
            }

    def _remember(self) -> None:
        self._unsaved = False
        names = sorted(self._done or {}, key=lambda name: (self._done or {})[name][1])[-_MOST_REMEMBERED:]
        mine = {"done": {name: (self._done or {})[name] for name in names}, "totals": self._totals}
        path = self.folder / MEMORY
        with contextlib.suppress(OSError, ValueError):
            held: dict[str, Any] = {}
            with contextlib.suppress(OSError, ValueError):
                held = json.loads(path.read_text("utf-8"))
            held[self.config.key] = mine
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps(held), "utf-8")
            fresh.replace(path)


def make(config: DeviceConfig) -> FolderDriver:
    """Return the driver of a folder. Raises DeviceError for an address that cannot work."""
    return FolderDriver(config)


def probe(config: DeviceConfig, *, timeout_s: float, now_ms: int) -> ProbeResult:
    """Read the newest file as it would be read, without remembering it."""
    begun = time.monotonic()
    driver = make(config)
    files = driver.files()
    if not files:
        notice = Notice("files-empty", {"folder": str(driver.folder), "pattern": driver.pattern})
        return ProbeResult(False, problems=(notice,))
    newest = files[-1]
    took = 0
    try:
        samples = in_role(driver.read(newest, now_ms), config.options)
        problems: tuple[Notice, ...] = ()
    except (TableError, OSError) as error:
        samples, problems = [], (Notice("files-unreadable", {"name": newest.name, "reason": str(error)}),)
    took = round((time.monotonic() - begun) * 1000)
    usable = [sample for sample in samples if sample.value is not None]
    shown = {sample.metric: sample for sample in usable}
    if not usable and not problems:
        problems = (Notice("device-nothing-usable"),)
    raw = {"file": newest.name, "files": len(files), "samples": len(samples)}
    return ProbeResult(
        bool(usable), {"file": newest.name}, tuple(shown.values()), raw, problems, took_ms=took
    )


def _mark(path: Path) -> list[int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns]
