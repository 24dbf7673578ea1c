"""The overview in words: one line a market."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khcn.markets.models import Market
from khcn.markets.selectors.overview import TREND_DAYS, MarketLine
from khcn.markets.words import against_usual, as_of, completeness_state, number
from khcn.ui.parts import State


@dataclass(frozen=True)
class OverviewLine:
    """One market as the overview shows it."""

    market: Market
    visitors: str
    measured: bool
    against: str
    inside: str
    as_of: str
    completeness: State
    alerts: State | None
    trend: tuple[float | None, ...]
    trend_label: str


def overview_context(lines: Sequence[MarketLine]) -> dict[str, object]:
    """Return what the overview shows; the total says over how many markets it runs."""
    measured = [line.today.count_in for line in lines if line.today.count_in is not None]
    return {
        "lines": [_line(line) for line in lines],
        "total": number(sum(measured)) if measured else None,
        "measured": len(measured),
        "count": len(lines),
    }


def _line(line: MarketLine) -> OverviewLine:
    today = line.today
    known = [value for value in line.trend if value is not None]
    alerts = None
    if line.open_alerts:
        words = ngettext("%(count)s cảnh báo", "%(count)s cảnh báo", line.open_alerts)
        alerts = State(label=words % {"count": line.open_alerts}, tone="bad")
    return OverviewLine(
        market=line.market,
        visitors=number(today.count_in),
        measured=today.count_in is not None,
        against=against_usual(today.usual),
        inside=number(today.inside),
        as_of=as_of(today),
        completeness=completeness_state(today.completeness),
        alerts=alerts,
        trend=line.trend,
        trend_label=_("Khách mỗi ngày, %(days)s ngày qua: từ %(low)s đến %(high)s lượt")
        % {"days": TREND_DAYS, "low": number(min(known)), "high": number(max(known))}
        if len(known) > 1
        else "",
    )
