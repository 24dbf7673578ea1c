"""Figures of markets in words: against usual, how well known, how long ago. Missing is said, never written as zero."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.engines.flow.accuracy import Accuracy, AccuracyState
from khcn.engines.flow.usual import TodayAgainstUsual
from khcn.markets.selectors.figures import COMPARABLE, Today
from khcn.ui.formats import format_date, format_number, format_percent
from khcn.ui.parts import State
from khcn.ui.templatetags.ui_formats import language

SAME = 0.02  # a difference below this share is no difference worth a word
GOOD_ERROR = 0.05


def number(value: float | None, places: int = 0) -> str:
    """Return a count for readers; "không đo" when there is none."""
    return _("không đo") if value is None else format_number(value, places=places, language=language())


def percent(share: float | None, places: int = 0) -> str:
    """Return a share as per cent; "không rõ" when there is none."""
    return _("không rõ") if share is None else format_percent(share, places=places, language=language())


def signed(share: float, places: int = 1) -> str:
    """Return a share with its sign."""
    text = format_percent(share, places=places, language=language())
    return f"+{text}" if share > 0 and text[0].isdigit() and set(text) & set("123456789") else text


def against_usual(usual: TodayAgainstUsual) -> str:
    """Return how today stands, like "ít hơn thường lệ 6 %"; says so when it cannot be told."""
    if usual.difference is None:
        return _("chưa đủ số liệu để so với thường lệ")
    return difference_words(usual.difference)


def difference_words(difference: float) -> str:
    """Return a difference to usual in words."""
    if abs(difference) < SAME:
        return _("như thường lệ")
    share = percent(abs(difference))
    return (
        _("đông hơn thường lệ %(share)s") % {"share": share}
        if difference > 0
        else _("ít hơn thường lệ %(share)s") % {"share": share}
    )


def inside_usual(usual: TodayAgainstUsual) -> str:
    """Return whether today lies in the usual range, with that range."""
    if usual.usual_low is None or usual.usual_high is None:
        return ""
    values = {"low": number(usual.usual_low), "high": number(usual.usual_high), "days": usual.days}
    if usual.usual_low <= usual.so_far <= usual.usual_high:
        return (
            _("Nằm trong khoảng thường gặp giờ này: %(low)s đến %(high)s lượt (%(days)s ngày cùng thứ).")
            % values
        )
    return _("Ngoài khoảng thường gặp giờ này: %(low)s đến %(high)s lượt (%(days)s ngày cùng thứ).") % values


def known_line(completeness: float | None, accuracy: Accuracy | None = None) -> str:
    """Return how well a figure is known: completeness, then the measured error."""
    parts = [
        _("Chưa đo được giờ nào")
        if completeness is None
        else _("Đo được %(share)s thời gian") % {"share": percent(completeness)}
    ]
    if accuracy is not None:
        parts.append(error_words(accuracy))
    return " · ".join(parts)


def error_words(accuracy: Accuracy) -> str:
    """Return the measured error in words, with its interval; "chưa kiểm đếm" when nobody has counted."""
    if accuracy.state == AccuracyState.NONE or accuracy.net is None:
        return _("chưa kiểm đếm")
    values = {
        "net": signed(accuracy.net.value),
        "low": signed(accuracy.net.low),
        "high": signed(accuracy.net.high),
        "truth": number(accuracy.truth),
    }
    if accuracy.state == AccuracyState.ROUGH:
        return (
            _("sai số thô %(net)s (khoảng 95 %%: %(low)s đến %(high)s), mới đếm tay %(truth)s lượt") % values
        )
    return _("sai số %(net)s (khoảng 95 %%: %(low)s đến %(high)s), đếm tay %(truth)s lượt") % values


def error_state(accuracy: Accuracy) -> State:
    """Return the error as a state: what is not checked is not good."""
    if accuracy.state == AccuracyState.NONE or accuracy.net is None:
        return State(label=_("Chưa kiểm đếm"), tone="neutral")
    label = signed(accuracy.net.value)
    if accuracy.state == AccuracyState.ROUGH:
        return State(label=_("%(error)s (thô)") % {"error": label}, tone="watch")
    worst = max(abs(accuracy.net.low), abs(accuracy.net.high))
    return State(label=label, tone="good" if worst <= GOOD_ERROR else "watch")


def completeness_state(share: float | None) -> State:
    """Return a completeness as a state."""
    if share is None or share == 0:
        return State(label=_("Không đo"), tone="bad")
    tone = "good" if share >= 0.95 else "watch" if share >= COMPARABLE else "bad"
    return State(label=percent(share), tone=tone)  # type: ignore[arg-type]  # one of the tones above


def hour_span(hour: int, hours: int = 1) -> str:
    """Return hours of the day like "8-9 giờ"."""
    return _("%(first)s-%(last)s giờ") % {"first": hour, "last": hour + hours}


def weekday(number_of_day: int) -> str:
    """Return the name of a weekday, 0 is Monday."""
    return [_("thứ Hai"), _("thứ Ba"), _("thứ Tư"), _("thứ Năm"), _("thứ Sáu"), _("thứ Bảy"), _("Chủ nhật")][
        number_of_day
    ]


def weekdays() -> list[str]:
    """Return the weekdays for the axis of a map."""
    return [weekday(day)[:1].upper() + weekday(day)[1:] for day in range(7)]


def stay(seconds: float | None) -> str:
    """Return a length of stay in minutes and seconds."""
    if seconds is None:
        return _("không đo")
    if seconds < 60:
        return _("%(count)s giây") % {"count": number(seconds)}
    minutes = format_number(round(seconds / 60, 1), language=language())
    return _("%(count)s phút") % {"count": minutes}


def as_of(today: Today) -> str:
    """Return until when the figures of today reach."""
    last = today.last_hour
    if last is None:
        return _("Hôm nay chưa có số liệu")
    local = timezone.localtime(today.now)
    if last.hour >= local.hour:
        return _("Tính đến %(time)s hôm nay") % {"time": f"{local:%H:%M}"}
    return _("Số liệu mới nhất là của %(span)s") % {"span": hour_span(last.hour)}


def span_words(first: date, last: date) -> str:
    """Return a span of days."""
    if first == last:
        return format_date(first)
    return _("%(first)s đến %(last)s") % {"first": format_date(first), "last": format_date(last)}


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago something was, roughly."""
    if moment is None:
        return _("chưa bao giờ")
    gone = max(now - moment, timedelta(0))
    if gone < timedelta(minutes=2):
        return _("vừa xong")
    if gone < timedelta(hours=2):
        return _("%(count)s phút trước") % {"count": int(gone.total_seconds() // 60)}
    if gone < timedelta(days=2):
        return _("%(count)s giờ trước") % {"count": int(gone.total_seconds() // 3600)}
    return _("%(count)s ngày trước") % {"count": gone.days}
