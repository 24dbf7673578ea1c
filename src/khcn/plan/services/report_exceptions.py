"""Exceptions: a closed form reopened for one unit by the head of the focal unit, and units that owe nothing."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import date_vi, local_date
from khcn.core.errors import PermissionDeniedError
from khcn.orgs.enums import Role
from khcn.plan.enums import REPORT_EDITABLE, ReportState
from khcn.plan.errors import PlanError, StaleError
from khcn.plan.models import ReportException, UnitReport
from khcn.plan.permissions import acting, can_accept_reports, can_grant_exceptions
from khcn.plan.selectors.report_rights import responsible_units
from khcn.plan.services.report_mail import people_of, report_address, tell
from khcn.plan.services.reports import report_of

LONGEST_DAYS = 60  # an exception is a short delay, not a new period


class ExceptionRefusedError(PlanError):
    """An exception that cannot be granted as asked. ``item``: the field."""

    code = "exception"

    def __init__(self, message: str, item: str = "") -> None:
        super().__init__(message)
        self.item = item


def exception_grant(
    *, actor: Actor, report_id: int, until: date, reason: str, now: datetime
) -> ReportException:
    """Let one unit hand in until the end of ``until``. It counts as late all the same, and everybody sees why.

    :raises PermissionDeniedError: not the head of the focal unit.
    :raises ExceptionRefusedError: no reason; a day that is past, before the deadline, or far away.
    """
    today = local_date(now)
    if not can_grant_exceptions(acting(actor, today)):
        raise PermissionDeniedError(_("Chỉ lãnh đạo đơn vị đầu mối cho phép nộp muộn."))
    words = " ".join(reason.split())[:500]
    if not words:
        raise ExceptionRefusedError(
            _("Hãy ghi lý do cho nộp muộn; lý do hiện trong bảng theo dõi."), "reason"
        )
    with transaction.atomic():
        report = report_of(report_id)
        if report.state == ReportState.ACCEPTED:
            raise StaleError(_("Báo cáo này đã được tiếp nhận, không cần cho nộp muộn."))
        first = max(today, report.period.due) if report.period.closed_at is None else today
        if until < first or (until - today).days > LONGEST_DAYS:
            raise ExceptionRefusedError(
                _("Ngày cuối phải từ %(first)s và không quá %(days)s ngày kể từ hôm nay.")
                % {"first": date_vi(first), "days": LONGEST_DAYS},
                "until",
            )
        granted = ReportException.objects.create(
            report=report, until=until, reason=words, granted_by_id=actor_id(actor), granted_at=now
        )
        audit_record(
            actor=actor, action="plan.report.exception", target=report, after={"until": until}, reason=words, at=now
        )  # fmt: skip
        units = responsible_units(report, today)
        tell(
            people_of(units, {Role.UNIT_REPORTER, Role.UNIT_HEAD}, now),
            subject=_("Được nộp báo cáo muộn đến hết ngày %(until)s") % {"until": date_vi(until)},
            body=_("Báo cáo “%(period)s” của %(unit)s được nộp đến hết ngày %(until)s. Lý do: %(reason)s")
            % {"period": report.period.title, "unit": report.unit_name, "until": date_vi(until), "reason": words},
            link=report_address(report), key=f"plan.report.exception:{granted.pk}", now=now,
        )  # fmt: skip
    return granted


def exception_end(*, actor: Actor, exception_id: int, now: datetime) -> bool:
    """Take an exception back; return whether it was in force."""
    if not can_grant_exceptions(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Chỉ lãnh đạo đơn vị đầu mối rút lại việc cho nộp muộn."))
    with transaction.atomic():
        ended = ReportException.objects.filter(pk=exception_id, ended_at__isnull=True).update(ended_at=now)
        if ended:
            found = ReportException.objects.select_related("report").get(pk=exception_id)
            audit_record(
                actor=actor, action="plan.report.exception_end", target=found.report, after={"until": found.until}, at=now
            )  # fmt: skip
    return bool(ended)


def report_excuse(*, actor: Actor, report_id: int, reason: str, now: datetime) -> UnitReport:
    """Decide that a unit owes nothing for this period (dissolved in its middle ...); an empty ``reason`` takes it back.

    :raises PermissionDeniedError: not of the focal unit.
    :raises StaleError: it has come in meanwhile.
    """
    if not can_accept_reports(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Việc miễn báo cáo do đơn vị đầu mối quyết định."))
    words = " ".join(reason.split())[:300]
    with transaction.atomic():
        rows = UnitReport.objects.filter(pk=report_id, state__in=REPORT_EDITABLE)
        if not rows.update(excused=words, updated_at=now):
            raise StaleError(_("Báo cáo này đã được gửi nên không miễn được nữa. Hãy xem lại."))
        report = report_of(report_id)
        action = "plan.report.excuse" if words else "plan.report.unexcuse"
        audit_record(actor=actor, action=action, target=report, reason=words, at=now)
    return report
