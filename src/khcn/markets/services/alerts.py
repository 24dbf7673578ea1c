"""Alerts: crowding, unusual quiet, cameras and boxes in trouble. Nothing is said on incomplete data.

:func:`alerts_check` is a periodic duty: it works out what holds now and makes the rows fit it. One thing has one open
alert (a constraint); it is told once, on the desk of the people who look after the market.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.enums import Channel
from khcn.core.errors import PermissionDeniedError
from khcn.core.outbox.services import message_send
from khcn.markets import permissions
from khcn.markets.enums import AlertKind, AlertState
from khcn.markets.models import Alert, Market
from khcn.markets.selectors.alarms import Alarm, alarms_now
from khcn.markets.selectors.people import keepers_of

logger = logging.getLogger("khcn.markets")


@dataclass(slots=True)
class AlertsReport:
    """What one check did."""

    opened: int = 0
    closed: int = 0


def alerts_check(now: datetime) -> AlertsReport:
    """Open and close the alerts of every market in force. Idempotent; any number of workers may call it."""
    report = AlertsReport()
    for market in Market.objects.in_force(now.date()).select_related("unit"):
        try:
            alarms = alarms_now(market, now)
        except Exception:  # one market's odd data must not silence the others
            logger.exception("alarms of market %s failed", market.key)
            continue
        with transaction.atomic():
            Market.objects.select_for_update(no_key=True).get(pk=market.pk)
            _reconcile(market, alarms, now, report)
    return report


def _reconcile(market: Market, alarms: Iterable[Alarm], now: datetime, report: AlertsReport) -> None:
    held = {(row.kind, row.thing): row for row in Alert.objects.filter(market=market, ended_at=None)}
    for alarm in alarms:
        row = held.pop((alarm.kind, alarm.thing), None)
        if row is None:
            report.opened += _open(market, alarm, now)
        elif _worse(row, alarm):
            row.value, row.detail = alarm.value, alarm.detail[:300]
            row.save(update_fields=["value", "detail"])
    for row in held.values():
        row.ended_at, row.state = max(now, row.started_at), AlertState.OVER
        row.save(update_fields=["ended_at", "state"])
        report.closed += 1


def _worse(row: Alert, alarm: Alarm) -> bool:
    if row.value is None or alarm.value is None:
        return row.detail != alarm.detail[:300]
    return alarm.value < row.value if row.kind == AlertKind.QUIET else alarm.value > row.value


def _open(market: Market, alarm: Alarm, now: datetime) -> int:
    fields: dict[str, Any] = {
        "market": market,
        "kind": alarm.kind,
        "thing": alarm.thing,
        "zone_id": alarm.zone_id,
        "camera_id": alarm.camera_id,
        "box_id": alarm.box_id,
        "started_at": min(alarm.started_at, now),
        "value": alarm.value,
        "limit": alarm.limit,
        "detail": alarm.detail[:300],
    }
    try:
        with transaction.atomic():
            row = Alert.objects.create(**fields)
    except IntegrityError:  # another worker was first
        return 0
    for person in keepers_of(market, now.date(), operators=alarm.kind == AlertKind.BOX):
        message_send(
            channel=Channel.DESK,
            user=person,
            subject=f"{market.name}: {alarm.title}"[:200],
            body=alarm.detail,
            link=reverse("markets-desk:market", args=[market.key]),
            dedupe_key=f"markets.alert:{row.pk}:{person.pk}",
            now=now,
        )
    return 1


def alert_seen(*, actor: Actor, alert: Alert, now: datetime) -> bool:
    """Note that somebody of the market has seen an open alert; return whether it was open until now."""
    if not permissions.can_set_up(actor, alert.market):
        raise PermissionDeniedError(_("Bạn chưa có quyền xử lý cảnh báo của chợ này."))
    with transaction.atomic():
        fresh = Alert.objects.filter(pk=alert.pk, state=AlertState.OPEN)
        if not fresh.update(state=AlertState.SEEN, seen_by_id=actor_id(actor)):
            return False
        audit_record(actor=actor, action="markets.alert.seen", target=alert, at=now)
    return True
