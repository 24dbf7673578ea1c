"""Programmes with sessions: announced, registered for, attended, judged, certified; exhibitions with their exhibitors."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Final

from django.db import transaction

from khcn.orgs.enums import Role
from khcn.programmes.enums import Audience, ConsentPurpose, ProgrammeKind, RegistrationState, RegistrationWay
from khcn.programmes.models.certificates import CertificateBatch
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration
from khcn.programmes.rules.attendance import Presence
from khcn.programmes.rules.exhibitions import ExhibitorKind, ExhibitorText
from khcn.programmes.services.attendance import attendance_mark_many, walk_in_enter
from khcn.programmes.services.calendar_programmes import (
    ProgrammeText,
    programme_approve,
    programme_cancel,
    programme_create,
    programme_submit,
)
from khcn.programmes.services.calendar_sessions import SessionText, session_add
from khcn.programmes.services.certificates import (
    BatchText,
    batch_approve,
    batch_number,
    batch_save,
    batch_submit,
)
from khcn.programmes.services.certificates_earned import earned
from khcn.programmes.services.evaluation import survey_answer, survey_of, survey_open
from khcn.programmes.services.exhibitions import exhibitor_decide, exhibitor_write_in
from khcn.programmes.services.registrations import (
    group_create,
    registration_approve,
    registration_cancel,
    registration_create,
)
from khcn.programmes.simulation import MARK
from khcn.programmes.simulation.stage import Stage

CLASS: Final = 30


@dataclass(frozen=True, slots=True)
class Shape:
    """One sort of programme: how many sessions, for whom, how people register."""

    kind: str
    sessions: int
    audience: str
    way: str
    capacity: int | None = None
    by_session: bool = False
    approval: bool = False


SHAPES: Final = (
    Shape(ProgrammeKind.COURSE, 5, Audience.TEACHERS, RegistrationWay.BOTH, 60),
    Shape(ProgrammeKind.WORKSHOP, 1, Audience.SMES, RegistrationWay.PERSON, 80),
    Shape(ProgrammeKind.INFORMATION, 4, Audience.PUBLIC, RegistrationWay.BOTH, None, by_session=True),
    Shape(ProgrammeKind.VISIT, 1, Audience.PUPILS, RegistrationWay.GROUP, 90),
    Shape(ProgrammeKind.WORKSHOP, 1, Audience.OFFICIALS, RegistrationWay.PERSON, 60, approval=True),
    Shape(ProgrammeKind.COURSE, 5, Audience.WORKERS, RegistrationWay.BOTH, 50),
    Shape(ProgrammeKind.VISIT, 1, Audience.PUPILS, RegistrationWay.GROUP, 60),
    Shape(ProgrammeKind.EXHIBITION, 2, Audience.YOUNG, RegistrationWay.PERSON, None),
    Shape(ProgrammeKind.MEETING, 1, Audience.TRADERS, RegistrationWay.PERSON, 100),
)


def plan_of(stage: Stage) -> Iterator[tuple[Shape, int]]:
    """Yield the shape of each programme of the year with how many people register; sums are exactly as asked for."""
    shapes: list[Shape] = []
    left = stage.size.sessions
    for shape in cycle(SHAPES):
        if left <= 0:
            break
        shapes.append(replace(shape, sessions=min(shape.sessions, left)))
        left -= shapes[-1].sessions
    weights = [shape.sessions**0.5 * stage.dice.uniform(0.6, 1.4) for shape in shapes]
    total, given = sum(weights), 0
    for number, (shape, weight) in enumerate(zip(shapes, weights, strict=True), 1):
        many = round(stage.size.registrations * weight / total)
        many = (
            stage.size.registrations - given
            if number == len(shapes)
            else min(many, stage.size.registrations - given)
        )
        given += many
        yield shape, many


@transaction.atomic
def programme_play(stage: Stage, number: int, shape: Shape, many: int) -> Programme:
    """Play one programme from its draft to its certificates."""
    unit = stage.units[number % len(stage.units)]
    year = stage.size.year
    first = stage.working_day(date(year, 2, 1), date(year, 11, 10))
    drafted = stage.moment(first - timedelta(days=40))
    reporter, head = stage.reporters[unit.pk], stage.heads[unit.pk]
    text = ProgrammeText(
        title=f"{ProgrammeKind(shape.kind).label} mô phỏng {number}", kind=shape.kind, year=year, summary="Mô phỏng",
        description="Chương trình mô phỏng.", audiences=[shape.audience], venue="Hội trường", contact="Phòng chuyên môn",
        registration=shape.way, by_session=shape.by_session, capacity=shape.capacity, needs_approval=shape.approval,
    )  # fmt: skip
    programme = programme_create(actor=reporter, unit=unit, values=text, now=drafted, key=f"{MARK}-{number}")
    sessions = [_session(stage, programme, first, place, drafted) for place in range(shape.sessions)]
    programme_submit(actor=reporter, programme_id=programme.pk, now=drafted)
    programme = programme_approve(actor=head, programme_id=programme.pk, now=drafted + timedelta(hours=3))
    _register(stage, programme, shape, sessions, many)
    if shape.kind == ProgrammeKind.EXHIBITION:
        _exhibitors(stage, programme, drafted + timedelta(days=20))
    if number % 41 == 40:
        programme_cancel(
            actor=reporter, programme_id=programme.pk, reason="Dời sang năm sau", now=sessions[0].starts_at - timedelta(days=3)
        )  # fmt: skip
        return programme
    for session in sessions:
        _held(stage, programme, session)
    _judged(stage, programme, sessions)
    if shape.kind == ProgrammeKind.COURSE:
        _certified(stage, programme, sessions[-1])
    return programme


def _session(stage: Stage, programme: Programme, first: date, place: int, now: datetime) -> Session:
    starts_at = stage.moment(first + timedelta(days=7 * place), 8)
    values = SessionText(
        starts_at=starts_at, ends_at=starts_at + timedelta(hours=3), title=f"Buổi {place + 1}"
    )
    actor = stage.reporters[programme.unit_id]
    return session_add(actor=actor, programme_id=programme.pk, values=values, now=now)


def _register(stage: Stage, programme: Programme, shape: Shape, sessions: list[Session], many: int) -> None:
    now = programme.published_at
    assert now is not None  # noqa: S101  # it was approved above
    share = {RegistrationWay.GROUP: 1.0, RegistrationWay.BOTH: 0.6}.get(RegistrationWay(shape.way), 0.0)
    grouped = round(many * share)
    step, made = timedelta(minutes=7), 0
    while made < grouped:
        size = min(CLASS, grouped - made)
        made += size
        now += step
        session = stage.dice.choice(sessions) if shape.by_session else None
        group_create(
            programme=programme, session=session, now=now, name=f"Trường mô phỏng {stage.dice.randrange(40)}",
            people=[stage.person(shape.audience) for _one in range(size)], contact_name="Người phụ trách",
            contact_address=stage.address(),
        )  # fmt: skip
    rows: list[Registration] = []
    for _one in range(many - grouped):
        now += step / 2
        session = stage.dice.choice(sessions) if shape.by_session else None
        row = registration_create(
            programme=programme, person=stage.person(shape.audience), now=now, session=session, address=stage.address(),
            consents=[ConsentPurpose.PROCESSING],
        )  # fmt: skip
        rows.append(row)
        if shape.approval and stage.dice.random() < 0.8:
            registration_approve(actor=stage.reporters[programme.unit_id], registration=row, now=now)
    for row in rows:
        if stage.dice.random() < 0.04:
            registration_cancel(actor=None, registration=row, now=now)


def _held(stage: Stage, programme: Programme, session: Session) -> None:
    rows = programme.registrations.filter(state=RegistrationState.CONFIRMED).order_by("pk")
    if programme.by_session:
        rows = rows.filter(session=session)
    states = {
        pk: Presence.PRESENT if stage.dice.random() < 0.88 else Presence.ABSENT
        for pk in rows.values_list("pk", flat=True)
    }
    actor, now = stage.reporters[programme.unit_id], session.ends_at
    attendance_mark_many(actor=actor, session=session, states=states, now=now)
    if stage.dice.random() < 0.2:
        person = stage.person(stage.dice.choice([Audience.PUBLIC, Audience.WORKERS]))
        walk_in_enter(
            actor=actor, session=session, key=f"mo-phong-{stage.people:08}", now=now, audience=person.audience, sex=person.sex,
            count=stage.dice.randrange(1, 4),
        )  # fmt: skip


def _judged(stage: Stage, programme: Programme, sessions: list[Session]) -> None:
    actor, last = stage.reporters[programme.unit_id], sessions[-1]
    survey = survey_of(actor=actor, programme=programme, now=last.ends_at)
    survey_open(actor=actor, survey=survey, opened=True, now=last.ends_at)
    rows = programme.registrations.filter(state=RegistrationState.CONFIRMED).order_by("pk")
    places = {session.pk: session for session in sessions}
    for pk, ticket in rows.values_list("session_id", "ticket"):
        if stage.dice.random() < 0.3:
            score = stage.dice.choices([1, 2, 3, 4, 5], weights=[1, 2, 8, 30, 40])[0]
            given = {"satisfaction": score, "useful": score, "pace": "1"}
            survey_answer(
                session=places.get(pk, last),
                secret=ticket,
                given=given,
                now=last.ends_at + timedelta(hours=1),
            )


def _certified(stage: Stage, programme: Programme, last: Session) -> CertificateBatch | None:
    people = {row.pk: "" for row in earned(programme)}
    if not people:
        return None
    now = last.ends_at + timedelta(days=3)
    officer = stage.staff[Role.FOCAL_OFFICER]
    text = BatchText(
        "GIẤY CHỨNG NHẬN", "Đã hoàn thành khóa học", "Người Mô Phỏng", "Trưởng phòng", "Đơn vị mô phỏng"
    )
    batch = batch_save(actor=officer, programme=programme, values=text, people=people, now=now)
    batch_submit(actor=officer, batch_id=batch.pk, now=now)
    batch_approve(actor=stage.staff[Role.FOCAL_HEAD], batch_id=batch.pk, now=now + timedelta(hours=2))
    day = (now + timedelta(days=1)).date()
    return batch_number(
        actor=stage.staff[Role.CLERK], batch_id=batch.pk, decision_number=f"{programme.pk}/QĐ-MP", decision_date=day,
        now=now + timedelta(days=1),
    )  # fmt: skip


def _exhibitors(stage: Stage, programme: Programme, now: datetime) -> None:
    actor = stage.reporters[programme.unit_id]
    for number in range(stage.dice.randrange(3, 9)):
        kind = stage.dice.choice(list(ExhibitorKind))
        values = ExhibitorText(
            name=f"Gian hàng mô phỏng {number}", kind=kind, text="Mô phỏng", contact_name="Người phụ trách"
        )
        stage.people += 1
        row = exhibitor_write_in(
            actor=actor,
            programme=programme,
            values=values,
            address=stage.address(),
            now=now,
        )
        exhibitor_decide(actor=actor, exhibitor=row, accept=number != 1, answer="Không đủ chỗ", now=now)
