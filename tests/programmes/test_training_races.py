"""Two uploads at once, double clicks, two approvals: each counts once, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest

from khcn.programmes.enums_training import RecordState
from khcn.programmes.models.training import RosterUpload, TrainingPerson, TrainingPost
from khcn.programmes.models.training_more import CourseProposal, NeedsSurvey, TrainingRecord
from khcn.programmes.services.training_people import PersonWish, person_save
from khcn.programmes.services.training_proposals import CourseWish, proposal_save, proposals_gather
from khcn.programmes.services.training_records import RecordWish, record_enter, record_verify
from khcn.programmes.services.training_roster import roster_apply, roster_upload
from khcn.programmes.services.training_surveys import survey_open
from tests.programmes.factories import NOW, TODAY, People
from tests.programmes.test_attendance_races import at_once
from tests.programmes.training_factories import make_person, make_topic, roster_file, roster_row

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_uploads_and_two_clicks_at_once() -> None:
    people = People()
    data = roster_file([roster_row("An Một", thu="an@x.vn"), roster_row("Bình Hai")]).read()

    def upload() -> Any:
        import io

        return roster_upload(
            actor=people.reporter, unit=people.unit, file=io.BytesIO(data), name="a.xlsx", now=NOW
        ).pk

    kept = at_once(upload)
    assert len(set(kept)) == 1
    done = at_once(lambda: roster_apply(actor=people.reporter, upload_id=kept[0], now=NOW).outcome["new"])
    assert done == [2, 2, 2, 2]
    assert (TrainingPerson.objects.count(), TrainingPost.objects.count(), RosterUpload.objects.count()) == (
        2,
        2,
        1,
    )


def test_two_different_files_with_the_same_person_at_once() -> None:
    people = People()
    files = iter([roster_file([roster_row("An Một"), roster_row(f"Người {n}")]) for n in "abcd"])
    uploads = iter(
        [
            roster_upload(actor=people.reporter, unit=people.unit, file=one, name="a.xlsx", now=NOW).pk
            for one in files
        ]
    )
    at_once(lambda: roster_apply(actor=people.reporter, upload_id=next(uploads), now=NOW))
    assert TrainingPerson.objects.filter(folded_name="an mot").count() == 1
    assert TrainingPerson.objects.count() == 5


def test_one_record_one_verification_one_proposal_one_batch() -> None:
    people, topic = People(), make_topic()
    person = make_person(people.unit)
    wish = RecordWish(topic.pk, "Khóa", "Sở", date(2026, 1, 5), certificate_number="1")
    at_once(
        lambda: (
            record_enter(
                actor=people.reporter, person_id=person.pk, wish=wish, client_key="k" * 20, now=NOW
            ).pk
        )
    )
    row = TrainingRecord.objects.get()
    results = at_once(lambda: record_verify(actor=people.head, record_id=row.pk, now=NOW).state)
    assert results.count(RecordState.VERIFIED) == 1
    course = CourseWish("Khóa", topic.pk, "Học viện", TODAY, TODAY + timedelta(days=2))
    made = at_once(
        lambda: (
            proposal_save(
                actor=people.reporter,
                unit=people.unit,
                wish=course,
                people=[person.pk],
                now=NOW,
                client_key="p" * 12,
            ).pk
        )
    )
    assert len(set(made)) == 1
    CourseProposal.objects.update(state="approved")
    batches = at_once(
        lambda: (
            proposals_gather(
                actor=people.officer,
                proposals=made[:1],
                title="Đ",
                addressee="S",
                client_key="g" * 12,
                now=NOW,
            ).pk
        )
    )
    assert len(set(batches)) == 1


def test_one_survey_a_year_and_one_person_of_a_name() -> None:
    people, topic = People(), make_topic()
    at_once(
        lambda: survey_open(
            actor=people.officer,
            year=2026,
            title="",
            deadline=TODAY,
            topics=[topic.pk],
            units=[people.unit.pk],
            now=NOW,
        )
    )
    assert NeedsSurvey.objects.count() == 1
    wish = PersonWish("An Một", "Công chức", "officials", TODAY)
    at_once(lambda: person_save(actor=people.reporter, unit=people.unit, wish=wish, now=NOW))
    assert TrainingPerson.objects.count() == 1
