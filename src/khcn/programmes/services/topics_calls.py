"""Calls and the rubrics of their councils: written, published once and for all, closed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record, snapshot
from khcn.core.errors import PermissionDeniedError
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.programmes.enums import Scoring
from khcn.programmes.enums_topics import CallState, CouncilKind
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.topics import TopicCall, TopicCriterion, TopicRubric
from khcn.programmes.permissions_topics import can_keep_calls, can_publish_call
from khcn.programmes.rules.texts import kept_line, kept_text
from khcn.programmes.rules.topics import LEAST_JURORS, MOST_AMOUNT, classes_check
from khcn.programmes.services.sheets import anchors_check, criteria_read, rubric_of_rules, tie_break_clean
from khcn.programmes.services.topics_base import must, reason_of

CALL_FIELDS: Final = (
    "title", "year", "fields", "text", "opens_at", "closes_at", "task_code", "budget_year", "ceiling_vnd", "most_months",
    "contact", "appraisal", "acceptance",
)  # fmt: skip


def _keeper(actor: Actor, now: datetime) -> None:
    must(actor, can_keep_calls, _("Đợt mời và tiêu chí do chuyên viên của đơn vị đầu mối soạn."), now)


@transaction.atomic
def rubric_save(
    *, actor: Actor, kind: str, values: Mapping[str, Any], criteria: Sequence[Mapping[str, Any]], now: datetime,
    rubric_id: int | None = None,
) -> TopicRubric:  # fmt: skip
    """Write a draft of a rubric; a published one is never touched: a new version is begun.

    ``values``: title, scoring, tie_break, pass_total, classes, least_sheets. ``criteria``: key, title, most, weight, least,
    anchors. :raises ProgrammeError: numbers that do not fit.
    """
    _keeper(actor, now)
    wanted = CouncilKind(kind)
    rows = criteria_read(TopicCriterion, criteria)
    draft = (
        TopicRubric.objects.select_for_update().filter(pk=rubric_id, published_at=None).first()
        if rubric_id
        else None
    )
    if rubric_id and draft is None:
        raise ProgrammeError(_("Bộ tiêu chí đã công bố không sửa được. Hãy soạn bản mới."))
    if draft is None:
        last = TopicRubric.objects.filter(kind=wanted).aggregate(last=Max("version"))["last"] or 0
        draft = TopicRubric(kind=wanted, version=last + 1, created_at=now, created_by_id=actor_id(actor))
    draft.title = kept_line(values.get("title", ""), 200)
    if not draft.title:
        raise ProgrammeError(_("Hãy đặt tên cho bộ tiêu chí."), field="title")
    draft.scoring = Scoring(values.get("scoring") or Scoring.MEAN)
    draft.tie_break = tie_break_clean(values.get("tie_break", ""))
    draft.pass_total = values.get("pass_total")
    draft.least_sheets = int(values.get("least_sheets") or LEAST_JURORS)
    if not 1 <= draft.least_sheets <= 15:
        raise ProgrammeError(_("Mỗi đề tài cần từ 1 đến 15 phiếu."), field="least_sheets")
    most = sum((one.most * one.weight for one in rows), Decimal(0))
    draft.classes = classes_check(values["classes"], most) if values.get("classes") else []
    if wanted == CouncilKind.ACCEPTANCE and not draft.classes:
        raise ProgrammeError(_("Nghiệm thu cần các mức xếp loại với điểm của từng mức."), field="classes")
    if draft.pass_total is not None and not 0 <= draft.pass_total <= most:
        raise ProgrammeError(_("Điểm đạt phải từ 0 đến tổng điểm tối đa."), field="pass_total")
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError:
        raise StaleError(_("Người khác vừa soạn bản mới. Hãy tải lại trang.")) from None
    draft.criteria.all().delete()
    for one in rows:
        one.rubric = draft
    TopicCriterion.objects.bulk_create(rows)
    after = {"kind": wanted, "version": draft.version, "criteria": [one.key for one in rows]}
    audit_record(actor=actor, action="programmes.topicrubric.save", target=draft, after=after, at=now)
    return draft


@transaction.atomic
def rubric_publish(*, actor: Actor, rubric_id: int, now: datetime) -> TopicRubric:
    """Publish a rubric: from now on it never changes; again changes nothing. By the focal head, never by who wrote it."""
    must(actor, can_publish_call, _("Bộ tiêu chí do trưởng đơn vị đầu mối công bố."), now)
    row = TopicRubric.objects.select_for_update(of=("self",)).get(pk=rubric_id)
    if row.published_at is not None:
        return row
    criteria = list(row.criteria.all())
    if not criteria:
        raise ProgrammeError(_("Bộ tiêu chí chưa có tiêu chí nào."), field="criteria")
    anchors_check(criteria)
    try:
        rubric_of_rules(row, criteria)
    except ValueError as error:
        raise ProgrammeError(
            _("Thứ tự phân định khi bằng điểm phải gồm mã của các tiêu chí."), field="tie_break"
        ) from error
    row.published_at = now
    row.save(update_fields=["published_at"])
    audit_record(
        actor=actor,
        action="programmes.topicrubric.publish",
        target=row,
        after={"version": row.version},
        at=now,
    )
    return row


@transaction.atomic
def call_save(
    *, actor: Actor, key: str, unit: Unit | None, values: Mapping[str, Any], now: datetime, call_id: int | None = None,
    revision: int | None = None, client_key: str = "",
) -> TopicCall:  # fmt: skip
    """Write a call; a published one keeps its rubrics, its task and its ceiling, and its deadline only moves on.

    :raises ProgrammeError: what is missing or does not fit. :raises StaleError: written from another window.
    """
    _keeper(actor, now)
    if call_id is None and client_key:
        first = TopicCall.objects.filter(client_key=client_key[:40]).first()
        if first is not None:
            return first
    row = TopicCall.objects.select_for_update(of=("self",)).filter(pk=call_id).first() if call_id else None
    if row is None:
        if unit is None:
            raise ProgrammeError(_("Hãy chọn đơn vị mời."), field="unit")
        row = TopicCall(
            key=key, unit=unit, created_at=now, created_by_id=actor_id(actor), client_key=client_key[:40]
        )
    elif revision is not None and row.revision != revision:
        raise StaleError(_("Người khác vừa sửa đợt này. Hãy tải lại trang rồi sửa tiếp."))
    elif row.state not in (CallState.DRAFT, CallState.PUBLISHED):
        raise ProgrammeError(_("Đợt này đã kết thúc nên không sửa được."))
    before = snapshot(row, CALL_FIELDS) if row.pk else {}
    _call_fill(row, values)
    _call_check(row, before)
    row.revision += 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ProgrammeError(_("Địa chỉ này đã có đợt khác dùng. Hãy đổi địa chỉ."), field="key") from None
    audit_record(
        actor=actor, action="programmes.topiccall.save", target=row, before=before, after=snapshot(row, CALL_FIELDS), at=now
    )  # fmt: skip
    return row


def _call_fill(row: TopicCall, values: Mapping[str, Any]) -> None:
    fixed = {"task_code", "budget_year", "ceiling_vnd", "appraisal", "acceptance", "opens_at"}
    for name in CALL_FIELDS:
        if name not in values or (row.state == CallState.PUBLISHED and name in fixed):
            continue
        value = values[name]
        most = {"title": 300, "fields": 500, "text": 50_000, "task_code": 40, "contact": 300}.get(name)
        setattr(row, name, kept_text(value, most) if most else value)
    row.folded_title = fold(row.title)[:300]


def _call_check(row: TopicCall, before: Mapping[str, Any]) -> None:
    if not row.title:
        raise ProgrammeError(_("Hãy ghi tên đợt mời."), field="title")
    if row.opens_at is None or row.closes_at is None or row.closes_at <= row.opens_at:
        raise ProgrammeError(_("Hạn nộp phải sau ngày bắt đầu nhận."), field="closes_at")
    if not 2000 <= row.year <= 2100 or not 2000 <= row.budget_year <= 2100:
        raise ProgrammeError(_("Hãy ghi năm bằng bốn chữ số."), field="year")
    ceiling = row.ceiling_vnd
    if ceiling is not None and (not 0 < ceiling <= MOST_AMOUNT or ceiling != ceiling.to_integral_value()):
        raise ProgrammeError(_("Mức trần phải là số đồng chẵn, lớn hơn 0."), field="ceiling_vnd")
    if not 1 <= row.most_months <= 120:
        raise ProgrammeError(_("Thời gian thực hiện từ 1 đến 120 tháng."), field="most_months")
    for name, kind in (("appraisal", CouncilKind.APPRAISAL), ("acceptance", CouncilKind.ACCEPTANCE)):
        rubric = getattr(row, name)
        if rubric is not None and rubric.kind != kind:
            raise ProgrammeError(_("Bộ tiêu chí này không dùng cho hội đồng loại đó."), field=name)
    if row.state == CallState.PUBLISHED:
        closes = before.get("closes_at")
        if closes is not None and row.closes_at < TopicCall.objects.values_list("closes_at", flat=True).get(
            pk=row.pk
        ):
            raise ProgrammeError(_("Đợt đã công bố thì hạn nộp chỉ được lùi ra sau."), field="closes_at")


@transaction.atomic
def call_publish(*, actor: Actor, call_id: int, now: datetime) -> TopicCall:
    """Publish a call; again changes nothing. By the focal head, never by who wrote it."""
    must(actor, can_publish_call, _("Đợt mời do trưởng đơn vị đầu mối công bố."), now)
    row = (
        TopicCall.objects.select_for_update(of=("self",))
        .select_related("appraisal", "acceptance")
        .get(pk=call_id)
    )
    if row.state == CallState.PUBLISHED:
        return row
    if row.state != CallState.DRAFT:
        raise ProgrammeError(_("Đợt này đã kết thúc nên không công bố lại được. Hãy soạn đợt mới."))
    if actor is not None and actor_id(actor) == row.created_by_id:
        raise PermissionDeniedError(_("Người soạn đợt mời không tự công bố. Hãy nhờ người khác."))
    if not row.text:
        raise ProgrammeError(
            _("Hãy ghi nội dung mời: hướng nghiên cứu, điều kiện, hồ sơ cần nộp."), field="text"
        )
    for name in ("appraisal", "acceptance"):
        rubric = getattr(row, name)
        if rubric is None or rubric.published_at is None:
            raise ProgrammeError(
                _("Hãy chọn bộ tiêu chí đã công bố cho xét duyệt và nghiệm thu."), field=name
            )
    if row.closes_at <= now:
        raise ProgrammeError(_("Hạn nộp đã qua. Hãy đặt hạn còn ở phía trước."), field="closes_at")
    row.state, row.published_at, row.published_by_id = CallState.PUBLISHED, now, actor_id(actor)
    row.revision += 1
    row.save(update_fields=["state", "published_at", "published_by", "revision"])
    audit_record(actor=actor, action="programmes.topiccall.publish", target=row, at=now)
    return row


@transaction.atomic
def call_end(*, actor: Actor, call_id: int, reason: str, now: datetime) -> TopicCall:
    """Close a call that was open, or cancel one that nobody answered yet; what was handed in goes on."""
    must(actor, can_publish_call, _("Đợt mời do trưởng đơn vị đầu mối kết thúc."), now)
    row = TopicCall.objects.select_for_update(of=("self",)).get(pk=call_id)
    if row.state in (CallState.CLOSED, CallState.CANCELLED):
        return row
    over = row.state == CallState.PUBLISHED and row.closes_at <= now
    row.end_reason = kept_text(reason, 500) if over else reason_of(reason)[:500]
    answered = row.topics.exclude(submitted_at=None).exists()
    row.state = CallState.CLOSED if over or answered else CallState.CANCELLED
    row.ended_at = now
    row.revision += 1
    row.save(update_fields=["state", "ended_at", "end_reason", "revision"])
    audit_record(actor=actor, action="programmes.topiccall.end", target=row, after={"state": row.state}, reason=row.end_reason, at=now)  # fmt: skip
    return row
