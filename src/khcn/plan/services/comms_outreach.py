"""What units did to tell people: entered in a minute, put right, taken back."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record, snapshot
from khcn.core.dates import date_vi, local_date
from khcn.core.errors import NotFoundError, PermissionDeniedError
from khcn.core.private_files import PICTURES, Drawer, Upload
from khcn.engines.text.fold import nfc
from khcn.orgs.models import Unit
from khcn.plan.enums import Channel
from khcn.plan.errors import StaleError
from khcn.plan.models import Campaign, Outreach
from khcn.plan.permissions import acting, can_enter_progress
from khcn.plan.rules.comms import CommsError, check_day, check_numbers
from khcn.plan.services.progress_evidence import checked_link

PHOTOS: Final = Drawer("plan/outreach", PICTURES, limit=15 * 2**20)
FIELDS: Final = (
    "campaign", "unit", "task_code", "channel", "happened_on", "count", "people", "people_counted", "place", "note",
    "link",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done. ``people`` ``None``: nobody knows; ``client_key``: made by the form, the same at every try."""

    channel: str
    happened_on: date
    count: int = 1
    people: int | None = None
    people_counted: bool = False
    campaign: Campaign | None = None
    place: str = ""
    note: str = ""
    link: str = ""
    client_key: str = ""


def outreach_enter(
    *, actor: Actor, unit: Unit, deed: Deed, now: datetime, photo: Upload | None = None
) -> tuple[Outreach, bool]:
    """Enter a deed of a unit; return it, and whether it is new. The same ``client_key`` again is the first entry.

    :raises PermissionDeniedError: not for this unit. :raises CommsError: what cannot be right.
    :raises FileRefusedError: a photo that is none; nothing was entered then.
    """
    today = local_date(now)
    _may_write(actor, unit, today)
    if deed.client_key and (known := _known(unit, deed.client_key)):
        return known, False
    values = outreach_values(unit, deed, today)
    kept = PHOTOS.keep(photo).name if photo is not None else ""
    try:
        with transaction.atomic():
            row = Outreach.objects.create(
                unit=unit, photo=kept, client_key=deed.client_key[:40], entered_by_id=actor_id(actor), entered_at=now,
                **values,
            )  # fmt: skip
            audit_record(
                actor=actor, action="plan.outreach.enter", target=row, after=snapshot(row, FIELDS), at=now
            )
    except IntegrityError:  # the same phone, twice at once
        PHOTOS.drop(kept)
        known = _known(unit, deed.client_key)
        if known is None:
            raise
        return known, False
    except BaseException:
        PHOTOS.drop(kept)
        raise
    return row, True


def _known(unit: Unit, key: str) -> Outreach | None:
    return Outreach.objects.filter(unit=unit, client_key=key[:40]).first()


def _may_write(actor: Actor, unit: Unit, today: date) -> None:
    if not can_enter_progress(acting(actor, today), unit.pk):
        raise PermissionDeniedError(
            _("Bạn không ghi việc tuyên truyền cho %(unit)s. Hãy chọn đơn vị của bạn.") % {"unit": unit.name}
        )
    if not unit.in_force(today):
        raise PermissionDeniedError(
            _("%(unit)s đã kết thúc nên số liệu cũ chỉ để xem. Hãy ghi cho đơn vị kế thừa.")
            % {"unit": unit.name}
        )


def outreach_values(unit: Unit, deed: Deed, today: date) -> dict[str, object]:
    """Return the columns of a deed, checked. :raises CommsError: what cannot be right."""
    if deed.channel not in Channel.values:
        raise CommsError(_("Hãy chọn hình thức tuyên truyền."), field="channel")
    check_day(deed.happened_on, today)
    check_numbers(deed.count, deed.people)
    if deed.campaign is not None:
        _check_campaign(deed.campaign, unit, deed.happened_on)
    if not unit.in_force(deed.happened_on):
        text = _("%(unit)s chưa hoạt động vào ngày %(day)s. Hãy xem lại ngày.")
        raise CommsError(text % {"unit": unit.name, "day": date_vi(deed.happened_on)}, field="happened_on")
    return {
        "campaign": deed.campaign,
        "task_code": deed.campaign.task_code if deed.campaign else "",
        "channel": deed.channel,
        "happened_on": deed.happened_on,
        "count": deed.count,
        "people": deed.people,
        "people_counted": deed.people_counted and deed.people is not None,
        "place": _line(deed.place, 200),
        "note": _line(deed.note, 500),
        "link": checked_link(deed.link) if deed.link.strip() else "",
    }


