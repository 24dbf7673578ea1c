"""From a :class:`~khcn.ui.charts.model.Chart` to Vega-Lite, through Altair. Imported by the renderer only.

Colours are the light tokens; the renderer swaps them for CSS variables, so one picture serves both themes.
"""

from typing import Any, Final, Literal

import altair as alt

from khcn.ui.charts.model import MAPS, Chart
from khcn.ui.charts.spec_columns import draw_columns
from khcn.ui.charts.spec_maps import WIDTHS, Size, draw_map
from khcn.ui.fonts import FAMILY
from khcn.ui.tokens import LIGHT

NUMBER_LOCALES: Final[dict[str, dict[str, Any]]] = {
    "vi": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", "\u00a0đ"]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", "\u00a0đ"]},
}
_DAYS = ("Chủ nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy")
TIME_LOCALE: Final[dict[str, Any]] = {
    "dateTime": "%H:%M %d/%m/%Y",
    "date": "%d/%m/%Y",
    "time": "%H:%M",
    "periods": ["SA", "CH"],
    "days": list(_DAYS),
    "shortDays": ["CN", "T2", "T3", "T4", "T5", "T6", "T7"],
    "months": [f"Tháng {number}" for number in range(1, 13)],
    "shortMonths": [f"Th {number}" for number in range(1, 13)],
}
_X_FORMATS = {"time": "%-H giờ", "date": "%d/%m"}
_NUMBER_FORMAT = ",~r"


def vega_lite(chart: Chart, size: Size) -> dict[str, Any]:
    """Return the Vega-Lite specification of the chart at one of the two widths (704 and 328 px)."""
    if chart.kind in MAPS:
        found: dict[str, Any] = (
            draw_map(chart, size, TIME_LOCALE, NUMBER_LOCALES[chart.language])
            .configure(**_theme())
            .properties(padding=4)
            .to_dict()
        )
        return found
    build = {"line_over_band": _line_over_band, "bars": _bars, "bullet": _bullet, "columns": draw_columns}[
        chart.kind
    ]
    drawing = build(chart, size)
    styled = drawing.configure(**_theme()).properties(
        width=WIDTHS[size], autosize=alt.AutoSizeParams(type="fit", contains="padding"), padding=4
    )
    result: dict[str, Any] = styled.to_dict()
    return result


def _theme() -> dict[str, Any]:
    text = 13  # px; the narrow picture is shown at its own size on a phone
    return {
        "background": "transparent",
        "font": FAMILY,
        "view": alt.ViewConfig(stroke=None),
        "text": alt.MarkConfig(fontSize=text, color=LIGHT["ink"], fontWeight=400),
        "axis": alt.AxisConfig(
            domain=False,
            ticks=False,
            gridColor=LIGHT["rule"],
            labelColor=LIGHT["ink-2"],
            labelFontSize=text,
            labelPadding=8,
            title=None,
        ),
    }


