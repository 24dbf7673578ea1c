"""Topics in a given state, through the services; the money is a fake or the plan's own."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from khcn.orgs.enums import Role
from khcn.orgs.models import Unit, User
from khcn.programmes.enums import PhaseKind
from khcn.programmes.enums_topics import CouncilKind, CouncilSeat, TopicFileKind
from khcn.programmes.models.topics import Topic, TopicCall, TopicCriterion, TopicRubric
from khcn.programmes.models.topics_council import TopicCouncil, TopicReview
from khcn.programmes.rules.topics import BudgetLine, Member, MilestonePlan, Product, Work
from khcn.programmes.services.topics_base import Door
from khcn.programmes.services.topics_conflicts import conflicts_declare
from khcn.programmes.services.topics_contracts import ContractTerms, contract_save, contract_sign
from khcn.programmes.services.topics_councils import CouncilTerms, council_create, juror_add
from khcn.programmes.services.topics_decisions import decision_number, topic_approve, topic_check
from khcn.programmes.services.topics_files import file_add
from khcn.programmes.services.topics_milestones import (
    Voucher,
    milestone_accept,
    milestone_pay,
    milestone_report,
)
from khcn.programmes.services.topics_phases import phase_move
from khcn.programmes.services.topics_proposals import (
    Host,
    Proposal,
    proposal_save,
    proposal_submit,
    topic_start_unit,
)
from khcn.programmes.services.topics_reviews import council_close, council_freeze, review_save
from tests.orgs.factories import give_role, make_unit, make_user
from tests.programmes.factories import NOW, TODAY, People

M: Any = 1_000_000  # compared with decimals
TASK = "II.5-c"
D = Decimal
_number = count(1)
PLAN = (
    MilestonePlan("Khảo sát", "Báo cáo khảo sát", TODAY + timedelta(days=30), D(20 * M)),
    MilestonePlan("Thử nghiệm", "Báo cáo thử nghiệm", TODAY + timedelta(days=90), D(30 * M)),
    MilestonePlan("Tổng kết", "Báo cáo tổng kết", TODAY + timedelta(days=180), D(10 * M)),
)
CLASSES = [
    {"key": "excellent", "title": "Xuất sắc", "least": "90"}, {"key": "good", "title": "Khá", "least": "70"},
    {"key": "pass", "title": "Đạt", "least": "50"}, {"key": "fail", "title": "Không đạt"},
]  # fmt: skip


def upload(text: str = "", name: str = "thuyet-minh.txt") -> SimpleUploadedFile:
    """Return a text file, each with other words."""
    return SimpleUploadedFile(name, f"Nội dung thử {text or next(_number)}".encode())


def make_rubric(kind: str, **fields: Any) -> TopicRubric:
    """Return a published rubric of two criteria, 100 points, passed with 50; acceptance with four classes."""
    version = TopicRubric.objects.filter(kind=kind).count() + 1
    values = {
        "title": "Bộ tiêu chí thử", "pass_total": D(50), "published_at": NOW, "created_at": NOW, "least_sheets": 3,
        "classes": CLASSES if kind == CouncilKind.ACCEPTANCE else [],
    } | fields  # fmt: skip
    rubric = TopicRubric.objects.create(kind=kind, version=version, **values)
    for number, key in enumerate(("y-nghia", "kha-thi")):
        TopicCriterion.objects.create(
            rubric=rubric, key=key, title=f"Tiêu chí {key}", most=50, order=number,
            anchors=[{"points": 50, "text": "Rất tốt"}, {"points": 25, "text": "Đạt"}],
        )  # fmt: skip
    return rubric


def make_topic_call(people: People, **fields: Any) -> TopicCall:
    """Return an open call: ten days more, 100 million at most, money on one task."""
    number = next(_number)
    values = {
        "key": f"dot-{number}", "state": "published", "unit": people.focal, "year": 2026, "title": f"Đợt thử {number}",
        "text": "Mời đề xuất", "opens_at": NOW - timedelta(days=10), "closes_at": NOW + timedelta(days=10), "task_code": TASK,
        "budget_year": 2026, "ceiling_vnd": D(100 * M), "created_at": NOW, "published_at": NOW,
    } | fields  # fmt: skip
    if "appraisal" not in fields:
        values["appraisal"], values["acceptance"] = make_rubric("appraisal"), make_rubric("acceptance")
    return TopicCall.objects.create(**values)


def proposal(**fields: Any) -> Proposal:
    """Return a whole proposal that costs 60 million of the state and 5 own."""
    values = {
        "title": "Đếm khách ở chợ bằng camera", "field": "Công nghệ thông tin", "leader_name": "Lê Thị Chủ Nhiệm",
        "summary": "Đếm lượt khách ở các chợ nhà lồng bằng camera sẵn có.", "leader_organisation": "",
        "objectives": "Có số liệu khách của các chợ theo giờ.", "methods": "Thị giác máy tính trên máy tại chợ.", "months": 12,
        "members": (Member("Trần Văn Thư Ký", "secretary"), Member("Phạm Thị Viên", organisation="Viện Thử")),
        "works": (Work("Khảo sát", 1, 3), Work("Thử nghiệm", 4, 12)),
        "budget": (BudgetLine("labour", "Công lao động", D(40 * M)), BudgetLine("equipment", "Máy tính", D(20 * M), D(5 * M))),
        "products": (Product("software", "Phần mềm đếm"), Product("dataset", "Bộ số liệu"), Product("ip_right", "Quyền tác giả")),
    } | fields  # fmt: skip
    return Proposal(**values)  # type: ignore[arg-type]


def door_of(people: People, topic: Topic) -> Door:
    """Return the door of the unit's reporter."""
    return Door(actor=people.reporter, topic_id=topic.pk)


