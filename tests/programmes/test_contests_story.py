"""A contest from its rules to its result: who may what, what is found, frozen, recomputed."""

import json
from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from khcn.core.document_port import document_desk
from khcn.core.errors import PermissionDeniedError
from khcn.core.models import Message
from khcn.engines.text.fold import fold
from khcn.orgs.enums import Role
from khcn.programmes.enums import EntryState, JurorSeat, PhaseKind
from khcn.programmes.errors import GoneError, ProgrammeError, StaleError
from khcn.programmes.models.contests import Conflict, Contest, ContestResult, Juror, Review
from khcn.programmes.models.entries import Entry
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.contest_scoring import ranking_of, standing_json
from khcn.programmes.selectors.contests import progress_of, undeclared
from khcn.programmes.selectors.contests_jury import juror_entry, next_review, review_of
from khcn.programmes.services.contests_conflicts import (
    conflict_revoke,
    conflicts_declare,
    conflicts_find,
)
from khcn.programmes.services.contests_results import (
    award_change,
    result_approve,
    result_freeze,
    result_propose,
    result_return,
    result_thaw,
)
from khcn.programmes.services.contests_reviews import (
    conflict_report,
    review_reopen,
    review_save,
    reviews_assign,
)
from khcn.programmes.services.contests_setup import (
    contest_ensure,
    juror_add,
    juror_remove,
    phase_move,
    rules_publish,
    rules_save,
)
from tests.orgs.factories import give_role, make_unit, make_user
from tests.programmes.factories import (
    NOW,
    People,
    make_contest,
    make_entry,
    make_juror,
    make_programme,
    make_team,
)

pytestmark = pytest.mark.django_db
AFTER = NOW + timedelta(days=8)


@pytest.fixture
def people() -> People:
    return People()


def staged(people: People, *, entries: int = 4, jurors: int = 3, judging: bool = True) -> Programme:
    """A contest where everybody has declared and sheets are shared out."""
    programme = make_contest(people.unit, phase=PhaseKind.DECLARING)
    for _ in range(entries):
        make_entry(make_team(programme))
    for number in range(jurors):
        make_juror(programme, seat=JurorSeat.CHAIR if not number else JurorSeat.MEMBER)
    for juror in programme.jurors.all():
        conflicts_declare(actor=juror.user, juror=juror, chosen=(), confirmed=True, now=AFTER)
    if judging:
        reviews_assign(actor=people.officer, programme=programme, now=AFTER)
        phase_move(actor=people.officer, programme=programme, to=PhaseKind.JUDGING, now=AFTER)
    return programme


def fill(review: Review, points: str = "7.5", submit: bool = True) -> Review:
    values = {one.key: Decimal(points) for one in review.rules.criteria.all()}
    return review_save(
        actor=review.juror.user, review_id=review.pk, points=values, comment="", revision=review.revision, submit=submit, now=AFTER
    )  # fmt: skip


def fill_all(programme: Programme) -> None:
    for number, review in enumerate(programme.reviews.filter(void_at=None, submitted_at=None)):
        fill(review, str(number % 5 + 3))


def test_published_rules_never_change_and_need_anchors(people: People) -> None:
    programme = make_programme(people.unit, kind="contest")
    assert contest_ensure(programme) == contest_ensure(programme)
    bare = {"key": "y", "title": "Ý tưởng", "most": "10", "weight": "2"}
    values = {"text": "Thể lệ", "tie_break": "y"}
    args = {"actor": people.officer, "programme": programme, "now": NOW}
    rules_save(**args, values=values, criteria=[bare])
    with pytest.raises(ProgrammeError, match="mức điểm mẫu"):
        rules_publish(**args)
    full = bare | {"anchors": [{"points": 10, "text": "Mới"}, {"points": 5, "text": "Thường"}]}
    rules_save(**args, values=values | {"tie_break": "khac"}, criteria=[full])
    with pytest.raises(ProgrammeError, match="bằng điểm"):
        rules_publish(**args)
    rules_save(**args, values=values, criteria=[full])
    first = rules_publish(**args)
    second = rules_save(**args, values=values, criteria=[full | {"most": "20"}])
    assert (first.version, second.version, first.criteria.get().most) == (1, 2, 10)
    with pytest.raises(ProgrammeError, match="thay đổi gì"):
        rules_publish(**args)
    Contest.objects.filter(programme=programme).update(phase=PhaseKind.JUDGING)
    with pytest.raises(ProgrammeError, match="không đổi được nữa"):
        rules_save(**args, values=values, criteria=[full])
    with pytest.raises(PermissionDeniedError):
        rules_save(**args | {"actor": people.reporter}, values=values, criteria=[full])


