"""Making the results that pages only read: forecasts, effects of events, floors, and the charts of the day.

Everything here runs in the worker, nightly and when a page finds something missing or old.
"""

import json
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.utils import timezone

from khcn.engines.flow.effect import event_effect
from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.forecast import forecast
from khcn.engines.flow.series import HourlySeries
from khcn.markets.charts import market_charts
from khcn.markets.enums import EventKind
from khcn.markets.floor_charts import floor_chart
from khcn.markets.models import Market, MarketEvent
from khcn.markets.page_tasks import prepared_make_task
from khcn.markets.selectors.figures import (
    EventSpan,
    calendar_of,
    days_between,
    events_between,
    hours_between,
    series_of,
)
from khcn.markets.selectors.floors import floor_of, floor_work_out
from khcn.markets.selectors.market_page import market_figures
from khcn.markets.selectors.prepared import made_at, prepared, prepared_path
from khcn.ui.charts.store import chart_request

HORIZON_DAYS: Final = 14
HISTORY: Final = timedelta(days=3 * 366)
EFFECT_BEFORE: Final = timedelta(weeks=40)
EFFECT_AFTER: Final = timedelta(weeks=4)
MOST_CONTROLS: Final = 4
STALE: Final = timedelta(hours=26)
RETRY_S: Final = 600


def prepared_or_ask(name: str, now: datetime, *, stale: timedelta = STALE) -> Mapping[str, Any] | None:
    """Return a result (perhaps an old one); when it is missing or old, make sure that a worker makes it."""
    found = prepared(name)
    if (found is None or now - made_at(found) > stale) and _note(prepared_path(name, "asked")):
        transaction.on_commit(lambda: prepared_make_task.enqueue(name))
    return found


def _note(path: Path) -> bool:
    """Return True for the one caller in ten minutes who has to start the task."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.open("x").close()
    except FileExistsError:
        if time.time() - path.stat().st_mtime < RETRY_S:
            return False
        path.touch()
    return True


def prepared_make(name: str, now: datetime) -> bool:
    """Make a result and keep it; False when what it is about is gone. Running it again makes it anew."""
    kind, *numbers = name.split("-")
    made = _MAKERS[kind](now, *(int(number) for number in numbers))
    asked = prepared_path(name, "asked")
    if made is None:
        asked.unlink(missing_ok=True)
        return False
    target = prepared_path(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".part")
    draft.write_text(json.dumps({"made_at": now.isoformat(), **made}, ensure_ascii=False), encoding="utf-8")
    draft.replace(target)
    asked.unlink(missing_ok=True)
    return True


def prepared_refresh(now: datetime) -> int:
    """Make the forecasts and floors of every market anew; return how many markets there were. Runs every night."""
    markets = Market.objects.in_force(timezone.localtime(now).date())
    for market in markets:
        prepared_make(f"forecast-{market.pk}", now)
        prepared_make(f"floor-{market.pk}", now)
    return len(markets)


def charts_prepare(now: datetime) -> int:
    """Ask for the charts of every market's page, so that they are drawn before somebody looks; return how many."""
    count = 0
    for market in Market.objects.in_force(timezone.localtime(now).date()):
        charts = market_charts(market_figures(market, now)).all()
        floor = floor_chart(market, floor_of(market))
        for chart in [*charts, *([floor] if floor else [])]:
            chart_request(chart)
            count += 1
    return count


def _history(market_id: int, first: date, last: date) -> HourlySeries | None:
    hours = hours_between(market_id, first, last)
    if not hours:
        return None
    return series_of(hours, hours[0].day, last)


def _forecast(now: datetime, market_id: int) -> dict[str, Any] | None:
    """Forecast from today's midnight on, from whole days only."""
    if not Market.objects.filter(pk=market_id).exists():
        return None
    today = timezone.localtime(now).date()
    yesterday, ahead = today - timedelta(days=1), today + timedelta(days=HORIZON_DAYS)
    series = _history(market_id, today - HISTORY, yesterday)
    if series is None:
        return {"empty": True}
    first = series.start.date()
    calendar = calendar_of(events_between([market_id], first, ahead), first, ahead)
    try:
        found = forecast(series, horizon=24 * HORIZON_DAYS, calendar=calendar)
    except FlowError as error:
        return {"error": str(error)}
    test = found.backtest
    return {
        "start": found.start.isoformat(),
        "value": _rounded(found.value),
        "low": _rounded(found.low),
        "high": _rounded(found.high),
        "used": found.used,
        "history_days": (today - first).days,
        "origins": test.origins,
        "mae_model": test.mae_model,
        "mae_naive": test.mae_seasonal_naive,
        "ratio": test.ratio,
        "coverage": test.coverage_80,
        "notes": [[code, {key: str(value) for key, value in params.items()}] for code, params in found.notes],
    }


