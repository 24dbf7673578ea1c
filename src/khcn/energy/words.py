"""Figures of energy in words. What is not known is said, never written as zero."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.months import Month
from khcn.energy.enums import FindingState
from khcn.energy.selectors.months import ENOUGH
from khcn.engines.energy.messages import TEMPLATES
from khcn.engines.energy.types import FindingKind, Quality
from khcn.ui.formats import format_date, format_datetime, format_money, format_number, format_percent
from khcn.ui.parts import State, Tone
from khcn.ui.templatetags.ui_formats import language

KINDS: Final[dict[str, Any]] = {
    FindingKind.OUTAGE: gettext_lazy("Ngừng phát điện"),
    FindingKind.COMMUNICATION_GAP: gettext_lazy("Mất liên lạc, máy vẫn chạy"),
    FindingKind.UNDERPERFORMANCE: gettext_lazy("Phát kém hơn dự kiến"),
    FindingKind.CLIPPING: gettext_lazy("Chạm trần công suất"),
    FindingKind.STALE: gettext_lazy("Số đo đứng yên"),
    FindingKind.INTERPOLATED: gettext_lazy("Số đo được điền thay"),
    FindingKind.OUTLIER: gettext_lazy("Số đo khác thường"),
    FindingKind.NIGHT_PRODUCTION: gettext_lazy("Phát điện ban đêm"),
    FindingKind.SHADING: gettext_lazy("Bị che bóng"),
    FindingKind.SOILING: gettext_lazy("Tấm pin bẩn dần"),
    FindingKind.TIME_SHIFT: gettext_lazy("Lệch giờ"),
    FindingKind.PHASE_SHIFT: gettext_lazy("Lệch pha, sai chiều đo"),
}
STATE_TONES: Final[dict[str, Tone]] = {
    FindingState.NEW: "bad",
    FindingState.SEEN: "watch",
    FindingState.FIXING: "info",
    FindingState.FIXED: "good",
    FindingState.DISMISSED: "neutral",
}
FLAGS: Final = {
    Quality.INTERPOLATED: gettext_lazy("Ước theo phần của khoảng trống"),
    Quality.RESET: gettext_lazy("Công tơ về 0"),
    Quality.ROLLOVER: gettext_lazy("Công tơ quay vòng"),
    Quality.REPLACED: gettext_lazy("Thay công tơ"),
    Quality.STALE: gettext_lazy("Số đo đứng yên"),
    Quality.OUT_OF_RANGE: gettext_lazy("Ngoài giới hạn"),
    Quality.LATE: gettext_lazy("Đến muộn"),
}
NBSP: Final = "\u00a0"


def number(value: float | Decimal | None, places: int | None = 0) -> str:
    """Return a number for readers; "chưa rõ" when there is none."""
    return _("chưa rõ") if value is None else format_number(value, places=places, language=language())


def percent(share: float | None, places: int = 0) -> str:
    """Return a share as per cent."""
    return _("chưa rõ") if share is None else format_percent(share, places=places, language=language())


def signed_percent(share: float | None) -> str:
    """Return a change with its sign."""
    if share is None:
        return _("chưa so được")
    text = format_percent(share, places=1, language=language())
    return f"+{text}" if share > 0 and any(digit in text for digit in "123456789") else text


def energy(kwh: float | None) -> str:
    """Return an energy with its unit: 12,3 kWh, 1.234 kWh."""
    if kwh is None:
        return _("chưa rõ")
    return f"{energy_figure(kwh)}{NBSP}kWh"


def energy_figure(kwh: float | None) -> str:
    """Return an energy without its unit."""
    return number(kwh, 1 if kwh is not None and abs(kwh) < 100 else 0)


def power(kw: float | None) -> str:
    """Return a power with its unit."""
    return _("chưa rõ") if kw is None else f"{number(kw, 1)}{NBSP}kW"


def money(vnd: float | Decimal | None) -> str:
    """Return an amount in whole dong."""
    return _("chưa rõ") if vnd is None else format_money(vnd, language=language())


def short_money(vnd: float | Decimal | None) -> tuple[str, str]:
    """Return an amount as people say it, figure and unit: 2,5 and "triệu đ"."""
    if vnd is None:
        return _("chưa rõ"), ""
    amount = float(vnd)
    if abs(amount) >= 1e9:
        return number(amount / 1e9, 2), _("tỷ đ")
    if abs(amount) >= 1e6:
        return number(amount / 1e6, 1), _("triệu đ")
    return number(amount, 0), _("đ")


def money_words(vnd: float | Decimal | None) -> str:
    """Return an amount as people say it."""
    return NBSP.join(part for part in short_money(vnd) if part)


def tonnes(kg: float | None) -> str:
    """Return an amount of CO2 in tonnes."""
    if kg is None:
        return _("chưa rõ")
    return f"{number(kg / 1000, 2 if abs(kg) < 10_000 else 1)}{NBSP}tCO₂"


def completeness_state(share: float | None) -> State:
    """Return how complete figures are, as a state."""
    if share is None or share <= 0:
        return State(label=_("Không có số liệu"), tone="bad")
    tone: Tone = "good" if share >= 0.98 else "watch" if share >= ENOUGH else "bad"
    return State(label=completeness_percent(share), tone=tone)


def completeness_percent(share: float) -> str:
    """Return a completeness; 100 % only when nothing is missing."""
    floored = min(share, 0.999) if share < 1 else 1.0
    return percent(floored, 1 if 0.99 <= floored < 1 else 0)


def month_words(month: Month) -> str:
    """Return a month as "tháng 10 năm 2026"."""
    return _("tháng %(month)s năm %(year)s") % {"month": month.month, "year": month.year}


def span_words(first: date, last: date) -> str:
    """Return a span of days."""
    if first == last:
        return format_date(first)
    return _("%(first)s đến %(last)s") % {"first": format_date(first), "last": format_date(last)}


def when(moment: datetime | None) -> str:
    """Return a moment in local time."""
    return _("chưa bao giờ") if moment is None else format_datetime(timezone.localtime(moment))


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago something was, roughly."""
    if moment is None:
        return _("chưa bao giờ")
    gone = max(now - moment, timedelta(0))
    if gone < timedelta(minutes=2):
        return _("%(count)s giây trước") % {"count": int(gone.total_seconds())}
    if gone < timedelta(hours=2):
        return _("%(count)s phút trước") % {"count": int(gone.total_seconds() // 60)}
    if gone < timedelta(days=2):
        return _("%(count)s giờ trước") % {"count": int(gone.total_seconds() // 3600)}
    return _("%(count)s ngày trước") % {"count": gone.days}


def lasting(span: timedelta) -> str:
    """Return a length of time, roughly."""
    hours = span.total_seconds() / 3600
    if hours < 1:
        return _("%(count)s phút") % {"count": max(1, round(hours * 60))}
    if hours < 48:
        return _("%(count)s giờ") % {"count": number(hours, 0)}
    return _("%(count)s ngày") % {"count": number(hours / 24, 0)}


def kind_label(kind: str) -> str:
    """Return the name of a kind of fault."""
    return str(KINDS[FindingKind(kind)]) if kind in KINDS else _("Sự cố")


def sentence(code: str, params: Mapping[str, Any] | None, fallback: str = "") -> str:
    """Return the engine's sentence of ``code`` in the reader's language.

    A code or a parameter that this version does not know gives ``fallback`` (or a plain sentence): a page never fails
    over an old row.
    """
    template = TEMPLATES.get(code)
    if template is None:
        return fallback or _("Ghi nhận “%(code)s”.") % {"code": code}
    try:
        return _(template) % {key: _shown(value) for key, value in (params or {}).items()}
    except (KeyError, TypeError, ValueError):
        return fallback or _("Ghi nhận “%(code)s”.") % {"code": code}


def _shown(value: Any) -> Any:
    """Return a parameter as readers write it; texts and formatted values stay as the engine gave them."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return format_number(value, language=language()) if abs(value) < 1e15 else value
    if isinstance(value, list | tuple):
        return ", ".join(str(_shown(part)) for part in value)
    return value


def finding_state(state: str) -> State:
    """Return what people did with a fault."""
    return State(label=str(FindingState(state).label), tone=STATE_TONES[state])
