"""Faults as lists, and one fault with the series that shows it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.energy.charts import source_words
from khcn.energy.models import Finding
from khcn.energy.rules.days import zone_of
from khcn.energy.selectors.findings import BOXES
from khcn.energy.words import KINDS, energy, money, when
from khcn.ui.charts.model import BandPoint, Chart, line_over_band
from khcn.ui.parts import Tab
from khcn.ui.templatetags.ui_formats import language

MOST_POINTS: Final = 700


def box_tabs(current: str, place: str, kind: str) -> list[Tab]:
    """Return the boxes of the list."""
    words = {
        "can-xu-ly": _("Cần xử lý"),
        "moi": _("Chưa ai xem"),
        "dang-xu-ly": _("Đang xử lý"),
        "da-xong": _("Đã xong"),
        "tat-ca": _("Tất cả"),
    }
    base = reverse("energy-desk:findings")
    kept = {name: value for name, value in (("noi", place), ("loai", kind)) if value}
    return [
        Tab(label=words[key], url=f"{base}?{urlencode({'hop': key} | kept)}", current=key == current)
        for key in BOXES
    ]


def kind_choices() -> list[tuple[str, str]]:
    """Return the kinds of faults."""
    return [(kind.value, str(label)) for kind, label in KINDS.items()]


def finding_facts(finding: Finding) -> list[tuple[str, str]]:
    """Return what is known of a fault."""
    return [
        (_("Bắt đầu"), when(finding.starts_at)),
        (_("Kết thúc"), _("chưa hết") if finding.ongoing else when(finding.ends_at)),
        (_("Điện mất, ước tính"), energy(finding.loss_kwh)),
        (_("Thành tiền"), money(finding.loss_vnd) if finding.loss_vnd is not None else ""),
        (_("Hệ thống"), finding.system.name if finding.system else ""),
        (_("Thiết bị"), finding.device.name if finding.device else ""),
        (_("Máy phát hiện lúc"), when(finding.found_at)),
        (_("Người xử lý"), finding.handled_by.full_name if finding.handled_by else ""),
        (_("Ghi chú"), finding.note),
    ]


def evidence_chart(finding: Finding, title: str) -> Chart | None:
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
        title=title,
        unit=str(series.get("unit") or "kW"),
        source=source_words(finding.site.name),
        points=points,
        value_word=_("đo được"),
        middle_word=_("dự kiến"),
        language=language(),
    )


def _figure(value: Any) -> float | None:
    return round(float(value), 3) if isinstance(value, int | float) and value == value else None  # noqa: PLR0124  # nan
