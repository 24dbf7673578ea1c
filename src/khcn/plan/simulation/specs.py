"""What a simulated city is made of, as plain data: units, people, the plan of a year, the form of its reports."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from khcn.engines.plans.types import (
    HeaderSpec,
    PlanFile,
    RecipientSpec,
    SectionSpec,
    SignerSpec,
    TaskSpec,
    UnitSpec,
)
from khcn.orgs.enums import Role
from khcn.orgs.models import Unit
from khcn.orgs.services.people_batch import PersonSpec
from khcn.plan.rules.regime_forms import FigureRow, Form, register, usual_headings, usual_rules
from khcn.plan.simulation import MARK, PERSON_MARK, City

COMMITTEE, FOCAL, FINANCE, GROUP = (f"{MARK}{name}" for name in ("uy-ban", "dau-moi", "tai-chinh", "nhom"))
TASKS: Final = 40
SECTIONS: Final = 8
FORM_CODES: Final = (
    "classes", "registrations", "people_trained", "teachers_trained", "pupils_trained", "curricula_completed", "sessions",
    "attendees", "documents_disseminated", "communication_items", "people_reached", "activities", "visits",
    "pupils_attending", "schools", "contests", "entries", "awards", "exhibitions", "exhibitors", "visitors",
    "cases_received", "cases_answered", "answered_on_time", "inspections", "findings", "findings_resolved",
    "enterprises_supported", "budget_allocated_vnd", "budget_disbursed_vnd",
)  # fmt: skip
_KINDS: Final = (
    # kind, what it is called, the figures it names
    ("training", "Tập huấn", ("classes", "people_trained")),
    ("communication", "Tuyên truyền", ("communication_items", "people_reached")),
    ("legal", "Phổ biến pháp luật", ("sessions", "attendees")),
    ("contest", "Tổ chức cuộc thi", ("contests", "entries")),
    ("visit", "Tham quan, học tập", ("visits", "pupils_attending")),
    ("exhibition", "Triển lãm, gặp gỡ", ("exhibitions", "visitors")),
    ("library", "Cập nhật thư viện", ("documents_disseminated",)),
    ("support", "Hỗ trợ", ("enterprises_supported",)),
)
_TOPICS: Final = (
    "sở hữu trí tuệ", "chuyển đổi số", "an toàn bức xạ", "tiêu chuẩn đo lường chất lượng", "khởi nghiệp đổi mới sáng tạo",
)  # fmt: skip
_DEADLINES: Final = ((6, 30), (9, 30), (11, 30), (12, 20))
_FAMILY: Final = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ")
_MIDDLE: Final = ("Văn", "Thị", "Minh", "Ngọc", "Thanh", "Quốc", "Thu", "Hữu", "Kim", "Đức")
_GIVEN: Final = ("An", "Bình", "Châu", "Dũng", "Giang", "Hà", "Khánh", "Lan", "Mai", "Nam", "Phúc", "Quân", "Sơn", "Trang", "Vy")  # fmt: skip


def ward_key(number: int) -> str:
    """Return the key of the n-th reporting unit."""
    return f"{MARK}don-vi-{number:03d}"


def unit_specs(city: City) -> tuple[UnitSpec, ...]:
    """Return the units of a city: committee, focal unit, finance, the reporting units and their group."""
    wards = [
        UnitSpec(ward_key(n), f"Đơn vị mô phỏng {n:03d}", short_name=f"ĐV {n:03d}", kind="people-committee", level="ward", parent=COMMITTEE)
        for n in range(1, city.units + 1)
    ]  # fmt: skip
    return (
        UnitSpec(COMMITTEE, "Ủy ban nhân dân thành phố mô phỏng", kind="people-committee", level="city"),
        UnitSpec(FOCAL, "Phòng Quản lý khoa học mô phỏng", kind="division", level="city", parent=COMMITTEE),
        UnitSpec(FINANCE, "Phòng Tài chính mô phỏng", kind="division", level="city", parent=COMMITTEE),
        *wards,
        UnitSpec(GROUP, "Các đơn vị mô phỏng", kind="group", members=tuple(one.key for one in wards)),
    )


def people_specs(city: City, units: dict[str, Unit]) -> list[PersonSpec]:
    """Return the people: six of the city, a reporter and a head for each unit."""
    chance = city.random("people")

    def name() -> str:
        return f"{chance.choice(_FAMILY)} {chance.choice(_MIDDLE)} {chance.choice(_GIVEN)}"

    office = (
        ("chuyen-vien", Role.FOCAL_OFFICER, FOCAL), ("truong-phong", Role.FOCAL_HEAD, FOCAL),
        ("lanh-dao", Role.LEADER, COMMITTEE), ("tai-chinh-1", Role.FINANCE, FINANCE),
        ("tai-chinh-2", Role.FINANCE, FINANCE), ("van-thu", Role.CLERK, COMMITTEE),
    )  # fmt: skip
    people = [PersonSpec(f"{PERSON_MARK}{login}", name(), role, units[key]) for login, role, key in office]
    for number in range(1, city.units + 1):
        unit = units[ward_key(number)]
        people.append(PersonSpec(f"{PERSON_MARK}bao-cao-{number:03d}", name(), Role.UNIT_REPORTER, unit))
        people.append(PersonSpec(f"{PERSON_MARK}thu-truong-{number:03d}", name(), Role.UNIT_HEAD, unit))
    return people


def task_specs(year: int) -> list[TaskSpec]:
    """Return forty tasks; of five, three go to every unit and two stay with the focal unit."""
    tasks = []
    for index in range(TASKS):
        section, place = divmod(index, TASKS // SECTIONS)
        kind, words, indicators = _KINDS[(section + place) % len(_KINDS)]
        topic = _TOPICS[(section * 3 + place) % len(_TOPICS)]
        fan_out = place < 3
        month, day = _DEADLINES[(section + place) % len(_DEADLINES)]
        tasks.append(
            TaskSpec(
                code=f"II.{section + 1}-{'abcde'[place]}",
                section=f"II.{section + 1}",
                title=f"{words} về {topic} (đợt {section + 1}.{place + 1}) năm {year}",
                kind=kind,
                lead=FOCAL,
                lead_basis="explicit",
                cooperating=(GROUP,) if fan_out else (),
                coop_basis="explicit" if fan_out else "",
                fan_out=fan_out,
                starts_on=date(year, 1, 15),
                deadline=date(year, month, day),
                deadline_basis="explicit",
                indicators=indicators,
            )
        )
    return tasks


def plan_file(city: City, year: int) -> PlanFile:
    """Return the plan of one year as if read from a file."""
    number = 40 + year % 50
    sections = tuple(SectionSpec(f"II.{n}", f"Nhóm nhiệm vụ {n}") for n in range(1, SECTIONS + 1))
    header = HeaderSpec(
        full_number=f"{number}/KH-MP",
        title=f"Kế hoạch hoạt động khoa học và công nghệ mô phỏng năm {year}",
        number=number,
        symbol="KH-MP",
        issuer=COMMITTEE,
        place="Thành phố mô phỏng",
        date=date(year, 1, 10),
        year=year,
        signer=SignerSpec("Người Ký Mô Phỏng", "Chủ tịch", "TM."),
        recipients=(RecipientSpec("Như trên"),),
    )
    return PlanFile(
        key=city.plan_key(year),
        header=header,
        sections=sections,
        tasks=tuple(task_specs(year)),
        units=unit_specs(city),
        purpose=("Số liệu mô phỏng để đo tốc độ và tập dùng; không phải kế hoạch thật.",),
    )


def regime_form() -> Form:
    """Return the form of thirty figures with the usual headings and rules."""
    known = {row["code"] for row in register()["indicator"]}
    missing = [code for code in FORM_CODES if code not in known]
    if missing:
        raise LookupError(f"the register of indicators lacks {missing}")
    rows = [FigureRow(code, group=f"Nhóm {place // 10 + 1}") for place, code in enumerate(FORM_CODES)]
    return Form(usual_headings(), rows, usual_rules(FORM_CODES))


def sentences(words: Sequence[str], count: int) -> str:
    """Return the first sentences of a list as one text."""
    return "\n".join(words[:count])
