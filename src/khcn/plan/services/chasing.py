"""The reminder ladder: in working hours, by mail and on the desk, never twice, caught up without a flood."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.urls import reverse

from khcn.core.audit import audit_batch
from khcn.core.calendar.rules import WorkingCalendar
from khcn.core.calendar.selectors import working_calendar
from khcn.core.enums import Channel
from khcn.core.outbox.rules import RecipientError
from khcn.core.outbox.services import message_send
from khcn.orgs.enums import Role
from khcn.orgs.models import User
from khcn.orgs.selectors import successors_on
from khcn.plan.chasing_words import Words, reminder_words
from khcn.plan.enums import ReportState, Rung
from khcn.plan.models import Reminder, ReportPeriod, UnitReport
from khcn.plan.rules.chasing import rung_days, rung_due
from khcn.plan.rules.standing import local_day
from khcn.plan.selectors.chasing import periods_running, waiting_reports
from khcn.plan.selectors.people import holders_by_unit

_ROLES = (Role.UNIT_REPORTER, Role.UNIT_HEAD)


@dataclass(frozen=True)
class Round:
    """What one round did: reminders, and people written to."""

    reminders: int = 0
    people: int = 0


def reminders_send(now: datetime) -> Round:
    """Send every reminder that is due, the newest rung of each report only. A periodic duty; any number of workers may
    call it, each rung of a report goes out once.

    Outside working hours nothing happens: the next tick in working hours sends it.
    """
    on = local_day(now)
    calendar = working_calendar(range(on.year - 1, on.year + 2))
    if calendar.next_working_moment(now) > now:
        return Round()
    done = [_remind(period, calendar, now) for period in periods_running(now)]
    return Round(sum(one.reminders for one in done), sum(one.people for one in done))


def _end_of(report: UnitReport, due: date) -> date:
    """Return the last day on which a unit may send."""
    until = [row.until for row in report.exceptions.all() if row.ended_at is None]
    return max([due, *until])


def _remind(period: ReportPeriod, calendar: WorkingCalendar, now: datetime) -> Round:
    on = local_day(now)
    due: list[tuple[UnitReport, Rung]] = []
    for report in waiting_reports(period):
        end = _end_of(report, period.due)
        days = rung_days(opens_on=period.opens_on, due=period.due, calendar=calendar, until=end)
        sent = [row.rung for row in report.reminders.all()]
        rung = rung_due(days, on=on, sent=sent, opens_on=period.opens_on)
        if rung is not None:
            due.append((report, rung))
    if not due:
        return Round()
    people = _people_by_unit([report for report, _rung in due], on)
    counts = [
        _send(report, rung, _addressees(people[report.unit_id], report, rung), now) for report, rung in due
    ]
    sent_counts = [count for count in counts if count is not None]
    if sent_counts:
        audit_batch(
            actor=None,
            action="plan.reminder.send",
            count=len(sent_counts),
            summary={"period": period.code, "reminders": len(sent_counts), "people": sum(sent_counts)},
            at=now,
        )
    return Round(len(sent_counts), sum(sent_counts))


def _people_by_unit(reports: Sequence[UnitReport], on: date) -> Mapping[int, Mapping[Role, list[User]]]:
    """Return the people of each unit; of a unit that closed, the people of those that carry on its work."""
    followers: dict[int, Collection[int]] = {
        report.unit_id: [report.unit_id] if report.unit.in_force(on) else successors_on(report.unit, on)
        for report in reports
    }
    every = {unit for units in followers.values() for unit in units}
    held = holders_by_unit(every, _ROLES, on)
    return {
        unit: {role: [person for one in units for person in held[one].get(role, [])] for role in _ROLES}
        for unit, units in followers.items()
    }


def _addressees(people: Mapping[Role, list[User]], report: UnitReport, rung: Rung) -> list[User]:
    """Whom a reminder goes to: reporters; the head too when the unit is late, or when the report waits for the head."""
    reporters, heads = people[Role.UNIT_REPORTER], people[Role.UNIT_HEAD]
    if report.state == ReportState.SUBMITTED:
        chosen = heads or reporters
    elif rung == Rung.HEAD:
        chosen = [*heads, *reporters]
    else:
        chosen = reporters or heads
    return list({person.pk: person for person in chosen}.values())


def _send(report: UnitReport, rung: Rung, people: Sequence[User], now: datetime) -> int | None:
    """Send one reminder; return how many people got it, ``None`` when another worker was quicker."""
    words = reminder_words(report, rung, end=_end_of(report, report.period.due))
    try:
        with transaction.atomic():
            Reminder.objects.create(report=report, rung=rung, sent_at=now, people=len(people))
            for person in people:
                _write(person, report, rung, words, now)
    except IntegrityError:
        return None
    return len(people)


def _write(person: User, report: UnitReport, rung: Rung, words: Words, now: datetime) -> None:
    link = reverse("plan-desk:report", args=[report.pk])
    key = f"plan.reminder:{report.pk}:{rung.value}:{person.pk}"
    message_send(
        channel=Channel.DESK, user=person, subject=words.subject, body=words.body, link=link, now=now,
        dedupe_key=f"{key}:desk",
    )  # fmt: skip
    try:
        message_send(
            channel=Channel.MAIL, user=person, subject=words.subject, body=words.body, link=link, now=now,
            dedupe_key=f"{key}:mail", office_hours=True,
        )  # fmt: skip
    except RecipientError:  # nobody gave an address: the desk has it
        return
