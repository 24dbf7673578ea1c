"""Reminders in working hours, once, to the right people; the table of who reported when."""

from datetime import UTC, datetime, timedelta

import pytest

from khcn.core.enums import Channel
from khcn.core.models.audit import AuditEvent
from khcn.core.models.outbox import Message
from khcn.orgs.enums import Role
from khcn.orgs.models import Unit
from khcn.plan.chasing_words import zalo_text
from khcn.plan.enums import ReportState, Rung
from khcn.plan.models import Reminder, ReportException, ReportPeriod, UnitReport
from khcn.plan.rules.chasing import Timeliness
from khcn.plan.selectors.chasing import Asked, period_table, reporting_rates
from khcn.plan.services.chasing import reminders_send
from tests.orgs.factories import give_role, make_unit, make_user
from tests.plan.factories import make_period, make_regime, make_report

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    """Return a moment of 2026 in Viet Nam: ``05-25 09:00``."""
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}:00+07:00")


class Waiting:
    """One ward with a reporter and a head that owes a report by Monday, 1 June 2026."""

    def __init__(self, name: str = "Phường 9") -> None:
        self.unit = make_unit(name)
        self.reporter, self.head = make_user(), make_user()
        give_role(self.reporter, Role.UNIT_REPORTER, self.unit)
        give_role(self.head, Role.UNIT_HEAD, self.unit)
        self.period = make_period(make_regime([self.unit]), opened_at=at("05-01 08:00"))
        self.period.refresh_from_db()
        self.report = make_report(self.period, self.unit)

    def told(self) -> list[tuple[str, str]]:
        """Return who got what on the desk, in order."""
        names = {self.reporter.pk: "reporter", self.head.pk: "head"}
        rows = Message.objects.filter(channel=Channel.DESK).order_by("pk")
        return [(names[row.user_id], row.subject.split(":")[0]) for row in rows]


def rungs() -> list[str]:
    return list(Reminder.objects.order_by("pk").values_list("rung", flat=True))


def test_the_ladder_climbs_once_a_rung() -> None:
    story = Waiting()
    moment = at("05-04 08:00")  # the period opened on a holiday
    while moment < at("06-20 18:00"):
        reminders_send(moment)
        moment += timedelta(hours=3)
    assert rungs() == ["opened", "week", "day", "late", "head"]
    sent = [row.sent_at.astimezone(at("05-01 08:00").tzinfo) for row in Reminder.objects.order_by("pk")]
    assert [f"{one:%d/%m}" for one in sent] == ["04/05", "25/05", "29/05", "02/06", "04/06"]
    assert all(7.5 <= one.hour + one.minute / 60 < 17 for one in sent)
    assert [who for who, _what in story.told()] == ["reporter"] * 4 + ["head", "reporter"]


@pytest.mark.parametrize(
    "moment",
    ["05-25 23:00", "05-26 03:00", "05-30 09:00", "05-31 09:00", "05-25 06:59", "05-25 12:00", "05-25 17:00"],
)
def test_never_at_night_at_noon_or_at_weekends(moment: str) -> None:
    Waiting()
    assert reminders_send(at(moment)).reminders == 0
    assert Message.objects.count() == 0


def test_never_on_a_holiday() -> None:
    story = Waiting()
    ReportPeriod.objects.filter(pk=story.period.pk).update(
        cutoff=at("08-20 00:00").date(), due=at("09-03 00:00").date(), opens_on=at("08-03 00:00").date()
    )
    Reminder.objects.create(report=story.report, rung=Rung.WEEK, sent_at=at("08-25 08:00"))
    assert reminders_send(at("09-02 09:00")).reminders == 0  # National Day, the last day but one
    assert [period.due for period in ReportPeriod.objects.all()] == [at("09-03 00:00").date()]


def test_after_days_without_a_worker_one_word_is_enough() -> None:
    Waiting()
    assert reminders_send(at("06-10 09:00")).reminders == 1
    assert rungs() == ["head"]


def test_mail_waits_for_working_hours_and_carries_the_link() -> None:
    story = Waiting()
    reminders_send(at("05-25 09:00"))
    mail = Message.objects.get(channel=Channel.MAIL)
    assert (mail.recipient, mail.office_hours) == (story.reporter.email, True)
    assert mail.link.endswith(f"/bao-cao/{story.report.pk}/")
    assert AuditEvent.objects.get(action="plan.reminder.send").count == 1


def test_a_person_without_address_reads_it_on_the_desk() -> None:
    story = Waiting()
    story.reporter.email = ""
    story.reporter.save()
    assert reminders_send(at("05-25 09:00")).people == 1
    assert not Message.objects.filter(channel=Channel.MAIL).exists()


def test_a_unit_without_people_is_shown_not_forgotten() -> None:
    story = Waiting()
    story.report.unit.memberships.all().delete()
    assert reminders_send(at("05-25 09:00")).people == 0
    table = period_table(story.period, at("05-25 10:00"))
    assert [row.people for row in table.stands[0].reminders] == [0]


@pytest.mark.parametrize("state", [ReportState.APPROVED, ReportState.ACCEPTED])
def test_who_sent_is_left_alone(state: ReportState) -> None:
    story = Waiting()
    UnitReport.objects.filter(pk=story.report.pk).update(state=state, submitted_at=at("05-20 09:00"))
    assert reminders_send(at("05-29 09:00")).reminders == 0


