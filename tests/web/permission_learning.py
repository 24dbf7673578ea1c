"""What the permission table asks about of lessons, training and topics: one of everything that has an address, for each of two units."""

from datetime import timedelta
from typing import Any

from khcn.programmes.models.curricula import Lesson
from khcn.programmes.models.training import RosterUpload
from khcn.programmes.models.training_more import CourseBatch, CourseProposal, NeedsAnswer, NeedsSurvey
from khcn.programmes.services.curricula_lessons import lesson_create, lesson_publish, lesson_submit
from tests.programmes import curricula_factories as lessons
from tests.programmes import readiness_factories as readiness
from tests.programmes import topics_factories as topics
from tests.programmes import training_factories as training
from tests.programmes.factories import People

NOW = lessons.NOW
PLACES = (
    "ban-lam-viec/bai-hoc/", "ban-lam-viec/boi-duong/", "ban-lam-viec/de-tai/", "ban-lam-viec/muc-do-so/",
    "bai-hoc/", "boi-duong/", "de-tai/", "muc-do-so/",
)  # fmt: skip


class Learning:
    """The lessons of one unit and the training of its people; ``programme`` is one of its courses."""

    def __init__(self, unit: Any, programme: Any) -> None:
        self.unit, self.programme = unit, programme
        self._lessons(unit)
        self._training(unit)
        people = People(unit)
        self.call = topics.make_topic_call(people)
        self.study = topics.submitted(people, self.call)
        self.sheet = readiness.loaded()
        self.begun, self.check = readiness.make_check(None), readiness.make_check()
        self.wish = readiness.make_call(check=self.check)

    def _lessons(self, unit: Any) -> None:
        self.book = lessons.make_curriculum(unit)
        row = lesson_create(actor=None, curriculum=self.book, content=lessons.WATER, now=NOW)
        sent = lesson_submit(actor=None, lesson_id=row.pk, now=NOW)
        lesson_publish(actor=None, lesson_id=row.pk, note="", revision=sent.revision, now=NOW)
        self.lesson = Lesson.objects.get(pk=row.pk)
        assert self.lesson.current_id
        self.run = lessons.run_report(
            actor=None, version_id=self.lesson.current_id, unit=unit, values=lessons.run_text(),
            now=NOW + timedelta(hours=1),
        )  # fmt: skip

    def _training(self, unit: Any) -> None:
        self.topic = training.make_topic()
        self.position = training.make_position(unit, "Công chức", self.topic)
        self.person = training.make_person(unit, self.position)
        self.record = training.make_record(self.person, self.topic, NOW.date())
        self.upload = RosterUpload.objects.create(unit=unit, sha256="0", uploaded_at=NOW)
        self.survey = NeedsSurvey.objects.filter(year=2026).first() or NeedsSurvey.objects.create(
            year=2026, title="Khảo sát", deadline=NOW.date(), opened_at=NOW
        )
        NeedsAnswer.objects.create(survey=self.survey, unit=unit)
        self.batch = CourseBatch.objects.create(
            title="Đợt", addressee="Sở", gathered_at=NOW, client_key=f"dot-{unit.pk}"
        )
        self.proposal = CourseProposal.objects.create(
            unit=unit, course="Khóa", topic=self.topic, organiser="Sở", starts_on=NOW.date(), ends_on=NOW.date(),
            created_at=NOW, batch=self.batch,
        )  # fmt: skip

    def values(self, pattern: str) -> dict[str, str]:
        """Return what stands in the place of the parameters."""
        places = {
            "bai-hoc/chuong-trinh/": self.book, "bai-hoc/lan-day/": self.run, "bai-hoc/": self.lesson,
            "boi-duong/danh-sach/gui/": self.upload, "boi-duong/nguoi/": self.person, "boi-duong/ket-qua/": self.record,
            "boi-duong/khao-sat/": self.survey, "boi-duong/cu-di-hoc/dot/": self.batch,
            "boi-duong/cu-di-hoc/": self.proposal, "boi-duong/vi-tri/": self.position, "boi-duong/chu-de/": self.topic,
            "boi-duong/chuong-trinh/": self.programme, "de-tai/": self.study, "de-tai/moi-de-xuat/": self.call,
            "de-tai/tep/": self.study.files.first(), "muc-do-so/cau-hoi/": self.sheet, "muc-do-so/goi-lai/": self.wish,
            "muc-do-so/lam/": self.begun, "muc-do-so/ket-qua/": self.check,
        }  # fmt: skip
        found = [one for one in places if one in pattern]
        thing = places[max(found, key=len)] if found else None
        key = getattr(thing, "key", "khong-co")
        return {
            "<int:pk>": str(thing.pk if thing else 0),
            "<slug:key>": key,
            "<int:version_pk>": str(self.lesson.current_id),
            "<int:number>": "1",
            "<int:unit_id>": str(self.unit.pk),
            "<str:token>": getattr(thing, "token", None) or "khong-co",
            "<int:step>": "1",
            "(?P<key>[-a-zA-Z0-9_]+)": key,
            "(?P<who>giao-vien|hoc-sinh)": "giao-vien",
            "\\.(?P<kind>docx|pdf)": ".docx",
        }
