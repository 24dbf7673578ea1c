"""Phones at the gate: secret links, and what a phone collected while it had no line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_batch, audit_record
from khcn.core.dates import local_date
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.models.attendance import GRACE, CheckInLink, CheckInReceipt, WalkIn
from khcn.programmes.models.programmes import Session
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.rules.attendance import KEY, Deed, Outcome, Presence, Source, phone_moments, ticket_in
from khcn.programmes.services.attendance import group_mark_now, mark_now, may_mark, takes_place, walk_in_now
from khcn.programmes.tokens import link_token

MOST_ITEMS: Final = 200
BEFORE: Final = timedelta(hours=2)
AFTER: Final = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one item, and a sentence for the person at the gate."""

    key: str
    outcome: str
    message: str


@transaction.atomic
def link_make(*, actor: Actor, session: Session, now: datetime, label: str = "") -> CheckInLink:
    """Make a link for a helper; it ends three hours after the session. :raises PermissionDeniedError, ProgrammeError:"""
    may_mark(actor, session, now)
    expires_at = session.ends_at + AFTER
    if expires_at <= now:
        raise ProgrammeError(_("Buổi này đã qua. Hãy điểm danh ở bảng này hoặc nạp danh sách giấy."))
    row = CheckInLink.objects.create(
        session=session, token=link_token(), label=" ".join(label.split())[:100], created_by_id=actor_id(actor),
        created_at=now, expires_at=expires_at,
    )  # fmt: skip
    audit_record(
        actor=actor, action="programmes.checkin.make", target=row, after={"label": row.label}, at=now
    )
    return row


@transaction.atomic
def link_revoke(*, actor: Actor, session: Session, link_id: int, now: datetime) -> None:
    """Cut a link: its page closes and nothing more is taken from it. :raises PermissionDeniedError:"""
    may_mark(actor, session, now)
    row = CheckInLink.objects.filter(session=session, pk=link_id).first()
    if row and CheckInLink.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=now):
        audit_record(actor=actor, action="programmes.checkin.revoke", target=row, at=now)


def link_of(token: str, now: datetime, *, late: bool = False) -> CheckInLink:
    """Return an open link (``late``: one whose phone may still send). :raises GoneError: with the next step."""
    rows = CheckInLink.objects.select_related("session__programme__unit")
    row = rows.filter(token=token).first() if token else None
    if row is None or not (row.receives(now) if late else row.opens(now)):
        raise GoneError(
            _(
                "Liên kết điểm danh này đã hết hạn hoặc bị thu hồi. Hãy hỏi cán bộ tổ chức để nhận liên kết mới."
            )
        )
    return row  # fmt: skip


def attendance_sync(*, link: CheckInLink, batch: Mapping[str, Any], now: datetime) -> list[ItemResult]:
    """Take in what a phone collected; answer each item. Resent items, also from another phone, do nothing again.

    :param batch: ``sent_at`` (milliseconds by the phone's clock when it sent), ``device``, ``items``: each ``key`` (made
        by the phone), ``deed`` (:class:`Deed`), ``ticket``, ``at_phone`` (milliseconds), ``count``, ``name``.
    :raises GoneError: a cut or ended link. :raises ProgrammeError: no batch at all; an item that will not do is answered.
    """
    if not link.receives(now):
        raise GoneError(_("Liên kết điểm danh này đã hết hạn hoặc bị thu hồi. Hãy báo cán bộ tổ chức."))
    takes_place(link.session)
    items = batch.get("items")
    if (
        not isinstance(items, list)
        or len(items) > MOST_ITEMS
        or not all(isinstance(one, dict) for one in items)
    ):
        raise ProgrammeError(
            _("Điện thoại gửi không đúng. Hãy tải lại trang; mỗi lần gửi nhiều nhất %(most)s lượt.") % {"most": MOST_ITEMS}
        )  # fmt: skip
    moments = phone_moments(
        [_moment(one.get("at_phone")) for one in items], sent_at=_moment(batch.get("sent_at")), now=now,
        earliest=link.created_at,
    )  # fmt: skip
    device = str(batch.get("device") or "")[:24]
    results = [
        _take(link, one, moment, f"{link.pk}:{device}"[:40], now)
        for one, moment in zip(items, moments, strict=True)
    ]
    CheckInLink.objects.filter(pk=link.pk).update(used_at=now)
    done = sum(one.outcome == Outcome.DONE for one in results)
    if done:
        audit_batch(
            actor=None, action="programmes.checkin.sync", count=done,
            summary={"session": link.session_id, "link": link.pk}, at=now,
        )  # fmt: skip
    return results


