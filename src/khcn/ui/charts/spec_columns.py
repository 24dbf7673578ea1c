"""Upright columns as Vega-Lite: solid, lighter while their time runs, hatched where there is no figure."""

from typing import Any, Final, Literal

import altair as alt

from khcn.ui.charts.model import Chart
from khcn.ui.tokens import LIGHT

ROOM: Final = {"wide": 630, "narrow": 265}  # px beside the figures of the scale
LETTER: Final = 7.6  # px of a figure in a label


def draw_columns(chart: Chart, size: Literal["wide", "narrow"]) -> Any:
    """Return the layers of the chart."""
    rows = chart.records()
    known = [row for row in rows if row["value"] is not None]
    values = [row["value"] for row in known] + [
        row["target"] for row in rows if row.get("target") is not None
    ]
    top, bottom = max([0, *values]), min([0, *values])
    scale = alt.Scale(domain=[bottom, (top or 1) * 1.08], nice=True)
    y_axis = alt.Axis(tickCount=4, format=",~r")
    column = ROOM[size] / len(rows)
    longest = max(len(row["label"]) for row in rows)
    every = max(1, -int(-(longest * LETTER + 6) // column))
    labels = [row["label"] for number, row in enumerate(rows) if (len(rows) - 1 - number) % every == 0]
    axis = alt.Axis(grid=False, labelAngle=0, values=labels, labelOverlap=False)
    x = alt.X(
        field="label",
        type="nominal",
        sort=None,
        axis=axis,
        scale=alt.Scale(paddingInner=0.25, paddingOuter=0.1),
    )

    def y(field: str) -> alt.Y:
        return alt.Y(field=field, type="quantitative", axis=y_axis, scale=scale)

    # an invisible mark for every label first: columns keep their order, and the missing ones their place
    order = alt.Chart(_data([{"label": row["label"], "zero": 0} for row in rows])).mark_point(opacity=0)
    layers: list[alt.Chart] = [order.encode(x=x, y=y("zero"))]
    for light in (False, True):
        some = [row | {"zero": 0} for row in known if bool(row["light"]) == light]
        if some:
            colour = LIGHT["chart-muted"] if light else LIGHT["chart-1"]
            layers.append(
                alt.Chart(_data(some)).mark_bar(color=colour).encode(x=x, y=y("zero"), y2="value:Q")
            )
    missing = [
        {"label": row["label"], "zero": 0, "stub": (top or 1) * 0.12} for row in rows if row["value"] is None
    ]
    if missing:
        stub = alt.Chart(_data(missing)).mark_bar(color=LIGHT["chart-missing"])
        layers.append(stub.encode(x=x, y=y("zero"), y2="stub:Q"))
    expected = [row for row in rows if row.get("target") is not None]
    if expected:
        stroke = alt.Chart(_data(expected)).mark_tick(color=LIGHT["ink"], thickness=2, width={"band": 0.95})
        layers.append(stroke.encode(x=x, y=y("target")))
    figures = max((len(f"{round(row['value']):,}") for row in known), default=0)
    if known and figures * LETTER * 1.1 <= column:
        text = alt.Chart(_data(known)).mark_text(baseline="bottom", dy=-5, fontWeight=600)
        figure = alt.Text(field="value", type="quantitative", format=",~r")
        layers.append(text.encode(x=x, y=y("value"), text=figure))
    return alt.layer(*layers).properties(height=260 if size == "wide" else 220)


def _data(rows: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=rows)
