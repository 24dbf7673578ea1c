"""Spans of peak and off-peak hours: read from what people ticked, refused where they contradict each other."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

_CLOCK: Final = re.compile(r"^([01]\d|2[0-4]):([0-5]\d)$")
MOST: Final = 12
BANDS: Final = ("peak", "off")


class SpanError(ValueError):
    """Spans that cannot be used; the message is for people."""


def _minute(text: Any) -> int:
    match = _CLOCK.match(str(text))
    if match is None or int(match[1]) * 60 + int(match[2]) > 1440:
        raise SpanError(_("Giờ ghi dạng 17:30."))
    return int(match[1]) * 60 + int(match[2])


def checked_spans(spans: Any) -> list[dict[str, Any]]:
    """Return spans in their stored form ``{"band", "weekdays", "from", "to"}``. Raises SpanError.

    A span that ends before it begins goes over midnight; the part after it belongs to the weekday on which it lies
    (as in :class:`khcn.engines.energy.money.tables.Span`).
    """
    if not isinstance(spans, list) or len(spans) > MOST:
        raise SpanError(_("Hãy ghi không quá %(most)s khung giờ.") % {"most": MOST})
    found = [_one(span) for span in spans]
    taken: dict[int, list[tuple[int, int, str]]] = {}
    for span in found:
        for day, first, last in _pieces(span):
            for other_first, other_last, band in taken.get(day, []):
                if first < other_last and other_first < last:
                    same = _("Hai khung giờ chồng lên nhau.")
                    mixed = _("Giờ cao điểm và thấp điểm chồng lên nhau.")
                    raise SpanError(same if band == span["band"] else mixed)
            taken.setdefault(day, []).append((first, last, span["band"]))
    return found


def _one(span: Any) -> dict[str, Any]:
    if not isinstance(span, Mapping) or span.get("band") not in BANDS:
        raise SpanError(_("Mỗi khung giờ là cao điểm hoặc thấp điểm."))
    days = sorted({day for day in span.get("weekdays") or () if isinstance(day, int) and 0 <= day <= 6})
    if not days:
        raise SpanError(_("Hãy chọn ít nhất một ngày trong tuần cho mỗi khung giờ."))
    if _minute(span.get("from")) == _minute(span.get("to")):
        raise SpanError(_("Giờ bắt đầu và kết thúc của một khung phải khác nhau."))
    return {"band": span["band"], "weekdays": days, "from": span["from"], "to": span["to"]}


def _pieces(span: Mapping[str, Any]) -> Sequence[tuple[int, int, int]]:
    first, last = _minute(span["from"]), _minute(span["to"])
    if first < last:
        return [(day, first, last) for day in span["weekdays"]]
    return [
        piece
        for day in span["weekdays"]
        for piece in ((day, first, 1440), (day, 0, last))
        if piece[1] < piece[2]
    ]


def spans_in_words(spans: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return one line a span: "Cao điểm 17:30–22:30, thứ Hai đến thứ Bảy"."""
    names = [_("thứ Hai"), _("thứ Ba"), _("thứ Tư"), _("thứ Năm"), _("thứ Sáu"), _("thứ Bảy"), _("Chủ nhật")]
    lines = []
    for span in spans:
        days = list(span.get("weekdays") or [])
        run = days == list(range(days[0], days[-1] + 1)) if days else False
        if len(days) == 7:
            when = _("hằng ngày")
        elif run and len(days) > 2:
            when = _("%(first)s đến %(last)s") % {"first": names[days[0]], "last": names[days[-1]]}
        else:
            when = ", ".join(names[day] for day in days)
        band = _("Cao điểm") if span.get("band") == "peak" else _("Thấp điểm")
        lines.append(f"{band} {span.get('from')}–{span.get('to')}, {when}")
    return lines
