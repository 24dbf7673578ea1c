"""Maps to Vega-Lite: cells in six shades with a key under them. Imported by the renderer only."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

import altair as alt

from khcn.ui.charts.model import Chart
from khcn.ui.formats import format_number
from khcn.ui.tokens import LIGHT

Size = Literal["wide", "narrow"]
WIDTHS: Final[dict[Size, int]] = {"wide": 704, "narrow": 328}
SHADES: Final = tuple(LIGHT[f"heat-{number}"] for number in range(1, 7))
_LABEL = 76  # px kept for the names of weekdays
_WEEKS_IN_ROW: Final[dict[Size, int]] = {"wide": 54, "narrow": 27}


def draw_map(chart: Chart, size: Size, times: Mapping[str, Any], numbers: Mapping[str, Any]) -> Any:
    """Return the drawing of a map at one of the two widths."""
    rows = chart.records()
    known = [float(row["value"]) for row in rows if row["value"] is not None]
    limits = shade_limits(known)
    for row in rows:
        row["shade"] = shade_of(row["value"], limits)
    if chart.kind == "hours":
        drawing = _hours(rows, size)
    elif chart.kind == "calendar":
        drawing = _calendar(chart, rows, size, times["months"], times["shortMonths"])
    else:
        drawing = _floor(chart, rows, size)
    gaps = any(row["value"] is None for row in rows)
    missing = dict(chart.words)["missing"] if gaps else ""
    return alt.vconcat(*drawing, _key(limits, missing, size, chart.language), spacing=14).resolve_scale(
        x="independent", y="independent"
    )


def shade_limits(known: Sequence[float]) -> list[float]:
    """Return the upper limits of the shades: six equal steps from 0 to a round figure above the most."""
    most = max([0.0, *known])
    if most <= 0:
        return [1.0]
    step = most / len(SHADES)
    size = 10.0 ** (len(str(int(step))) - 1) if step >= 1 else 0.01
    for nice in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10):
        if nice * size >= step:
            step = nice * size
            break
    count = next(number for number in range(1, len(SHADES) + 1) if step * number >= most - 1e-9)
    return [step * number for number in range(1, count + 1)]


def shade_of(value: float | None, limits: Sequence[float]) -> int:
    """Return the number of the shade from 0, or -1 for a missing figure."""
    if value is None:
        return -1
    return next((number for number, limit in enumerate(limits) if value <= limit), len(limits) - 1)


def _colour(shade: int, count: int) -> str:
    """Few shades still reach from light to dark."""
    return (
        SHADES[round(shade * (len(SHADES) - 1) / max(count - 1, 1))] if shade >= 0 else LIGHT["chart-missing"]
    )


def _cells(rows: list[dict[str, Any]], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    count = max([row["shade"] for row in rows], default=0) + 1
    count = max(count, *(row.get("shades", 0) for row in rows))
    layers = []
    for shade in sorted({row["shade"] for row in rows}):
        some = [row for row in rows if row["shade"] == shade]
        mark = alt.Chart(alt.InlineData(values=some)).mark_rect(
            color=_colour(shade, count), stroke=LIGHT["paper"], strokeWidth=1.5
        )
        layers.append(mark.encode(x=x, y=y))
    return layers


def _names(rows: Sequence[Mapping[str, Any]], field: str) -> list[str]:
    return list(dict.fromkeys(str(row[field]) for row in rows))


def _hours(rows: list[dict[str, Any]], size: Size) -> list[Any]:
    hours, days = _names(rows, "x"), _names(rows, "y")
    every = 2 if size == "wide" else 4
    shown = [hour for hour in hours if int(hour) % every == 0]
    x = alt.X(field="x", type="ordinal", sort=hours, axis=alt.Axis(values=shown, labelAngle=0, orient="top"))
    y = alt.Y(field="y", type="ordinal", sort=days, axis=alt.Axis(labelLimit=_LABEL))
    width = WIDTHS[size] - _LABEL
    height = len(days) * (26 if size == "wide" else 22)
    return [alt.layer(*_cells(rows, x, y)).properties(width=width, height=height)]


def _calendar(
    chart: Chart, rows: list[dict[str, Any]], size: Size, months: Sequence[str], short: Sequence[str]
) -> list[Any]:
    weeks, days = _names(rows, "x"), dict(chart.words)["down"].split("|")
    parts = []
    in_row = _WEEKS_IN_ROW[size]
    chunks = [weeks[start : start + in_row] for start in range(0, len(weeks), in_row)]
    if len(chunks) > 1 and len(chunks[-1]) < 3:  # a stump of one or two weeks joins its row
        chunks[-2] += chunks.pop()
    for chunk in chunks:
        inside = set(chunk)
        some = [row for row in rows if row["x"] in inside]
        firsts = _month_starts(chunk)
        names = {week: (short if size == "narrow" else months)[number - 1] for week, number in firsts.items()}
        names = {week: short[number - 1] for week, number in firsts.items()} if len(firsts) > 7 else names
        label = "({" + ",".join(f"'{week}':'{name}'" for week, name in names.items()) + "})[datum.value]"
        axis = alt.Axis(
            values=list(firsts),
            labelExpr=label,
            orient="top",
            labelAngle=0,
            labelAlign="left",
            labelOverlap=True,
        )
        x = alt.X(field="x", type="ordinal", sort=chunk, axis=axis)
        y = alt.Y(
            field="y",
            type="ordinal",
            sort=days,
            scale=alt.Scale(domain=days),
            axis=alt.Axis(labelLimit=_LABEL),
        )
        step = (WIDTHS[size] - _LABEL) / max(len(chunk), in_row if len(chunks) > 1 else 20)
        parts.append(
            alt.layer(*_cells(some, x, y)).properties(
                width=step * len(chunk), height=len(days) * max(step, 15)
            )
        )
    return parts


def _month_starts(weeks: Sequence[str]) -> dict[str, int]:
    """Return the weeks in which a month begins, with the month's number."""
    found: dict[str, int] = {}
    for week in weeks:
        monday = date.fromisoformat(week)
        first = date.fromordinal(monday.toordinal() + 6)
        if first.day <= 7:
            found[week] = first.month
    return found or {weeks[0]: date.fromisoformat(weeks[0]).month}


