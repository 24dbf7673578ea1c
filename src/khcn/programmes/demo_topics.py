"""Demo content of research topics: the market-hall study of the plan in the middle of its work, an open call with two
proposals, a topic of last year with its results in the library. Made-up people; through the services, by the calendar.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.core.files.base import ContentFile

from khcn.core.dates import local_date
from khcn.core.demo import Progress
from khcn.core.errors import KhcnError
from khcn.core.indicators import indicators
from khcn.core.library_port import work_maker
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold
from khcn.orgs.enums import PartyKind, Role
from khcn.orgs.models import Membership, Unit, User
from khcn.programmes.demo_contests import JURORS, juror_account
from khcn.programmes.demo_topics_texts import (
    ACCEPTANCE,
    APPRAISAL,
    CLASSES,
    DONE,
    DONE_PLAN,
    DUST,
    MEASURES,
    STUDY,
    STUDY_PLAN,
    WATER,
)
from khcn.programmes.enums import PhaseKind
from khcn.programmes.enums_topics import CouncilKind, CouncilSeat, DepositKind, TopicFileKind
from khcn.programmes.models.topics import Topic, TopicCall, TopicRubric
from khcn.programmes.models.topics_council import TopicCouncil, TopicReview
from khcn.programmes.rules.topics import MilestonePlan
from khcn.programmes.services.topics_amendments import Change, amendment_propose
from khcn.programmes.services.topics_base import Door
from khcn.programmes.services.topics_calls import (
    call_end,
    call_publish,
    call_save,
    rubric_publish,
    rubric_save,
)
from khcn.programmes.services.topics_conflicts import conflicts_declare
from khcn.programmes.services.topics_contracts import ContractTerms, contract_save, contract_sign
from khcn.programmes.services.topics_councils import CouncilTerms, council_create, juror_add
from khcn.programmes.services.topics_decisions import decision_number, topic_approve, topic_check
from khcn.programmes.services.topics_end import Settlement, topic_liquidate
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
from khcn.programmes.services.topics_results import (
    Delivered,
    Measure,
    Wanted,
    deposit_make,
    measures_save,
    product_deliver,
    product_verify,
    results_save,
)
from khcn.programmes.services.topics_reviews import (
    conclusion_save,
    council_close,
    council_freeze,
    review_save,
)
from khcn.programmes.tokens import link_token

TASK: Final = "II.5-c"  # the study of plan 82/KH-UBND
THIS, OPEN, LAST = "mau-moi-de-tai-nam-nay", "mau-moi-de-tai-dang-nhan", "mau-moi-de-tai-nam-truoc"


class Stage:
    """Who acts in the demo and what day it is there."""

    def __init__(self, unit: Unit, focal: Unit, now: datetime) -> None:
        self.unit, self.focal, self.now = unit, focal, now

    def at(self, days: int) -> datetime:
        """Return a moment some days from now (before it when negative)."""
        return self.now + timedelta(days=days)


def load(progress: Progress, now: datetime) -> None:
    """Make calls and topics once; where the plan has no money for the task, the contract stands without it."""
    reporter = (
        Membership.objects.filter(role=Role.UNIT_REPORTER, user__username="baocao")
        .select_related("unit")
        .first()
    )
    officer = (
        Membership.objects.filter(role=Role.FOCAL_OFFICER, user__username="daumoi")
        .select_related("unit")
        .first()
    )
    if reporter is None or officer is None or TopicCall.objects.filter(key__in=(THIS, OPEN, LAST)).exists():
        return
    progress("Nạp đề tài mẫu…")
    stage = Stage(reporter.unit, officer.unit, now)
    rubrics = _rubrics(stage.at(-720))
    last = _call(stage, LAST, "năm trước", (-700, -670), rubrics, task="")
    _finished(stage, last)
    call_end(actor=None, call_id=last.pk, reason="", now=stage.at(-660))
    this = _call(stage, THIS, "về chợ và thương mại", (-260, -230), rubrics)
    _study(stage, this)
    call_end(actor=None, call_id=this.pk, reason="", now=stage.at(-225))
    fresh = _call(stage, OPEN, "về môi trường và đời sống", (-10, 20), rubrics, task="")
    topic, door = _start(stage, fresh, WATER, stage.at(-6))
    proposal_submit(door=door, now=stage.at(-3))
    _by_link(stage, fresh)
    progress(
        f"topics: {Topic.objects.filter(call__in=(last, this, fresh)).count()} topics, first {topic.title[:40]}"
    )


def _rubrics(now: datetime) -> dict[str, TopicRubric]:
    found = {}
    for kind, title, rows, most in (
        (CouncilKind.APPRAISAL, "Xét duyệt đề tài cấp cơ sở (minh họa)", APPRAISAL, 70),
        (CouncilKind.ACCEPTANCE, "Nghiệm thu đề tài cấp cơ sở (minh họa)", ACCEPTANCE, 65),
    ):
        criteria = [
            {"key": key, "title": name, "most": str(points), "anchors": [
                {"points": points, "text": best}, {"points": points // 2, "text": "Có nhưng còn thiếu"}, {"points": 0, "text": "Không có"},
            ]}
            for key, name, points, best in rows
        ]  # fmt: skip
        values = {
            "title": title,
            "pass_total": Decimal(most),
            "classes": CLASSES if kind == CouncilKind.ACCEPTANCE else [],
        }
        row = rubric_save(actor=None, kind=kind, values=values, criteria=criteria, now=now)
        found[str(kind)] = rubric_publish(actor=None, rubric_id=row.pk, now=now)
    return found


def _call(
    stage: Stage, key: str, about: str, days: tuple[int, int], rubrics: dict[str, TopicRubric], *, task: str = TASK
) -> TopicCall:  # fmt: skip
    opens, closes = (stage.at(one) for one in days)
    values = {
        "title": f"Mời đề xuất đề tài nghiên cứu {about} (minh họa)", "year": opens.year, "text": (
            "Mời các đơn vị, tổ chức đề xuất đề tài nghiên cứu ứng dụng giải quyết việc cụ thể của địa phương. "
            "Hồ sơ gồm thuyết minh, dự toán, lý lịch khoa học của chủ nhiệm."
        ),
        "fields": "Công nghệ thông tin; Môi trường; Năng lượng; Quản lý đô thị", "opens_at": opens, "closes_at": closes,
        "task_code": task, "budget_year": local_date(stage.now).year, "ceiling_vnd": Decimal(250_000_000), "most_months": 18,
        "contact": f"{stage.focal.name}", "appraisal": rubrics["appraisal"], "acceptance": rubrics["acceptance"],
    }  # fmt: skip
    row = call_save(actor=None, key=key, unit=stage.focal, values=values, now=opens - timedelta(days=3))
    return call_publish(actor=None, call_id=row.pk, now=opens - timedelta(days=1))


def _file(name: str, text: str) -> ContentFile[bytes]:
    return ContentFile(f"{text}\n\nTệp minh họa.\n".encode(), name=name)


def _start(stage: Stage, call: TopicCall, proposal: Proposal, now: datetime) -> tuple[Topic, Door]:
    """Begin a proposal of the reporter's unit; handing in is left to the caller."""
    host = Host(proposal.organisation, proposal.leader_name, kind=PartyKind.SCHOOL)
    topic = topic_start_unit(
        actor=None, call=call, unit=stage.unit, title=proposal.title, host=host, client_key="", now=now
    )
    door = Door(actor=None, topic_id=topic.pk)
    proposal_save(door=door, proposal=proposal, revision=topic.revision, now=now)
    file_add(door=door, kind=TopicFileKind.PROPOSAL, file=_file("thuyet-minh.txt", proposal.title), now=now)
    return topic, door


