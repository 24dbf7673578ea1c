"""What people do with alerts."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record
from khcn.core.errors import PermissionDeniedError
from khcn.markets.enums import AlertState
from khcn.markets.models import Alert
from khcn.markets.permissions import can_read_figures


def alert_mark_seen(*, actor: Any, alert: Alert, now: datetime) -> bool:
    """Note that somebody has seen an alert; False when it was seen or over already (two clicks note it once).

    :raises PermissionDeniedError: the actor does not read this market.
    """
    if not can_read_figures(actor, alert.market):
        raise PermissionDeniedError(_("Bạn không xem số liệu của chợ này nên không đánh dấu được cảnh báo."))
    with transaction.atomic():
        changed = Alert.objects.filter(pk=alert.pk, state=AlertState.OPEN).update(
            state=AlertState.SEEN, seen_by=actor
        )
        if changed:
            alert.refresh_from_db()
            audit_record(actor=actor, action="markets.alert.seen", target=alert, at=now)
    return bool(changed)
