"""Councils: who may not sit, what opens when, what a juror sees, scores frozen and hidden, one code with contests."""

from collections.abc import Callable
from typing import Any

import pytest

from khcn.core.errors import PermissionDeniedError
from khcn.orgs.enums import Role
from khcn.programmes.enums import PhaseKind
from khcn.programmes.enums_topics import CouncilKind, CouncilSeat, TopicState
from khcn.programmes.errors import GoneError, ProgrammeError, StaleError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_council import (
    TopicCase,
    TopicConflict,
    TopicCouncilResult,
    TopicJuror,
    TopicReview,
)
from khcn.programmes.rules.topics import Member
from khcn.programmes.selectors.topics import file_of, topic_of
from khcn.programmes.selectors.topics_councils import council_of, progress_of, scores_of
from khcn.programmes.selectors.topics_jury import (
    files_for_juror,
    own_reviews,
    place_of,
    places_of,
    review_of,
    to_declare,
    topic_for_juror,
)
from khcn.programmes.services.conflicts import Judged, Own, own_reason
from khcn.programmes.services.topics_conflicts import (
    BENCH,
    conflict_report,
    conflict_revoke,
    conflicts_declare,
    conflicts_find,
)
from khcn.programmes.services.topics_councils import (
    CouncilTerms,
    case_remove,
    council_create,
    council_dissolve,
    juror_add,
    juror_remove,
)
from khcn.programmes.services.topics_decisions import topic_approve, topic_place
from khcn.programmes.services.topics_phases import phase_move
from khcn.programmes.services.topics_reviews import (
    council_close,
    council_freeze,
    council_thaw,
    review_reopen,
    review_save,
)
from tests.orgs.factories import give_role, make_unit, make_user
from tests.programmes.factories import NOW, People
from tests.programmes.topics_factories import (
    D,
    M,
    checked,
    declare_all,
    make_council,
    make_juror_user,
    make_topic_call,
    score_all,
)

pytestmark = pytest.mark.django_db


def save(
    review: TopicReview, points: dict[str, Any], *, submit: bool = True, comment: str = "Nhận xét đầy đủ"
) -> TopicReview:
    return review_save(
        actor=review.juror.user, review_id=review.pk, points={key: D(value) for key, value in points.items()}, comment=comment,
        revision=review.revision, submit=submit, now=NOW,
    )  # fmt: skip


def two_topics(people: People) -> list[Topic]:
    call = make_topic_call(people)
    return [
        checked(people, call),
        checked(
            people, call, title="Pin mặt trời", members=(Member("Đỗ Văn Pin"),), leader_name="Vũ Thị Pin"
        ),
    ]


def a_member_account(people: People, topics: list[Topic]) -> Any:
    user = make_juror_user()
    topic_place(
        actor=people.officer,
        topic_id=topics[0].pk,
        host_unit=people.unit,
        party=None,
        leader=None,
        members={1: user},
        now=NOW,
    )
    return user


def a_member_name(_people: People, _topics: list[Topic]) -> Any:
    user = make_user(full_name="PHẠM  Thị Viên")
    give_role(user, Role.JUROR, make_unit())
    return user


def a_leader_name(_people: People, _topics: list[Topic]) -> Any:
    user = make_user(full_name="Lê Thị Chủ nhiệm")
    give_role(user, Role.JUROR, make_unit())
    return user


def from_the_host(people: People, _topics: list[Topic]) -> Any:
    return make_juror_user(people.unit)


def who_handed_it_in(people: People, _topics: list[Topic]) -> Any:
    return people.reporter


@pytest.mark.parametrize(
    "who", [a_member_account, a_member_name, a_leader_name, from_the_host, who_handed_it_in]
)
def test_a_juror_on_the_team_or_from_the_host_is_refused(who: Callable[..., Any]) -> None:
    people = People()
    call = make_topic_call(people)
    topic = checked(people, call)
    council = make_council(people, [topic], phase=PhaseKind.PREPARING, jurors=2)
    user = who(people, [topic])
    with pytest.raises(ProgrammeError, match="không ngồi hội đồng này được") as error:
        juror_add(actor=people.officer, council_id=council.pk, user=user, now=NOW)
    assert error.value.code == "juror-conflict"
    assert not TopicJuror.objects.filter(council=council, user=user).exists()
    assert not TopicConflict.objects.exists()