def _data(rows: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _line_over_band(chart: Chart, size: Size) -> Any:
    rows = chart.records()
    x_kind: Literal["ordinal", "temporal"] = "ordinal" if chart.x_kind == "category" else "temporal"
    ticks = 8 if size == "wide" else 4
    axis = alt.Axis(grid=False, labelOverlap="greedy", labelAngle=0, tickCount=ticks, labelFlush=True)
    if x_kind == "temporal":
        axis.format = _X_FORMATS[chart.x_kind]
    scale = alt.Undefined if x_kind == "temporal" else alt.Scale(type="point", padding=0.1)
    x = alt.X(field="x", type=x_kind, axis=axis, sort=None, scale=scale)
    values = [
        row[name] for row in rows for name in ("value", "low", "high", "middle") if row.get(name) is not None
    ]
    top, bottom = max([0, *values]), min([0, *values])
    y_axis = alt.Axis(tickCount=4, format=_NUMBER_FORMAT)
    y_scale = alt.Scale(domain=[bottom, (top or 1) * (1.22 if chart.marks else 1)], nice=True)

    def y(field: str) -> alt.Y:
        return alt.Y(field=field, type="quantitative", axis=y_axis, scale=y_scale)

    layers: list[alt.Chart] = []
    gaps = _gaps(rows, chart.open_end)
    if gaps:
        hatched = alt.Chart(_data(gaps)).mark_rect(color=LIGHT["chart-missing"])
        layers.append(hatched.encode(x=alt.X(field="x", type=x_kind, sort=None), x2=alt.X2(field="x2")))
    banded = [row for row in rows if row.get("low") is not None and row.get("high") is not None]
    if banded:
        area = alt.Chart(_data(banded)).mark_area(color=LIGHT["chart-band"])
        layers.append(area.encode(x=x, y=y("low"), y2=alt.Y2(field="high")))
    expected = [row for row in rows if row.get("middle") is not None]
    if expected:
        broken = alt.Chart(_data(expected)).mark_line(
            color=LIGHT["chart-1"], strokeWidth=2, strokeDash=[5, 4]
        )
        layers.append(broken.encode(x=x, y=y("middle")))
    layers += _marks(chart, x, rows, size)
    line = alt.Chart(_data(rows)).mark_line(color=LIGHT["chart-1"], strokeWidth=2.5, strokeCap="round")
    layers.append(line.encode(x=x, y=y("value")))
    lone = [row for index, row in enumerate(rows) if _stands_alone(rows, index)]
    last = next((row for row in reversed(rows) if row["value"] is not None), None)
    dots = [*lone, *([last] if last and last not in lone else [])]
    if dots:
        point = alt.Chart(_data(dots)).mark_point(color=LIGHT["chart-1"], filled=True, size=56, opacity=1)
        layers.append(point.encode(x=x, y=y("value")))
    layers += _line_labels(
        chart=chart, rows=rows, banded=banded, last=last, span=(top - bottom) or 1, x=x, y=y
    )
    return alt.layer(*layers).properties(height=280 if size == "wide" else 220)


def _marks(chart: Chart, x: alt.X, points: list[dict[str, Any]], size: Size) -> list[alt.Chart]:
    """Return named moments: a thin upright line with its word above the line of figures, neighbours in steps."""
    layers: list[alt.Chart] = []
    half = points[len(points) // 2]["x"]
    for number, (at, label) in enumerate(chart.marks):
        data = _data([{"x": at, "text": label}])
        rule = alt.Chart(data).mark_rule(color=LIGHT["chart-2"], strokeWidth=1.5, strokeDash=[2, 3])
        before = at > half  # in the right half the word stands left of its line
        text = alt.Chart(data).mark_text(
            align="right" if before else "left",
            baseline="top",
            dx=-5 if before else 5,
            color=LIGHT["chart-2"],
            limit=190 if size == "wide" else 120,
        )
        words = text.encode(x=x, y=alt.value(number % 3 * 16), text=alt.Text(field="text", type="nominal"))
        layers += [rule.encode(x=x), words]
    return layers


def _line_labels(
    *,
    chart: Chart,
    rows: list[dict[str, Any]],
    banded: list[dict[str, Any]],
    last: dict[str, Any] | None,
    span: float,
    x: alt.X,
    y: Any,
) -> list[alt.Chart]:
    """Name line and band where they end, instead of in a legend; move them apart when they would touch."""
    words = dict(chart.words)
    labels = []
    shift = 0
    if last:
        rising = bool(banded) and last["value"] >= (banded[-1]["low"] + banded[-1]["high"]) / 2
        at_end = last["x"] == rows[-1]["x"]
        if banded and at_end:
            middle = (banded[-1]["low"] + banded[-1]["high"]) / 2
            shift = 11 if abs(last["value"] - middle) / span < 0.1 else 0
        text = alt.Chart(_data([last | {"text": words["value"]}]))
        mark = text.mark_text(
            align="left" if at_end else "center",
            dx=9 if at_end else 0,
            dy=(-shift if rising else shift) if at_end else -14,
            fontWeight=600,
            color=LIGHT["chart-1"],
        )
        labels.append(mark.encode(x=x, y=y("value"), text=alt.Text(field="text", type="nominal")))
        shift = shift if rising else -shift
    if banded:
        middle = (banded[-1]["low"] + banded[-1]["high"]) / 2
        text = alt.Chart(_data([banded[-1] | {"middle": middle, "text": words["band"]}]))
        mark = text.mark_text(align="left", dx=9, dy=shift, color=LIGHT["ink-2"])
        labels.append(mark.encode(x=x, y=y("middle"), text=alt.Text(field="text", type="nominal")))
    return labels


def _stands_alone(rows: list[dict[str, Any]], index: int) -> bool:
    """Whether a value has no neighbour: a line of one point would be invisible."""
    around = [rows[place]["value"] for place in (index - 1, index + 1) if 0 <= place < len(rows)]
    return rows[index]["value"] is not None and all(value is None for value in around)


def _gaps(rows: list[dict[str, Any]], open_end: bool) -> list[dict[str, Any]]:
    """Return the stretches without a value, each from the last known point to the next."""
    gaps: list[dict[str, Any]] = []
    start: int | None = None
    for index, row in enumerate(rows):
        if row["value"] is None and start is None:
            start = index
        if row["value"] is not None and start is not None:
            gaps.append({"x": rows[max(0, start - 1)]["x"], "x2": row["x"]})
            start = None
    if start is not None and not open_end:
        gaps.append({"x": rows[max(0, start - 1)]["x"], "x2": rows[-1]["x"]})
    return gaps


def _rows_frame(
    chart: Chart, size: Size, upper: float, lower: float
) -> tuple[alt.Y, alt.Scale, list[alt.Chart]]:
    """Return the vertical encoding of labelled rows; on a phone the label stands above its bar."""
    rows = chart.records()
    wide = size == "wide"
    axis = alt.Axis(labelLimit=240, labelColor=LIGHT["ink"], grid=False) if wide else None
    y = alt.Y(field="label", type="nominal", sort=None, axis=axis, scale=alt.Scale(paddingInner=0.3))
    scale = alt.Scale(domain=[lower, upper or 1], nice=False)
    if wide:
        return y, scale, []
    names = alt.Chart(_data([{"label": row["label"], "zero": lower} for row in rows]))
    mark = names.mark_text(align="left", baseline="bottom", dy=-4, limit=310)
    return y, scale, [mark.encode(y=y, x=_x("zero", scale), text=alt.Text(field="label", type="nominal"))]


def _x(field: str, scale: alt.Scale) -> alt.X:
    return alt.X(field=field, type="quantitative", axis=None, scale=scale)


def _missing(chart: Chart, y: alt.Y, scale: alt.Scale, upper: float, size: Size) -> list[alt.Chart]:
    """Return a hatched stub and the words for rows without a figure."""
    words = dict(chart.words)
    rows = [
        {"label": row["label"], "zero": 0, "stub": upper * 0.08, "text": words["missing"]}
        | {"after": row.get("target", upper * 0.08)}
        for row in chart.records()
        if row["value"] is None
    ]
    if not rows:
        return []
    stub = alt.Chart(_data(rows)).mark_bar(
        color=LIGHT["chart-missing"], size=_bar_size(size), yOffset=_offset(size)
    )
    text = alt.Chart(_data(rows)).mark_text(align="left", dx=8, color=LIGHT["ink-2"], dy=_offset(size))
    return [
        stub.encode(y=y, x=_x("zero", scale), x2=alt.X2(field="stub")),
        text.encode(y=y, x=_x("after", scale), text=alt.Text(field="text", type="nominal")),
    ]


def _bar_size(size: Size) -> int:
    return 20 if size == "wide" else 14


def _offset(size: Size) -> int:
    """Return how far (px) a bar stands under the middle of its row: on a phone its label is above it."""
    return 0 if size == "wide" else 6


def _step(size: Size) -> alt.Step:
    return alt.Step(34 if size == "wide" else 50)


def _bars(chart: Chart, size: Size) -> Any:
    rows = chart.records()
    chosen = any(row["highlight"] for row in rows)
    known = [row for row in rows if row["value"] is not None]
    upper, lower = max([0, *(row["value"] for row in known)]), min([0, *(row["value"] for row in known)])
    room = (upper - lower or 1) * (0.12 if size == "wide" else 0.22)  # for the figure after the longest bar
    y, scale, layers = _rows_frame(chart, size, upper + room, lower - (room if lower < 0 else 0))
    for row in known:
        row["zero"] = 0
    for strong in (True, False):
        some = [row for row in known if (row["highlight"] or not chosen) == strong]
        colour = LIGHT["chart-1"] if strong else LIGHT["chart-muted"]
        if some:
            bar = alt.Chart(_data(some)).mark_bar(color=colour, size=_bar_size(size), yOffset=_offset(size))
            layers.append(bar.encode(y=y, x=_x("zero", scale), x2=alt.X2(field="value")))
    for above in (True, False):
        some = [row for row in known if (row["value"] >= 0) == above]
        if some:
            text = alt.Chart(_data(some)).mark_text(
                align="left" if above else "right",
                dx=6 if above else -6,
                dy=_offset(size),
                fontWeight=600,
            )
            figure = alt.Text(field="value", type="quantitative", format=_NUMBER_FORMAT)
            layers.append(text.encode(y=y, x=_x("value", scale), text=figure))
    layers += _missing(chart, y, scale, upper or 1, size)
    return alt.layer(*layers).properties(height=_step(size))


def _bullet(chart: Chart, size: Size) -> Any:
    rows = [row | {"zero": 0} for row in chart.records()]
    known = [row for row in rows if row["value"] is not None]
    upper = max([row["target"] for row in rows] + [row["value"] for row in known])
    room = upper * (0.2 if size == "wide" else 0.34)
    y, scale, layers = _rows_frame(chart, size, upper + room, 0)
    bar = _bar_size(size)

    def mark_bar(some: list[dict[str, Any]], field: str, colour: str, thickness: int) -> Any:
        drawn = alt.Chart(_data(some)).mark_bar(color=LIGHT[colour], size=thickness, yOffset=_offset(size))
        return drawn.encode(y=y, x=_x("zero", scale), x2=alt.X2(field=field))

    layers.append(mark_bar(rows, "target", "chart-band", bar + 4))
    if known:
        layers.append(mark_bar(known, "value", "chart-1", bar // 2))
    tick = alt.Chart(_data(rows)).mark_tick(
        color=LIGHT["ink"], thickness=2.5, size=bar + (10 if size == "wide" else 4), yOffset=_offset(size)
    )
    layers.append(tick.encode(y=y, x=_x("target", scale)))
    for row in rows:
        row["end"] = max(row["target"], row["value"] or 0)
    text = alt.Chart(_data(known)).mark_text(align="left", dx=8, dy=_offset(size))
    words = text.transform_calculate(
        text=f"format(datum.value, '{_NUMBER_FORMAT}') + ' / ' + format(datum.target, '{_NUMBER_FORMAT}')"
    )
    if known:
        layers.append(words.encode(y=y, x=_x("end", scale), text=alt.Text(field="text", type="nominal")))
    layers += _missing(chart, y, scale, upper, size)
    return alt.layer(*layers).properties(height=_step(size))
