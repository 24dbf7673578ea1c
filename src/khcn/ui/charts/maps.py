"""Charts that are maps: hours of the week, days of a year, the floor of a hall. Shades from light (few) to dark (many).

As everywhere, a missing figure is hatched and never zero.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from khcn.ui.charts.model import Chart, check_finite, require

WEEKDAYS: Final = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
MISSING: Final = "không có số liệu"


def hours_of_week(
    *,
    title: str,
    unit: str,
    source: str,
    values: Mapping[tuple[int, int], float | None],
    hours: Sequence[int],
    weekdays: Sequence[str] = WEEKDAYS,
    hour_word: str = "Giờ",
    day_word: str = "Thứ",
    value_word: str = "Giá trị",
    missing_word: str = MISSING,
    csv_url: str = "",
    language: str = "vi",
) -> Chart:
    """Return hour by weekday; ``values`` by (weekday 0 to 6, hour)."""
    require(bool(hours), "at least 1 hour, got 0")
    check_finite(*values.values())
    rows = [
        (str(hour), name, values.get((number, hour)))
        for number, name in enumerate(weekdays)
        for hour in hours
    ]
    return Chart(
        kind="hours",
        title=title,
        unit=unit,
        source=source,
        fields=("x", "y", "value"),
        rows=tuple(rows),
        heads=(hour_word, day_word, value_word),
        words=(("missing", missing_word),),
        csv_url=csv_url,
        language=language,
    )


def calendar_map(
    *,
    title: str,
    unit: str,
    source: str,
    values: Mapping[date, float | None],
    first: date,
    last: date,
    weekdays: Sequence[str] = WEEKDAYS,
    week_word: str = "Tuần từ ngày",
    day_word: str = "Thứ",
    value_word: str = "Giá trị",
    missing_word: str = MISSING,
    csv_url: str = "",
    language: str = "vi",
) -> Chart:
    """Return every day from ``first`` to ``last``, weeks across and weekdays down; at most two years."""
    days = (last - first).days + 1
    require(1 <= days <= 740, f"1 to 740 days, got {days}")
    check_finite(*values.values())
    rows = []
    for number in range(days):
        day = first + timedelta(days=number)
        monday = day - timedelta(days=day.weekday())
        rows.append((monday.isoformat(), weekdays[day.weekday()], values.get(day)))
    return Chart(
        kind="calendar",
        title=title,
        unit=unit,
        source=source,
        fields=("x", "y", "value"),
        rows=tuple(rows),
        heads=(week_word, day_word, value_word),
        words=(("missing", missing_word), ("down", "|".join(weekdays))),
        csv_url=csv_url,
        language=language,
    )


def floor_map(
    *,
    title: str,
    unit: str,
    source: str,
    cells: Sequence[Sequence[float | None]],
    width: float,
    height: float,
    column_word: str = "Cột",
    row_word: str = "Hàng",
    value_word: str = "Giá trị",
    missing_word: str = "ngoài tầm camera",
    csv_url: str = "",
    language: str = "vi",
) -> Chart:
    """Return the floor seen from above: ``cells[row][column]``, row 0 at the back; ``width`` x ``height`` in one unit."""
    require(bool(cells) and bool(cells[0]), "at least 1 cell, got 0")
    require(len({len(line) for line in cells}) == 1, "rows of one length")
    require(width > 0 and height > 0, f"a floor with an area, got {width} x {height}")
    check_finite(*(value for line in cells for value in line))
    rows = [
        (str(column), str(row), value) for row, line in enumerate(cells) for column, value in enumerate(line)
    ]
    return Chart(
        kind="floor",
        title=title,
        unit=unit,
        source=source,
        fields=("x", "y", "value"),
        rows=tuple(rows),
        heads=(column_word, row_word, value_word),
        words=(("missing", missing_word),),
        ratio=round(height / width, 4),
        csv_url=csv_url,
        language=language,
    )