def test_with_other_topics_the_juror_is_recused_from_the_own_one_only() -> None:
    people = People()
    topics = two_topics(people)
    council = make_council(people, topics, phase=PhaseKind.PREPARING)
    user = a_member_name(people, topics)
    juror = juror_add(actor=people.officer, council_id=council.pk, user=user, now=NOW)
    row = TopicConflict.objects.get(juror=juror)
    assert (row.case.topic, row.found, row.reason) == (topics[0], True, "Có tên trong nhóm thực hiện")
    with pytest.raises(ProgrammeError, match="không bỏ được"):
        conflict_revoke(actor=people.officer, conflict_id=row.pk, reason="Không quan trọng", now=NOW)
    phase_move(actor=people.officer, council_id=council.pk, to=PhaseKind.DECLARING, now=NOW)
    declare_all(council)
    phase_move(actor=people.officer, council_id=council.pk, to=PhaseKind.JUDGING, now=NOW)
    given = TopicReview.objects.filter(juror=juror)
    assert [one.case.topic for one in given] == [topics[1]]
    assert topic_for_juror(user, topics[0].pk) is None
    assert topic_for_juror(user, topics[1].pk) == topics[1]
    assert list(files_for_juror(user, topics[0].pk)) == []
    hidden, shown = topics[0].files.get(), topics[1].files.get()
    assert file_of(user, hidden.pk) is None
    assert file_of(user, shown.pk) == shown
    assert progress_of(council).given == 7  # 4 jurors, 2 topics, one recused


def test_nothing_opens_before_it_is_declared() -> None:
    people = People()
    topics = two_topics(people)
    council = make_council(people, topics, phase=PhaseKind.PREPARING)
    user = council.jurors.order_by("pk")[0].user
    assert to_declare(place_of(user, council.pk)) == []  # type: ignore[arg-type]
    with pytest.raises(ProgrammeError, match="Không chuyển thẳng"):
        phase_move(actor=people.officer, council_id=council.pk, to=PhaseKind.JUDGING, now=NOW)
    phase_move(actor=people.officer, council_id=council.pk, to=PhaseKind.DECLARING, now=NOW)
    with pytest.raises(ProgrammeError, match="chưa khai"):
        phase_move(actor=people.officer, council_id=council.pk, to=PhaseKind.JUDGING, now=NOW)
    place = place_of(user, council.pk)
    assert place is not None
    rows = to_declare(place)
    assert [(one.title, one.declared) for one in rows] == [
        ("Đếm khách ở chợ bằng camera", False),
        ("Pin mặt trời", False),
    ]
    assert rows[0].members == ("Trần Văn Thư Ký", "Phạm Thị Viên")
    assert place.must_declare
    assert topic_for_juror(user, topics[0].pk) is None
    with pytest.raises(ProgrammeError, match="cam kết"):
        conflicts_declare(actor=user, juror_id=place.juror.pk, chosen=(), confirmed=False, now=NOW)
    with pytest.raises(PermissionDeniedError):
        conflicts_declare(actor=people.officer, juror_id=place.juror.pk, chosen=(), confirmed=True, now=NOW)
    conflicts_declare(actor=user, juror_id=place.juror.pk, chosen=[rows[1].case_id], confirmed=True, now=NOW)
    declare_all(council)
    with pytest.raises(ProgrammeError, match="chỉ 2 người không có xung đột"):
        phase_move(actor=people.officer, council_id=council.pk, to=PhaseKind.JUDGING, now=NOW)
    juror = juror_add(actor=people.officer, council_id=council.pk, user=make_juror_user(), now=NOW)
    conflicts_declare(actor=juror.user, juror_id=juror.pk, chosen=(), confirmed=True, now=NOW)
    phase_move(actor=people.officer, council_id=council.pk, to=PhaseKind.JUDGING, now=NOW)
    own = own_reviews(place_of(user, council.pk))  # type: ignore[arg-type]
    assert [one.case.topic.title for one in own] == ["Đếm khách ở chợ bằng camera"]
    assert topic_for_juror(user, topics[1].pk) is None


