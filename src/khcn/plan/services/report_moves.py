"""A report on its way: the unit's head approves or returns it, the focal unit accepts, returns or reopens it.

Every move is one conditional UPDATE on the state it starts from, so that of two people exactly one makes it.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import datetime_vi, local_date
from khcn.core.errors import PermissionDeniedError
from khcn.orgs.enums import Role
from khcn.orgs.models import User
from khcn.orgs.selectors import authority_for
from khcn.plan.enums import ReportMove, ReportState
from khcn.plan.errors import PlanError, StaleError
from khcn.plan.models import RegimeIndicator, ReportStep, UnitReport
from khcn.plan.selectors.report_rights import responsible_units, rights_on, window_of
from khcn.plan.services.report_items import item_done, item_reopened
from khcn.plan.services.report_mail import tell_writers
from khcn.plan.services.reports import ReportClosedError, closed_words, report_of


class CommentMissingError(PlanError):
    """A report goes back only with a word on why."""

    code = "comment-missing"


def report_content(report: UnitReport, rows: Sequence[RegimeIndicator] | None = None) -> dict[str, Any]:
    """Return what a report says as plain JSON: figures, texts and files, as they are sent.

    :param rows: the rows of the form with their indicators, where a caller has them for many reports.
    """
    figures = {row.indicator_id: row for row in report.figures.all()}
    regime = report.period.regime
    form = regime.indicators.select_related("indicator") if rows is None else rows
    return {
        "unit": report.unit_name,
        "regime": regime.title,
        "period": report.period.code,
        "figures": [
            {
                "code": one.indicator.code,
                "title": one.indicator.title,
                "unit": one.indicator.unit,
                "value": _text(figures[one.indicator_id].value if one.indicator_id in figures else None),
                "computed": _text(
                    figures[one.indicator_id].computed if one.indicator_id in figures else None
                ),
                "reason": figures[one.indicator_id].reason if one.indicator_id in figures else "",
            }
            for one in form
        ],
        "texts": [
            {"title": row.heading.title, "text": row.text}
            for row in report.texts.select_related("heading").order_by("heading__order")
        ],
        "files": [{"title": row.title, "sha256": row.sha256, "size": row.size} for row in report.files.all()],
    }


def _text(value: Any) -> str | None:
    """Return a number without meaningless zeros, the same on both databases."""
    if value is None:
        return None
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def content_digest(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a report's canonical JSON (sorted keys, no blanks, UTF-8)."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def report_approve(*, actor: Actor, report_id: int, revision: int, now: datetime) -> UnitReport:
    """The head of the unit approves, which sends the report to the focal unit: the moment that counts.

    :param revision: as the head read it.
    :raises PermissionDeniedError: not the head, or the head's own writing.
    :raises ReportClosedError: the deadline is past and nobody granted an exception.
    :raises StaleError: the report is no longer as it was read.
    """
    with transaction.atomic():
        report = report_of(report_id)
        on_behalf = _head(actor, report, now)
        if not window_of(report, now).is_open(now):
            raise ReportClosedError(closed_words(report))
        content = report_content(report)
        digest = content_digest(content)
        _move(
            report, [ReportState.SUBMITTED], now, revision=revision, state=ReportState.APPROVED,
            approved_by=actor_id(actor), submitted_at=Coalesce(F("submitted_at"), now), content_hash=digest, comment="",
        )  # fmt: skip
        ReportStep.objects.create(
            report=report, move=ReportMove.APPROVED, by_id=actor_id(actor), at=now, content=content, content_hash=digest
        )  # fmt: skip
        report = report_of(report_id)
        audit_record(
            actor=actor, action="plan.report.approve", target=report, on_behalf_of=on_behalf, at=now,
            after={"state": report.state, "sha256": digest},
        )  # fmt: skip
    return report


def _head(actor: Actor, report: UnitReport, now: datetime) -> User | None:
    """Return in whose place the actor approves; raise unless the actor is a head and did not write it."""
    rights = rights_on(actor, report, local_date(now))
    if not rights.approve:
        raise PermissionDeniedError(_("Báo cáo của đơn vị do thủ trưởng đơn vị duyệt. Hãy chờ thủ trưởng."))
    if rights.own:
        raise PermissionDeniedError(
            _(
                "Bạn là người lập hoặc gửi báo cáo này nên không tự duyệt được. Hãy nhờ cấp phó hoặc người được ủy quyền duyệt."
            )
        )
    if actor is None:
        return None
    for unit in sorted(responsible_units(report, local_date(now))):
        found = authority_for(actor, local_date(now), {Role.UNIT_HEAD}, unit_id=unit)
        if found is not None:
            return found.on_behalf_of
    return None


def report_return(*, actor: Actor, report_id: int, comment: str, now: datetime) -> UnitReport:
    """Send a report back to be corrected: its head before it goes out, the focal unit when it has come in.

    :raises CommentMissingError: without a word on why.
    :raises PermissionDeniedError: neither.
    :raises StaleError: it has moved on meanwhile.
    """
    with transaction.atomic():
        report = report_of(report_id)
        rights = rights_on(actor, report, local_date(now))
        starts = [ReportState.SUBMITTED] if rights.approve else []
        starts += [ReportState.APPROVED] if rights.accept else []
        if not starts:
            raise PermissionDeniedError(_("Chỉ thủ trưởng đơn vị hoặc đơn vị đầu mối trả lại được báo cáo."))
        return _send_back(report, starts, ReportMove.RETURNED, actor=actor, comment=comment, now=now)


def report_reopen(*, actor: Actor, report_id: int, comment: str, now: datetime) -> UnitReport:
    """Open an accepted report again, to have it corrected. What was issued with it stays as it was.

    :raises CommentMissingError: see :func:`report_return`; likewise the others.
    """
    with transaction.atomic():
        report = report_of(report_id)
        if not rights_on(actor, report, local_date(now)).accept:
            raise PermissionDeniedError(_("Chỉ đơn vị đầu mối mở lại được báo cáo đã tiếp nhận."))
        back = _send_back(
            report, [ReportState.ACCEPTED], ReportMove.REOPENED, actor=actor, comment=comment, now=now
        )
        item_reopened(back, now)
        return back


def _send_back(
    report: UnitReport, starts: Sequence[str], move: ReportMove, *, actor: Actor, comment: str, now: datetime
) -> UnitReport:
    words = " ".join(comment.split())[:1000]
    if not words:
        raise CommentMissingError(_("Hãy ghi cần sửa chỗ nào, để đơn vị biết mà sửa."))
    _move(report, starts, now, state=ReportState.RETURNED, comment=words, accepted_by=None, accepted_at=None)
    ReportStep.objects.create(report=report, move=move, by_id=actor_id(actor), at=now, comment=words)
    fresh = report_of(report.pk)
    action = "plan.report.return" if move == ReportMove.RETURNED else "plan.report.reopen"
    audit_record(actor=actor, action=action, target=fresh, after={"state": fresh.state}, reason=words, at=now)
    tell_writers(fresh, returned=True, now=now)
    return fresh


def report_accept(*, actor: Actor, report_id: int, now: datetime, comment: str = "") -> UnitReport:
    """The focal unit accepts a report; the unit's task of reporting is done.

    :raises PermissionDeniedError: not of the focal unit.
    :raises StaleError: it was returned or accepted meanwhile.
    """
    with transaction.atomic():
        report = report_of(report_id)
        if not rights_on(actor, report, local_date(now)).accept:
            raise PermissionDeniedError(_("Báo cáo do đơn vị đầu mối tiếp nhận."))
        _move(
            report, [ReportState.APPROVED], now, state=ReportState.ACCEPTED, accepted_by=actor_id(actor), accepted_at=now,
            comment=" ".join(comment.split())[:1000],
        )  # fmt: skip
        ReportStep.objects.create(
            report=report, move=ReportMove.ACCEPTED, by_id=actor_id(actor), at=now, comment=comment[:1000]
        )
        fresh = report_of(report_id)
        item_done(fresh, now)
        audit_record(
            actor=actor, action="plan.report.accept", target=fresh, after={"state": fresh.state}, at=now
        )
        tell_writers(fresh, returned=False, now=now)
    return fresh


def reports_accept(*, actor: Actor, report_ids: Sequence[int], now: datetime) -> tuple[int, int]:
    """Accept several reports; return how many were accepted and how many had moved on meanwhile."""
    accepted = gone = 0
    for report_id in dict.fromkeys(report_ids):
        try:
            report_accept(actor=actor, report_id=report_id, now=now)
            accepted += 1
        except StaleError:
            gone += 1
    return accepted, gone


def _move(
    report: UnitReport, starts: Sequence[str], now: datetime, *, revision: int | None = None, **fields: Any
) -> None:
    """Make a move from one of ``starts``. :raises StaleError: somebody else has moved it."""
    rows = UnitReport.objects.filter(pk=report.pk, state__in=starts)
    if revision is not None:
        rows = rows.filter(revision=revision)
    if rows.update(revision=F("revision") + 1, updated_at=now, **fields):
        return
    fresh = report_of(report.pk)
    raise StaleError(
        _(
            "Báo cáo này vừa đổi sang “%(state)s” lúc %(when)s nên chưa làm gì thêm. Hãy xem lại rồi quyết định."
        )
        % {"state": fresh.get_state_display(), "when": datetime_vi(fresh.updated_at)}
    )