def _by_link(stage: Stage, call: TopicCall) -> None:
    """A draft of an enterprise that came by its secret link; the contact's address is nobody's."""
    now, title = stage.at(-4), DUST.title
    topic = Topic.objects.create(
        key=f"{call.key}-mau-2", call=call, year=call.year, title=title, folded_title=fold(title), sort_key=sort_key(title),
        organisation=DUST.organisation, folded_organisation=fold(DUST.organisation), organisation_kind=PartyKind.ENTERPRISE,
        leader_name=DUST.leader_name, contact_name="Người liên hệ mẫu", contact_address="detai-mau@example.vn",
        token=link_token(), created_at=now,
    )  # fmt: skip
    door = Door(token=topic.token)
    proposal_save(door=door, proposal=DUST, revision=0, now=now)
    file_add(door=door, kind=TopicFileKind.PROPOSAL, file=_file("thuyet-minh.txt", title), now=now)
    proposal_submit(door=door, now=stage.at(-2))


def _council(stage: Stage, topic: Topic, kind: CouncilKind, day: int, share: Decimal) -> TopicCouncil:
    """Take a topic through a council that ends some days from now; every sheet gives about a share of the points."""
    met, rubric = (
        stage.at(day),
        topic.call.appraisal if kind == CouncilKind.APPRAISAL else topic.call.acceptance,
    )
    assert rubric is not None  # noqa: S101  # the demo's calls have both
    terms = CouncilTerms(
        f"{kind.label} đề tài “{topic.title}”"[:300], "31/QĐ-UBND (minh họa)", local_date(met) - timedelta(days=10),
        met_on=local_date(met), place="Phòng họp 2",
    )  # fmt: skip
    council = council_create(
        actor=None,
        kind=kind,
        rubric_id=rubric.pk,
        topic_ids=[topic.pk],
        terms=terms,
        client_key="",
        now=stage.at(day - 9),
    )
    seats = (CouncilSeat.CHAIR, CouncilSeat.SECRETARY, CouncilSeat.REVIEWER)
    for seat, (username, name) in zip(seats, JURORS, strict=True):
        user: User = juror_account(username, name, stage.now)
        juror_add(actor=None, council_id=council.pk, user=user, seat=seat, now=stage.at(day - 8))
    phase_move(actor=None, council_id=council.pk, to=PhaseKind.DECLARING, now=stage.at(day - 7))
    for juror in council.jurors.all():
        conflicts_declare(
            actor=juror.user, juror_id=juror.pk, chosen=(), confirmed=True, now=stage.at(day - 6)
        )
    phase_move(actor=None, council_id=council.pk, to=PhaseKind.JUDGING, now=stage.at(day - 5))
    for number, review in enumerate(
        TopicReview.objects.filter(council=council).select_related("juror__user").order_by("pk")
    ):
        points = {
            one.key: (one.most * (share - Decimal(number) / 50)).quantize(Decimal("0.5"))
            for one in rubric.criteria.all()
        }
        review_save(
            actor=review.juror.user, review_id=review.pk, points=points, comment="Đề tài cần thiết, cách làm rõ (minh họa).",
            revision=0, submit=True, now=stage.at(day - 2),
        )  # fmt: skip
    council_freeze(actor=None, council_id=council.pk, now=met)
    words = dict.fromkeys(
        council.cases.values_list("pk", flat=True), "Hội đồng nhất trí với kết quả chấm (minh họa)."
    )
    conclusion_save(actor=None, council_id=council.pk, conclusions=words, now=met)
    return council_close(actor=None, council_id=council.pk, now=met)


