"""What flows at a site now, as a drawing and as a sentence: sun, house, grid, and the battery when there is one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khcn.energy.selectors.telemetry import LiveNow
from khcn.energy.words import ago, percent, power, when
from khcn.ui.parts import State

STILL: Final = 0.05  # kW; less than this is no flow worth an arrow


@dataclass(frozen=True, slots=True)
class FlowPicture:
    """The drawing, its sentence, and how old the figures are."""

    svg: SafeString
    words: str
    state: State
    age: str
    known: bool


def flow_picture(live: LiveNow, now: datetime) -> FlowPicture:
    """Return the picture of this moment."""
    known = any(value is not None for value in (live.pv_kw, live.grid_kw, live.load_kw))
    sentence = flow_words(live)
    if not known:
        state = State(label=_("Chưa có số đo nào"), tone="neutral")
    elif live.stale:
        state = State(label=_("Số đo cũ, không phải lúc này"), tone="bad")
    elif live.silent:
        state = State(label=_("Có thiết bị chưa gửi số đo mới"), tone="watch")
    else:
        state = State(label=_("Số đo đang mới"), tone="good")
    age = ""
    if live.at is not None:
        age = _("Số đo lúc %(time)s, %(ago)s") % {"time": when(live.at), "ago": ago(live.at, now)}
    return FlowPicture(_drawing(live, sentence), sentence, state, age, known)


def flow_words(live: LiveNow) -> str:
    """Return the flows as one sentence."""
    parts = []
    if live.pv_kw is not None:
        parts.append(
            _("tấm pin phát %(kw)s") % {"kw": power(live.pv_kw)}
            if live.pv_kw > STILL
            else _("tấm pin không phát điện")
        )
    if live.load_kw is not None:
        parts.append(_("đơn vị dùng %(kw)s") % {"kw": power(live.load_kw)})
    if live.grid_kw is not None:
        parts.append(_grid_words(live.grid_kw))
    if live.battery_kw is not None and abs(live.battery_kw) > STILL:
        verb = _("pin lưu trữ xả %(kw)s") if live.battery_kw > 0 else _("pin lưu trữ nạp %(kw)s")
        parts.append(verb % {"kw": power(abs(live.battery_kw))})
    if live.battery_soc is not None:
        parts.append(_("pin lưu trữ còn %(share)s") % {"share": percent(live.battery_soc / 100)})
    if not parts:
        return _("Chưa biết lúc này điện chạy thế nào.")
    text = "; ".join(parts) + "."
    return text[:1].upper() + text[1:]


def _grid_words(kw: float) -> str:
    if abs(kw) <= STILL:
        return _("không lấy điện từ lưới, không đẩy lên lưới")
    if kw > 0:
        return _("lấy từ lưới %(kw)s") % {"kw": power(kw)}
    return _("đẩy lên lưới %(kw)s") % {"kw": power(-kw)}


_SUN: Final = SafeString(
    '<circle r="11"/><path d="M0-23V-17M0 17V23M-23 0H-17M17 0H23M-16.3-16.3-12-12M12 12 16.3 16.3M-16.3 16.3-12 12M12-12 16.3-16.3"/>'
)
_HOUSE: Final = SafeString('<path d="M-21-1 0-19 21-1M-15-5V18H15V-5M-4 18V6H4V18"/>')
_GRID: Final = SafeString(
    '<path d="M-11 21-4-21H4L11 21M-8 3H8M-6-9H6M-15-12H15M-13-4H13M-9 9 8 3M-8 3 9 9"/>'
)
_BATTERY: Final = SafeString('<path d="M-20-11H16V11H-20zM16-4H21V4H16M-12-5V5M-4-5V5M4-5V5"/>')


def _drawing(live: LiveNow, sentence: str) -> SafeString:
    battery = live.battery_kw is not None or live.battery_soc is not None
    height = 250 if battery else 150
    nodes = [
        ("sun", 56, 52, _SUN, _("Mặt trời"), _figure(live.pv_kw)),
        ("house", 180, 52, _HOUSE, _("Đơn vị"), _figure(live.load_kw)),
        (
            "grid",
            304,
            52,
            _GRID,
            _("Lưới điện"),
            _figure(None if live.grid_kw is None else abs(live.grid_kw)),
        ),
    ]
    lines = [
        _arrow(94, 52, 142, 52, live.pv_kw),
        _arrow(266, 52, 218, 52, live.grid_kw),
    ]
    if battery:
        soc = _figure(None if live.battery_kw is None else abs(live.battery_kw))
        nodes.append(("battery", 180, 186, _BATTERY, _("Pin lưu trữ"), soc))
        lines.append(_arrow(180, 148, 180, 136, live.battery_kw))
    drawn = format_html_join(
        "",
        '<g class="flow__node flow__node--{}" transform="translate({} {})"><circle class="flow__ring" r="36"/>'
        '<g class="flow__icon">{}</g><text class="flow__name" y="{}">{}</text><text class="flow__kw" y="{}">{}</text></g>',
        ((name, x, y, icon, 56, label, 78, figure) for name, x, y, icon, label, figure in nodes),
    )
    return format_html(
        '<svg class="flow{}" viewBox="0 0 360 {}" role="img" aria-label="{}">{}{}</svg>',
        " flow--stale" if live.stale else "",
        height,
        sentence,
        SafeString("".join(lines)),
        drawn,
    )


def _figure(kw: float | None) -> str:
    return "?" if kw is None else power(kw)


def _arrow(x1: int, y1: int, x2: int, y2: int, kw: float | None) -> SafeString:
    """Return the line from the first point to the second; a negative flow turns it round."""
    if kw is None:
        return format_html('<path class="flow__line flow__line--unknown" d="M{} {}L{} {}"/>', x1, y1, x2, y2)
    if abs(kw) <= STILL:
        return format_html('<path class="flow__line flow__line--still" d="M{} {}L{} {}"/>', x1, y1, x2, y2)
    if kw < 0:
        x1, y1, x2, y2 = x2, y2, x1, y1
    along = (1 if x2 > x1 else -1 if x2 < x1 else 0, 1 if y2 > y1 else -1 if y2 < y1 else 0)
    side = (along[1], along[0])
    tip = f"{x2} {y2}"
    left = f"{x2 - 12 * along[0] + 8 * side[0]} {y2 - 12 * along[1] + 8 * side[1]}"
    right = f"{x2 - 12 * along[0] - 8 * side[0]} {y2 - 12 * along[1] - 8 * side[1]}"
    return format_html(
        '<path class="flow__line" d="M{} {}L{} {}"/><path class="flow__head" d="M{}L{}L{}z"/>',
        x1, y1, x2 - 10 * along[0], y2 - 10 * along[1], tip, left, right,
    )  # fmt: skip
