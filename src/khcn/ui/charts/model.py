"""Charts as plain data: what a page knows about a chart, without the libraries that draw it.

A chart says one thing, and its title is that sentence. Build one with :func:`line_over_band`, :func:`bars`,
:func:`bullet`, the columns of :mod:`khcn.ui.charts.columns` or the maps of :mod:`khcn.ui.charts.maps`; show it with ``{% ui_chart chart %}``; put it on paper with ``store.chart_png`` (worker only).
"""

import csv
import hashlib
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, Literal
from urllib.parse import quote

from khcn.ui.formats import format_date, format_datetime, format_number
from khcn.ui.parts import Column, Table

Kind = Literal["line_over_band", "bars", "bullet", "columns", "hours", "calendar", "floor"]
MAPS: Final = frozenset({"hours", "calendar", "floor"})
When = date | datetime | str
RENDER_VERSION: Final = 7  # raise it when the drawing changes, so that old pictures are drawn again


class ChartDataError(ValueError):
    """The figures cannot make this chart; the message tells what was expected and what came."""


@dataclass(frozen=True, kw_only=True)
class BandPoint:
    """A point in time: what was measured (None: missing) and what is usual there (a range).

    ``middle``: the expected figure inside the range, drawn as a broken line (a forecast).
    """

    at: When
    value: float | None
    low: float | None = None
    high: float | None = None
    middle: float | None = None


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A moment that the reader should know of, such as the first day of an event."""

    at: When
    label: str


@dataclass(frozen=True, kw_only=True)
class BarItem:
    """A bar; None means there is no figure, which is drawn hatched and never as zero."""

    label: str
    value: float | None
    highlight: bool = False


@dataclass(frozen=True, kw_only=True)
class BulletItem:
    """What was reached, against what was promised."""

    label: str
    value: float | None
    target: float


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart as data. ``rows`` hold what the drawing needs, by the names in ``fields``.

    ``marks``: named moments of a line; ``ratio``: height of a floor map for a width of 1.
    """

    kind: Kind
    title: str
    unit: str
    source: str
    fields: tuple[str, ...]
    rows: tuple[tuple[str | float | bool | None, ...], ...]
    heads: tuple[str, ...]
    words: tuple[tuple[str, str], ...] = ()
    x_kind: Literal["time", "date", "category"] = "category"
    open_end: bool = False
    marks: tuple[tuple[str, str], ...] = ()
    ratio: float = 0.0
    csv_url: str = ""
    language: str = "vi"

    @cached_property
    def digest(self) -> str:
        """The content hash under which the picture is kept."""
        content = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "csv_url"}
        text = json.dumps([RENDER_VERSION, content], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def dom_id(self) -> str:
        """The identifier of the chart's title on a page."""
        return f"hinh-{self.digest[:10]}"

    @property
    def has_gaps(self) -> bool:
        """Whether a figure is missing (beyond the open end of a day that is still running)."""
        column = self.fields.index("value")
        values = [row[column] for row in self.rows]
        while self.open_end and values and values[-1] is None:
            values.pop()
        return None in values

    @property
    def table(self) -> Table:
        """The same figures as a table."""
        if self.kind in MAPS:
            return self._map_table()
        columns = [Column(label=head, numeric=index > 0) for index, head in enumerate(self.heads)]
        rows = [[self._shown(index, value) for index, value in enumerate(row)] for row in self._plain_rows()]
        return Table(caption=self.title, hide_caption=True, columns=columns, rows=rows)

    @property
    def csv_name(self) -> str:
        """The name of the downloaded table."""
        return f"so-lieu-{self.digest[:8]}.csv"

    @property
    def csv_address(self) -> str:
        """Where the table can be had: the page's own address, or the data itself."""
        return self.csv_url or "data:text/csv;charset=utf-8," + quote(self.csv_text())

    def csv_text(self) -> str:
        """Return the figures as CSV with BOM; text that a spreadsheet would take for a formula stays text."""
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow([_harmless(head) for head in self.heads])
        for row in self._plain_rows():
            writer.writerow(["" if value is None else _harmless(value) for value in row])
        return "\ufeff" + buffer.getvalue()

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries for the drawing."""
        return [dict(zip(self.fields, row, strict=True)) for row in self.rows]

    def to_json(self) -> str:
        """Return the chart as JSON, for :meth:`from_json` in a worker."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Chart":
        """Return the chart that :meth:`to_json` wrote."""
        data = json.loads(text)
        for name in ("rows", "words", "marks"):
            data[name] = tuple(tuple(row) for row in data[name])
        for name in ("fields", "heads"):
            data[name] = tuple(data[name])
        return cls(**data)

    def _map_table(self) -> Table:
        """Return a map as people read it: one row a line of the map, one column a column of it."""
        across = list(dict.fromkeys(str(row[0]) for row in self.rows))
        down = dict(self.words).get("down", "").split("|")  # a year may begin on a Saturday
        down = down if down != [""] else list(dict.fromkeys(str(row[1]) for row in self.rows))
        flip = self.kind != "floor"  # days of the week are few: they go across
        if flip:
            across, down = down, across
        known = {(str(row[0]), str(row[1])): row[2] for row in self.rows}

        def cell(line: str, column: str) -> str:
            value = known.get((line, column) if flip else (column, line))
            return format_number(value if isinstance(value, int | float) else None, language=self.language)

        def name(line: str) -> str:
            return format_date(date.fromisoformat(line)) if self.kind == "calendar" else line

        columns = [Column(label=self.heads[0 if flip else 1])]
        columns += [Column(label=column, numeric=True) for column in across]
        rows = [[name(line), *(cell(line, column) for column in across)] for line in down]
        return Table(caption=self.title, hide_caption=True, columns=columns, rows=rows)

    def _plain_rows(self) -> list[tuple[str | float | bool | None, ...]]:
        return [row[: len(self.heads)] for row in self.rows]

    def _shown(self, index: int, value: str | float | bool | None) -> str:
        if index > 0:
            return format_number(value if isinstance(value, int | float) else None, language=self.language)
        if self.x_kind == "time":
            return format_datetime(datetime.fromisoformat(str(value)))
        if self.x_kind == "date":
            return format_date(datetime.fromisoformat(str(value)))
        return str(value)


def line_over_band(
    *,
    title: str,
    unit: str,
    source: str,
    points: Sequence[BandPoint],
    value_word: str = "hôm nay",
    band_word: str = "thường lệ",
    x_word: str = "Thời điểm",
    middle_word: str = "dự báo",
    marks: Sequence[Mark] = (),
    open_end: bool = False,
    csv_url: str = "",
    language: str = "vi",
) -> Chart:
    """Return today (a line) over the usual (a band).

    ``open_end``: the last points have no value because their time has not come; they are not missing.
    """
    require(len(points) >= 2, f"at least 2 points, got {len(points)}")
    kinds = {_x_kind(point.at) for point in points}
    require(len(kinds) == 1, f"all points of one kind of time, got {sorted(kinds)}")
    for point in points:
        check_finite(point.value, point.low, point.high, point.middle)
        ordered = point.low is None or point.high is None or point.low <= point.high
        require(ordered, f"low <= high at {point.at}, got {point.low} > {point.high}")
    # columns that no point fills are left out: of the table, and of the drawing
    columns = {
        "value": value_word.capitalize(),
        "low": f"{band_word.capitalize()}, thấp nhất",
        "high": f"{band_word}, cao nhất",
        "middle": middle_word.capitalize(),
    }
    names = [
        name
        for name in columns
        if name == "value" or any(getattr(point, name) is not None for point in points)
    ]
    rows = tuple((_x_text(point.at), *(getattr(point, name) for name in names)) for point in points)
    return Chart(
        kind="line_over_band",
        title=title,
        unit=unit,
        source=source,
        fields=("x", *names),
        rows=rows,
        heads=(x_word, *(columns[name] for name in names)),
        words=(("value", value_word), ("band", band_word), ("middle", middle_word)),
        marks=tuple((_x_text(mark.at), mark.label) for mark in marks),
        x_kind=kinds.pop(),
        open_end=open_end,
        csv_url=csv_url,
        language=language,
    )


def bars(
    *,
    title: str,
    unit: str,
    source: str,
    items: Sequence[BarItem],
    label_word: str = "Mục",
    value_word: str = "Giá trị",
    missing_word: str = "không có số liệu",
    csv_url: str = "",
    language: str = "vi",
) -> Chart:
    """Return horizontal bars from zero, in the order given, each with its figure."""
    require(bool(items), "at least 1 bar, got 0")
    for item in items:
        check_finite(item.value)
    return Chart(
        kind="bars",
        title=title,
        unit=unit,
        source=source,
        fields=("label", "value", "highlight"),
        rows=tuple((item.label, item.value, item.highlight) for item in items),
        heads=(label_word, value_word),
        words=(("missing", missing_word),),
        csv_url=csv_url,
        language=language,
    )


def bullet(
    *,
    title: str,
    unit: str,
    source: str,
    items: Sequence[BulletItem],
    label_word: str = "Mục",
    value_word: str = "Đã đạt",
    target_word: str = "Mục tiêu",
    missing_word: str = "không có số liệu",
    csv_url: str = "",
    language: str = "vi",
) -> Chart:
    """Return what was reached (a bar) inside what was promised (a track with a mark), one row per item."""
    require(bool(items), "at least 1 row, got 0")
    for item in items:
        check_finite(item.value, item.target)
        require(item.target > 0, f"target above 0 for {item.label!r}, got {item.target}")
        require(item.value is None or item.value >= 0, f"value from 0 for {item.label!r}, got {item.value}")
    return Chart(
        kind="bullet",
        title=title,
        unit=unit,
        source=source,
        fields=("label", "value", "target"),
        rows=tuple((item.label, item.value, item.target) for item in items),
        heads=(label_word, value_word, target_word),
        words=(("missing", missing_word),),
        csv_url=csv_url,
        language=language,
    )


def with_csv(chart: Chart, url: str) -> Chart:
    """Return the chart with a link to its full table."""
    return replace(chart, csv_url=url)


def require(holds: bool, expected: str) -> None:
    """Raise ChartDataError naming what was expected, unless it holds."""
    if not holds:
        raise ChartDataError(f"chart: expected {expected}")


def check_finite(*values: float | None) -> None:
    """Refuse infinite figures and NaN: a missing figure is None."""
    for value in values:
        require(value is None or math.isfinite(value), f"finite numbers or None, got {value}")


def _x_kind(value: When) -> Literal["time", "date", "category"]:
    if isinstance(value, datetime):
        return "time"
    return "date" if isinstance(value, date) else "category"


def _x_text(value: When) -> str:
    """Return local time without a zone: JavaScript takes a bare date for UTC, a moment for local."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="seconds")
    return f"{value.isoformat()}T00:00:00" if isinstance(value, date) else value


def _harmless(value: str | float | bool) -> str | float | bool:
    return "'" + value if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
