"""A contest of the simulated year: rules, teams, entries, council, conflicts, scores, freeze, result."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from khcn.orgs.enums import Role
from khcn.programmes.enums import (
    Audience,
    JurorSeat,
    MemberPart,
    PhaseKind,
    ProgrammeKind,
    RegistrationWay,
    Scoring,
)
from khcn.programmes.models.contests import Review
from khcn.programmes.models.entries import Team
from khcn.programmes.models.programmes import Programme
from khcn.programmes.services.calendar_programmes import (
    ProgrammeText,
    programme_approve,
    programme_create,
    programme_submit,
)
from khcn.programmes.services.contests_conflicts import conflicts_declare
from khcn.programmes.services.contests_results import (
    awards_propose,
    result_approve,
    result_freeze,
    result_propose,
)
from khcn.programmes.services.contests_reviews import review_save, reviews_assign
from khcn.programmes.services.contests_setup import (
    contest_update,
    council_decide,
    juror_add,
    phase_move,
    rules_publish,
    rules_save,
)
from khcn.programmes.services.entries import EntryText, entry_save, entry_withdraw
from khcn.programmes.services.entries_check import entry_accept, entry_reject
from khcn.programmes.services.entries_teams import Person, TeamWish, team_create
from khcn.programmes.simulation import MARK
from khcn.programmes.simulation.stage import Stage

TEAMS: Final = 24
CRITERIA: Final = (("moi", "Tính mới", 40), ("ich", "Tính ích lợi", 30), ("dep", "Trình bày", 30))
AWARDS: Final = (("Giải Nhất", 1, 5_000_000), ("Giải Nhì", 2, 3_000_000), ("Giải Ba", 3, 2_000_000))


@transaction.atomic
def contest_play(stage: Stage, number: int) -> Programme:
    """Play one contest from its draft to the published result."""
    unit, year = stage.units[number % len(stage.units)], stage.size.year
    first = date(year, 1 + number % 6, 10)
    now = stage.moment(first)
    officer, second = stage.staff[Role.FOCAL_OFFICER], stage.staff["second officer"]
    text = ProgrammeText(
        title=f"Cuộc thi sáng tạo mô phỏng {number}", kind=ProgrammeKind.CONTEST, year=year, summary="Mô phỏng",
        description="Cuộc thi mô phỏng.", audiences=[Audience.PUPILS], registration=RegistrationWay.NONE,
        contact="Phòng chuyên môn", venue="Hội trường", starts_on=first, ends_on=first + timedelta(days=120),
    )  # fmt: skip
    programme = programme_create(actor=officer, unit=unit, values=text, now=now, key=f"{MARK}-thi-{number}")
    _rules(officer, programme, number, now)
    programme_submit(actor=officer, programme_id=programme.pk, now=now)
    programme = programme_approve(actor=second, programme_id=programme.pk, now=now + timedelta(hours=2))
    deadline = now + timedelta(days=60)
    contest_update(
        actor=officer, programme=programme, values={"deadline": deadline}, now=now + timedelta(hours=3)
    )
    phase_move(actor=officer, programme=programme, to=PhaseKind.OPEN, now=now + timedelta(hours=3))
    for place in range(TEAMS):
        _team(stage, programme, number, place, now + timedelta(days=1 + place))
    _judged(stage, programme, officer, deadline + timedelta(days=1))
    return programme


def _rules(officer: Any, programme: Programme, number: int, now: datetime) -> None:
    criteria = [
        {
            "key": key, "title": title, "most": Decimal(most), "weight": Decimal(1), "least": None,
            "anchors": [{"points": most, "text": "Rất tốt"}, {"points": most // 2, "text": "Đạt"}],
        }
        for key, title, most in CRITERIA
    ]  # fmt: skip
    values = {
        "text": "Thể lệ mô phỏng.", "scoring": Scoring.MEDIAN if number % 2 else Scoring.MEAN, "tie_break": "moi,ich",
        "awards": [{"title": title, "count": count, "prize_vnd": prize} for title, count, prize in AWARDS],
    }  # fmt: skip
    rules_save(actor=officer, programme=programme, values=values, criteria=criteria, now=now)
    rules_publish(actor=officer, programme=programme, now=now)


def _team(stage: Stage, programme: Programme, number: int, place: int, now: datetime) -> Team:
    people = [
        Person(
            name=one.name, birth_year=one.birth_year, part=MemberPart.MEMBER, class_name=one.class_name, sex=one.sex,
            guardian_name=one.guardian_name, agreed=True,
        )
        for one in (stage.person(Audience.PUPILS) for _one in range(stage.dice.randrange(1, 4)))
    ]  # fmt: skip
    wish = TeamWish(
        f"Đội {number}-{place}", f"Trường số {place % 12}", "Người phụ trách", stage.address(), people=people
    )
    team = team_create(actor=None, programme=programme, wish=wish, now=now, proven=True)
    luck = stage.dice.random()
    if luck < 0.08:  # never hands anything in
        return team
    text = EntryText(
        f"Bài {number}-{place}", "Một sáng kiến mô phỏng.", f"https://example.vn/phim/{number}-{place}"
    )
    entry_save(actor=None, team=team, values=text, now=now + timedelta(hours=5), submit=True)
    if luck > 0.96:
        entry_withdraw(actor=None, team=team, now=now + timedelta(days=1))
    return team


def _judged(stage: Stage, programme: Programme, officer: Any, now: datetime) -> None:
    phase_move(actor=officer, programme=programme, to=PhaseKind.CHECKING, now=now)
    for entry in programme.entries.filter(state="submitted").order_by("pk"):
        if stage.dice.random() < 0.05:
            entry_reject(actor=officer, entry=entry, reason="Không đúng thể lệ", now=now)
        else:
            entry_accept(actor=officer, entry=entry, now=now)
    council_decide(actor=officer, programme=programme, number="12/QĐ-MP", day=now.date(), now=now)
    seats = [JurorSeat.CHAIR, JurorSeat.SECRETARY, *[JurorSeat.MEMBER] * 3]
    people = stage.dice.sample(stage.jurors, len(seats))
    jurors = [
        juror_add(actor=officer, programme=programme, user=user, now=now, seat=seat)
        for user, seat in zip(people, seats, strict=True)
    ]
    phase_move(actor=officer, programme=programme, to=PhaseKind.DECLARING, now=now + timedelta(days=1))
    for juror in jurors:
        conflicts_declare(
            actor=juror.user, juror=juror, chosen=[], confirmed=True, now=now + timedelta(days=2)
        )
    # the same seed whatever the number of the row
    reviews_assign(actor=officer, programme=programme, now=now + timedelta(days=3), seed=stage.size.seed)
    phase_move(actor=officer, programme=programme, to=PhaseKind.JUDGING, now=now + timedelta(days=3))
    scored = now + timedelta(days=5)
    for review in (
        Review.objects.filter(programme=programme, void_at=None).select_related("juror__user").order_by("pk")
    ):
        points = {
            key: Decimal(stage.dice.randrange(most, 2 * most + 1)) / 2 for key, _title, most in CRITERIA
        }
        review_save(
            actor=review.juror.user, review_id=review.pk, points=points, comment="", revision=review.revision, submit=True,
            now=scored,
        )  # fmt: skip
    result = result_freeze(actor=officer, programme=programme, now=scored + timedelta(days=1))
    awards_propose(actor=officer, result=result, now=scored + timedelta(days=2))
    result_propose(actor=officer, programme=programme, now=scored + timedelta(days=2))
    result_approve(actor=stage.staff[Role.LEADER], programme=programme, now=scored + timedelta(days=4))