def test_codes_come_with_declaring_and_steps_are_legal(people: People) -> None:
    programme = make_contest(people.unit, phase=PhaseKind.CHECKING)
    entry = make_entry(make_team(programme), code="")
    waiting = make_entry(make_team(programme), state=EntryState.SUBMITTED)
    make_juror(programme, seat=JurorSeat.CHAIR)
    move = {"actor": people.officer, "programme": programme, "now": AFTER}
    with pytest.raises(ProgrammeError, match=r"chưa được kiểm tra.*quyết định thành lập"):
        phase_move(**move, to=PhaseKind.DECLARING)
    Entry.objects.filter(pk=waiting.pk).update(state=EntryState.REJECTED)
    Contest.objects.update(council_decision="12/QĐ-UBND")
    with pytest.raises(ProgrammeError, match="từng bước"):
        phase_move(**move, to=PhaseKind.JUDGING)
    phase_move(**move, to=PhaseKind.DECLARING)
    entry.refresh_from_db()
    assert entry.code == "BT-01"
    with pytest.raises(ProgrammeError, match="lý do"):
        phase_move(**move, to=PhaseKind.CHECKING)
    phase_move(**move, to=PhaseKind.CHECKING, reason="Thiếu bài")
    with pytest.raises(StaleError):
        phase_move(**move, to=PhaseKind.DECLARING, revision=0)
    with pytest.raises(PermissionDeniedError):
        phase_move(**move | {"actor": people.leader}, to=PhaseKind.DECLARING)


def test_own_school_and_unit_are_found_whatever_is_declared(people: People) -> None:
    programme = make_contest(people.unit, phase=PhaseKind.DECLARING)
    unit = make_unit()
    own_unit = make_entry(make_team(programme, unit=unit))
    own_school = make_entry(
        make_team(programme, organisation="Trường THCS Mẫu", folded_organisation="truong thcs mau")
    )
    other = make_entry(make_team(programme, organisation="Trường Khác"))
    user = make_user()
    give_role(user, Role.JUROR, unit)
    juror = juror_add(
        actor=people.officer, programme=programme, user=user, organisation="TRƯỜNG  THCS Mẫu", now=NOW
    )
    assert set(Conflict.objects.filter(found=True).values_list("entry", flat=True)) == {
        own_unit.pk,
        own_school.pk,
    }
    assert conflicts_find(programme=programme, now=NOW) == 0
    with pytest.raises(PermissionDeniedError):
        conflicts_declare(actor=people.officer, juror=juror, chosen=(), confirmed=True, now=NOW)
    with pytest.raises(ProgrammeError, match="cam kết"):
        conflicts_declare(actor=user, juror=juror, chosen=(), confirmed=False, now=NOW)
    conflicts_declare(actor=user, juror=juror, chosen=[fold("Trường Khác")], confirmed=True, now=NOW)
    assert undeclared(juror) == 0
    found, declared = Conflict.objects.get(entry=own_school), Conflict.objects.get(entry=other)
    with pytest.raises(ProgrammeError, match="không bỏ được"):
        conflict_revoke(actor=people.officer, conflict=found, reason="x", now=NOW)
    with pytest.raises(PermissionDeniedError):
        conflict_revoke(actor=user, conflict=declared, reason="x", now=NOW)
    conflicts_declare(actor=user, juror=juror, chosen=(), confirmed=True, now=NOW)
    assert Conflict.objects.get(entry=other).has_conflict
    conflict_revoke(actor=people.officer, conflict=declared, reason="Đánh dấu nhầm", now=NOW)
    assert undeclared(juror) == 1
    with pytest.raises(ProgrammeError, match="tên thí sinh"):
        juror_add(actor=people.officer, programme=programme, user=people.officer, now=NOW)


