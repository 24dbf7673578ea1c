"""Ad hoc requests: a regime is copied from a template, one period, chosen units, and everybody is told at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.calendar.selectors import working_calendar_around
from khcn.core.dates import date_vi, local_date, weekday_vi
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, Unit, User
from khcn.plan.enums import RegimeKind, Rung
from khcn.plan.models import Regime, Reminder, ReportPeriod, UnitReport
from khcn.plan.rules.deadlines import PeriodDays
from khcn.plan.services.periods import check_period_days, period_create, period_open
from khcn.plan.services.regimes import RegimeError, RegimeFacts, officers_only, regime_create, regime_form
from khcn.plan.services.report_mail import report_address, tell

USUAL_DAYS = 2  # working days to answer


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that went out: to how many units and people. ``unreached``: units in which nobody has an account."""

    period: ReportPeriod
    units: int
    people: int
    unreached: Sequence[str]


def usual_due(today: date) -> date:
    """Return the deadline to propose for a request of today."""
    return working_calendar_around(today).add_working_days(today, USUAL_DAYS)


def ad_hoc_request(
    *,
    actor: Actor,
    template: Regime,
    title: str,
    request: str,
    units: Sequence[Unit],
    starts_on: date,
    cutoff: date,
    due: date,
    now: datetime,
) -> Sent:
    """Ask units for a report outside the calendar: form of ``template``, opened and told at once.

    :raises khcn.plan.services.periods.PeriodDaysError: less than one working day between cut-off and deadline ...
    :raises RegimeError: no title, no unit, no request.
    """
    officers_only(actor, now)
    today = local_date(now)
    days = PeriodDays(starts_on, cutoff, min(today, due), due)
    check_period_days(days)
    if due < today:
        raise RegimeError(_("Hạn đã qua. Hãy chọn hạn từ hôm nay trở đi."), "due")
    if not request.strip():
        raise RegimeError(_("Hãy ghi cần báo cáo nội dung gì."), "request")
    with transaction.atomic():
        list(
            Regime.objects.select_for_update().order_by("pk")[:1]
        )  # requests take their codes one after the other
        facts = RegimeFacts(
            title=title, receiver=template.receiver, kind=RegimeKind.AD_HOC, content=template.content, basis=template.basis,
            sent_by=template.sent_by, addressed_to=template.addressed_to, superior=template.superior, plan=template.plan,
        )  # fmt: skip
        regime = regime_create(actor=actor, facts=facts, form=regime_form(template), reporters=units, now=now)
        period = period_create(
            actor=actor,
            regime=regime,
            code=_free_code(today.year),
            title=title,
            days=days,
            now=now,
            request=request,
        )
        period_open(actor=actor, period=period, now=now)
        sent = _tell(period, now)
        audit_record(
            actor=actor, action="plan.period.request", target=period, after={"units": sent.units, "people": sent.people}, at=now
        )  # fmt: skip
    return sent


def _free_code(year: int) -> str:
    taken = set(ReportPeriod.objects.filter(code__startswith=f"{year}-DX").values_list("code", flat=True))
    return next(code for number in range(1, 10_000) if (code := f"{year}-DX{number}") not in taken)


def _tell(period: ReportPeriod, now: datetime) -> Sent:
    reports = list(UnitReport.objects.filter(period=period).select_related("unit"))
    held = Membership.objects.in_force(local_date(now)).filter(
        unit__in=[report.unit_id for report in reports], role__in=[Role.UNIT_REPORTER, Role.UNIT_HEAD]
    )
    by_unit: dict[int, set[int]] = {}
    for unit_id, user_id in held.values_list("unit_id", "user_id"):
        by_unit.setdefault(unit_id, set()).add(user_id)
    people = User.objects.filter(
        pk__in={pk for ids in by_unit.values() for pk in ids}, is_active=True
    ).in_bulk()
    told, unreached, reminders = 0, [], []
    for report in reports:
        own = [people[pk] for pk in sorted(by_unit.get(report.unit_id, ())) if pk in people]
        if not own:
            unreached.append(report.unit_name)
        told += tell(
            own,
            subject=_("Yêu cầu báo cáo đột xuất: %(title)s") % {"title": period.title},
            body=request_text(period, address=report_address(report)),
            link=report_address(report), key=f"plan.request:{report.pk}", now=now,
        )  # fmt: skip
        # The ladder of reminders begins with this word, so it is not said twice.
        reminders.append(Reminder(report=report, rung=Rung.OPENED, sent_at=now, people=len(own)))
    Reminder.objects.bulk_create(reminders, ignore_conflicts=True)
    return Sent(period, len(reports), told, unreached)


def request_text(period: ReportPeriod, *, address: str = "") -> str:
    """Return the request as a text to send or to paste into a chat. ``address``: where to report."""
    lines = [
        _("ĐỀ NGHỊ BÁO CÁO: %(title)s") % {"title": period.title},
        period.request.strip(),
        _("Số liệu từ %(start)s đến hết %(cutoff)s.")
        % {"start": date_vi(period.starts_on), "cutoff": date_vi(period.cutoff)},
        _("Hạn: hết %(weekday)s ngày %(due)s.")
        % {"weekday": weekday_vi(period.due), "due": date_vi(period.due)},
        _("Nộp tại: %(address)s") % {"address": address or reverse("plan-desk:reports")},
    ]
    return "\n".join(line for line in lines if line)
