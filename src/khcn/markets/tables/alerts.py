"""Alerts in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.markets.enums import AlertKind, AlertState
from khcn.markets.models import Alert
from khcn.markets.permissions import can_set_up
from khcn.markets.words import number
from khcn.ui.parts import State, Tab, Tone

ANYBODY = AnonymousUser()
TONES: dict[str, Tone] = {AlertState.OPEN: "bad", AlertState.SEEN: "watch", AlertState.OVER: "neutral"}


@dataclass(frozen=True)
class AlertLine:
    """One alert of the list."""

    alert: Alert
    state: State
    where: str
    figures: str
    may_mark: bool  # open, and the reader looks after this market


def alert_lines(alerts: Iterable[Alert], reader: Any = ANYBODY) -> list[AlertLine]:
    """Return alerts as lines; only a ``reader`` who looks after the market is offered to mark them."""
    return [
        AlertLine(
            alert,
            State(label=str(AlertState(alert.state).label), tone=TONES[alert.state]),
            str(alert.zone or alert.camera or alert.box or ""),
            _figures(alert),
            alert.state == AlertState.OPEN and can_set_up(reader, alert.market),
        )
        for alert in alerts
    ]


def _figures(alert: Alert) -> str:
    if alert.value is None:
        return ""
    values: dict[str, Any] = {"value": number(alert.value), "limit": number(alert.limit)}
    if alert.kind == AlertKind.CROWDING and alert.limit is not None:
        return _("%(value)s người, ngưỡng %(limit)s") % values
    if alert.kind == AlertKind.QUIET and alert.limit is not None:
        return _("%(value)s lượt, thường lệ khoảng %(limit)s") % values
    return ""


def alert_tabs(market: str, current: str) -> list[Tab]:
    """Return the three boxes of the list."""
    labels = {"tat-ca": _("Tất cả"), "chua-xem": _("Chưa ai xem"), "dang-dien-ra": _("Đang diễn ra")}
    base = reverse("markets-desk:alerts")
    return [
        Tab(
            label=label,
            url=f"{base}?{urlencode({'hop': key} | ({'cho': market} if market else {}))}",
            current=key == current,
        )
        for key, label in labels.items()
    ]
