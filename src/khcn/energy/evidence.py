"""The series that shows a fault: what was measured, and what should have been."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.energy.charts import source_words
from khcn.energy.models import Finding
from khcn.energy.rules.days import zone_of
from khcn.ui.charts.model import BandPoint, Chart, line_over_band
from khcn.ui.templatetags.ui_formats import language

MOST_POINTS: Final = 700
LONG: Final = timedelta(days=4)  # longer ones are told by day


def evidence_chart(finding: Finding) -> Chart | None:
    """Return measured against expected, as the engine kept them; None when it kept nothing that can be drawn."""
    series: Mapping[str, Any] = finding.evidence if isinstance(finding.evidence, Mapping) else {}
    times, measured = series.get("t"), series.get("measured")
    if not isinstance(times, Sequence) or not isinstance(measured, Sequence) or len(times) < 2:
        return None
    expected = series.get("expected")
    hoped = expected if isinstance(expected, Sequence) else [None] * len(times)
    zone = zone_of(finding.site.zone)
    rows = [
        (datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone), _figure(value), _figure(hope))
        for ms, value, hope in zip(times, measured, hoped, strict=False)
    ]
    unit = str(series.get("unit") or "kW")
    if (rows[-1][0] - rows[0][0]) > LONG:
        points, unit = _by_day(rows), _("%(unit)s, trung bình mỗi ngày") % {"unit": unit}
    else:
        points = [
            BandPoint(at=at.replace(tzinfo=None), value=value, middle=hope)
            for at, value, hope in rows[:: -(-len(rows) // MOST_POINTS)]
        ]
    if len(points) < 2:
        return None
    return line_over_band(
        title=_("Đo được và mức lẽ ra đạt, lúc có sự cố"),
        unit=unit,
        source=source_words(finding.site.name),
        points=points,
        value_word=_("đo được"),
        middle_word=_("dự kiến"),
        language=language(),
    )


def _figure(value: Any) -> float | None:
    return round(float(value), 3) if isinstance(value, int | float) and value == value else None  # noqa: PLR0124  # nan


def _by_day(rows: Sequence[tuple[datetime, float | None, float | None]]) -> list[BandPoint]:
    """Return daily means over the moments in which both are known, every day between the first and the last."""
    found: dict[date, list[tuple[float, float | None]]] = {}
    hopes = any(hope is not None for _at, _value, hope in rows)
    for at, value, hope in rows:
        if value is not None and (hope is not None or not hopes):
            found.setdefault(at.date(), []).append((value, hope))
    most = max((len(pairs) for pairs in found.values()), default=0)
    first, last = rows[0][0].date(), rows[-1][0].date()
    while first < last and len(found.get(first, ())) * 2 < most:  # a piece of a day is no day
        first += timedelta(days=1)
    while first < last and len(found.get(last, ())) * 2 < most:
        last -= timedelta(days=1)
    points = []
    for number in range((last - first).days + 1):
        pairs = found.get(first + timedelta(days=number), [])
        values = [value for value, _hope in pairs]
        hoped = [hope for _value, hope in pairs if hope is not None]
        points.append(
            BandPoint(
                at=first + timedelta(days=number),
                value=round(sum(values) / len(values), 3) if values else None,
                middle=round(sum(hoped) / len(hoped), 3) if hoped else None,
            )
        )
    return points