def test_sheets_are_ones_own_and_locked_once_submitted() -> None:
    people = People()
    council = make_council(people, [checked(people, make_topic_call(people))])
    first, second, third = TopicReview.objects.filter(council=council).order_by("pk")
    with pytest.raises(GoneError):
        review_save(
            actor=second.juror.user,
            review_id=first.pk,
            points={},
            comment="",
            revision=0,
            submit=False,
            now=NOW,
        )
    for points, field in (({"y-nghia": "51"}, "y-nghia"), ({"y-nghia": "-1"}, "y-nghia"), ({"y-nghia": "NaN"}, "y-nghia"),
                          ({"la": "1"}, "la"), ({"y-nghia": "1.234"}, "y-nghia")):  # fmt: skip
        with pytest.raises(ProgrammeError) as error:
            save(first, points, submit=False)
        assert error.value.field == field
    with pytest.raises(ProgrammeError, match="mọi tiêu chí"):
        save(first, {"y-nghia": "40"})
    with pytest.raises(ProgrammeError, match="nhận xét"):
        save(first, {"y-nghia": "40", "kha-thi": "40"}, comment=" ")
    draft = save(first, {"y-nghia": "40"}, submit=False)
    with pytest.raises(StaleError):
        save(first, {"y-nghia": "40"}, submit=False)
    done = save(draft, {"y-nghia": "40", "kha-thi": "45.5"})
    assert done.total == D("85.5")
    with pytest.raises(ProgrammeError, match="đã nộp"):
        save(done, {"y-nghia": "1", "kha-thi": "1"})
    review_reopen(actor=people.officer, review_id=done.pk, reason="Nhầm ô điểm", now=NOW)
    done.refresh_from_db()
    assert done.submitted_at is None
    conflict_report(actor=third.juror.user, review_id=third.pk, reason="Từng làm chung với nhóm", now=NOW)
    with pytest.raises(GoneError):
        save(third, {"y-nghia": "40", "kha-thi": "40"})
    assert review_of(third.juror.user, third.pk) is None
    assert review_of(second.juror.user, first.pk) is None
    score_all(council)
    with pytest.raises(ProgrammeError, match="mới có 2 phiếu"):
        council_freeze(actor=people.officer, council_id=council.pk, now=NOW)


def test_scores_are_seen_by_nobody_before_they_are_frozen_and_by_few_after() -> None:
    people = People()
    topics = two_topics(people)
    council = make_council(people, topics, jurors=4)
    score_all(council, 40)
    everybody = [people.officer, people.focal_head, people.leader, people.auditor, people.finance, people.clerk,
                 people.reporter, people.head, council.jurors.all()[0].user]  # fmt: skip
    assert all(scores_of(one, council) is None for one in everybody)
    council_freeze(actor=people.officer, council_id=council.pk, now=NOW)
    council.refresh_from_db()
    seen = [scores_of(one, council) is not None for one in everybody]
    assert seen == [True, True, True, True, False, False, False, False, False]
    shown = scores_of(people.leader, council)
    assert shown is not None
    assert (shown.intact, [one.result for one in shown.cases]) == (True, [D("80.000"), D("80.000")])
    # the leader is found to be of one topic's team: the scores of that topic are closed to them
    topic_place(
        actor=people.officer,
        topic_id=topics[0].pk,
        host_unit=people.unit,
        party=None,
        leader=people.leader,
        now=NOW,
    )
    shown = scores_of(people.leader, council)
    assert shown is not None
    assert ([one.case.topic for one in shown.cases], shown.hidden) == ([topics[1]], 1)
    with pytest.raises(PermissionDeniedError, match="tham gia"):
        council_close(actor=people.focal_head, council_id=council.pk, now=NOW)
        topic_approve(actor=people.leader, topic_id=topics[0].pk, amount=D(10 * M), note="", now=NOW)