def _contract(
    stage: Stage, topic: Topic, plan: tuple[tuple[str, str, int, int], ...], number: str, days: tuple[int, int], *, money: bool
) -> None:  # fmt: skip
    """Sign a contract that runs between two days; without money of the plan where it has none."""
    signed, start, end = stage.at(days[0]), local_date(stage.at(days[0])), local_date(stage.at(days[1]))
    rows = [
        MilestonePlan(title, result, local_date(stage.at(day)), Decimal(millions * 1_000_000))
        for title, result, day, millions in plan
    ]
    value = sum((one.payment for one in rows), Decimal(0))
    for with_money in (True, False) if money else (False,):
        terms = ContractTerms(
            number=number, dated=start, side_a=f"{stage.focal.name}, đại diện: Thử Thị Trưởng", value=value, starts_on=start,
            side_b=f"{topic.organisation}, đại diện: {topic.leader_name}", ends_on=end, with_money=with_money,
            money_note="" if with_money else "Nguồn sự nghiệp khoa học (số liệu minh họa)",
        )  # fmt: skip
        try:
            contract_save(
                actor=None, topic_id=topic.pk, terms=terms, milestones=rows, now=signed - timedelta(days=5)
            )
            contract_sign(actor=None, topic_id=topic.pk, now=signed)
        except KhcnError:
            continue
        return


def _milestone(stage: Stage, topic: Topic, door: Door, number: int, *, day: int, paid: bool) -> None:
    """Report a milestone on a day, accept it, and pay it where the money's owner lets us."""
    file_add(
        door=door,
        kind=TopicFileKind.REPORT,
        milestone=number,
        file=_file(f"bao-cao-moc-{number}.txt", topic.title),
        now=stage.at(day),
    )
    milestone_report(
        door=door,
        number=number,
        report="Đã hoàn thành các nội dung của mốc theo hợp đồng (minh họa).",
        now=stage.at(day),
    )
    milestone_accept(actor=None, topic_id=topic.pk, number=number, note="", now=stage.at(day + 4))
    if not paid:
        return
    voucher = Voucher(local_date(stage.at(day + 8)), f"UNC {number:02d} (minh họa)")
    try:
        milestone_pay(
            actor=None,
            topic_id=topic.pk,
            number=number,
            voucher=voucher,
            client_key=f"demo-topic-{number}",
            now=stage.at(day + 8),
        )
    except KhcnError:
        return


