"""Handing over: the minutes of one hand-over and its payment stand or fall together; the official minutes are a draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import date_vi, local_date
from khcn.core.document_port import DocumentWanted, document_desk
from khcn.core.errors import PermissionDeniedError
from khcn.core.money_port import money_booker
from khcn.core.numbers import money_vi
from khcn.core.papers.blocks import Align, Paragraph, Table
from khcn.core.papers.kinds import Issuer, minutes
from khcn.core.papers.parts import Paper, Signatory
from khcn.core.private_files import PICTURES, Drawer, Upload
from khcn.core.references import reference_to
from khcn.orgs.models import Unit
from khcn.orgs.selectors import site_identity
from khcn.programmes.enums import SUPPORT_GRANTED, SUPPORT_HANDED, SupportState
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.support import Handover, HandoverItem, ProjectResult, SupportItem, SupportRequest
from khcn.programmes.permissions import acting, can_recommend_support
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.services.support_decisions import support_locked
from khcn.programmes.services.support_requests import tell_state

PHOTOS: Final = Drawer("programmes/handover", PICTURES)


@dataclass(frozen=True, slots=True)
class Deed:
    """One hand-over as it was entered. ``quantities`` by the number of the item; ``amount`` None: as approved."""

    handed_on: date
    place: str
    giver: str
    receiver: str
    quantities: Mapping[int, int]
    amount: Decimal | None = None
    invoice: str = ""
    note: str = ""


def _officer(actor: Actor, now: datetime) -> None:
    if not can_recommend_support(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Biên bản bàn giao do chuyên viên của đơn vị đầu mối ghi."))


def handed_before(request: SupportRequest) -> dict[int, int]:
    """Return how many of each item (by its key) were handed over."""
    rows = (
        HandoverItem.objects.filter(handover__request=request)
        .values("item_id")
        .annotate(total=Sum("quantity"))
    )
    return {row["item_id"]: row["total"] for row in rows}


def handover_enter(
    *, actor: Actor, request_id: int, deed: Deed, client_key: str, now: datetime, photo: Upload | None = None
) -> Handover:
    """Enter a hand-over and pay exactly its amount; the same ``client_key`` again is the first one, paid once.

    :raises PermissionDeniedError, StaleError, ProgrammeError, FileRefusedError: and what the money's owner refuses.
    """
    _officer(actor, now)
    kept = PHOTOS.keep(photo) if photo is not None else None
    try:
        row, made = _enter(
            actor, request_id, deed, client_key=client_key[:40], now=now, photo=kept.name if kept else ""
        )
    except BaseException:
        if kept:
            PHOTOS.drop(kept.name)
        raise
    if kept and not made:
        PHOTOS.drop(kept.name)
    return row


@transaction.atomic
def _enter(
    actor: Actor, request_id: int, deed: Deed, *, client_key: str, now: datetime, photo: str
) -> tuple[Handover, bool]:
    request = support_locked(request_id, SUPPORT_GRANTED)
    if len(client_key) < 8:
        raise ProgrammeError(_("Trang này đã cũ. Hãy tải lại trang rồi ghi biên bản."))
    if (first := request.handovers.filter(client_key=client_key).first()) is not None:
        return first, False
    support_locked(request_id, SUPPORT_HANDED)
    _day(request, deed.handed_on, now)
    texts = {name: kept_text(getattr(deed, name), 200) for name in ("place", "giver", "receiver")}
    for name, text in texts.items():
        if not text:
            raise ProgrammeError(_("Hãy ghi đủ nơi giao, bên giao và bên nhận."), field=name)
    items = list(request.items.all())
    before = handed_before(request)
    worth = _worth(items, before, deed.quantities)
    amount = worth if deed.amount is None else deed.amount
    if not 0 < amount <= worth:
        raise ProgrammeError(
            _("Số tiền phải lớn hơn 0 và không quá %(worth)s của số lượng giao.")
            % {"worth": money_vi(worth)},
            field="amount",
        )
    number = (request.handovers.aggregate(most=Max("number"))["most"] or 0) + 1
    row = Handover.objects.create(
        request=request, number=number, handed_on=deed.handed_on, amount=amount, invoice=kept_text(deed.invoice, 120),
        note=kept_text(deed.note, 500), photo=photo, client_key=client_key, entered_by_id=actor_id(actor), entered_at=now,
        **texts,
    )  # fmt: skip
    HandoverItem.objects.bulk_create(
        HandoverItem(handover=row, item=item, quantity=deed.quantities[item.number])
        for item in items
        if deed.quantities.get(item.number)
    )
    money_booker.get().pay(
        actor=actor, reference=str(reference_to(request)), amount=amount, now=now, happened_on=deed.handed_on,
        document=row.invoice, payment_reference=str(reference_to(row)),
        text=(_("Bàn giao lần %(number)s: %(name)s") % {"number": number, "name": request.organisation})[:200],
    )  # fmt: skip
    _move(request, items, actor, row, now)
    return row, True


def _day(request: SupportRequest, day: date, now: datetime) -> None:
    decided = local_date(request.decided_at) if request.decided_at else day
    if not decided <= day <= local_date(now):
        raise ProgrammeError(
            _("Ngày bàn giao phải từ ngày duyệt %(day)s đến hôm nay.") % {"day": date_vi(decided)},
            field="handed_on",
        )


def _worth(items: list[SupportItem], before: Mapping[int, int], wanted: Mapping[int, int]) -> Decimal:
    worth = Decimal(0)
    for item in items:
        count = wanted.get(item.number, 0)
        left = (item.approved_quantity or 0) - before.get(item.pk, 0)
        if not 0 <= count <= left:
            raise ProgrammeError(
                _("“%(name)s”: còn được giao %(left)s %(unit)s.")
                % {"name": item.name, "left": left, "unit": item.unit},
                field="items",
            )
        worth += count * (item.approved_price or 0)
    if worth <= 0:
        raise ProgrammeError(_("Hãy ghi số lượng đã giao của ít nhất một khoản."), field="items")
    return worth


def _move(
    request: SupportRequest, items: list[SupportItem], actor: Actor, row: Handover, now: datetime
) -> None:
    handed = handed_before(request)
    full = all(handed.get(item.pk, 0) == (item.approved_quantity or 0) for item in items)
    request.delivered += row.amount
    request.state = SupportState.DELIVERED if full else SupportState.DELIVERING
    request.delivered_at = now if full else None
    request.confirmed_at = None
    request.revision += 1
    request.save(update_fields=["delivered", "state", "delivered_at", "confirmed_at", "revision"])
    audit_record(
        actor=actor, action="programmes.support.handover", target=request,
        after={"number": row.number, "amount": row.amount, "state": request.state}, at=now,
    )  # fmt: skip
    tell_state(
        request, _("Đã bàn giao thiết bị, vật tư"),
        _("Đã ghi biên bản bàn giao lần %(number)s. Hãy mở đường dẫn để xác nhận đã nhận.") % {"number": row.number}, now,
    )  # fmt: skip


def handover_document(*, actor: Actor, request_id: int, number: int, now: datetime) -> Handover:
    """Draft the official minutes (Decree 30) in the register; twice is once.

    :raises PermissionDeniedError, PortMissingError: and what the register refuses.
    """
    _officer(actor, now)
    with transaction.atomic():
        row = Handover.objects.select_for_update(of=("self",)).select_related(
            "request__call__programme__unit"
        )
        held = row.filter(request_id=request_id, number=number).first()
        if held is None:
            raise ProgrammeError(_("Không thấy lần bàn giao này. Hãy tải lại trang."))
        if held.document_id is None:
            agency = agency_of(held.request)
            if agency is None:
                raise ProgrammeError(
                    _("Chưa rõ cơ quan lập biên bản. Hãy khai đơn vị vận hành trong hồ sơ trang.")
                )
            document = document_desk.get().draft(
                actor=actor, now=now,
                wanted=DocumentWanted(
                    agency_id=agency.pk, type_code="BB", source=str(reference_to(held)),
                    subject=_("Bàn giao thiết bị, vật tư hỗ trợ %(name)s") % {"name": held.request.organisation},
                    paper=handover_paper(held, agency), symbol="",
                ),
            )  # fmt: skip
            held.document_id = document.id
            held.save(update_fields=["document_id"])
            audit_record(
                actor=actor,
                action="programmes.support.minutes",
                target=held.request,
                after={"number": held.number},
                at=now,
            )
    return held


def agency_of(request: SupportRequest) -> Unit | None:
    """Return in whose name the minutes are written: the organiser, else who runs this site."""
    if request.call.programme is not None:
        return request.call.programme.unit
    return Unit.objects.filter(pk=site_identity().operator_id or 0).first()


def handover_paper(row: Handover, agency: Unit) -> Paper:
    """Return the minutes as a paper: parties, place, day, what was handed over."""
    request, site = row.request, site_identity()
    lines = []
    for number, one in enumerate(row.items.select_related("item"), start=1):
        item = one.item
        lines.append(
            [str(number), item.name, item.unit, str(one.quantity), money_vi(item.approved_price),
             money_vi(one.quantity * (item.approved_price or 0))]
        )  # fmt: skip
    head = [_("TT"), _("Thiết bị, vật tư"), _("Đơn vị tính"), _("Số lượng"), _("Đơn giá"), _("Thành tiền")]
    words = {
        "day": date_vi(row.handed_on), "place": row.place, "giver": row.giver, "receiver": row.receiver,
        "name": request.organisation, "amount": money_vi(row.amount),
    }  # fmt: skip
    return minutes(
        issuer=Issuer(
            name=agency.name, abbreviation=_abbreviation(agency), place=site.terms.get("place", "") or site.site_name, parent=""
        ),
        day=row.handed_on,
        about=_("Bàn giao thiết bị, vật tư hỗ trợ %(name)s") % words,
        blocks=[
            Paragraph(_("Hôm nay, ngày %(day)s, tại %(place)s, hai bên bàn giao như sau:") % words),
            Paragraph(_("Bên giao: %(giver)s.") % words),
            Paragraph(_("Bên nhận: %(receiver)s, %(name)s.") % words),
            Table(
                header=head, rows=lines, widths_mm=[10, 50, 20, 18, 32, 32],
                aligns=[Align.CENTRE, Align.LEFT, Align.CENTRE, Align.RIGHT, Align.RIGHT, Align.RIGHT],
            ),
            Paragraph(_("Tổng giá trị bàn giao: %(amount)s. Hai bên đã kiểm tra và thống nhất.") % words),
        ],
        secretary=Signatory(_("BÊN NHẬN")), chair=Signatory(_("BÊN GIAO")),
    )  # fmt: skip


def _abbreviation(agency: Unit) -> str:
    words = (agency.short_name or agency.name).split()
    first = words[0] if words else ""
    return (
        first
        if first.isupper() and len(first) > 1
        else "".join(word[0] for word in words if word[0].isalpha()).upper()
    )


@transaction.atomic
def result_review(*, actor: Actor, request_id: int, now: datetime) -> ProjectResult:
    """Take note of what came of the support; again changes nothing."""
    _officer(actor, now)
    row = ProjectResult.objects.select_for_update().filter(request_id=request_id).first()
    if row is None:
        raise ProgrammeError(_("Bên nhận chưa gửi kết quả."))
    if row.reviewed_at is None:
        row.reviewed_at, row.reviewed_by_id = now, actor_id(actor)
        row.save(update_fields=["reviewed_at", "reviewed_by"])
        audit_record(actor=actor, action="programmes.support.review", target=row.request, at=now)
    return row
