"""The yearly survey and proposals to send people to courses, from the first draft to the record."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from khcn.core.document_port import DocumentWanted, RegisteredDocument, document_desk
from khcn.core.errors import PermissionDeniedError
from khcn.core.models import Message
from khcn.core.papers.writer import paper_docx
from khcn.orgs.enums import Role
from khcn.orgs.models import SiteProfile
from khcn.programmes.enums_training import Outcome, Priority, ProposalState, RecordBasis
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.training_more import CourseProposal, NeedsSurvey, TrainingRecord
from khcn.programmes.selectors.training import answers_of, surveys_list, wanted_table
from khcn.programmes.services.training_papers import batch_document
from khcn.programmes.services.training_proposals import (
    CourseWish,
    proposal_approve,
    proposal_results,
    proposal_return,
    proposal_save,
    proposal_submit,
    proposal_withdraw,
    proposals_gather,
)
from khcn.programmes.services.training_surveys import (
    Wanted,
    needs_answer,
    survey_close,
    survey_deadline,
    survey_open,
    survey_remind,
)
from tests.orgs.factories import give_role, make_member, make_unit
from tests.programmes.factories import NOW, TODAY, People
from tests.programmes.training_factories import make_person, make_topic

pytestmark = pytest.mark.django_db


def _opened(people: People, topics: list[Any], units: list[Any], **more: Any) -> NeedsSurvey:
    values = {"year": 2026, "title": "", "deadline": TODAY + timedelta(days=5)} | more
    return survey_open(
        actor=people.officer,
        topics=[one.pk for one in topics],
        units=[one.pk for one in units],
        now=NOW,
        **values,
    )


def test_a_survey_from_opening_to_closing() -> None:
    people, topic, other = People(), make_topic("ATTT"), make_unit("Phường Hai")
    late_reporter = make_member(Role.UNIT_REPORTER, other)
    row = _opened(people, [topic], [people.unit, other])
    told = set(Message.objects.values_list("user_id", flat=True))
    assert told == {people.reporter.pk, late_reporter.pk}
    with pytest.raises(ProgrammeError, match="đã có khảo sát"):
        _opened(people, [topic], [people.unit])
    base: dict[str, Any] = {"survey_id": row.pk, "unit_id": people.unit.pk}
    lines = [Wanted(topic.pk, 7, Priority.HIGH, "Tháng 8", "online")]
    answer = needs_answer(actor=people.reporter, lines=lines, now=NOW, revision=0, **base)
    assert not answer.is_late
    with pytest.raises(StaleError):  # a colleague's page from before
        needs_answer(actor=people.reporter, lines=[], now=NOW, revision=0, **base)
    for actor in (late_reporter, people.head, people.auditor, people.finance):
        with pytest.raises(PermissionDeniedError):
            needs_answer(actor=actor, lines=lines, now=NOW, **base)
    silent = [one.unit for one in answers_of(people.officer, row, TODAY) if one.submitted_at is None]
    assert silent == [other]
    Message.objects.all().delete()
    assert survey_remind(actor=people.officer, survey_id=row.pk, now=NOW) == 1
    survey_remind(actor=people.officer, survey_id=row.pk, now=NOW + timedelta(hours=1))
    assert set(Message.objects.values_list("user_id", flat=True)) == {late_reporter.pk}
    assert Message.objects.count() == 2  # desk and mail, once a day
    late = needs_answer(
        actor=late_reporter,
        survey_id=row.pk,
        unit_id=other.pk,
        lines=[Wanted(topic.pk, 3)],
        now=NOW + timedelta(days=6),
    )
    assert late.is_late
    again = needs_answer(actor=people.reporter, lines=lines, now=NOW + timedelta(days=6), **base)
    assert not again.is_late  # answered in time, corrected later
    table = wanted_table(row)
    assert [(one.people, one.units, one.by_priority, one.by_form) for one in table] == [
        (10, 2, {1: 7, 2: 3}, {"online": 7, "": 3})
    ]
    assert [(one.asked, one.answered, one.late) for one in surveys_list(people.officer, TODAY)] == [(2, 2, 1)]
    with pytest.raises(ProgrammeError, match="Mọi đơn vị"):
        survey_remind(actor=people.officer, survey_id=row.pk, now=NOW)
    survey_close(actor=people.officer, survey_id=row.pk, now=NOW)
    with pytest.raises(ProgrammeError, match="đã đóng"):
        needs_answer(actor=people.reporter, lines=lines, now=NOW, **base)
    with pytest.raises(ProgrammeError):
        survey_deadline(actor=people.officer, survey_id=row.pk, deadline=TODAY, now=NOW)


@pytest.mark.parametrize(
    ("more", "field"),
    [({"deadline": TODAY - timedelta(days=1)}, "deadline"), ({"year": 20260}, "year")],
)
def test_a_survey_needs_sense(more: dict[str, Any], field: str) -> None:
    people, topic = People(), make_topic()
    with pytest.raises(ProgrammeError) as caught:
        _opened(people, [topic], [people.unit], **more)
    assert caught.value.field == field
    with pytest.raises(ProgrammeError):
        _opened(people, [], [people.unit])
    with pytest.raises(ProgrammeError):
        _opened(people, [topic], [])
    row = _opened(people, [topic], [people.unit])
    stranger = make_topic()
    for wanted in (
        Wanted(stranger.pk, 1),
        Wanted(topic.pk, -1),
        Wanted(topic.pk, 10**6),
        Wanted(topic.pk, 1, 9),
        Wanted(topic.pk, 1, 1, "", "x"),
    ):
        with pytest.raises(ProgrammeError):
            needs_answer(
                actor=people.reporter, survey_id=row.pk, unit_id=people.unit.pk, lines=[wanted], now=NOW
            )


@pytest.mark.parametrize(
    "role", [Role.UNIT_REPORTER, Role.UNIT_HEAD, Role.FOCAL_HEAD, Role.AUDITOR, Role.LEADER, Role.FINANCE]
)
def test_only_the_focal_officer_runs_the_survey(role: Role) -> None:
    people, topic = People(), make_topic()
    row = _opened(people, [topic], [people.unit])
    actor = make_member(role, people.unit)
    deeds: list[Any] = [
        lambda: survey_open(
            actor=actor,
            year=2027,
            title="",
            deadline=TODAY,
            topics=[topic.pk],
            units=[people.unit.pk],
            now=NOW,
        ),
        lambda: survey_remind(actor=actor, survey_id=row.pk, now=NOW),
        lambda: survey_close(actor=actor, survey_id=row.pk, now=NOW),
        lambda: survey_deadline(actor=actor, survey_id=row.pk, deadline=TODAY, now=NOW),
    ]
    for deed in deeds:
        with pytest.raises(PermissionDeniedError):
            deed()


class _Register:
    """A register of documents in memory."""

    def __init__(self) -> None:
        self.wanted: list[DocumentWanted] = []

    def draft(self, *, wanted: DocumentWanted, **_more: Any) -> RegisteredDocument:
        self.wanted.append(wanted)
        return RegisteredDocument(len(self.wanted), "draft", "Bản nháp", "", None, None, wanted.source, "")


def _course(topic: Any, **more: Any) -> CourseWish:
    values = {
        "course": "Bồi dưỡng số",
        "organiser": "Học viện mẫu",
        "starts_on": date(2026, 5, 4),
        "ends_on": date(2026, 5, 8),
        "cost_vnd": Decimal(1_500_000),
    } | more
    return CourseWish(topic_id=topic.pk, **values)


def test_a_proposal_from_draft_to_record() -> None:
    people, topic = People(), make_topic("CDS", months=36)
    one, two = make_person(people.unit, name="Lê Một"), make_person(people.unit, name="Lê Hai")
    base: dict[str, Any] = {"actor": people.reporter, "unit": people.unit, "now": NOW}
    row = proposal_save(wish=_course(topic), people=[one.pk, two.pk], client_key="k" * 12, **base)
    assert proposal_save(wish=_course(topic), people=[one.pk], client_key="k" * 12, **base).pk == row.pk
    assert row.people.count() == 2
    proposal_submit(actor=people.reporter, proposal_id=row.pk, now=NOW)
    with pytest.raises(StaleError):  # a double click
        proposal_submit(actor=people.reporter, proposal_id=row.pk, now=NOW)
    for actor in (
        people.reporter,
        people.officer,
        make_member(Role.UNIT_HEAD),
        people.finance,
        people.auditor,
    ):
        with pytest.raises(PermissionDeniedError):
            proposal_approve(actor=actor, proposal_id=row.pk, now=NOW)
    proposal_return(actor=people.head, proposal_id=row.pk, reason="Thêm lý do", now=NOW)
    proposal_submit(actor=people.reporter, proposal_id=row.pk, now=NOW)
    proposal_approve(actor=people.head, proposal_id=row.pk, now=NOW)
    gather: dict[str, Any] = {
        "proposals": [row.pk],
        "title": "Đợt 1",
        "addressee": "Sở Nội vụ mẫu",
        "now": NOW,
    }
    with pytest.raises(PermissionDeniedError):
        proposals_gather(actor=people.reporter, client_key="g" * 12, **gather)
    batch = proposals_gather(actor=people.officer, client_key="g" * 12, **gather)
    assert proposals_gather(actor=people.officer, client_key="g" * 12, **gather).pk == batch.pk
    with pytest.raises(StaleError):
        proposals_gather(actor=people.officer, client_key="h" * 12, **gather)
    with pytest.raises(StaleError):
        proposal_withdraw(actor=people.reporter, proposal_id=row.pk, now=NOW)
    results = {one.pk: Outcome.ATTENDED, two.pk: Outcome.REFUSED}
    with pytest.raises(PermissionDeniedError):
        proposal_results(actor=people.reporter, proposal_id=row.pk, outcomes=results, now=NOW)
    done = proposal_results(actor=people.officer, proposal_id=row.pk, outcomes=results, now=NOW)
    assert done.state == ProposalState.CLOSED
    record = TrainingRecord.objects.standing().get()
    assert (record.person, record.basis, record.held_on, record.valid_until) == (
        one,
        RecordBasis.PROPOSAL,
        date(2026, 5, 8),
        date(2029, 5, 8),
    )
    proposal_results(
        actor=people.officer,
        proposal_id=row.pk,
        outcomes={one.pk: Outcome.ABSENT, two.pk: Outcome.ATTENDED},
        now=NOW,
    )
    assert [one.person for one in TrainingRecord.objects.standing()] == [
        two
    ]  # corrected: no double, nothing left


def test_results_wait_for_the_end_of_the_course() -> None:
    people, topic = People(), make_topic()
    one = make_person(people.unit)
    wish = _course(topic, ends_on=TODAY + timedelta(days=9))
    row = proposal_save(actor=people.reporter, unit=people.unit, wish=wish, people=[one.pk], now=NOW)
    CourseProposal.objects.filter(pk=row.pk).update(state=ProposalState.GATHERED)
    with pytest.raises(ProgrammeError, match="chưa kết thúc"):
        proposal_results(
            actor=people.officer, proposal_id=row.pk, outcomes={one.pk: Outcome.ATTENDED}, now=NOW
        )
    proposal_results(actor=people.officer, proposal_id=row.pk, outcomes={one.pk: Outcome.ACCEPTED}, now=NOW)
    row.refresh_from_db()
    assert row.state == ProposalState.GATHERED


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"course": " "}, "course"), ({"organiser": ""}, "organiser"), ({"ends_on": date(2026, 5, 3)}, "ends_on"),
        ({"cost_vnd": Decimal(-1)}, "cost_vnd"), ({"hours": Decimal(99999)}, "hours"),
    ],
)  # fmt: skip
def test_what_a_proposal_must_say(more: dict[str, Any], field: str) -> None:
    people, topic = People(), make_topic()
    one, stranger = make_person(people.unit), make_person(make_unit())
    base: dict[str, Any] = {"actor": people.reporter, "unit": people.unit, "now": NOW}
    with pytest.raises(ProgrammeError) as caught:
        proposal_save(wish=_course(topic, **more), people=[one.pk], **base)
    assert caught.value.field == field
    for chosen in ([], [stranger.pk], [10**9]):
        with pytest.raises(ProgrammeError) as caught:
            proposal_save(wish=_course(topic), people=chosen, **base)
        assert caught.value.field == "people"
    with pytest.raises(PermissionDeniedError):
        proposal_save(actor=people.reporter, unit=make_unit(), wish=_course(topic), people=[one.pk], now=NOW)
    assert not CourseProposal.objects.exists()


def test_the_head_who_drafted_does_not_approve() -> None:
    people, topic = People(), make_topic()
    give_role(people.reporter, Role.UNIT_HEAD, people.unit)
    row = proposal_save(
        actor=people.reporter,
        unit=people.unit,
        wish=_course(topic),
        people=[make_person(people.unit).pk],
        now=NOW,
    )
    proposal_submit(actor=people.reporter, proposal_id=row.pk, now=NOW)
    with pytest.raises(PermissionDeniedError, match="không tự duyệt"):
        proposal_approve(actor=people.reporter, proposal_id=row.pk, now=NOW)
    proposal_approve(actor=people.head, proposal_id=row.pk, now=NOW)
    proposal_return(actor=people.officer, proposal_id=row.pk, reason="Khóa đã hoãn", now=NOW)


def test_the_letter_is_drafted_once_and_is_a_paper_of_the_decree(tmp_path: Any) -> None:
    people, topic = People(), make_topic()
    row = proposal_save(
        actor=people.reporter,
        unit=people.unit,
        wish=_course(topic),
        people=[make_person(people.unit, name="Lê Thị Thư").pk],
        now=NOW,
    )
    CourseProposal.objects.filter(pk=row.pk).update(state=ProposalState.APPROVED)
    batch = proposals_gather(
        actor=people.officer,
        proposals=[row.pk],
        title="Đợt 1",
        addressee="Sở mẫu",
        client_key="g" * 12,
        now=NOW,
    )
    SiteProfile.objects.update_or_create(pk=1, defaults={"operator": people.committee})
    register = _Register()
    with document_desk.using(register):  # type: ignore[arg-type]
        first = batch_document(actor=people.officer, batch_id=batch.pk, now=NOW)
        batch_document(actor=people.officer, batch_id=batch.pk, now=NOW)
        with pytest.raises(PermissionDeniedError):
            batch_document(actor=people.reporter, batch_id=batch.pk, now=NOW)
    assert (first.document_id, len(register.wanted)) == (1, 1)
    assert register.wanted[0].type_code == "CV"
    assert paper_docx(register.wanted[0].paper).startswith(b"PK")