def _approve(stage: Stage, topic: Topic, days: tuple[int, int], millions: int, number: str) -> None:
    """Check, appraise, approve and number: the council meets on the first day, the decision is of the second."""
    topic_check(actor=None, topic_id=topic.pk, note="Hồ sơ đủ", now=stage.at(days[0] - 12))
    _council(stage, topic, CouncilKind.APPRAISAL, days[0], Decimal("0.9"))
    topic_approve(
        actor=None, topic_id=topic.pk, amount=Decimal(millions * 1_000_000), note="", now=stage.at(days[1])
    )
    day = local_date(stage.at(days[1] + 1))
    decision_number(actor=None, topic_id=topic.pk, number=number, day=day, now=stage.at(days[1] + 1))


def _study(stage: Stage, call: TopicCall) -> None:
    """The market-hall study: two milestones done, one paid, the third due soon, an extension asked for."""
    topic, door = _start(stage, call, STUDY, stage.at(-240))
    proposal_submit(door=door, now=stage.at(-235))
    _approve(stage, topic, (-205, -198), 180, "118/QĐ-UBND (minh họa)")
    _contract(stage, topic, STUDY_PLAN, "07/HĐ-ĐT (minh họa)", (-140, 225), money=True)
    _milestone(stage, topic, door, 1, day=-104, paid=True)
    _milestone(stage, topic, door, 2, day=-12, paid=False)
    product_deliver(
        door=door, number=1, delivered=Delivered(note="Bản chạy thử ở hai chợ"), now=stage.at(-12)
    )
    start = local_date(stage.at(-140))
    rows = [
        Measure(key, start, baseline, target, ends_on=None, lower_is_better=lower)
        for key, baseline, target, lower in MEASURES
        if key in indicators
    ]
    measures_save(actor=None, topic_id=topic.pk, rows=rows, now=stage.at(-130))
    ends = local_date(stage.at(225 + 60))
    change = Change(ends_on=ends, due={4: ends})
    amendment_propose(
        door=door,
        kind="extension",
        change=change,
        reason="Một chợ sửa chữa mái nên lùi thời gian đo (minh họa).",
        now=stage.at(-5),
    )


def _finished(stage: Stage, call: TopicCall) -> None:
    """Last year's topic: accepted, liquidated, its report in the library where there is one."""
    topic, door = _start(stage, call, DONE, stage.at(-690))
    proposal_submit(door=door, now=stage.at(-680))
    _approve(stage, topic, (-640, -630), 90, "41/QĐ-UBND (minh họa)")
    _contract(stage, topic, DONE_PLAN, "02/HĐ-ĐT (minh họa)", (-620, -260), money=False)
    _milestone(stage, topic, door, 1, day=-505, paid=True)
    final: dict[str, Any] = {"door": door, "now": stage.at(-300)}
    report = file_add(kind=TopicFileKind.FINAL, file=_file("bao-cao-tong-ket.txt", DONE.title), **final)
    file_add(kind=TopicFileKind.DATA, file=_file("so-lieu-do.txt", "ngày;điểm đo;giá trị"), **final)
    _council(stage, topic, CouncilKind.ACCEPTANCE, -280, Decimal("0.93"))
    _milestone(stage, topic, door, 2, day=-275, paid=True)
    for number in (1, 2):
        product_deliver(door=door, number=number, delivered=Delivered(), now=stage.at(-275))
        product_verify(actor=None, topic_id=topic.pk, number=number, now=stage.at(-270))
    settlement = Settlement(
        "02/TL (minh họa)", local_date(stage.at(-262)), conclusion="Hai bên đã xong nghĩa vụ."
    )
    try:
        topic_liquidate(actor=None, topic_id=topic.pk, settlement=settlement, now=stage.at(-262))
    except KhcnError:
        return
    results = "Quy trình đã dùng thử ở hai trường; lượng rác hữu cơ đem chôn lấp giảm khoảng một phần ba (số liệu minh họa)."
    results_save(actor=None, topic_id=topic.pk, results=results, summary="", now=stage.at(-261))
    if work_maker.available:
        wanted = Wanted(f"Báo cáo tổng kết: {DONE.title}", DONE.summary, "CC BY 4.0", [report.pk])
        deposit_make(
            actor=None, topic_id=topic.pk, kind=DepositKind.REPORT, wanted=wanted, now=stage.at(-260)
        )