def _rounded(values: Any) -> list[float]:
    return [round(max(float(value), 0.0), 1) for value in np.nan_to_num(values)]


def _floor(now: datetime, market_id: int) -> dict[str, Any] | None:
    market = Market.objects.filter(pk=market_id).first()
    return floor_work_out(market, now) if market else None


def _effect(now: datetime, market_id: int, event_id: int) -> dict[str, Any] | None:
    """Work out what an event did to one market, with other markets as controls."""
    event = MarketEvent.objects.filter(pk=event_id).first()
    market = Market.objects.filter(pk=market_id).first()
    if event is None or market is None or event.market_id not in (None, market_id):
        return None
    today = timezone.localtime(now).date()
    first, last = (
        event.starts_on - EFFECT_BEFORE,
        min(event.ends_on + EFFECT_AFTER, today - timedelta(days=1)),
    )
    span = {"starts_on": event.starts_on.isoformat(), "ends_on": event.ends_on.isoformat()}
    series = _history(market_id, first, last) if last >= event.starts_on else None
    if series is None:
        return {**span, "empty": True}
    events = [
        other
        for other in events_between([market_id], first, last)
        if other.pk != event_id and other.kind != EventKind.LUNAR  # twice a month: usual
    ]
    try:
        found = event_effect(
            series,
            start=_midnight(event.starts_on),
            end=_midnight(min(event.ends_on, last) + timedelta(days=1)),
            controls=_controls(event, market, first, last),
            calendar=calendar_of(events, first, last),
            exclude=[(_midnight(other.first), _midnight(other.last + timedelta(days=1))) for other in events],
        )
    except FlowError as error:
        return {**span, "error": str(error)}
    names = ("actual", "expected", "relative", "relative_low", "relative_high", "absolute", "absolute_low",
             "absolute_high", "confidence", "p", "placebos", "controls", "control_change", "measured",
             "convincing")  # fmt: skip
    return {**span, **{name: getattr(found, name) for name in names}}


def _controls(event: MarketEvent, market: Market, first: date, last: date) -> list[HourlySeries]:
    """Return other markets that the event did not touch; none for an event of all markets."""
    if event.market_id is None:
        return []
    others = Market.objects.in_force(event.starts_on).exclude(pk=market.pk)
    touched = {
        other.market_id
        for other in events_between([row.pk for row in others], event.starts_on, event.ends_on)
        if other.pk != event.pk and other.kind != EventKind.LUNAR
    }
    ids = [row.pk for row in others if row.pk not in touched]
    known = {pk: len(days) for pk, days in days_between(ids, first, last).items()}
    best = sorted(known, key=lambda pk: -known[pk])[:MOST_CONTROLS]
    return [series_of(hours_between(pk, first, last), first, last) for pk in best]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def effect_of(market: Market, event: EventSpan | MarketEvent, now: datetime) -> Mapping[str, Any] | None:
    """Return the effect of an event on a market, or None while it is being worked out.

    Made anew every day, and when the event's days were changed.
    """
    name = f"effect-{market.pk}-{event.pk}"
    found = prepared_or_ask(name, now)
    first = event.first if isinstance(event, EventSpan) else event.starts_on
    last = event.last if isinstance(event, EventSpan) else event.ends_on
    if found and (found["starts_on"], found["ends_on"]) != (first.isoformat(), last.isoformat()):
        return prepared_or_ask(name, now, stale=timedelta(0)) and None
    return found


_MAKERS: Final[dict[str, Callable[..., dict[str, Any] | None]]] = {
    "forecast": _forecast,
    "floor": _floor,
    "effect": _effect,
}
