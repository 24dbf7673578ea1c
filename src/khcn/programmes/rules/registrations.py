"""What a person who registers is, how it is cleaned, and who may register without a school."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.engines.text.fold import fold
from khcn.programmes.enums import Audience, Sex
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.rules.texts import plain_line

ADULT: Final = 18
ALONE: Final = 16  # younger people are registered by their school or their parents' group


@dataclass(frozen=True)
class Person:
    """Who takes part. Everything but the name and for whom may be empty; ``answers`` by the key of the question."""

    name: str
    audience: str
    sex: str = ""
    birth_year: int | None = None
    organisation: str = ""
    class_name: str = ""
    guardian_name: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one row: the row as the sheet counts it, its column, a sentence."""

    where: str
    item: str
    message: str


class PeopleError(ProgrammeError):
    """A list of people that was not taken in; nothing of it was. ``faults`` names every wrong row."""

    code = "programme-people"

    def __init__(self, message: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message, field="file")
        self.faults = faults


def line_of(text: str, most: int, name: str) -> str:
    """Return a clean line, or say that it is too long. :raises ProgrammeError: with the field ``name``."""
    clean = plain_line(text)
    if len(clean) > most:
        raise ProgrammeError(_("Dài quá %(most)s ký tự. Hãy viết gọn lại.") % {"most": most}, field=name)
    return clean


def person_clean(person: Person, year: int) -> Person:
    """Return a person as it is kept. :raises ProgrammeError: with the field and what to write instead."""
    name = line_of(person.name, 150, "name")
    if not any(unicodedata.category(sign).startswith("L") for sign in name):
        raise ProgrammeError(_("Hãy ghi họ và tên."), field="name")
    if person.audience not in Audience.values:
        raise ProgrammeError(_("Hãy chọn bạn là ai trong danh sách."), field="audience")
    if person.sex and person.sex not in Sex.values:
        raise ProgrammeError(_("Hãy chọn Nam, Nữ hoặc để trống."), field="sex")
    if person.birth_year is not None and not year - 120 <= person.birth_year <= year:
        raise ProgrammeError(
            _("Năm sinh chưa hợp lý. Hãy ghi đủ bốn chữ số, ví dụ 2012."), field="birth_year"
        )
    return replace(
        person,
        name=name,
        organisation=line_of(person.organisation, 200, "organisation"),
        class_name=line_of(person.class_name, 60, "class_name"),
        guardian_name=line_of(person.guardian_name, 150, "guardian_name"),
    )


def is_minor(audience: str, birth_year: int | None, year: int) -> bool:
    """Whether somebody counts as under 18: by year of birth; a pupil without one does, and one who turns 18 this year."""
    if birth_year is None:
        return audience == Audience.PUPILS
    age = year - birth_year
    return age < ADULT or (age == ADULT and audience == Audience.PUPILS)


def check_alone(person: Person, year: int) -> None:
    """Refuse children who register without their school. :raises ProgrammeError:"""
    if person.audience == Audience.PUPILS and person.birth_year is None:
        raise ProgrammeError(_("Học sinh ghi thêm năm sinh."), field="birth_year")
    if person.birth_year is not None and year - person.birth_year < ALONE:
        raise ProgrammeError(
            _(
                "Bạn chưa đủ 16 tuổi nên trường của bạn đăng ký cho bạn. Hãy nhờ thầy cô chọn “Đăng ký cho đoàn”."
            ),
            field="birth_year",
            code="too-young",
        )
    if is_minor(person.audience, person.birth_year, year) and not person.guardian_name.strip():
        raise ProgrammeError(
            _("Bạn chưa đủ 18 tuổi: hãy ghi họ tên cha mẹ hoặc người giám hộ."), field="guardian_name"
        )


def same_person(one: Person) -> tuple[object, ...]:
    """Return what two rows of one list may not share."""
    return fold(one.name), one.birth_year, fold(one.class_name), one.sex
