"""Data quality as tables and a timeline."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from khcn.markets.enums import HealthKind
from khcn.markets.models import Batch, Box, CameraTrouble
from khcn.markets.selectors.quality import Quality
from khcn.markets.words import ago, completeness_state, number, percent, stay
from khcn.ui.parts import Column, Event, State, Table
from khcn.ui.templatetags.ui_formats import ui_datetime


def camera_table(found: Quality) -> Table:
    """Return the share measured by camera and day."""
    days = found.all_days()
    columns = [Column(label=_("Camera"))]
    columns += [Column(label=f"{day.day:02d}/{day.month:02d}", numeric=True) for day in days]
    rows: list[list[object]] = []
    for item in found.cameras:
        shares = [percent(item.by_day[day]) if day in item.by_day else _("không đo") for day in days]
        rows.append([item.camera.name, *shares])
    return Table(
        caption=_("Phần thời gian mở cửa đo được, theo camera và ngày"),
        columns=columns,
        rows=rows,
        sticky=True,
    )


def day_table(found: Quality) -> Table:
    """Return the market by day: completeness and the drift of in minus out."""
    rows: list[list[object]] = []
    for day in reversed(found.all_days()):
        row = found.days.get(day)
        rows.append(
            [
                day,
                completeness_state(row.completeness if row else None),
                number(row.count_in if row else None),
                number(row.count_out if row else None),
                number(row.drift if row else None),
                percent(abs(row.drift) / row.count_in, 1) if row and row.count_in else "",
            ]
        )
    columns = [
        Column(label=_("Ngày")),
        Column(label=_("Đo được")),
        Column(label=_("Vào"), numeric=True),
        Column(label=_("Ra"), numeric=True),
        Column(label=_("Vào trừ ra"), numeric=True),
        Column(label=_("Lệch so với lượt vào"), numeric=True),
    ]
    return Table(caption=_("Từng ngày"), hide_caption=True, columns=columns, rows=rows)


def lost_table(found: Quality) -> Table | None:
    """Return how long each camera could not measure, by reason; None when nothing was lost."""
    rows: list[list[object]] = []
    labels = dict(HealthKind.choices)
    for item in found.cameras:
        rows += [
            [item.camera.name, str(labels.get(reason, reason)), stay(seconds)]
            for reason, seconds in sorted(item.lost.items(), key=lambda pair: -pair[1])
        ]
    if not rows:
        return None
    columns = [
        Column(label=_("Camera")),
        Column(label=_("Vì sao")),
        Column(label=_("Tổng cộng"), numeric=True),
    ]
    return Table(caption=_("Thời gian không đo được"), hide_caption=True, columns=columns, rows=rows)


def trouble_events(troubles: Sequence[CameraTrouble]) -> list[Event]:
    """Return troubles as a timeline, the latest first."""
    return [
        Event(
            when=row.started_at,
            what=f"{row.camera.name}: {row.get_kind_display()}",
            detail=_until(row) + (f" {row.detail}" if row.detail else ""),
            tone="bad" if row.ended_at is None else "neutral",
        )
        for row in troubles
    ]


def _until(row: CameraTrouble) -> str:
    if row.ended_at is None:
        return _("Còn đang diễn ra.")
    return _("Đến %(time)s.") % {"time": ui_datetime(row.ended_at)}


def box_table(boxes: Sequence[Box], now: datetime) -> Table:
    """Return the counting boxes with when they were heard last."""
    rows: list[list[object]] = [
        [
            box.name,
            ago(box.last_seen_at, now),
            _box_state(box, now),
            _("%(count)s giây") % {"count": number(box.clock_offset_s)},
        ]
        for box in boxes
    ]
    columns = [
        Column(label=_("Máy đếm")),
        Column(label=_("Nghe lần cuối")),
        Column(label=_("Tình trạng")),
        Column(label=_("Đồng hồ lệch"), numeric=True),
    ]
    return Table(caption=_("Máy đếm"), hide_caption=True, columns=columns, rows=rows)


def _box_state(box: Box, now: datetime) -> State:
    if box.conflict_at is not None:
        return State(label=_("Hai máy cùng mã"), tone="bad")
    if box.last_seen_at is None or (now - box.last_seen_at).total_seconds() > 900:
        return State(label=_("Mất liên lạc"), tone="bad")
    return State(label=_("Đang gửi"), tone="good")


def late_table(batches: Sequence[Batch]) -> Table | None:
    """Return the batches that came late; None when there were none."""
    if not batches:
        return None
    rows: list[list[object]] = []
    for batch in batches:
        newest = batch.last_minute or batch.received_at
        rows.append(
            [
                batch.received_at,
                batch.box.name,
                newest,
                stay((batch.received_at - newest).total_seconds()),
                batch.minutes,
            ]
        )
    columns = [
        Column(label=_("Nhận lúc")),
        Column(label=_("Máy đếm")),
        Column(label=_("Phút đo mới nhất trong lô")),
        Column(label=_("Đến muộn"), numeric=True),
        Column(label=_("Số phút đo"), numeric=True),
    ]
    return Table(caption=_("Lô số liệu đến muộn"), hide_caption=True, columns=columns, rows=rows)