def _moment(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _take(link: CheckInLink, item: Mapping[str, Any], at: datetime, device: str, now: datetime) -> ItemResult:
    key = str(item.get("key") or "")
    if not KEY.fullmatch(key):
        return ItemResult(key[:40], Outcome.REFUSED, _("Lượt ghi này hỏng. Hãy ghi lại."))
    try:
        with transaction.atomic():
            receipt = CheckInReceipt.objects.create(
                session=link.session, link=link, key=key, outcome=Outcome.DONE, at_server=now
            )
            outcome, message = _deed(link, item, at, device, now)
            if outcome == Outcome.UNKNOWN:  # may be on the list tomorrow: not remembered
                receipt.delete()
            elif outcome != Outcome.DONE:
                CheckInReceipt.objects.filter(pk=receipt.pk).update(outcome=outcome)
    except IntegrityError:
        return ItemResult(key, Outcome.ALREADY, _("Đã ghi từ trước."))
    except ProgrammeError as error:
        return ItemResult(key, Outcome.REFUSED, error.message)
    return ItemResult(key, outcome, message)


def _deed(
    link: CheckInLink, item: Mapping[str, Any], at: datetime, device: str, now: datetime
) -> tuple[str, str]:
    key = str(item["key"])
    deed, session = str(item.get("deed") or Deed.PRESENT), link.session
    source = Source.QR if item.get("scanned") is True else Source.LIST
    count = item.get("count")
    number = count if isinstance(count, int) and not isinstance(count, bool) else None
    if deed == Deed.WALK_IN:
        walk_in_now(
            actor=None, session=session, key=key, now=now, at=at, source=Source.LIST,
            name=str(item.get("name") or ""), count=1 if number is None else number,
        )  # fmt: skip
        return Outcome.DONE, _("Đã ghi khách chưa đăng ký.")
    ticket = ticket_in(str(item.get("ticket") or ""))
    common: dict[str, Any] = {
        "actor": None, "session": session, "now": now, "at": at, "source": source,
        "at_phone": _moment(item.get("at_phone")), "device_key": device,
    }  # fmt: skip
    group = RegistrationGroup.objects.filter(programme_id=session.programme_id, ticket=ticket).first()
    if ticket and group is not None:
        came = group_mark_now(group=group, count=number, **(common | {"source": Source.GROUP}))
        return Outcome.DONE, _("Đoàn %(name)s: %(n)s người.") % {"name": group.name, "n": came}
    person = Registration.objects.filter(programme_id=session.programme_id, ticket=ticket).first()
    if not ticket or person is None:
        return Outcome.UNKNOWN, _(
            "Mã này không có trong danh sách của buổi. Hãy tìm theo tên hoặc ghi là khách."
        )
    if deed not in {Deed.PRESENT, Deed.UNDO}:
        return Outcome.REFUSED, _("Điện thoại gửi không đúng. Hãy tải lại trang.")
    state = Presence.PRESENT if deed == Deed.PRESENT else Presence.ABSENT
    row, changed = mark_now(registration=person, state=state, **common)
    if not changed and row.state != state:
        words = _("%(name)s được ghi lại sau lượt này nên giữ lượt sau. Nếu chưa đúng, hãy bấm lại.")
    else:
        words = _("Đã ghi: %(name)s.") if changed else _("%(name)s đã được ghi từ trước.")
    return (Outcome.DONE if changed else Outcome.ALREADY), words % {"name": person.name}


def attendance_forget(now: datetime) -> None:
    """Empty the names of guests whose programme's time of keeping is over; drop receipts that no phone can send again."""
    over = WalkIn.objects.filter(session__programme__keep_until__lt=local_date(now)).exclude(
        name="", organisation=""
    )
    over.update(name="", organisation="")
    CheckInReceipt.objects.filter(link__expires_at__lt=now - 2 * GRACE).delete()