def test_a_member_of_the_council_who_reads_everything_does_not_read_what_they_may_not_judge() -> None:
    people = People()
    topics = two_topics(people)
    council = make_council(people, topics, phase=PhaseKind.PREPARING)
    juror = juror_add(actor=people.officer, council_id=council.pk, user=people.focal_head, now=NOW)
    phase_move(actor=people.officer, council_id=council.pk, to=PhaseKind.DECLARING, now=NOW)
    assert topic_of(people.focal_head, topics[0].pk) == topics[0]
    case = TopicCase.objects.get(topic=topics[0])
    conflicts_declare(actor=people.focal_head, juror_id=juror.pk, chosen=[case.pk], confirmed=True, now=NOW)
    assert topic_of(people.focal_head, topics[0].pk) is None
    assert topic_of(people.focal_head, topics[1].pk) == topics[1]
    assert file_of(people.focal_head, topics[0].files.get().pk) is None
    declare_all(council)
    phase_move(actor=people.officer, council_id=council.pk, to=PhaseKind.JUDGING, now=NOW)
    score_all(council)
    council_freeze(actor=people.officer, council_id=council.pk, now=NOW)
    council.refresh_from_db()
    shown = scores_of(people.focal_head, council)
    assert shown is not None
    assert [one.case.topic for one in shown.cases] == [topics[1]]


def test_freezing_thawing_closing_and_what_becomes_of_the_topics() -> None:
    people = People()
    topics = two_topics(people)
    council = make_council(people, topics)
    score_all(council, 40)
    weak = TopicReview.objects.filter(case__topic=topics[1]).first()
    assert weak is not None
    for review in TopicReview.objects.filter(case__topic=topics[1]):
        review_reopen(actor=people.officer, review_id=review.pk, reason="Chấm lại phiếu này", now=NOW)
        review.refresh_from_db()
        save(review, {"y-nghia": "10", "kha-thi": "10"})
    with pytest.raises(PermissionDeniedError):
        council_freeze(actor=people.leader, council_id=council.pk, now=NOW)
    first = council_freeze(actor=people.officer, council_id=council.pk, now=NOW)
    with pytest.raises(ProgrammeError, match="chốt điểm khi"):
        council_freeze(actor=people.officer, council_id=council.pk, now=NOW)
    with pytest.raises(PermissionDeniedError):
        council_thaw(actor=people.officer, council_id=council.pk, reason="Cần chấm lại", now=NOW)
    council_thaw(actor=people.focal_head, council_id=council.pk, reason="Cần chấm lại", now=NOW)
    second = council_freeze(actor=people.officer, council_id=council.pk, now=NOW)
    first.refresh_from_db()
    assert first.thawed_at is not None
    council_close(actor=people.officer, council_id=council.pk, now=NOW)
    council_close(actor=people.officer, council_id=council.pk, now=NOW)  # again changes nothing
    cases = {one.topic_id: one for one in TopicCase.objects.filter(council=council)}
    assert [(cases[one.pk].passed, cases[one.pk].rank) for one in topics] == [(True, 1), (False, None)]
    with pytest.raises(ProgrammeError, match="không xếp"):
        topic_approve(actor=people.leader, topic_id=topics[1].pk, amount=D(M), note="", now=NOW)
    with pytest.raises(ProgrammeError, match="không quá"):
        topic_approve(actor=people.leader, topic_id=topics[0].pk, amount=D(61 * M), note="", now=NOW)
    done = topic_approve(actor=people.leader, topic_id=topics[0].pk, amount=D(50 * M), note="", now=NOW)
    assert (
        topic_approve(actor=people.leader, topic_id=topics[0].pk, amount=D(50 * M), note="", now=NOW) == done
    )
    TopicCouncilResult.objects.filter(pk=second.pk).update(frozen={**second.frozen, "sheets": []})
    council.refresh_from_db()
    shown = scores_of(people.officer, council)
    assert shown is not None
    assert shown.intact is False


