"""Demo content of registrations: made-up people in the calendar's programmes, as if while these were open."""

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from khcn.core.demo import Progress
from khcn.programmes.enums import Audience, ConsentPurpose
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.programmes import Programme
from khcn.programmes.services.registrations import Person, group_create, registration_create

FAMILY: Final = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi")
GIVEN: Final = ("An", "Bình", "Chi", "Dũng", "Giang", "Hạnh", "Khoa", "Linh", "Minh", "Ngọc", "Phúc", "Quỳnh")
PROGRAMMES: Final = (
    ("mau-lop-ai-giao-vien", Audience.TEACHERS, 24),
    ("mau-hoi-thao-chuyen-doi-so", Audience.SMES, 12),
    ("mau-ket-noi-khoi-nghiep", Audience.YOUNG, 9),
    ("mau-tham-quan-vuon-uom", Audience.PUPILS, 30),
)


def load(progress: Progress, now: datetime) -> None:
    """Register people where nobody is registered yet; what is missing or closed is passed over."""
    for key, audience, count in PROGRAMMES:
        programme = Programme.objects.filter(key=key).first()
        if programme is None or programme.by_session or programme.registrations.exists():
            continue
        people = [_person(number, audience, now.year) for number in range(count)]
        try:
            _register(programme, people, _open_moment(programme, now))
        except ProgrammeError:  # somebody closed or changed the sample: leave it as it is
            continue
        progress(programme.title)


def _person(number: int, audience: str, year: int) -> Person:
    given = f"{GIVEN[number % 12]} {GIVEN[(number * 5 + 3 + number // 12) % 12]}"
    born = year - (13 if audience == Audience.PUPILS else 24 + number % 17)
    name = f"{FAMILY[number % 8]} {('Thị', 'Văn')[number % 2]} {given}"
    return Person(name, audience, sex=("female", "male")[number % 2], birth_year=born)


def _register(programme: Programme, people: list[Person], at: datetime) -> None:
    if people[0].audience == Audience.PUPILS:
        group_create(
            programme=programme, now=at, name="Trường THCS Mẫu", label="7A", people=people, contact_name="Cô Mẫu",
            contact_address="co.mau@example.vn", agreed=True,
        )  # fmt: skip
        return
    for number, person in enumerate(people):
        registration_create(
            programme=programme, person=person, now=at, address=f"mau{number}@example.vn",
            consents=[ConsentPurpose.PROCESSING, *programme.purpose_list[: number % 2]],
        )  # fmt: skip


def _open_moment(programme: Programme, now: datetime) -> datetime:
    """Return a moment when it was open: two days before it began, or closed, at the latest two hours ago."""
    ends = [now - timedelta(hours=2)]
    if programme.closes_at is not None:
        ends.append(programme.closes_at - timedelta(days=1))
    if programme.starts_on is not None:
        begins = timezone.make_aware(datetime.combine(programme.starts_on, datetime.min.time()))
        ends.append(begins - timedelta(days=2))
    return max(min(ends), programme.opens_at) if programme.opens_at else min(ends)
