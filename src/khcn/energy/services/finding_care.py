"""What people do about faults and about doubtful readings. Every deed checks the right, is audited, and settles a race
by a conditional UPDATE: two people who press at once get one deed.
"""

from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.energy import permissions
from khcn.energy.enums import FindingState
from khcn.energy.models import Finding, MeterReplacement, QualityEvent, SetAside, Site, Touched
from khcn.energy.services.set_aside import set_aside_dismiss

MOVES: Final[dict[str, frozenset[str]]] = {
    FindingState.NEW: frozenset(
        {FindingState.SEEN, FindingState.FIXING, FindingState.FIXED, FindingState.DISMISSED}
    ),
    FindingState.SEEN: frozenset({FindingState.FIXING, FindingState.FIXED, FindingState.DISMISSED}),
    FindingState.FIXING: frozenset({FindingState.SEEN, FindingState.FIXED, FindingState.DISMISSED}),
    FindingState.FIXED: frozenset({FindingState.FIXING}),
    FindingState.DISMISSED: frozenset({FindingState.SEEN}),
}
EXPLAINED: Final = frozenset({FindingState.FIXED, FindingState.DISMISSED})
MOST_NOTE: Final = 500


class FindingMoveError(KhcnError):
    """A fault cannot go from its state to the one asked for."""

    code = "energy-finding-move"


class NoteMissingError(KhcnError):
    """A fault was closed without a word why."""

    code = "energy-finding-note"


class ReplacementError(KhcnError):
    """What was said about a replaced meter cannot be."""

    code = "energy-replacement"


def moves_from(state: str) -> list[FindingState]:
    """Return where a fault may go from ``state``, in the usual order."""
    return [one for one in FindingState if one in MOVES[state]]


def finding_move(*, actor: Actor, finding: Finding, state: str, note: str, now: datetime) -> bool:
    """Note what is done about a fault; return False when somebody else had done so first.

    :raises PermissionDeniedError: the actor does not look after the devices of this site.
    :raises FindingMoveError: no way leads from its state to ``state``.
    :raises NoteMissingError: fixed or dismissed without a note.
    """
    _require(actor, finding.site)
    note = note.strip()[:MOST_NOTE]
    before = finding.state
    if state not in MOVES[before]:
        raise FindingMoveError(
            _("Sự cố này đang ở trạng thái “%(state)s” nên không chuyển như vậy được. Hãy tải lại trang.")
            % {"state": FindingState(before).label}
        )
    if state in EXPLAINED and not note:
        raise NoteMissingError(_("Hãy ghi vài chữ: đã sửa gì, hoặc vì sao bỏ qua. Người xem sau sẽ cần đến."))
    with transaction.atomic():
        fresh = Finding.objects.filter(pk=finding.pk, state=before)
        if not fresh.update(state=state, note=note or finding.note, handled_by_id=actor_id(actor)):
            return False
        audit_record(
            actor=actor,
            action="energy.finding.move",
            target=finding,
            before={"state": before},
            after={"state": state},
            reason=note,
            at=now,
        )
    return True


def event_done(*, actor: Actor, event: QualityEvent, now: datetime) -> bool:
    """Note that a person has looked at what the engine noticed; False when somebody else had before."""
    _require(actor, event.channel.device.site)
    with transaction.atomic():
        if not QualityEvent.objects.filter(pk=event.pk, done_at=None).update(done_at=now):
            return False
        audit_record(actor=actor, action="energy.event.done", target=event, at=now)
    return True


def set_aside_done(*, actor: Actor, row: SetAside, now: datetime) -> bool:
    """Note that a person has looked at what could not be taken in; it stays kept as it came."""
    if row.device is not None:
        _require(actor, row.device.site)
    elif not permissions.can_found(actor):
        raise PermissionDeniedError(_("Chỉ cán bộ chương trình năng lượng xử lý số liệu chưa rõ thiết bị."))
    return set_aside_dismiss(actor=actor, row=row, now=now)


def meter_replacement_confirm(
    *,
    actor: Actor,
    event: QualityEvent,
    at: datetime,
    old_value: float | None,
    new_value: float | None,
    note: str,
    now: datetime,
) -> MeterReplacement:
    """Write down that the meter of a channel was changed at ``at``; the days from there on are derived anew.

    :raises PermissionDeniedError: the actor does not look after the devices of this site.
    :raises ReplacementError: the moment lies in the future or far from the event, or a reading is negative.
    """
    channel = event.channel
    _require(actor, channel.device.site)
    if at > now:
        raise ReplacementError(_("Lúc thay công tơ ở tương lai. Hãy ghi lúc đã thay."))
    if abs((at - event.starts_at).days) > 31 and abs((at - event.ends_at).days) > 31:
        raise ReplacementError(
            _("Lúc thay công tơ cách lúc chỉ số đổi hơn một tháng. Hãy kiểm tra lại ngày giờ.")
        )
    for value in (old_value, new_value):
        if value is not None and not 0 <= value < 1e12:
            raise ReplacementError(_("Chỉ số công tơ phải từ 0 trở lên."))
    try:
        with transaction.atomic():
            row = MeterReplacement.objects.create(
                channel=channel, at=at, old_value=old_value, new_value=new_value, note=note.strip()[:300]
            )
            QualityEvent.objects.filter(pk=event.pk, done_at=None).update(done_at=now)
            Touched.objects.create(
                channel=channel,
                starts_at=min(at, event.starts_at),
                ends_at=max(at, event.ends_at),
                noted_at=now,
            )
            audit_record(
                actor=actor,
                action="energy.meter.replace",
                target=channel,
                after={"at": at.isoformat(), "old_value": old_value, "new_value": new_value},
                reason=row.note,
                at=now,
            )
    except IntegrityError as error:
        raise ReplacementError(_("Lần thay công tơ vào lúc này đã được ghi rồi.")) from error
    return row


def _require(actor: Any, site: Site) -> None:
    if not permissions.can_connect(actor, site):
        raise PermissionDeniedError(
            _(
                "Bạn chưa có quyền xử lý thiết bị của công trình này. Hãy nhờ người quản lý năng lượng của đơn vị hoặc "
                "kỹ thuật viên."
            )
        )
