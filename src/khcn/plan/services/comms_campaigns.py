"""Campaigns and their kits: what is told, by which units, with which files and library works."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record, snapshot
from khcn.core.dates import date_vi, local_date
from khcn.core.enums import Channel as Way
from khcn.core.errors import NotFoundError, PermissionDeniedError
from khcn.core.outbox.services import message_send
from khcn.core.private_files import PAPERS, PICTURES, SLIDES, Drawer, Upload
from khcn.core.references import Reference, resolve
from khcn.engines.text.fold import nfc
from khcn.orgs.enums import Role
from khcn.orgs.models import Unit
from khcn.orgs.unit_time import units_on
from khcn.plan.models import Campaign, KitFile, Plan
from khcn.plan.permissions import acting, can_keep_campaigns
from khcn.plan.rules.comms import CommsError
from khcn.plan.selectors.people import holders_by_unit

KIT: Final = Drawer("plan/kit", PAPERS | PICTURES | SLIDES)
MOST_FILES: Final = 40
FIELDS: Final = (
    "plan", "task_code", "title", "message", "kit_text", "starts_on", "ends_on", "units", "is_open",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CampaignText:
    """What a campaign says. ``units``: units or groups; a group becomes its members of the first day."""

    title: str
    starts_on: date
    ends_on: date
    message: str = ""
    kit_text: str = ""
    plan: Plan | None = None
    task_code: str = ""
    units: Sequence[Unit] = ()


def _keeper(actor: Actor, now: datetime) -> None:
    if not can_keep_campaigns(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Đợt tuyên truyền do chuyên viên của đơn vị đầu mối lập."))


def _text(value: str, most: int) -> str:
    return nfc(value.replace("\x00", "").replace("\r\n", "\n")).strip()[:most]


@transaction.atomic
def campaign_save(
    *, actor: Actor, values: CampaignText, now: datetime, campaign: Campaign | None = None, tell: bool = False
) -> Campaign:
    """Make or change a campaign; ``tell`` writes to the reporters of units that are new in it.

    :raises PermissionDeniedError: not a focal officer. :raises CommsError: no title, days out of order.
    """
    _keeper(actor, now)
    title = _text(values.title, 300)
    if not title:
        raise CommsError(_("Hãy ghi tên đợt tuyên truyền."), field="title")
    if values.ends_on < values.starts_on:
        raise CommsError(_("Ngày cuối phải từ ngày đầu trở đi."), field="ends_on")
    if values.task_code and values.plan is None:
        raise CommsError(_("Hãy chọn kế hoạch có nhiệm vụ này."), field="plan")
    row = campaign or Campaign(created_by_id=actor_id(actor), created_at=now)
    before = snapshot(row, FIELDS) if row.pk else None
    row.plan, row.task_code, row.title = values.plan, values.task_code[:40], title
    row.message, row.kit_text = _text(values.message, 5000), _text(values.kit_text, 20_000)
    row.starts_on, row.ends_on = values.starts_on, values.ends_on
    row.save()
    units = units_on(values.units, values.starts_on) if values.units else []
    known = set(row.units.values_list("pk", flat=True))
    row.units.set(units)
    after = snapshot(row, FIELDS)
    if before != after:
        action = "plan.campaign.update" if before else "plan.campaign.create"
        audit_record(actor=actor, action=action, target=row, before=before, after=after, at=now)
    if tell:
        _tell(row, [unit for unit in units if unit.pk not in known], now)
    return row


def _tell(campaign: Campaign, units: Iterable[Unit], now: datetime) -> None:
    people = holders_by_unit([unit.pk for unit in units], [Role.UNIT_REPORTER], local_date(now))
    link = reverse("plan-desk:campaign", args=[campaign.pk])
    words = {
        "title": campaign.title,
        "from": date_vi(campaign.starts_on),
        "to": date_vi(campaign.ends_on),
    }
    for held in people.values():
        for person in held.get(Role.UNIT_REPORTER, []):
            message_send(
                channel=Way.DESK, user=person, now=now, link=link,
                subject=_("Đợt tuyên truyền: %(title)s") % words,
                body=_("Từ %(from)s đến hết %(to)s. Bài viết, hình và tệp sẵn dùng ở trang của đợt.") % words,
                dedupe_key=f"plan.campaign:{campaign.pk}:{person.pk}",
            )  # fmt: skip


@transaction.atomic
def campaign_open(*, actor: Actor, campaign_id: int, is_open: bool, now: datetime) -> bool:
    """Stop or go on taking entries; return whether that changed anything."""
    _keeper(actor, now)
    changed = Campaign.objects.filter(pk=campaign_id, is_open=not is_open).update(is_open=is_open)
    if changed:
        row = Campaign.objects.get(pk=campaign_id)
        action = "plan.campaign.open" if is_open else "plan.campaign.close"
        audit_record(actor=actor, action=action, target=row, at=now)
    return bool(changed)


def kit_add(
    *,
    actor: Actor,
    campaign_id: int,
    now: datetime,
    title: str = "",
    file: Upload | None = None,
    record: str = "",
) -> KitFile:
    """Add a file, or a record of this installation (a library work) by reference, to a kit.

    :raises PermissionDeniedError, NotFoundError, CommsError, FileRefusedError:
    """
    _keeper(actor, now)
    campaign = _campaign(campaign_id)
    if campaign.kit.count() >= MOST_FILES:
        raise CommsError(_("Bộ tài liệu có nhiều nhất %(most)s mục.") % {"most": MOST_FILES}, field="file")
    if (file is None) == (not record):
        raise CommsError(_("Hãy chọn một tệp, hoặc một tài liệu của thư viện."), field="file")
    name = _text(title, 200)
    if record:
        return _add(actor, campaign, now, title=name, record=record)
    assert file is not None  # noqa: S101  # one of the two was given
    kept = KIT.keep(file)
    try:
        return _add(actor, campaign, now, title=name or kept.title, file=kept.name, size=kept.size)
    except BaseException:
        KIT.drop(kept.name)
        raise


def _campaign(pk: int) -> Campaign:
    row = Campaign.objects.filter(pk=pk).first()
    if row is None:
        raise NotFoundError(_("Không thấy đợt tuyên truyền này."))
    return row


@transaction.atomic
def _add(
    actor: Actor, campaign: Campaign, now: datetime, *, title: str, record: str = "", file: str = "",
    size: int | None = None,
) -> KitFile:  # fmt: skip
    if record:
        try:
            found = resolve(Reference.parse(record[:120]), actor)
        except ValueError:
            found = None
        if found is None:
            text = _(
                "Không thấy tài liệu này, hoặc bạn không có quyền xem. Hãy tìm lại và chọn trong danh sách."
            )
            raise CommsError(text, field="record")
        if KitFile.objects.filter(campaign=campaign, record=str(found.reference)).exists():
            raise CommsError(_("Tài liệu này đã có trong bộ."), field="record")
        title, record = (title or found.title)[:200], str(found.reference)
    row = KitFile.objects.create(campaign=campaign, title=title[:200], record=record, file=file, size=size)
    audit_record(actor=actor, action="plan.kit.add", target=campaign, after={"title": row.title}, at=now)
    return row


def kit_remove(*, actor: Actor, kit_id: int, now: datetime) -> None:
    """Take something out of a kit."""
    _keeper(actor, now)
    with transaction.atomic():
        row = KitFile.objects.select_related("campaign").filter(pk=kit_id).first()
        if row is None:
            return
        audit_record(
            actor=actor, action="plan.kit.remove", target=row.campaign, before={"title": row.title}, at=now
        )
        row.delete()
        transaction.on_commit(lambda: KIT.drop(row.file))
