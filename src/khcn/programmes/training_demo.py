"""Demo content of training: topics, positions, sixty invented people of six units, records, an open survey, a proposal."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from khcn.core.dates import local_date
from khcn.core.demo import Progress
from khcn.core.errors import KhcnError
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, Unit, User
from khcn.programmes.enums_training import Level, Staff
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.training import TrainingPerson, TrainingPost, TrainingTopic
from khcn.programmes.rules.training import add_months
from khcn.programmes.services.training_people import PersonWish, person_account, person_save
from khcn.programmes.services.training_proposals import CourseWish, proposal_save, proposal_submit
from khcn.programmes.services.training_records import RecordWish, record_enter, record_verify
from khcn.programmes.services.training_setup import (
    Required,
    TopicWish,
    position_save,
    programme_teaches,
    topic_save,
)
from khcn.programmes.services.training_surveys import Wanted, needs_answer, survey_open

TOPICS: Final = (
    TopicWish("ATTT", "An toàn thông tin", "Nhận biết lừa đảo, giữ mật khẩu, bảo vệ dữ liệu của dân.", 24),
    TopicWish("CDS", "Chuyển đổi số trong công việc", "Xử lý công việc và hồ sơ trên môi trường số.", 36),
    TopicWish(
        "SHTT",
        "Sở hữu trí tuệ cơ bản",
        "Hướng dẫn người dân, doanh nghiệp đăng ký nhãn hiệu, sáng chế.",
        None,
    ),
    TopicWish("STEM", "Dạy học STEM", "Tổ chức bài học thực hành ở trường.", 36, audience=Staff.TEACHERS),
    TopicWish(
        "AI",
        "Dùng trí tuệ nhân tạo có trách nhiệm",
        "Dùng công cụ AI đúng quy định, không đưa dữ liệu riêng.",
        12,
    ),
)
# title, audience, topics with level and months
POSITIONS: Final = (
    ("Lãnh đạo đơn vị", Staff.OFFICIALS, {"ATTT": (Level.MANDATORY, 6), "CDS": (Level.MANDATORY, 12)}),
    ("Công chức", Staff.OFFICIALS, {"ATTT": (Level.MANDATORY, 6), "CDS": (Level.MANDATORY, 12), "SHTT": (Level.RECOMMENDED, None)}),
    ("Công chức văn hóa – xã hội", Staff.OFFICIALS, {"ATTT": (Level.MANDATORY, 6), "AI": (Level.RECOMMENDED, None)}),
    ("Giáo viên", Staff.TEACHERS, {"STEM": (Level.MANDATORY, 12), "AI": (Level.RECOMMENDED, None)}),
    ("Giáo viên cốt cán", Staff.TEACHERS, {"STEM": (Level.MANDATORY, 6), "ATTT": (Level.MANDATORY, 12)}),
)  # fmt: skip
FAMILY: Final = ("Mẫu", "Thử", "Ví", "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh")
MIDDLE: Final = ("Thị", "Văn", "Ngọc", "Minh", "Thu", "Quang")
GIVEN: Final = (
    "An",
    "Bảo",
    "Châu",
    "Duy",
    "Giang",
    "Hạnh",
    "Khôi",
    "Lan",
    "Mai",
    "Nam",
    "Oanh",
    "Phúc",
    "Quyên",
    "Sơn",
    "Thảo",
    "Vy",
)
UNITS: Final = 6
EACH: Final = 10


def load(progress: Progress, now: datetime) -> None:
    """Make everything once; with fewer units there are fewer people."""
    if TrainingTopic.objects.exists():
        return
    officer = User.objects.filter(username="daumoi").first()
    units = _units(local_date(now))
    if officer is None or not units:
        return
    topics = {wish.code: topic_save(actor=officer, wish=wish, now=now) for wish in TOPICS}
    for title, audience, wanted in POSITIONS:
        required = {topics[code].pk: Required(level, months) for code, (level, months) in wanted.items()}
        position_save(
            actor=officer, unit=None, title=title, staff=None, audience=audience, required=required, now=now
        )
    people = [
        _person(officer, unit, place, number, now)
        for place, unit in enumerate(units)
        for number in range(EACH)
    ]
    for number, person in enumerate(people):
        _records(officer, person, number, topics, now)
    _accounts(officer, units[0], now)
    _programmes(officer, topics, now)
    _survey(officer, units, topics, now)
    _proposal(units[0], topics, now)
    progress(f"training: {len(people)} people of {len(units)} units")


def _units(day: date) -> list[Unit]:
    """Return the units: that of the demo's reporter first, then others in their order."""
    held = (
        Membership.objects.in_force(day)
        .filter(user__username="baocao", role=Role.UNIT_REPORTER)
        .select_related("unit")
        .first()
    )
    rows = (
        Unit.objects.in_force(day)
        .filter(kind__is_group=False, parent__isnull=False)
        .order_by("order", "sort_key", "pk")
    )
    first = [held.unit] if held else []
    return [*first, *(rows.exclude(pk=first[0].pk) if first else rows)[: UNITS - len(first)]]


def _person(officer: User, unit: Unit, place: int, number: int, now: datetime) -> TrainingPerson:
    index = place * EACH + number
    title, audience, _wanted = POSITIONS[(number * 3 + place) % len(POSITIONS)]
    name = f"{FAMILY[index % len(FAMILY)]} {MIDDLE[(index // 3) % len(MIDDLE)]} {GIVEN[(index * 7 + place) % len(GIVEN)]}"
    since = add_months(local_date(now), -(4 + (index * 11) % 70))
    wish = PersonWish(name, title, audience, since, email=f"mau.hoc{index:02d}@example.vn")
    return person_save(actor=officer, unit=unit, wish=wish, now=now)


