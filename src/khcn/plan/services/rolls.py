"""Consolidated reports while they are drafted: one press, texts, no lost edits."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record
from khcn.core.errors import PermissionDeniedError
from khcn.core.exports.columns import clean_text
from khcn.engines.plans.gather import joined
from khcn.plan.enums import ROLL_ISSUED, RollState
from khcn.plan.errors import PlanError, StaleError
from khcn.plan.models import Consolidation, ReportPeriod, RollText
from khcn.plan.permissions import acting, can_consolidate
from khcn.plan.selectors.expected import expected_units
from khcn.plan.selectors.roll_content import Computed, Heading, period_computed

IN_WORK: Final = frozenset(
    {RollState.DRAFT, RollState.SUBMITTED, RollState.HEAD_APPROVED, RollState.APPROVED}
)
LONGEST_TEXT: Final = 20_000


class RollIssuedError(PlanError):
    """The report of this period was issued; only a replacement can follow."""

    code = "roll-issued"
    status = 409


class RollNotEditableError(PlanError):
    """The report is being approved or was issued."""

    code = "roll-not-editable"
    status = 409


class RollTextError(PlanError):
    """A text that cannot be kept."""

    code = "roll-text"


def text_mark(text: str) -> str:
    """Return a mark of a text: a form carries the one of the text that it showed."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def require_officer(actor: Any) -> None:
    """Refuse who may not consolidate. :raises PermissionDeniedError: always then."""
    if not can_consolidate(acting(actor)):
        raise PermissionDeniedError(
            _("Chỉ chuyên viên đầu mối tổng hợp báo cáo. Hãy nhờ chuyên viên của đơn vị đầu mối.")
        )


def not_editable() -> RollNotEditableError:
    """Return the refusal for a report that is no draft."""
    return RollNotEditableError(
        _(
            "Báo cáo này không còn ở bước đang tổng hợp nên không sửa được. Hãy tải lại trang để xem báo cáo đang ở bước nào."
        )
    )


def roll_start(*, actor: Any, period: ReportPeriod, now: datetime) -> Consolidation:
    """Consolidate a period: one press makes the report, or brings the one in work up to date.

    Two officers who press at once get the same report. A report that is being approved is returned as it is.

    :raises RollIssuedError: it was issued already; see :func:`roll_replace`.
    """
    require_officer(actor)
    roll = _in_work(period)
    if roll is None:
        if Consolidation.objects.filter(period=period, state__in=ROLL_ISSUED).exists():
            raise RollIssuedError(
                _(
                    "Báo cáo tổng hợp của kỳ này đã phát hành và không đổi nữa. Nếu số liệu phải sửa, hãy mở báo cáo đó và "
                    "lập báo cáo thay thế."
                )
            )
        roll = _make(actor, period, now)
    if roll.state == RollState.DRAFT:
        roll_refresh(actor=actor, roll=roll, now=now)
    return Consolidation.objects.get(pk=roll.pk)


def roll_replace(*, actor: Any, roll: Consolidation, reason: str, now: datetime) -> Consolidation:
    """Begin the report that takes an issued one's place: new figures, its texts as they were issued.

    :raises PlanError: without a reason, or when ``roll`` is not the issued report of its period.
    """
    require_officer(actor)
    reason = " ".join(clean_text(reason).split())[:500]
    if not reason:
        raise PlanError(
            _("Hãy ghi lý do lập báo cáo thay thế; lý do được lưu cùng báo cáo."), code="roll-reason"
        )
    in_work = _in_work(roll.period)
    if in_work is not None:
        return in_work
    if roll.state != RollState.ISSUED:
        raise PlanError(
            _(
                "Chỉ thay thế được báo cáo đang có hiệu lực của kỳ. Hãy mở bản phát hành mới nhất rồi thử lại."
            ),
            code="roll-not-issued",
        )
    fresh = _make(actor, roll.period, now, reason=reason, after=roll)
    roll_refresh(actor=actor, roll=fresh, now=now)
    return Consolidation.objects.get(pk=fresh.pk)