def drafted(people: People, call: TopicCall, *, now: datetime = NOW, **fields: Any) -> Topic:
    """Return a draft of the unit that lacks nothing."""
    host = Host(organisation=people.unit.name, leader_name="Lê Thị Chủ Nhiệm")
    key = f"client-key-{next(_number):08d}"
    topic = topic_start_unit(
        actor=people.reporter,
        call=call,
        unit=people.unit,
        title="Đếm khách",
        host=host,
        client_key=key,
        now=now,
    )
    door = door_of(people, topic)
    proposal_save(door=door, proposal=proposal(**fields), revision=topic.revision, now=now)
    file_add(door=door, kind=TopicFileKind.PROPOSAL, file=upload(), now=now)
    return Topic.objects.get(pk=topic.pk)


def submitted(people: People, call: TopicCall, **fields: Any) -> Topic:
    """Return a proposal that was handed in."""
    return proposal_submit(door=door_of(people, drafted(people, call, **fields)), now=NOW)


def checked(people: People, call: TopicCall, **fields: Any) -> Topic:
    """Return a proposal that may go before a council."""
    topic = submitted(people, call, **fields)
    return topic_check(actor=people.officer, topic_id=topic.pk, note="Đủ hồ sơ", now=NOW)


def make_juror_user(unit: Unit | None = None) -> User:
    """Return a person with the role of a juror in a unit of their own."""
    user = make_user()
    give_role(user, Role.JUROR, unit or make_unit())
    return user


def make_council(
    people: People, topics: list[Topic], *, kind: str = CouncilKind.APPRAISAL, jurors: int = 3, phase: str = PhaseKind.JUDGING
) -> TopicCouncil:  # fmt: skip
    """Return a council of strangers who declared nothing against the topics, in a phase."""
    call = topics[0].call
    rubric = call.appraisal if kind == CouncilKind.APPRAISAL else call.acceptance
    assert rubric is not None
    terms = CouncilTerms("Hội đồng thử", "01/QĐ-THU", TODAY, met_on=TODAY)
    council = council_create(
        actor=people.officer, kind=kind, rubric_id=rubric.pk, topic_ids=[one.pk for one in topics], terms=terms,
        client_key=f"council-key-{next(_number):08d}", now=NOW,
    )  # fmt: skip
    seats = [CouncilSeat.CHAIR, CouncilSeat.SECRETARY, CouncilSeat.REVIEWER]
    for number in range(jurors):
        seat = seats[number] if number < 3 else CouncilSeat.MEMBER
        juror_add(actor=people.officer, council_id=council.pk, user=make_juror_user(), seat=seat, now=NOW)
    if phase != PhaseKind.PREPARING:
        phase_move(actor=people.officer, council_id=council.pk, to=PhaseKind.DECLARING, now=NOW)
    if phase == PhaseKind.JUDGING:
        declare_all(council)
        phase_move(actor=people.officer, council_id=council.pk, to=PhaseKind.JUDGING, now=NOW)
    council.refresh_from_db()
    return council


