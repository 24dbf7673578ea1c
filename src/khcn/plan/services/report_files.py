"""Attachments of a report: kept whole and private, part of what is sent."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.private_files import PAPERS, PICTURES, Drawer, Upload
from khcn.plan.enums import REPORT_EDITABLE
from khcn.plan.errors import PlanError, StaleError
from khcn.plan.models import ReportFile, UnitReport
from khcn.plan.selectors.report_rights import rights_on
from khcn.plan.services.reports import report_of, writers_only

DRAWER: Final = Drawer("plan/reports", PAPERS | PICTURES)
MOST_FILES: Final = 20


class TooManyFilesError(PlanError):
    """More attachments than a report takes."""

    code = "too-many-files"


def report_file_add(*, actor: Actor, report_id: int, file: Upload, now: datetime) -> ReportFile:
    """Attach a file while the report may be written.

    :raises khcn.core.private_files.FileRefusedError: a kind or size that is not kept.
    :raises StaleError: the report is locked.
    """
    report = report_of(report_id)
    writers_only(rights_on(actor, report, local_date(now)))
    _check_open(report)
    if report.files.count() >= MOST_FILES:
        raise TooManyFilesError(
            _("Báo cáo có tối đa %(most)s tệp kèm. Hãy gộp bớt rồi gửi lại.") % {"most": MOST_FILES}
        )
    kept = DRAWER.keep(file)
    try:
        with transaction.atomic():
            _hold(report)
            row = ReportFile.objects.create(
                report=report, title=kept.title[:200], file=kept.name, sha256=kept.sha256, size=kept.size,
                added_by_id=actor_id(actor), added_at=now,
            )  # fmt: skip
            audit_record(
                actor=actor, action="plan.report.file_add", target=report, at=now,
                after={"title": row.title, "sha256": row.sha256},
            )  # fmt: skip
    except BaseException:
        DRAWER.drop(kept.name)
        raise
    return row


def report_file_remove(*, actor: Actor, file_id: int, now: datetime) -> UnitReport:
    """Take an attachment away while the report may be written; the file goes when the deed is kept.

    :raises StaleError: the report is locked, or the file is gone already.
    """
    row = ReportFile.objects.filter(pk=file_id).first()
    if row is None:
        raise StaleError(_("Tệp này đã được bỏ trước đó."))
    report = report_of(row.report_id)
    writers_only(rights_on(actor, report, local_date(now)))
    _check_open(report)
    with transaction.atomic():
        _hold(report)
        audit_record(
            actor=actor, action="plan.report.file_remove", target=report, at=now,
            before={"title": row.title, "sha256": row.sha256},
        )  # fmt: skip
        row.delete()
        transaction.on_commit(lambda: _drop_unless_sent(report.pk, row.sha256, row.file))
    return report


def _drop_unless_sent(report_id: int, sha256: str, name: str) -> None:
    """Delete a file unless an earlier sending of the report names it: what was sent stays whole."""
    report = UnitReport.objects.get(pk=report_id)
    sent = report.moves.exclude(content_hash="").values_list("content", flat=True)
    if not any(one.get("sha256") == sha256 for content in sent for one in content.get("files", ())):
        DRAWER.drop(name)


def _check_open(report: UnitReport) -> None:
    if report.state not in REPORT_EDITABLE or report.excused:
        raise StaleError(_("Báo cáo đã gửi hoặc không phải nộp nên không đổi tệp kèm được nữa."))


def _hold(report: UnitReport) -> None:
    """Attachments do not make a new revision (a form that is open stays valid), but never change a locked report."""
    if not UnitReport.objects.filter(pk=report.pk, state__in=REPORT_EDITABLE).update(
        updated_at=F("updated_at")
    ):
        raise StaleError(_("Báo cáo vừa được gửi nên không đổi tệp kèm được nữa."))
