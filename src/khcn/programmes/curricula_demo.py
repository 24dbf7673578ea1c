"""Demo lessons: six curricula of three units, versions, adaptations, reports of schools. Made up, relative to today, once."""

from dataclasses import replace
from datetime import datetime, timedelta

from khcn.core.dates import local_date
from khcn.core.demo import Progress
from khcn.orgs.models import Unit, User
from khcn.programmes.curricula_demo_texts import BOOKS, content_for
from khcn.programmes.models.curricula import Curriculum, Lesson
from khcn.programmes.services.curricula_books import curriculum_create
from khcn.programmes.services.curricula_forks import lesson_fork
from khcn.programmes.services.curricula_lessons import (
    lesson_create,
    lesson_publish,
    lesson_save,
    lesson_submit,
    lesson_withdraw,
)
from khcn.programmes.services.curricula_runs import RunText, run_report

WORKED = "Các em hào hứng, nhóm nào cũng ra kết quả. (mẫu)"
WRONG = "Chia nhóm mất nhiều thời gian, nên chuẩn bị khay trước. (mẫu)"


def load(progress: Progress, now: datetime) -> None:
    """Make the lessons once."""
    units = _units(now)
    if not units or Curriculum.objects.filter(key="mau-nuoc-sach-quanh-em").exists():
        return
    made = []
    for number, (key, title, summary, lessons) in enumerate(BOOKS):
        began = now - timedelta(days=120 - 10 * number)
        book = curriculum_create(
            actor=None,
            unit=units[number % len(units)],
            title=f"{title} (mẫu)",
            summary=summary,
            key=key,
            now=began,
        )
        for place, words in enumerate(lessons):
            made.append(
                _lesson(
                    book, words, began + timedelta(hours=place), published=place < 2 or number not in (3, 4)
                )
            )
    shown = [row for row in made if row.current_id]
    _second_version(shown[0], now - timedelta(days=20))
    forks = [_fork(row, units[(place + 1) % len(units)], now) for place, row in enumerate(shown[:3])]
    _third_version(shown[1], now - timedelta(days=2))
    _runs([*shown, *(row for row in forks if row.current_id)], units, now)
    old = next(row for row in shown if row.key == "tram-sac-nho-cua-lop-mau")
    lesson_withdraw(
        actor=None, lesson_id=old.pk, reason="Pin cũ dễ nóng; bài mới dùng mạch an toàn hơn. (mẫu)",
        successor_id=next(row.pk for row in shown if row.key == "mach-dien-nang-luong-mat-troi-mau"),
        now=now - timedelta(days=1),
    )  # fmt: skip
    progress(f"lessons: {len(made)} in {len(BOOKS)} curricula, {len(forks)} adaptations")


def _units(now: datetime) -> list[Unit]:
    """Return the unit of the demo's reporter first, then two others."""
    reporter = User.objects.filter(username="baocao").first()
    membership = reporter.memberships.select_related("unit").first() if reporter else None
    rows = Unit.objects.in_force(local_date(now)).filter(kind__is_group=False).order_by("pk")
    others = [one for one in rows[:6] if membership is None or one.pk != membership.unit_id]
    return [*([membership.unit] if membership else []), *others][:3]


def _lesson(book: Curriculum, words: tuple[str, ...], now: datetime, *, published: bool) -> Lesson:
    row = lesson_create(actor=None, curriculum=book, content=content_for(words), now=now)
    return _publish(row, "", now) if published else lesson_submit(actor=None, lesson_id=row.pk, now=now)


def _publish(row: Lesson, note: str, now: datetime) -> Lesson:
    sent = lesson_submit(actor=None, lesson_id=row.pk, now=now)
    lesson_publish(actor=None, lesson_id=row.pk, note=note, revision=sent.revision, now=now)
    return Lesson.objects.get(pk=row.pk)


def _second_version(row: Lesson, now: datetime) -> None:
    said = row.content
    better = replace(said, safety=f"{said.safety}\nRửa tay sau khi làm.", minutes=(said.minutes or 45) + 10)
    saved = lesson_save(actor=None, lesson_id=row.pk, content=better, revision=row.revision, now=now)
    _publish(saved, "Thêm lưu ý an toàn và thời gian tổng kết", now)


def _third_version(row: Lesson, now: datetime) -> None:
    """The source of an adaptation moves on: its owner gets something to do."""
    row = Lesson.objects.get(pk=row.pk)
    better = replace(row.content, objectives=f"{row.content.objectives}\nTrình bày được kết quả trước lớp")
    saved = lesson_save(actor=None, lesson_id=row.pk, content=better, revision=row.revision, now=now)
    _publish(saved, "Thêm mục tiêu trình bày", now)


def _fork(row: Lesson, unit: Unit, now: datetime) -> Lesson:
    at = now - timedelta(days=10)
    current = Lesson.objects.get(pk=row.pk).current_id or 0
    fork = lesson_fork(actor=None, version_id=current, unit=unit, now=at)
    shorter = replace(
        fork.content, title=f"{fork.content.title.removesuffix(' (mẫu)')}, bản cho lớp đông (mẫu)",
        equipment=tuple(replace(one, quantity=one.quantity + 2) for one in fork.content.equipment),
    )  # fmt: skip
    saved = lesson_save(actor=None, lesson_id=fork.pk, content=shorter, revision=fork.revision, now=at)
    return _publish(saved, "", at)


def _runs(rows: list[Lesson], units: list[Unit], now: datetime) -> None:
    today = local_date(now)
    for place, row in enumerate(rows):
        for number in range((place * 5) % 7):
            grade = min((row.grade_from or 6) + number % 2, 12)
            values = RunText(
                ran_on=today - timedelta(days=number), class_name=f"{grade}A{number + 1}", grade=grade, pupils=32 + number * 2,
                minutes=(row.minutes or 45) + 5 * (number % 3), rating=(5, 4, 4, 5, 3, 4)[(place + number) % 6], worked=WORKED,
                wrong=WRONG if number % 2 else "", incident=place == 4 and number == 1,
                incident_note="Một cốc thủy tinh bị vỡ, không ai bị thương. (mẫu)" if place == 4 and number == 1 else "",
            )  # fmt: skip
            version = (
                Lesson.objects.get(pk=row.pk).versions.filter(published_at__date__lte=values.ran_on).first()
            )
            if version is not None:
                run_report(
                    actor=None, version_id=version.pk, unit=units[number % len(units)], values=values, now=now
                )