def declare_all(council: TopicCouncil, *, now: datetime = NOW) -> None:
    """Let every juror declare that there is nothing to declare."""
    for juror in council.jurors.filter(removed_at=None):
        conflicts_declare(actor=juror.user, juror_id=juror.pk, chosen=(), confirmed=True, now=now)


def score_all(council: TopicCouncil, points: int = 40, *, now: datetime = NOW) -> None:
    """Let every juror give the same points to every criterion."""
    for review in TopicReview.objects.filter(council=council, void_at=None, submitted_at=None):
        review_save(
            actor=review.juror.user, review_id=review.pk, points={"y-nghia": D(points), "kha-thi": D(points)},
            comment="Nhận xét của thành viên hội đồng", revision=review.revision, submit=True, now=now,
        )  # fmt: skip


def judged(
    people: People, topics: list[Topic], *, kind: str = CouncilKind.APPRAISAL, points: int = 40
) -> TopicCouncil:
    """Take topics through a council to its end."""
    council = make_council(people, topics, kind=kind)
    score_all(council, points)
    council_freeze(actor=people.officer, council_id=council.pk, now=NOW)
    return council_close(actor=people.focal_head, council_id=council.pk, now=NOW)


def approved(people: People, call: TopicCall, amount: int = 60 * M, **fields: Any) -> Topic:
    """Return a topic that was approved, with the number of the decision."""
    topic = checked(people, call, **fields)
    judged(people, [topic])
    topic_approve(actor=people.leader, topic_id=topic.pk, amount=D(amount), note="", now=NOW)
    return decision_number(actor=people.clerk, topic_id=topic.pk, number="12/QĐ-THU", day=TODAY, now=NOW)


def terms(value: int = 60 * M, **fields: Any) -> ContractTerms:
    """Return a contract of a year."""
    values = {
        "number": f"{next(_number)}/HĐ", "dated": TODAY, "side_a": "Bà A, trưởng phòng", "side_b": "Ông B, giám đốc",
        "value": D(value), "starts_on": TODAY, "ends_on": TODAY + timedelta(days=365),
    } | fields  # fmt: skip
    return ContractTerms(**values)  # type: ignore[arg-type]


def running(people: People, call: TopicCall, **fields: Any) -> Topic:
    """Return a topic under contract: milestones of 20, 30 and 10 million."""
    topic = approved(people, call, **fields)
    contract_save(actor=people.officer, topic_id=topic.pk, terms=terms(), milestones=PLAN, now=NOW)
    contract_sign(actor=people.leader, topic_id=topic.pk, now=NOW)
    return Topic.objects.get(pk=topic.pk)


def report(people: People, topic: Topic, number: int, *, now: datetime = NOW) -> None:
    """Report a milestone with a file."""
    door = door_of(people, topic)
    file_add(door=door, kind=TopicFileKind.REPORT, file=upload(), now=now, milestone=number)
    milestone_report(door=door, number=number, report="Đã làm xong các việc của mốc này.", now=now)


def accept(people: People, topic: Topic, number: int, *, now: datetime = NOW) -> None:
    """Report a milestone and accept it."""
    report(people, topic, number, now=now)
    milestone_accept(actor=people.officer, topic_id=topic.pk, number=number, note="", now=now)


def pay(
    people: People, topic: Topic, number: int, *, key: str = "", day: date = TODAY, now: datetime = NOW
) -> Any:
    """Book the payment of a milestone."""
    return milestone_pay(
        actor=people.finance, topic_id=topic.pk, number=number, voucher=Voucher(day, f"UNC-{number}"),
        client_key=key or f"payment-key-{number}-{next(_number)}", now=now,
    )  # fmt: skip


def final_report(people: People, topic: Topic) -> None:
    """Hand in the final report."""
    file_add(door=door_of(people, topic), kind=TopicFileKind.FINAL, file=upload(name="tong-ket.txt"), now=NOW)