def _records(
    officer: User, person: TrainingPerson, number: int, topics: dict[str, TrainingTopic], now: datetime
) -> None:
    """Enter what was learnt: some long ago, some soon over, some waiting to be verified, some nothing at all."""
    ages = {
        "ATTT": (3, 22, 30, 0, 12),
        "CDS": (10, 0, 34, 40, 5),
        "SHTT": (50, 0, 20, 0, 0),
        "STEM": (8, 35, 0, 14, 40),
        "AI": (0, 11, 0, 20, 0),
    }
    for place, (code, months) in enumerate(ages.items()):
        age = months[(number + place) % 5]
        if not age:
            continue
        topic = topics[code]
        wish = RecordWish(
            topic.pk, f"Khóa {topic.name.lower()} (mẫu)", "Trường bồi dưỡng mẫu", add_months(local_date(now), -age), Decimal(16),
            f"M{number:03d}/{code}",
        )  # fmt: skip
        row = record_enter(
            actor=officer, person_id=person.pk, wish=wish, client_key=f"demo-{code}-{number}", now=now
        )
        if (number + place) % 7:
            record_verify(actor=None, record_id=row.pk, now=now)


def _accounts(officer: User, unit: Unit, now: datetime) -> None:
    """Put the demo's reporter and head of the first unit on its roster, with their accounts."""
    since = add_months(local_date(now), -30)
    for username, title in (("baocao", "Công chức"), ("truongdonvi", "Lãnh đạo đơn vị")):
        user = User.objects.filter(username=username).first()
        if user is None:
            continue
        wish = PersonWish(
            user.get_full_name(), title, Staff.OFFICIALS, since, email=f"mau.{username}@example.vn"
        )
        try:
            row = person_save(actor=officer, unit=unit, wish=wish, now=now)
            person_account(actor=officer, person_id=row.pk, unit=unit, username=username, now=now)
        except KhcnError:
            continue  # somebody changed the sample accounts: leave them as they are
        topic = TrainingTopic.objects.get(code="ATTT")
        held = add_months(local_date(now), -22)
        record = RecordWish(
            topic.pk, "Khóa an toàn thông tin (mẫu)", "Trường bồi dưỡng mẫu", held, Decimal(16), "M-TK/ATTT"
        )
        made = record_enter(
            actor=officer, person_id=row.pk, wish=record, client_key=f"demo-{username}", now=now
        )
        record_verify(actor=None, record_id=made.pk, now=now)


def _programmes(officer: User, topics: dict[str, TrainingTopic], now: datetime) -> None:
    """Say what the demo's own course teaches, and let one person of a roster have the name of somebody who registered."""
    programme = Programme.objects.filter(key="mau-lop-ai-giao-vien").first()
    if programme is None:
        return
    programme_teaches(actor=officer, programme=programme, hours={topics["AI"].pk: Decimal(20)}, now=now)
    someone = programme.registrations.order_by("arrival").first()
    post = TrainingPost.objects.filter(audience=Staff.TEACHERS).select_related("unit").order_by("pk").first()
    if someone is not None and post is not None and someone.name:
        wish = PersonWish(
            someone.name,
            "Giáo viên",
            Staff.TEACHERS,
            add_months(local_date(now), -20),
            email="mau.giaovien@example.vn",
        )
        person_save(actor=officer, unit=post.unit, wish=wish, now=now)


def _survey(officer: User, units: list[Unit], topics: dict[str, TrainingTopic], now: datetime) -> None:
    """Open this year's survey; half of the units have answered."""
    today = local_date(now)
    row = survey_open(
        actor=officer, year=today.year + 1, title="", deadline=today + timedelta(days=10), topics=[one.pk for one in topics.values()],
        units=[one.pk for one in units], now=now, note="Mỗi đơn vị ghi số người cần ở từng chủ đề.",
    )  # fmt: skip
    for place, unit in enumerate(units[1:4], start=1):
        lines = [
            Wanted(
                one.pk,
                (place * 3 + number) % 9,
                1 + number % 3,
                "Quý II",
                ("room", "online", "mixed")[number % 3],
            )
            for number, one in enumerate(topics.values())
        ]
        needs_answer(actor=officer, survey_id=row.pk, unit_id=unit.pk, lines=lines, now=now)


def _proposal(unit: Unit, topics: dict[str, TrainingTopic], now: datetime) -> None:
    """Draft one proposal of the first unit and hand it to its head."""
    reporter = User.objects.filter(username="baocao").first()
    today = local_date(now)
    people = list(
        TrainingPost.objects.listed(today)
        .filter(unit=unit)
        .order_by("pk")
        .values_list("person_id", flat=True)[:3]
    )
    wish = CourseWish(
        "Chuyển đổi số cho cán bộ cơ sở (mẫu)", topics["CDS"].pk, "Học viện mẫu", today + timedelta(days=30), today + timedelta(days=34),
        "Cơ sở mẫu", Decimal(40), Decimal(1_500_000), "Bổ sung kỹ năng xử lý hồ sơ trực tuyến.",
    )  # fmt: skip
    try:
        row = proposal_save(
            actor=reporter, unit=unit, wish=wish, people=people, now=now, client_key="demo-proposal"
        )
        proposal_submit(actor=reporter, proposal_id=row.pk, now=now)
    except KhcnError:
        return