def _floor(chart: Chart, rows: list[dict[str, Any]], size: Size) -> list[Any]:
    columns, lines = _names(rows, "x"), _names(rows, "y")
    x = alt.X(field="x", type="ordinal", sort=columns, axis=None)
    y = alt.Y(field="y", type="ordinal", sort=lines, axis=None)
    room = WIDTHS[size] - 8
    height = min(room * chart.ratio, 560.0 if size == "wide" else 420.0)
    width = height / chart.ratio
    return [alt.layer(*_cells(rows, x, y)).properties(width=width, height=height)]


def _key(limits: Sequence[float], missing: str, size: Size, language: str) -> Any:
    """Return the key: one swatch a shade with the figures it stands for."""
    texts = [
        f"≤ {format_number(limit, language=language)}"
        if number == 0
        else format_number(limit, language=language)
        for number, limit in enumerate(limits)
    ]
    step = 62 if size == "wide" else 42
    if (
        size == "narrow" and len(limits) > 1 and max(map(len, texts)) > 5
    ):  # every other figure, or they would touch
        texts = [text if number % 2 == 1 else "" for number, text in enumerate(texts)]
    rows = [
        {
            "at": number * step,
            "end": number * step + step - 4,
            "shade": number,
            "shades": len(limits),
            "text": text,
        }
        for number, text in enumerate(texts)
    ]
    beside = size == "wide" or len(rows) < 4
    if missing:
        at = len(rows) * step + 10 if beside else 0
        rows.append(
            {
                "at": at,
                "end": at + 24,
                "shade": -1,
                "shades": len(limits),
                "text": missing,
                "top": 0 if beside else 36,
            }
        )
    scale = alt.Scale(domain=[0, WIDTHS[size] - _LABEL], nice=False)
    layers: list[alt.Chart] = []
    for row in rows:
        base = alt.Chart(alt.InlineData(values=[row]))
        x = alt.X(field="at", type="quantitative", axis=None, scale=scale)
        swatch = base.mark_rect(color=_colour(int(str(row["shade"])), len(limits)), height=10)
        layers.append(
            swatch.encode(x=x, x2=alt.X2(field="end"), y=alt.value(6 + int(str(row.get("top", 0)))))
        )
        words = base.mark_text(align="left", baseline="top", color=LIGHT["ink-2"], limit=260)
        layers.append(
            words.encode(
                x=x,
                y=alt.value(16 + int(str(row.get("top", 0)))),
                text=alt.Text(field="text", type="nominal"),
            )
        )
    return alt.layer(*layers).properties(
        width=WIDTHS[size] - _LABEL,
        height=34 if beside or not missing else 70,
        view=alt.ViewConfig(stroke=None),
    )
