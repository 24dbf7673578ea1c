"""The units and people of the simulated district, and what all parts of the simulation share."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone

from khcn.engines.text.collate import person_key, sort_key
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, Unit, UnitKind, User
from khcn.programmes.enums import Audience, Sex
from khcn.programmes.rules.registrations import Person
from khcn.programmes.simulation import MARK, PERSON_MARK, Year

UNITS: Final = 14
FAMILY: Final = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
]
MIDDLE: Final = ["Văn", "Thị", "Minh", "Ngọc", "Quốc", "Thanh", "Thùy", "Gia", "Bảo", "Hữu", "Đức", "Kim"]
GIVEN: Final = [
    "An",
    "Bình",
    "Châu",
    "Dũng",
    "Đạt",
    "Giang",
    "Hà",
    "Hiếu",
    "Khánh",
    "Lan",
    "Linh",
    "Mai",
    "Nam",
    "Nga",
    "Oanh",
    "Phúc",
    "Quân",
    "Sơn",
    "Tâm",
    "Uyên",
    "Vy",
    "Ý",
    "Yến",
]


@dataclass(slots=True)
class Stage:
    """Who acts, where, and the dice."""

    size: Year
    dice: random.Random
    units: list[Unit] = field(default_factory=list)
    reporters: dict[int, User] = field(default_factory=dict)
    heads: dict[int, User] = field(default_factory=dict)
    staff: dict[str, User] = field(default_factory=dict)
    jurors: list[User] = field(default_factory=list)
    people: int = 0

    def person(self, audience: str) -> Person:
        """Return somebody new; one in three says nothing about sex."""
        self.people += 1
        name = (
            f"{self.dice.choice(FAMILY)} {self.dice.choice(MIDDLE)} {self.dice.choice(GIVEN)} {self.people}"
        )
        child = audience == Audience.PUPILS
        born = (
            self.size.year - self.dice.randrange(11, 18)
            if child
            else self.size.year - self.dice.randrange(22, 60)
        )
        return Person(
            name=name, audience=audience, sex=self.dice.choice(["", Sex.FEMALE, Sex.MALE]), birth_year=born,
            organisation=f"Trường số {self.dice.randrange(30)}" if child else "",
            class_name=f"{self.dice.randrange(6, 12)}A" if child else "",
            guardian_name="Người giám hộ" if child else "",
        )  # fmt: skip

    def address(self) -> str:
        """Return a mail address that nobody has."""
        return f"nguoi-{self.people}@example.vn"

    def moment(self, day: date, hour: int = 8, minute: int = 0) -> datetime:
        """Return a local hour of a day."""
        return datetime.combine(day, time(hour, minute), timezone.get_current_timezone())

    def working_day(self, first: date, last: date) -> date:
        """Return a weekday between two days, both included."""
        day = first + timedelta(days=self.dice.randrange((last - first).days + 1))
        return day - timedelta(days=max(0, day.weekday() - 4))


def stage_set(size: Year) -> Stage:
    """Make units, accounts and roles of the district; they are there from the first day of the year before."""
    stage = Stage(size, random.Random(size.seed))  # noqa: S311  # dice of a simulation
    first = date(size.year - 1, 1, 1)
    kind, _made = UnitKind.objects.get_or_create(code="phong", defaults={"label": "Phòng chuyên môn"})
    names = [f"Đơn vị mô phỏng {number:02}" for number in range(UNITS)]
    stage.units = [_unit(name, kind, number, first) for number, name in enumerate(names)]
    committee = _unit("Ủy ban mô phỏng", kind, UNITS, first)
    for role in (Role.FOCAL_OFFICER, Role.FOCAL_HEAD, Role.LEADER, Role.FINANCE, Role.CLERK):
        stage.staff[role] = _person(str(role), [role], committee, first)
    stage.staff["second officer"] = _person("focal_officer_2", [Role.FOCAL_OFFICER], committee, first)
    for unit in stage.units:
        stage.reporters[unit.pk] = _person(f"bao-cao-{unit.order}", [Role.UNIT_REPORTER], unit, first)
        stage.heads[unit.pk] = _person(f"thu-truong-{unit.order}", [Role.UNIT_HEAD], unit, first)
    stage.jurors = [_person(f"giam-khao-{one}", [Role.JUROR], committee, first) for one in range(7)]
    return stage


def _unit(name: str, kind: UnitKind, number: int, first: date) -> Unit:
    return Unit.objects.create(
        key=f"{MARK}-ct-{number}",
        name=name,
        kind=kind,
        order=number,
        sort_key=sort_key(name),
        valid_from=first,
    )


def _person(login: str, roles: Sequence[Role], unit: Unit, first: date) -> User:
    name = f"Người Mô Phỏng {login}"
    user = User(username=f"{PERSON_MARK}{login}", full_name=name, person_key=person_key(name), is_active=True)
    user.set_unusable_password()
    user.save()
    Membership.objects.bulk_create(
        Membership(user=user, unit=unit, role=role, valid_from=first) for role in roles
    )
    return user