def test_sheets_are_own_locked_and_guarded(people: People) -> None:
    programme = staged(people)
    assert reviews_assign(actor=people.officer, programme=programme, now=AFTER) == 0
    juror, other = programme.jurors.all()[:2]
    review = next_review(juror)
    assert review is not None
    assert review_of(juror.user, review.pk)
    assert review_of(other.user, review.pk) is None
    fill(review, submit=False)
    with pytest.raises(StaleError):
        fill(review)
    review.refresh_from_db()
    for points in ("10.01", "-1", "7.555"):
        with pytest.raises(ProgrammeError):
            fill(review, points)
    assert fill(review).total == Decimal("15.000")
    with pytest.raises(ProgrammeError, match="đã nộp"):
        fill(review)
    with pytest.raises(GoneError):
        review_save(
            actor=other.user, review_id=review.pk, points={}, comment="", revision=2, submit=False, now=AFTER
        )
    review_reopen(actor=people.officer, review=review, reason="Nhầm bài", now=AFTER)
    assert progress_of(programme, 3).done == 0
    second = next_review(juror)
    assert second is not None
    conflict_report(actor=juror.user, review=second, reason="Học trò cũ", now=AFTER)
    assert review_of(juror.user, second.pk) is None
    phase_move(actor=people.officer, programme=programme, to=PhaseKind.DECLARING, reason="Dừng", now=AFTER)
    assert review_of(juror.user, review.pk) is None


def test_a_juror_leaves_in_the_middle(people: People) -> None:
    programme = staged(people, jurors=4)
    leaving: Juror = programme.jurors.first()
    done = fill(leaving.reviews.first())
    opened = leaving.reviews.filter(submitted_at=None).count()
    with pytest.raises(ProgrammeError, match="lý do"):
        juror_remove(actor=people.officer, juror=leaving, reason=" ", keep_submitted=True, now=AFTER)
    assert (
        juror_remove(actor=people.officer, juror=leaving, reason="Ốm", keep_submitted=True, now=AFTER)
        == opened
    )
    done.refresh_from_db()
    assert done.void_at is None
    for entry in programme.entries.all():
        assert entry.reviews.filter(void_at=None).count() == 3
    assert review_of(leaving.user, done.pk) is None


def test_jurors_see_no_names(people: People) -> None:
    programme = make_contest(people.unit, phase=PhaseKind.JUDGING)
    entry = make_entry(
        make_team(programme), title="Máy của bạn An", anonymous_title="Máy lọc nước", code="BT-07"
    )
    for shown in (False, True):
        entry.files.create(
            name="aa.pdf",
            title="Bai cua An.pdf",
            size=1,
            sha256="",
            mime="",
            shown_to_jurors=shown,
            kept_at=NOW,
        )
    seen = juror_entry(make_juror(programme), entry)
    assert (seen.title, [one.title for one in seen.files]) == ("Máy lọc nước", ["BT-07-1.pdf"])