def test_taken_out_dissolved_and_a_juror_who_leaves() -> None:
    people = People()
    topics = two_topics(people)
    council = make_council(people, topics, phase=PhaseKind.DECLARING)
    with pytest.raises(ProgrammeError, match="nên chưa đưa ra"):
        council_create(
            actor=people.officer, kind=CouncilKind.APPRAISAL, rubric_id=council.rubric_id, topic_ids=[topics[0].pk],
            terms=CouncilTerms("Hội đồng hai"), client_key="other-council-01", now=NOW,
        )  # fmt: skip
    case = TopicCase.objects.get(topic=topics[0])
    case_remove(
        actor=people.officer, council_id=council.pk, case_id=case.pk, reason="Hồ sơ cần xem lại", now=NOW
    )
    topics[0].refresh_from_db()
    assert topics[0].state == TopicState.CHECKED
    juror = council.jurors.get(seat=CouncilSeat.REVIEWER)
    with pytest.raises(ProgrammeError, match="Vị trí này đã có người"):
        juror_add(
            actor=people.officer,
            council_id=council.pk,
            user=make_juror_user(),
            seat=CouncilSeat.CHAIR,
            now=NOW,
        )
    with pytest.raises(ProgrammeError, match="đã ở trong"):
        juror_add(actor=people.officer, council_id=council.pk, user=juror.user, now=NOW)
    declare_all(council)
    phase_move(actor=people.officer, council_id=council.pk, to=PhaseKind.JUDGING, now=NOW)
    with pytest.raises(ProgrammeError, match="không đổi được"):
        case_remove(
            actor=people.officer, council_id=council.pk, case_id=case.pk, reason="Hồ sơ cần xem lại", now=NOW
        )
    score_all(council)
    assert (
        juror_remove(
            actor=people.officer, juror_id=juror.pk, reason="Đi công tác dài", keep_submitted=False, now=NOW
        )
        == 1
    )
    assert place_of(juror.user, council.pk) is None
    assert places_of(juror.user) == []
    council_dissolve(actor=people.officer, council_id=council.pk, reason="Không đủ thành viên", now=NOW)
    council_dissolve(actor=people.officer, council_id=council.pk, reason="Không đủ thành viên", now=NOW)
    topics[1].refresh_from_db()
    assert topics[1].state == TopicState.CHECKED
    assert not TopicReview.objects.filter(void_at=None).exists()
    assert council_of(people.officer, council.pk) is not None


def test_an_officer_of_the_team_neither_sets_the_council_up_nor_seats_it() -> None:
    people = People()
    topic = checked(people, make_topic_call(people))
    council = make_council(people, [topic], phase=PhaseKind.PREPARING)
    topic_place(
        actor=people.officer,
        topic_id=topic.pk,
        host_unit=people.unit,
        party=None,
        leader=people.officer,
        now=NOW,
    )
    with pytest.raises(PermissionDeniedError, match="tham gia"):
        juror_add(actor=people.officer, council_id=council.pk, user=make_juror_user(), now=NOW)
    with pytest.raises(PermissionDeniedError, match="tham gia"):
        council_create(
            actor=people.officer, kind=CouncilKind.APPRAISAL, rubric_id=council.rubric_id, topic_ids=[topic.pk],
            terms=CouncilTerms("Hội đồng hai"), client_key="other-council-02", now=NOW,
        )  # fmt: skip


def test_found_again_when_the_team_becomes_known_later() -> None:
    people = People()
    council = make_council(people, [checked(people, make_topic_call(people))], jurors=4)
    review = TopicReview.objects.filter(council=council).first()
    assert review is not None
    score_all(council)
    topic_place(
        actor=people.officer,
        topic_id=review.case.topic_id,
        host_unit=people.unit,
        party=None,
        leader=review.juror.user,
        now=NOW,
    )
    assert conflicts_find(council=council, now=NOW) == 1
    assert conflicts_find(council=council, now=NOW) == 0
    review.refresh_from_db()
    assert review.void_at is not None
    assert BENCH.blocked(review.juror, review.case_id)
    assert len(council_freeze(actor=people.officer, council_id=council.pk, now=NOW).frozen["sheets"]) == 3


def test_the_one_rule_behind_contests_and_topics() -> None:
    own = Own(frozenset({1}), frozenset({2}), frozenset({"truong thu"}), 9, "le thi a")
    none: frozenset[Any] = frozenset()
    assert own_reason(Judged(), own) == ""
    assert own_reason(Judged(parties=frozenset({1})), own) == "Cùng trường, đơn vị"
    assert own_reason(Judged(units=frozenset({2})), own) == "Cùng trường, đơn vị"
    assert own_reason(Judged(names=frozenset({"truong thu"})), own) == "Cùng trường, đơn vị"
    assert own_reason(Judged(user_ids=frozenset({9})), own) == "Có tên trong nhóm thực hiện"
    assert own_reason(Judged(people=frozenset({"le thi a"})), own) == "Có tên trong nhóm thực hiện"
    assert own_reason(Judged(people=frozenset({""})), Own(none, none, none, 8, "")) == ""