def _line(text: str, most: int) -> str:
    return " ".join(nfc(text.replace("\x00", "")).split())[:most]


def _check_campaign(campaign: Campaign, unit: Unit, day: date) -> None:
    if not campaign.is_open:
        raise CommsError(_("Đợt tuyên truyền này đã ngừng nhận số liệu."), field="campaign")
    if not campaign.starts_on <= day <= campaign.ends_on:
        words = {"from": date_vi(campaign.starts_on), "to": date_vi(campaign.ends_on)}
        text = _("Đợt này từ %(from)s đến hết %(to)s. Hãy sửa ngày, hoặc ghi là việc ngoài đợt.")
        raise CommsError(text % words, field="happened_on")
    if campaign.units.exists() and not campaign.units.filter(pk=unit.pk).exists():
        text = _("%(unit)s không có trong đợt này. Hãy ghi là việc ngoài đợt.")
        raise CommsError(text % {"unit": unit.name}, field="campaign")


def _own(actor: Actor, outreach_id: int, today: date) -> Outreach:
    """Lock and return an entry that the actor may change. Inside a transaction."""
    rows = Outreach.objects.select_for_update(of=("self",)).select_related("unit", "campaign")
    row = rows.filter(pk=outreach_id).first()
    if row is None:
        raise NotFoundError(_("Không thấy việc này."))
    _may_write(actor, row.unit, today)
    if row.removed_at is not None:
        raise StaleError(_("Việc này đã được rút. Hãy mở lại danh sách."))
    return row


def outreach_correct(
    *, actor: Actor, outreach_id: int, deed: Deed, now: datetime, photo: Upload | None = None
) -> Outreach:
    """Put an entry right; the trail keeps what it said before. A new photo replaces the old one.

    :raises PermissionDeniedError, CommsError, FileRefusedError, StaleError:
    """
    today = local_date(now)
    kept = PHOTOS.keep(photo).name if photo is not None else ""
    try:
        with transaction.atomic():
            row = _own(actor, outreach_id, today)
            before = snapshot(row, FIELDS)
            for name, value in outreach_values(row.unit, deed, today).items():
                setattr(row, name, value)
            old, row.photo = (row.photo, kept) if kept else ("", row.photo)
            row.save()
            after = snapshot(row, FIELDS) | ({"photo": True} if kept else {})
            if before != after:
                audit_record(
                    actor=actor,
                    action="plan.outreach.correct",
                    target=row,
                    before=before,
                    after=after,
                    at=now,
                )
    except BaseException:
        PHOTOS.drop(kept)
        raise
    PHOTOS.drop(old)
    return row


def outreach_remove(*, actor: Actor, outreach_id: int, reason: str, now: datetime) -> None:
    """Take an entry back: it counts no more, its row and the reason stay; the photo goes.

    :raises PermissionDeniedError, StaleError: :raises CommsError: without a reason.
    """
    words = _line(reason, 300)
    if not words:
        raise CommsError(_("Hãy ghi lý do rút, ví dụ: ghi nhầm, ghi hai lần."), field="reason")
    with transaction.atomic():
        row = _own(actor, outreach_id, local_date(now))
        photo, row.photo, row.removed_at = row.photo, "", now
        row.save(update_fields=["photo", "removed_at"])
        audit_record(
            actor=actor, action="plan.outreach.remove", target=row, before=snapshot(row, FIELDS), reason=words, at=now
        )  # fmt: skip
        transaction.on_commit(lambda: PHOTOS.drop(photo))