def test_the_returned_and_the_excused_are_left_alone() -> None:
    story = Waiting()
    reports = UnitReport.objects.filter(pk=story.report.pk)
    reports.update(state=ReportState.RETURNED, submitted_at=at("05-20 09:00"))
    assert reminders_send(at("06-02 09:00")).reminders == 0
    reports.update(state=ReportState.EXPECTED, submitted_at=None, excused="Giải thể")
    assert reminders_send(at("06-02 09:00")).reminders == 0


def test_a_report_that_waits_for_its_head_reminds_the_head() -> None:
    story = Waiting()
    UnitReport.objects.filter(pk=story.report.pk).update(state=ReportState.SUBMITTED)
    reminders_send(at("05-29 09:00"))
    assert [who for who, _what in story.told()] == ["head"]


def test_closed_periods_and_regimes_out_of_use_are_quiet() -> None:
    story = Waiting()
    ReportPeriod.objects.update(closed_at=at("05-20 09:00"))
    assert reminders_send(at("05-29 09:00")).reminders == 0
    ReportPeriod.objects.update(closed_at=None)
    story.period.regime.is_active = False
    story.period.regime.save()
    assert reminders_send(at("05-29 09:00")).reminders == 0


def test_an_exception_puts_lateness_off() -> None:
    story = Waiting()
    ReportException.objects.create(
        report=story.report, until=at("06-03 00:00").date(), reason="Mất điện", granted_at=at("06-01 09:00")
    )
    reminders_send(at("06-02 09:00"))
    assert rungs() == ["day"]
    reminders_send(at("06-04 09:00"))
    assert rungs() == ["day", "late"]


# The table


def wards(count: int) -> tuple[ReportPeriod, list[Unit]]:
    units = [make_unit(f"Phường {number:02d}", order=number) for number in range(1, count + 1)]
    period = make_period(make_regime(units), opened_at=at("05-01 08:00"))
    period.refresh_from_db()
    return period, units


def test_the_table_counts_as_the_journey_says() -> None:
    """21 expected: 15 in time, 2 late (one by an exception), 4 missing."""
    period, units = wards(21)
    for place, unit in enumerate(units):
        if place < 17:
            when = at("05-29 09:00") if place < 15 else at("06-02 10:00")
            report = make_report(period, unit, state=ReportState.ACCEPTED, submitted_at=when)
            if place == 16:
                ReportException.objects.create(
                    report=report,
                    until=at("06-03 00:00").date(),
                    reason="Mất điện",
                    granted_at=at("06-02 08:00"),
                )
        else:
            make_report(period, unit)
    found = period_table(period, at("06-02 12:00"))
    counts = found.tally
    assert (counts.expected, counts.received, counts.on_time, counts.late, counts.missing, counts.exceptions) == (
        21, 17, 15, 2, 4, 1,
    )  # fmt: skip
    assert found.stands[16].time == Timeliness.LATE
    assert found.stands[16].until_reason == "Mất điện"
    text = zalo_text(found, at("06-02 12:00"))
    assert "17/21" in text
    assert text.splitlines()[-4:] == ["- Phường 18", "- Phường 19", "- Phường 20", "- Phường 21"]


def test_nobody_late_nothing_to_paste() -> None:
    period, units = wards(1)
    make_report(period, units[0], state=ReportState.ACCEPTED, submitted_at=at("05-29 09:00"))
    assert zalo_text(period_table(period, at("06-02 12:00")), at("06-02 12:00")) == ""


def test_history_and_ranking() -> None:
    period, units = wards(3)
    before = ReportPeriod.objects.create(
        regime=period.regime, code="2025-H2", title="Kỳ 2025-H2", starts_on="2025-06-01", cutoff="2025-11-25",
        opens_on="2025-11-01", due="2025-12-01", opened_at=datetime(2025, 11, 1, tzinfo=UTC),
        created_at=datetime(2025, 11, 1, tzinfo=UTC),
    )  # fmt: skip
    in_time, late = datetime(2025, 11, 28, 3, tzinfo=UTC), datetime(2025, 12, 3, 3, tzinfo=UTC)
    for place, (then, now) in enumerate(
        [(in_time, at("05-29 09:00")), (late, at("05-29 09:00")), (None, None)]
    ):
        for one, when in ((before, then), (period, now)):
            state = ReportState.ACCEPTED if when else ReportState.EXPECTED
            make_report(one, units[place], state=state, submitted_at=when)
    table = period_table(period, at("06-02 12:00"))
    assert [[past.time for past in one.history] for one in table.stands] == [
        [Timeliness.ON_TIME], [Timeliness.LATE], [Timeliness.MISSING],
    ]  # fmt: skip
    found = reporting_rates(Asked(), at("06-02 12:00"))
    assert [(one.period.code, one.tally.on_time, one.tally.expected) for one in found.periods] == [
        ("2026-H1", 2, 3), ("2025-H2", 1, 3),
    ]  # fmt: skip
    assert [(one.name, one.place, one.tally.on_time) for one in found.units] == [
        ("Phường 01", 1, 2), ("Phường 02", 2, 1), ("Phường 03", 3, 0),
    ]  # fmt: skip
    assert [one.period.code for one in reporting_rates(Asked(year=2025), at("06-02 12:00")).periods] == [
        "2025-H2"
    ]


def test_the_table_reads_in_a_few_queries(django_assert_max_num_queries: object) -> None:
    period, units = wards(15)
    for unit in units:
        make_report(period, unit)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        period_table(period, at("06-02 12:00"))
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        reporting_rates(Asked(), at("06-02 12:00"))
