"""The series that shows a fault: what was measured, and what should have been."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.energy.charts import source_words
from khcn.energy.models import Finding
from khcn.energy.rules.days import zone_of
from khcn.ui.charts.model import BandPoint, Chart, line_over_band
from khcn.ui.templatetags.ui_formats import language

MOST_POINTS: Final = 700


def evidence_chart(finding: Finding) -> Chart | None:
    """Return measured against expected, as the engine kept them; None when it kept nothing that can be drawn."""
    series: Mapping[str, Any] = finding.evidence if isinstance(finding.evidence, Mapping) else {}
    times, measured = series.get("t"), series.get("measured")
    if not isinstance(times, Sequence) or not isinstance(measured, Sequence) or len(times) < 2:
        return None
    expected = series.get("expected")
    hoped = expected if isinstance(expected, Sequence) else [None] * len(times)
    step = -(-len(times) // MOST_POINTS)
    zone = zone_of(finding.site.zone)
    points = [
        BandPoint(
            at=datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone).replace(tzinfo=None),
            value=_figure(value),
            middle=_figure(hope),
        )
        for ms, value, hope in list(zip(times, measured, hoped, strict=False))[::step]
    ]
    if len(points) < 2:
        return None
    return line_over_band(
        title=_("Đo được và mức lẽ ra đạt, lúc có sự cố"),
        unit=str(series.get("unit") or "kW"),
        source=source_words(finding.site.name),
        points=points,
        value_word=_("đo được"),
        middle_word=_("dự kiến"),
        language=language(),
    )


def _figure(value: Any) -> float | None:
    return round(float(value), 3) if isinstance(value, int | float) and value == value else None  # noqa: PLR0124  # nan