def _in_work(period: ReportPeriod) -> Consolidation | None:
    return Consolidation.objects.filter(period=period, state__in=IN_WORK).first()


def _make(
    actor: Any, period: ReportPeriod, now: datetime, *, reason: str = "", after: Consolidation | None = None
) -> Consolidation:
    """Make the report of a period; when somebody else was quicker, theirs."""
    number = (after.number if after else 0) + 1
    try:
        with transaction.atomic():
            roll = Consolidation.objects.create(
                period=period,
                number=number,
                title=after.title if after else default_title(period),
                reason=reason,
                drafted_by=actor,
                created_at=now,
            )
            if after is not None:
                RollText.objects.bulk_create(
                    RollText(
                        roll=roll, order=text.order, title=text.title, text=text.text, edited=text.edited
                    )
                    for text in after.texts.all()
                )
            audit_record(
                actor=actor, action="plan.roll.start", target=roll, after={"period": period.code, "number": number},
                reason=reason, at=now,
            )  # fmt: skip
    except IntegrityError:
        found = _in_work(period)
        if found is None:
            raise
        return found
    return roll


def roll_computed(period: ReportPeriod, now: datetime) -> Computed:
    """Consolidate a period as its reports stand; before it is opened, over the units that it will ask."""
    asked = () if period.opened_at else expected_units(period)
    return period_computed(period, now=now, expected=asked)


def default_title(period: ReportPeriod) -> str:
    """Return the abstract (trích yếu) that a report begins with."""
    plan = period.regime.plan
    if plan is not None and plan.full_number:
        text = _("Kết quả thực hiện Kế hoạch số %(number)s (%(period)s)") % {
            "number": plan.full_number,
            "period": period.title,
        }
    else:
        text = f"{period.regime.title} ({period.title})"
    return text[:500]


def roll_refresh(*, actor: Any, roll: Consolidation, now: datetime) -> bool:
    """Compute a draft anew from the reports as they stand; return whether anything differs.

    Texts that a person edited stay; what the units wrote is shown beside them as it is now.

    :raises RollNotEditableError: it is no draft.
    """
    require_officer(actor)
    computed = roll_computed(roll.period, now)
    with transaction.atomic():
        draft = Consolidation.objects.select_for_update().filter(pk=roll.pk, state=RollState.DRAFT).first()
        if draft is None:
            raise not_editable()
        differs = _unlike(draft.totals, computed.content)
        texts = _texts_store(draft, computed.headings)
        values: dict[str, Any] = {"totals": computed.content, "computed_at": now}
        if differs or texts:
            values["revision"] = F("revision") + 1
        Consolidation.objects.filter(pk=draft.pk).update(**values)
        if differs or texts:
            audit_record(
                actor=actor, action="plan.roll.compute", target=draft, after=_summary(computed), at=now
            )
    return differs or texts