def test_freeze_thaw_awards_and_approval(people: People) -> None:
    programme = staged(people)
    args = {"programme": programme, "now": AFTER}
    with pytest.raises(ProgrammeError, match="chưa có phiếu"):
        result_freeze(actor=people.officer, **args)
    fill_all(programme)
    with pytest.raises(PermissionDeniedError):
        result_freeze(actor=people.leader, **args)
    result = result_freeze(actor=people.officer, **args)
    with pytest.raises(PermissionDeniedError):
        result_thaw(actor=people.officer, reason="x", **args)
    result_thaw(actor=people.focal_head, reason="Sót một phiếu", **args)
    again = result_freeze(actor=people.officer, **args)
    assert (ContestResult.objects.count(), again.frozen["ranking"]) == (2, result.frozen["ranking"])
    last = Entry.objects.get(code=again.frozen["ranking"][-1]["entry"])
    with pytest.raises(ProgrammeError, match="lý do"):
        award_change(actor=people.officer, entry=last, title="Giải Nhì", reason="", **args)
    award_change(actor=people.officer, entry=last, title="Giải Nhì", reason="Ý tưởng tốt", **args)
    with pytest.raises(ProgrammeError, match="chưa được trình"):
        result_approve(actor=people.leader, **args)
    give_role(people.officer, Role.LEADER, people.committee)
    proposed = result_propose(actor=people.officer, **args)
    assert bool(proposed.minutes and proposed.decision) == document_desk.available
    with pytest.raises(PermissionDeniedError):
        result_approve(actor=people.officer, **args)
    with pytest.raises(ProgrammeError, match="rút trình"):
        award_change(actor=people.officer, entry=last, title="", reason="x", **args)
    result_return(actor=people.leader, reason="Bổ sung biên bản", **args)
    again = result_propose(actor=people.officer, **args)
    assert (again.minutes, again.decision) == (proposed.minutes, proposed.decision)
    assert not Message.objects.filter(dedupe_key__startswith="programmes.result:").exists()
    result_approve(actor=people.leader, **args)
    assert Contest.objects.get(programme=programme).phase == PhaseKind.DONE
    letters = {
        one.recipient: one.body for one in Message.objects.filter(dedupe_key__startswith="programmes.result:")
    }
    assert len(letters) == 4
    assert "đạt Giải Nhì" in letters[last.team.contact_address]
    lost = Entry.objects.filter(programme=programme, awards=None).first()
    assert lost is None or "chưa đạt giải" in letters[lost.team.contact_address]
    with pytest.raises(ProgrammeError, match="đã công bố"):
        result_thaw(actor=people.focal_head, reason="x", **args)


def test_open_sheets_are_left_out_only_with_a_reason(people: People) -> None:
    programme = staged(people)
    fill_all(programme)
    review = programme.reviews.first()
    review_reopen(actor=people.officer, review=review, reason="x", now=AFTER)
    with pytest.raises(ProgrammeError, match="Còn 1 phiếu"):
        result_freeze(actor=people.officer, programme=programme, now=AFTER)
    result = result_freeze(actor=people.focal_head, programme=programme, now=AFTER, reason="Giám khảo ốm")
    assert [len(result.frozen[key]) for key in ("missing", "sheets")] == [1, 11]


def test_the_command_gives_a_ranking_that_stands_for_itself(people: People) -> None:
    programme = staged(people)
    with pytest.raises(SystemExit):
        call_command("contests", "rank", programme.key, "--json", stdout=StringIO(), stderr=StringIO())
    fill_all(programme)
    result = result_freeze(actor=people.officer, programme=programme, now=AFTER)

    def printed(*more: str) -> tuple[dict, str]:  # type: ignore[type-arg]
        out = StringIO()
        call_command("contests", "rank", str(programme.pk), "--json", *more, stdout=out)
        return json.loads(out.getvalue()), out.getvalue()

    document, text = printed()
    bare = [{key: value for key, value in row.items() if key != "team"} for row in document["ranking"]]
    assert [standing_json(one) for one in ranking_of(document)] == bare
    team, juror = programme.teams.first(), programme.jurors.first()
    assert team.name not in text
    assert juror.user.get_full_name() not in text
    assert team.name in printed("--names")[1]
    frozen = result.frozen
    frozen["sheets"][0]["points"]["c1"] = "10"
    ContestResult.objects.filter(pk=result.pk).update(frozen=frozen)
    with pytest.raises(SystemExit), nullcontext():
        call_command("contests", "rank", programme.key, "--json", stdout=StringIO(), stderr=StringIO())
