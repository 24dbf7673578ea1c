"""Training in a given state: topics, positions, people with posts, records, a filled roster. Plain ORM."""

import io
from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

from openpyxl import Workbook

from khcn.engines.text.collate import person_key, sort_key
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.programmes.enums_training import Level, RecordBasis, RecordState, Staff
from khcn.programmes.models.training import (
    PositionTopic,
    TrainingPerson,
    TrainingPosition,
    TrainingPost,
    TrainingTopic,
)
from khcn.programmes.models.training_more import TrainingRecord
from khcn.programmes.rules.training import valid_until
from tests.programmes.factories import NOW

_number = count(1)
HEADS = (
    "Họ và tên *",
    "Chức danh *",
    "Là",
    "Trường, tổ chức",
    "Thư điện tử",
    "Điện thoại",
    "Từ ngày *",
    "Đến ngày",
)


def make_topic(code: str = "", *, months: int | None = None, **fields: Any) -> TrainingTopic:
    """Return a topic."""
    code = code or f"CD{next(_number)}"
    name = fields.pop("name", f"Chủ đề {code}")
    values = {"folded_name": fold(name), "sort_key": sort_key(name), "updated_at": NOW} | fields
    return TrainingTopic.objects.create(code=code, name=name, valid_months=months, **values)


def make_position(
    unit: Unit | None, title: str = "Công chức", *topics: Any, level: str = Level.MANDATORY
) -> TrainingPosition:
    """Return a position that requires topics: a topic, or a pair of topic and months."""
    row = TrainingPosition.objects.create(
        unit=unit, title=title, folded_title=fold(title), sort_key=sort_key(title), updated_at=NOW
    )
    for one in topics:
        topic, months = one if isinstance(one, tuple) else (one, None)
        PositionTopic.objects.create(position=row, topic=topic, level=level, within_months=months)
    return row


def make_person(
    unit: Unit,
    position: TrainingPosition | None = None,
    *,
    since: date = date(2024, 1, 2),
    until: date | None = None,
    **fields: Any,
) -> TrainingPerson:
    """Return somebody who holds a post of a unit."""
    name = fields.pop("name", f"Trần Văn Học {next(_number)}")
    audience = fields.pop("audience", Staff.OFFICIALS)
    person = TrainingPerson.objects.create(
        name=name, folded_name=fold(name), sort_key=person_key(name), created_at=NOW, **fields
    )
    position = position or TrainingPosition.objects.filter(unit=unit).first() or make_position(unit)
    TrainingPost.objects.create(
        person=person,
        unit=unit,
        position=position,
        audience=audience,
        office_on=since,
        starts_on=since,
        ends_on=until,
    )
    return person


def make_record(person: TrainingPerson, topic: TrainingTopic, held_on: date, **fields: Any) -> TrainingRecord:
    """Return a verified record of a course of others."""
    post = person.posts.first()
    assert post is not None
    values = {
        "unit_id": post.unit_id, "basis": RecordBasis.DECLARED, "state": RecordState.VERIFIED, "title": "Khóa thử",
        "valid_until": valid_until(held_on, topic.valid_months), "entered_at": NOW, "hours": 8,
    } | fields  # fmt: skip
    return TrainingRecord.objects.create(person=person, topic=topic, held_on=held_on, **values)


def roster_file(rows: Sequence[Sequence[Any]], *, merge: Sequence[str] = (), above: str = "") -> io.BytesIO:
    """Return a filled roster as Excel, with merged areas when asked."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if above:
        sheet.append([above])
    sheet.append(list(HEADS))
    for row in rows:
        sheet.append(list(row))
    for area in merge:
        sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def roster_row(name: str, title: str = "Công chức", **more: Any) -> list[Any]:
    """Return one row of a roster."""
    values = {"la": "", "truong": "", "thu": "", "dt": "", "tu": date(2024, 3, 1), "den": None} | more
    return [
        name,
        title,
        values["la"],
        values["truong"],
        values["thu"],
        values["dt"],
        values["tu"],
        values["den"],
    ]
