"""The demo's contests: this year's in judging, last year's with its result. Made-up names only."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from khcn.core.demo import Progress
from khcn.engines.text.collate import sort_key
from khcn.engines.text.fold import fold
from khcn.orgs.demo import DEMO_PASSWORD
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, User
from khcn.orgs.services.people import membership_add, user_create
from khcn.programmes.demo_entries import fill_teams
from khcn.programmes.enums import Audience, EntryState, JurorSeat, PhaseKind, ProgrammeKind, ProgrammeState
from khcn.programmes.models.contests import Contest, ContestResult, Review
from khcn.programmes.models.entries import Entry, Team
from khcn.programmes.models.programmes import Programme, barred
from khcn.programmes.selectors.contests import current_rules
from khcn.programmes.services.contests_conflicts import conflicts_declare
from khcn.programmes.services.contests_results import result_approve, result_freeze
from khcn.programmes.services.contests_reviews import review_save, reviews_assign
from khcn.programmes.services.contests_setup import (
    codes_give,
    contest_ensure,
    juror_add,
    phase_move,
    rules_publish,
    rules_save,
)
from khcn.programmes.tokens import link_token

THIS, LAST = "mau-cuoc-thi-sang-tao-tre", "mau-cuoc-thi-nam-truoc"
JURORS: Final = (("giamkhao", ""), ("giamkhao2", "Mẫu Văn Điểm"), ("giamkhao3", "Ví Thị Phiếu"))
_WORKS: Final = (
    ("Thùng rác biết nhắc phân loại", "Trường THCS Mẫu"), ("Chậu cây tự tưới từ nước mưa", "Trường THCS Ví Dụ"),
    ("Cảnh báo khí ga cho bếp tập thể", "Trường THPT Thử Nghiệm"), ("Đèn bàn tiết kiệm điện", "Trường THCS Minh Họa"),
)  # fmt: skip
_CRITERIA: Final = [
    {"key": key, "title": title, "most": "10", "weight": weight, "anchors": [
        {"points": "10", "text": best}, {"points": "5", "text": "Có nhưng chưa rõ"}, {"points": "0", "text": "Không có"},
    ]}
    for key, title, weight, best in (
        ("y-tuong", "Ý tưởng mới", "2", "Mới và có căn cứ"), ("ung-dung", "Dùng được trong đời sống", "2", "Đã dùng thử, có số đo"),
        ("trinh-bay", "Trình bày", "1", "Rõ, đủ, dễ hiểu"),
    )
]  # fmt: skip


def load(progress: Progress, now: datetime) -> None:
    """Fill both contests; twice is once."""
    officer = User.objects.filter(username="daumoi").first()
    this = Programme.objects.filter(key=THIS).first()
    if officer is None or this is None:
        return
    progress("Nạp cuộc thi mẫu…")
    if not this.jurors.exists():
        _fill(this, now - timedelta(days=3), now + timedelta(days=7))
    if not Programme.objects.filter(key=LAST).exists():
        _last_year(this, now - timedelta(days=365))


def _fill(programme: Programme, deadline: datetime, now: datetime) -> None:
    """Take a contest from its rules to judging. ``now`` is after the deadline."""
    args: dict[str, Any] = {"actor": None, "programme": programme, "now": deadline}
    contest = contest_ensure(programme)
    if current_rules(programme) is None:
        awards = [
            {"title": "Giải Nhất", "count": 1, "prize_vnd": 5_000_000},
            {"title": "Giải Nhì", "count": 1, "prize_vnd": 3_000_000},
        ]
        values = {"text": "Thể lệ minh họa.", "tie_break": "y-tuong,ung-dung", "awards": awards}
        rules_save(**args, values=values, criteria=_CRITERIA)
        rules_publish(**args)
    Contest.objects.filter(pk=contest.pk).update(
        deadline=deadline,
        council_decision="15/QĐ-UBND (minh họa)",
        council_date=deadline.date(),
        reviews_wanted=2,
        judge_by=(now + timedelta(days=7)).date(),
    )
    if not programme.entries.filter(state=EntryState.ACCEPTED).exists():
        for number, (title, school) in enumerate(_WORKS, 1):
            team = Team.objects.create(
                programme=programme, name=f"Đội Mẫu {number}", folded_name=fold(f"Đội Mẫu {number}"), organisation=school,
                folded_organisation=fold(school), contact_name="Thầy Thử", contact_address=f"doi{number}@example.vn",
                token=link_token(), created_at=deadline,
            )  # fmt: skip
            Entry.objects.create(
                programme=programme, team=team, title=title, summary=f"Bài minh họa: {title.lower()}.", state=EntryState.ACCEPTED,
                submitted_at=deadline, created_at=deadline, updated_at=deadline,
            )  # fmt: skip
    codes_give(programme)
    Contest.objects.filter(pk=contest.pk).update(phase=PhaseKind.DECLARING)
    for place, (username, name) in enumerate(JURORS):
        seat = JurorSeat.CHAIR if place == 0 else JurorSeat.SECRETARY if place == 1 else JurorSeat.MEMBER
        juror = juror_add(
            actor=None, programme=programme, user=juror_account(username, name, now), seat=seat, now=deadline
        )
        conflicts_declare(actor=juror.user, juror=juror, chosen=(), confirmed=True, now=deadline)
    reviews_assign(**args)
    phase_move(**args, to=PhaseKind.JUDGING)
    first = programme.reviews.filter(juror__user__username="giamkhao2").first()
    if first is not None:
        _score(first, deadline)


def juror_account(username: str, name: str, now: datetime) -> User:
    """Return the demo account of a juror, made when missing."""
    known = User.objects.filter(username=username).first()
    today = now.date()
    user = known or user_create(
        actor=None, today=today, username=username, full_name=name, title="Giám khảo", email=f"{username}@example.vn",
        password=DEMO_PASSWORD, must_change_password=False, is_demo=True,
    )  # fmt: skip
    seat = Membership.objects.filter(role=Role.JUROR, user__username="giamkhao").first()
    if seat is not None and not Membership.objects.filter(user=user, role=Role.JUROR).exists():
        membership_add(actor=None, today=today, user=user, unit=seat.unit, role=Role.JUROR)
    return user


def _score(review: Review, now: datetime) -> None:
    points = {
        one.key: Decimal(5 + (review.entry_id * 3 + review.juror_id + one.order) % 11 / 2)
        for one in review.rules.criteria.all()
    }
    review_save(
        actor=review.juror.user,
        review_id=review.pk,
        points=points,
        comment="",
        revision=review.revision,
        submit=True,
        now=now,
    )


def _last_year(this: Programme, then: datetime) -> None:
    title = "Cuộc thi Sáng tạo trẻ năm trước (minh họa)"
    programme = Programme.objects.create(
        key=LAST, kind=ProgrammeKind.CONTEST, state=ProgrammeState.PUBLISHED, unit=this.unit, year=then.year, title=title,
        folded_title=fold(title), sort_key=sort_key(title), audiences=barred([Audience.PUPILS]), created_at=then,
        published_at=then, updated_at=then, starts_on=then.date(), ends_on=then.date(),
    )  # fmt: skip
    _fill(programme, then, then + timedelta(days=10))
    fill_teams(programme, then)
    for review in programme.reviews.filter(submitted_at=None, void_at=None):
        _score(review, then)
    args: dict[str, Any] = {"actor": None, "programme": programme, "now": then + timedelta(days=12)}
    result_freeze(**args)
    ContestResult.objects.filter(programme=programme).update(proposed_at=then + timedelta(days=12))
    result_approve(**args)
