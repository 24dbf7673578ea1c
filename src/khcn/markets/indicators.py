"""Figures of the market halls for the half-year report, each with its completeness and its stated error."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.actors import Actor
from khcn.core.indicators import Figure, Indicator, Period
from khcn.core.numbers import number_vi, percent_vi
from khcn.core.references import reference_to
from khcn.engines.flow.accuracy import Accuracy, AccuracyState, Review, gate_accuracy
from khcn.markets.models import GateReview, Market, MarketDay, MarketHour
from khcn.markets.selectors.venues import open_week

WHOLE_DAY = 0.8  # completeness from which a day counts as measured


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one figure is about: its markets and days."""

    markets: list[Market]
    period: Period

    @property
    def days(self) -> QuerySet[MarketDay]:
        return MarketDay.objects.filter(
            market__in=self.markets, day__gte=self.period.start, day__lte=self.period.end
        )

    @property
    def open_days(self) -> int:
        """Days on which the markets are open, over all markets."""
        return sum(
            1
            for market in self.markets
            for week in (open_week(market),)
            for number in range((self.period.end - self.period.start).days + 1)
            if week.on(self.period.start + timedelta(days=number))
        )

    def completeness(self) -> float | None:
        """Return the measured share of all open days."""
        total = self.open_days
        if not total:
            return None
        found: float = self.days.aggregate(share=Sum("completeness"))["share"] or 0.0
        return round(min(1.0, found / total), 4)

    def accuracy(self) -> Accuracy:
        """Return the error over all reviews of entrances in the period."""
        zone = timezone.get_current_timezone()
        start = datetime.combine(self.period.start, time(), zone)
        end = datetime.combine(self.period.end + timedelta(days=1), time(), zone)
        rows = GateReview.objects.filter(
            gate__market__in=self.markets, gate__is_entrance=True, started_at__gte=start, started_at__lt=end
        )
        reviews: list[Review] = []
        for row in rows:
            reviews.append(Review(row.started_at, row.system_in, row.true_in))
            reviews.append(Review(row.started_at, row.system_out, row.true_out))
        return gate_accuracy(reviews)


Answer = tuple[Decimal | None, str]


@dataclass(frozen=True, slots=True)
class MarketIndicator:
    """One figure over the markets of some units."""

    title: str | Promise
    unit: str | Promise
    work_out: Callable[[_Asked], Answer]

    def figure(self, *, period: Period, unit_ids: Sequence[int] | None, reader: Actor) -> Figure:
        """Return the value over ``period``; ``None`` when there is no market or nothing was measured."""
        visible: Any = Market.objects.all() if reader is None else Market.objects.visible_to(reader)
        held = Q(valid_from__isnull=True) | Q(valid_from__lte=period.end)
        held &= Q(valid_to__isnull=True) | Q(valid_to__gte=period.start)
        markets = visible.filter(held)
        if unit_ids is not None:
            markets = markets.filter(unit_id__in=list(unit_ids))
        asked = _Asked(list(markets), period)
        if not asked.markets:
            return Figure(None, note=_("Không có chợ nào được đếm khách."))
        value, note = self.work_out(asked)
        sources = tuple(reference_to(market) for market in asked.markets)
        return Figure(value, asked.completeness(), _noted(note, asked), sources)


def _noted(note: str, asked: _Asked) -> str:
    """Join a note with the share that was measured."""
    share = asked.completeness()
    parts = [note] if note else []
    if share is not None and share < 0.995:
        parts.append(_("Đo được %(share)s thời gian mở cửa.") % {"share": percent_vi(share, 0)})
    return " ".join(parts)


def _visitors(asked: _Asked) -> Answer:
    total = asked.days.aggregate(total=Sum("count_in"))["total"]
    return (None if total is None else Decimal(total)), _error_words(asked.accuracy())


def _per_day(asked: _Asked) -> Answer:
    """Mean of the well measured days only: a half measured day would pull it down."""
    counts = list(asked.days.filter(completeness__gte=WHOLE_DAY).values_list("count_in", flat=True))
    if not counts:
        return None, _("Chưa có ngày nào đo đủ 80 % giờ mở cửa.")
    note = _("Trung bình của %(days)s ngày đo đủ.") % {"days": number_vi(len(counts))}
    return round(Decimal(sum(counts)) / len(counts), 1), note


def _peak_hour(asked: _Asked) -> Answer:
    rows = (
        MarketHour.objects.filter(
            market__in=asked.markets,
            day__gte=asked.period.start,
            day__lte=asked.period.end,
            completeness__gte=WHOLE_DAY,
        )
        .order_by()
        .values_list("local_hour")
        .annotate(total=Sum("count_in"))
    )
    best = max(rows, key=lambda row: (row[1], -row[0]), default=None)
    if best is None or not best[1]:
        return None, ""
    return Decimal(best[0]), _("Đông nhất từ %(first)s giờ đến %(last)s giờ.") % {
        "first": best[0],
        "last": best[0] + 1,
    }


def _days_measured(asked: _Asked) -> Answer:
    whole = asked.days.filter(completeness__gte=WHOLE_DAY).count()
    return Decimal(whole), _("Trong %(days)s ngày mở cửa.") % {"days": number_vi(asked.open_days)}


def _error(asked: _Asked) -> Answer:
    found = asked.accuracy()
    if found.net is None:
        return None, _("Chưa có lần kiểm đếm nào trong kỳ.")
    return round(Decimal(str(abs(found.net.value) * 100)), 1), _error_words(found)


def _error_words(found: Accuracy) -> str:
    if found.net is None:
        return _("Chưa đo sai số trong kỳ.")
    words = {
        "value": percent_vi(found.net.value),
        "low": percent_vi(found.net.low),
        "high": percent_vi(found.net.high),
        "truth": number_vi(found.truth),
    }
    text = (
        _("Sai số %(value)s (khoảng tin cậy 95 %%: %(low)s đến %(high)s), đo trên %(truth)s lượt đếm tay.")
        % words
    )
    if found.state == AccuracyState.ROUGH:
        text += " " + _("Số lượt kiểm còn ít.")
    return text


INDICATORS: dict[str, Indicator] = {
    "markets.visitors": MarketIndicator(gettext_lazy("Lượt khách vào chợ"), gettext_lazy("lượt"), _visitors),
    "markets.visitors_per_day": MarketIndicator(
        gettext_lazy("Lượt khách trung bình mỗi ngày mở cửa"), gettext_lazy("lượt/ngày"), _per_day
    ),
    "markets.peak_hour": MarketIndicator(
        gettext_lazy("Giờ đông khách nhất"), gettext_lazy("giờ"), _peak_hour
    ),
    "markets.days_measured": MarketIndicator(
        gettext_lazy("Số ngày chợ được đo đủ"), gettext_lazy("ngày"), _days_measured
    ),
    "markets.measured_error": MarketIndicator(
        gettext_lazy("Sai số đếm khách đã kiểm"), gettext_lazy("%"), _error
    ),
}