def _unlike(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return {**before, "as_of": ""} != {**after, "as_of": ""}


def _summary(computed: Computed) -> dict[str, Any]:
    reports = computed.content["reports"]
    return {
        "expected": reports["expected"],
        "received": reports["received"],
        "indicators": len(computed.content["indicators"]),
    }


def said_entries(heading: Heading) -> list[dict[str, Any]]:
    """Return what units wrote, for the row of a text."""
    return [{"unit": one.unit, "report": one.report, "text": one.text} for one in heading.said]


def _texts_store(roll: Consolidation, headings: Sequence[Heading]) -> bool:
    """Write what was gathered; return whether anything changed. Texts of headings that are gone stay when edited."""
    present = {text.order: text for text in roll.texts.all()}
    changed = False
    for heading in headings:
        said, text = said_entries(heading), joined(heading.gathered)
        row = present.pop(heading.order, None)
        if row is None:
            RollText.objects.create(
                roll=roll, order=heading.order, title=heading.title, text=text, gathered=said
            )
            changed = True
            continue
        mine = RollText.objects.filter(pk=row.pk)
        if (row.title, row.gathered) != (heading.title, said):
            mine.update(title=heading.title, gathered=said)
            changed = True
        if not row.edited and row.text != text:
            changed = bool(mine.filter(edited=False).update(text=text)) or changed
    gone = [row.pk for row in present.values() if not row.edited]
    if gone:
        RollText.objects.filter(pk__in=gone, edited=False).delete()
    return changed or bool(gone)


def roll_text_edit(
    *, actor: Any, roll: Consolidation, order: int, text: str, shown: str, now: datetime
) -> RollText:
    """Write the text of one heading.

    :param shown: :func:`text_mark` of the text that the person had before them: two who edit the same heading never
        overwrite each other.
    :raises StaleError: it was changed meanwhile; the new text is not kept.
    """
    require_officer(actor)
    clean = clean_text(text).strip()
    if len(clean) > LONGEST_TEXT:
        raise RollTextError(
            _("Phần lời dài %(length)s ký tự, quá %(most)s. Hãy rút gọn hoặc đưa vào phụ lục.")
            % {"length": len(clean), "most": LONGEST_TEXT}
        )
    return _text_write(actor, roll, order, shown, now, text=clean, edited=True)


def roll_text_reset(*, actor: Any, roll: Consolidation, order: int, shown: str, now: datetime) -> RollText:
    """Take the text gathered from the units again, in place of the edited one.

    :raises StaleError: it was changed meanwhile.
    """
    require_officer(actor)
    computed = roll_computed(roll.period, now)
    text = next((joined(one.gathered) for one in computed.headings if one.order == order), "")
    return _text_write(actor, roll, order, shown, now, text=text, edited=False)


def _text_write(
    actor: Any, roll: Consolidation, order: int, shown: str, now: datetime, *, text: str, edited: bool
) -> RollText:
    with transaction.atomic():
        draft = Consolidation.objects.filter(pk=roll.pk, state=RollState.DRAFT)
        if not draft.update(
            revision=F("revision") + 1
        ):  # also takes the row, so that nobody submits meanwhile
            raise not_editable()
        row = RollText.objects.select_for_update().get(roll_id=roll.pk, order=order)
        if text_mark(row.text) != shown:
            raise StaleError(
                _(
                    "Người khác vừa sửa phần “%(title)s”. Lời bạn viết còn ở ô bên dưới; hãy đối chiếu với bản mới rồi lưu lại."
                )
                % {"title": row.title}
            )
        before = {"text": row.text, "edited": row.edited}
        row.text, row.edited = text, edited
        row.save(update_fields=["text", "edited"])
        audit_record(
            actor=actor, action="plan.roll.text", target=roll, before={"heading": row.title, **before},
            after={"heading": row.title, "text": text, "edited": edited}, at=now,
        )  # fmt: skip
    return row


def roll_title_edit(*, actor: Any, roll: Consolidation, title: str, shown: str, now: datetime) -> None:
    """Change the abstract. ``shown``: the one that the person had before them.

    :raises StaleError: somebody changed it meanwhile.
    """
    require_officer(actor)
    clean = " ".join(clean_text(title).split())
    if not clean or len(clean) > 500:
        raise RollTextError(_("Hãy ghi trích yếu, từ 1 đến 500 ký tự."))
    with transaction.atomic():
        draft = Consolidation.objects.filter(pk=roll.pk, state=RollState.DRAFT)
        if not draft.exists():
            raise not_editable()
        if not draft.filter(title=shown).update(title=clean, revision=F("revision") + 1):
            raise StaleError(_("Người khác vừa sửa trích yếu. Hãy xem bản mới rồi sửa lại nếu cần."))
        audit_record(
            actor=actor, action="plan.roll.title", target=roll, before={"title": shown}, after={"title": clean}, at=now
        )  # fmt: skip
