"""The monthly report of a market as a paper in the form of Decree 30. Drawing its charts is worker's work."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.core.papers.blocks import Align, Heading, Image, Items, Paragraph, Table
from khcn.core.papers.doctypes import abbreviation_of, symbol_of
from khcn.core.papers.parts import Block, Metadata, NationalHeader, Paper, Signature
from khcn.markets.charts import event_marks, source_words
from khcn.markets.enums import EventKind
from khcn.markets.selectors.figures import by_weekday_and_hour
from khcn.markets.selectors.models import model_offer
from khcn.markets.selectors.months import MonthFigures
from khcn.markets.words import (
    error_words,
    hour_span,
    number,
    percent,
    signed,
    span_words,
    stay,
    weekday,
    weekdays,
)
from khcn.orgs.selectors import site_identity
from khcn.ui.charts.maps import hours_of_week
from khcn.ui.charts.model import BandPoint, Chart, line_over_band
from khcn.ui.charts.store import chart_png

MOST_ROWS = 40


def month_words(found: MonthFigures) -> str:
    """Return the month as "tháng 10 năm 2026"."""
    return _("tháng %(month)s năm %(year)s") % {"month": found.month.month, "year": found.month.year}


def summary_sentences(found: MonthFigures) -> list[str]:
    """Return what the month was, in sentences that stand alone."""
    if found.total is None:
        return [
            _("%(market)s: %(month)s không có ngày nào đo được.")
            % {"market": found.market.name, "month": month_words(found)}
        ]
    busiest = found.busiest
    sentences = [
        _("%(market)s, %(month)s: %(total)s lượt khách vào, trung bình %(mean)s lượt mỗi ngày đo được.")
        % {
            "market": found.market.name,
            "month": month_words(found),
            "total": number(found.total),
            "mean": number(found.total / len(found.days)),
        }
    ]
    if found.against.difference is not None:
        sentences.append(
            _("So với tháng trước, cùng thứ và cùng giờ đo được: %(difference)s.")
            % {"difference": signed(found.against.difference)}
        )
    if busiest is not None:
        sentences.append(
            _("Ngày đông nhất: %(weekday)s %(day)s với %(count)s lượt.")
            % {
                "weekday": weekday(busiest.day.weekday()),
                "day": date_vi(busiest.day),
                "count": number(busiest.count_in),
            }
        )
    pattern = by_weekday_and_hour(found.hours)
    if pattern:
        (day, hour), most = max(pattern.items(), key=lambda item: (item[1], item[0]))
        sentences.append(
            _("Giờ đông nhất: %(span)s %(weekday)s, trung bình %(count)s lượt.")
            % {"span": hour_span(hour), "weekday": weekday(day), "count": number(most)}
        )
    sentences.append(known_sentence(found))
    return sentences


def known_sentence(found: MonthFigures) -> str:
    """Return how well the month is known."""
    return _("Đo được %(share)s thời gian mở cửa; %(error)s.") % {
        "share": percent(found.completeness),
        "error": error_words(found.accuracy),
    }


def report_paper(found: MonthFigures, now: datetime) -> Paper:
    """Return the report, charts drawn (worker only)."""
    site = site_identity()
    blocks: list[Block] = [Heading(_("I. TÌNH HÌNH CHUNG"), 2)]
    blocks += [Paragraph(sentence) for sentence in summary_sentences(found)]
    blocks += [_image(chart) for chart in (_days_chart(found), _week_chart(found)) if chart]
    blocks.append(Heading(_("II. THEO CỬA"), 2))
    blocks += _gates(found)
    blocks.append(Heading(_("III. THEO KHU"), 2))
    blocks += _zones(found)
    blocks.append(Heading(_("IV. SỰ KIỆN TRONG THÁNG"), 2))
    blocks.append(_events(found))
    blocks.append(Heading(_("V. CHẤT LƯỢNG SỐ LIỆU VÀ CÁCH ĐO"), 2))
    blocks += _quality(found)
    owner = site.owner
    blocks.append(Signature(_("THỦ TRƯỞNG ĐƠN VỊ"), recipients=[*([owner] if owner else []), _("Lưu: VT")]))
    return Paper(
        title=_("BÁO CÁO"),
        subtitle=_("Lượng khách đến %(market)s %(month)s")
        % {"market": found.market.name, "month": month_words(found)},
        blocks=blocks,
        header=NationalHeader(
            agency=found.market.unit.name.upper(),
            place=site.terms.get("place", "") or site.site_name,
            day=timezone.localtime(now).date(),
            symbol=symbol_of("BC", abbreviation_of(found.market.unit.name)),
        ),
        metadata=Metadata(author=found.market.unit.name, subject=_("Lượng khách đến chợ"), created=now),
    )


def _image(chart: Chart) -> Image:
    return Image(chart_png(chart), alt=chart.title, caption=f"{chart.title} ({chart.unit}).")


def _days_chart(found: MonthFigures) -> Chart | None:
    first, last = found.month.first, found.month.last
    points = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        row = found.days.get(day)
        points.append(BandPoint(at=day, value=float(row.count_in) if row and row.comparable else None))
    if sum(point.value is not None for point in points) < 2:
        return None
    return line_over_band(
        title=_("Lượt khách vào mỗi ngày"),
        unit=_("%(span)s; phần gạch chéo là ngày không đo hoặc đo chưa đủ")
        % {"span": span_words(first, last)},
        source=source_words(found.market.name),
        points=points,
        value_word=_("lượt vào"),
        marks=event_marks(found.events, first, last),
    )


def _week_chart(found: MonthFigures) -> Chart | None:
    values: dict[tuple[int, int], float | None] = {
        place: round(mean) for place, mean in by_weekday_and_hour(found.hours).items()
    }
    busy = [hour for (_day, hour), value in values.items() if value]
    if not busy:
        return None
    return hours_of_week(
        title=_("Lượt khách vào theo giờ và thứ"),
        unit=_("trung bình mỗi giờ trong tháng"),
        source=source_words(found.market.name),
        values=values,
        hours=range(min(busy), max(busy) + 1),
        weekdays=weekdays(),
        missing_word=_("không đo"),
    )


def _gates(found: MonthFigures) -> list[Block]:
    if not found.gates:
        return [Paragraph(_("Chợ chưa có cửa nào được đếm."))]
    rows = [
        [
            item.gate.name + ("" if item.gate.is_entrance else _(" (bên trong)")),
            number(item.count_in),
            number(item.count_out),
            error_words(item.accuracy),
        ]
        for item in found.gates[:MOST_ROWS]
    ]
    table = Table(
        [_("Cửa"), _("Vào"), _("Ra"), _("Sai số đo được")],
        rows,
        widths_mm=(50, 22, 22, 70),
        aligns=(Align.LEFT, Align.RIGHT, Align.RIGHT, Align.LEFT),
        caption=_("Lượt khách vào, ra theo cửa"),
    )
    return [table, Paragraph(_("Lối bên trong chợ không cộng vào số khách của chợ."))]


def _zones(found: MonthFigures) -> list[Block]:
    if not found.zones:
        return [Paragraph(_("Chợ chưa có khu nào được vẽ."))]
    rows = [
        [item.zone.name, number(item.entries), stay(item.dwell_s), number(item.mean, 1)]
        for item in found.zones[:MOST_ROWS]
    ]
    table = Table(
        [_("Khu"), _("Lượt vào khu"), _("Ở lại trung bình"), _("Người có mặt, trung bình")],
        rows,
        widths_mm=(60, 30, 36, 38),
        aligns=(Align.LEFT, Align.RIGHT, Align.RIGHT, Align.RIGHT),
        caption=_("Các khu trong chợ"),
    )
    note = _(
        "Thời gian ở lại tính theo định luật Little (tổng giây có mặt chia cho số lượt vào), thường thấp hơn thực tế vì "
        "người bị che rồi hiện lại được tính là lượt mới."
    )
    return [table, Paragraph(note)]


def _events(found: MonthFigures) -> Block:
    events = [event for event in found.events if event.kind != EventKind.LUNAR]
    if not events:
        return Paragraph(_("Không có sự kiện nào được ghi."))
    return Items([f"{event.title} ({span_words(event.first, event.last)})" for event in events[:MOST_ROWS]])


def _quality(found: MonthFigures) -> list[Block]:
    blocks: list[Block] = [Paragraph(known_sentence(found))]
    if found.missing:
        days = ", ".join(f"{day.day:02d}/{day.month:02d}" for day in found.missing)
        blocks.append(Paragraph(_("Ngày không đo được (không tính là 0): %(days)s.") % {"days": days}))
    if found.partial:
        days = ", ".join(f"{day.day:02d}/{day.month:02d}" for day in sorted(found.partial))
        blocks.append(
            Paragraph(_("Ngày đo chưa đủ tám phần mười thời gian mở cửa: %(days)s.") % {"days": days})
        )
    models: dict[str, int] = defaultdict(int)
    for camera in found.counting.cameras:
        offer = model_offer(camera.model)
        models[offer.title if offer else camera.model or _("mô hình mặc định")] += 1
    if models:
        named = ", ".join(f"{name} ({count})" for name, count in sorted(models.items()))
        blocks.append(Paragraph(_("Camera đếm bằng mô hình: %(models)s.") % {"models": named}))
    blocks.append(
        Paragraph(
            _(
                "Số liệu là lượt qua cửa đếm tự động từ camera; hệ thống không lưu hình ảnh, không nhận diện người. Sai "
                "số là kết quả người kiểm đếm so với máy."
            )
        )
    )
    return blocks
