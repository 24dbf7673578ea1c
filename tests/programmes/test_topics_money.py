"""Contract, milestones, amendments, stopping: exact to the dong, paid once, by the right hands."""

from datetime import timedelta
from typing import Any

import pytest

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.money_port import money_booker
from khcn.programmes.enums_topics import MilestoneState, TopicState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.topics import Topic
from khcn.programmes.models.topics_contract import TopicAmendment, TopicCommitment, TopicPayment
from khcn.programmes.rules.topics import TRANSITIONS, MilestonePlan, may_become
from khcn.programmes.selectors.topics import money_of, public_topic
from khcn.programmes.selectors.topics_page import next_step
from khcn.programmes.services.topics_amendments import (
    Change,
    amendment_approve,
    amendment_enter,
    amendment_propose,
    amendment_refuse,
)
from khcn.programmes.services.topics_contracts import contract_save, contract_sign
from khcn.programmes.services.topics_decisions import decision_number
from khcn.programmes.services.topics_end import (
    Settlement,
    refund_enter,
    topic_liquidate,
    topic_stop,
)
from khcn.programmes.services.topics_milestones import (
    Voucher,
    milestone_accept,
    milestone_pay,
    milestone_report,
    milestone_return,
)
from khcn.programmes.simulation.granting import Purse
from tests.plan.factories import make_estimate, make_line
from tests.programmes.factories import NOW, TODAY, People
from tests.programmes.topics_factories import (
    PLAN,
    TASK,
    D,
    M,
    accept,
    approved,
    door_of,
    make_topic_call,
    pay,
    report,
    running,
    terms,
)

pytestmark = pytest.mark.django_db


def plan_line(people: People, amount: int = 100) -> Any:
    return make_line(
        make_estimate(), people.focal, task_code=TASK, estimated=D(amount * M), allocated=D(amount * M)
    )


@pytest.mark.parametrize(
    ("value", "rows", "field"),
    [
        (60 * M + 1, PLAN, "value"), (0, PLAN, "value"), (59_999_999, PLAN, "milestones"), (60 * M, PLAN[:2], "milestones"),
        (60 * M, (), "milestones"), (20 * M, (MilestonePlan("Muộn", "Báo cáo", TODAY + timedelta(days=366), D(20 * M)),), "milestones"),
        (20 * M, (MilestonePlan("", "Báo cáo", TODAY, D(20 * M)),), "milestones"),
        (20 * M, (MilestonePlan("Lẻ", "Báo cáo", TODAY, D("20000000.5")),), "milestones"),
    ],
)  # fmt: skip
def test_milestones_are_the_value_of_the_contract_to_the_dong(value: int, rows: Any, field: str) -> None:
    people = People()
    topic = approved(people, make_topic_call(people))
    with pytest.raises(ProgrammeError) as error:
        contract_save(actor=people.officer, topic_id=topic.pk, terms=terms(value), milestones=rows, now=NOW)
    assert error.value.field == field
    assert not topic.milestones.exists()


def test_a_contract_needs_its_decision_another_hand_and_money() -> None:
    people = People()
    line = plan_line(people, 50)
    topic = approved(people, make_topic_call(people))
    with pytest.raises(ProgrammeError, match="Chưa có dự thảo"):
        contract_sign(actor=people.leader, topic_id=topic.pk, now=NOW)
    contract_save(actor=people.officer, topic_id=topic.pk, terms=terms(), milestones=PLAN, now=NOW)
    Topic.objects.filter(pk=topic.pk).update(decision_number="")
    with pytest.raises(ProgrammeError, match="chưa có số"):
        contract_sign(actor=people.leader, topic_id=topic.pk, now=NOW)
    decision_number(actor=people.clerk, topic_id=topic.pk, number="15/QĐ-THU", day=TODAY, now=NOW)
    with pytest.raises(ProgrammeError, match="còn nhiều nhất") as error:
        contract_sign(actor=people.leader, topic_id=topic.pk, now=NOW)
    assert error.value.code == "topic-funds"
    assert not TopicCommitment.objects.exists()
    line.allocated = D(60 * M)
    line.save()
    contract_sign(actor=people.leader, topic_id=topic.pk, now=NOW)
    contract_sign(actor=people.leader, topic_id=topic.pk, now=NOW)  # a second press
    line.refresh_from_db()
    assert line.committed == 60 * M
    with pytest.raises(StaleError):
        contract_save(actor=people.officer, topic_id=topic.pk, terms=terms(), milestones=PLAN, now=NOW)
    with pytest.raises(StaleError):
        decision_number(actor=people.clerk, topic_id=topic.pk, number="16/QĐ-THU", day=TODAY, now=NOW)


def test_without_a_task_of_the_plan_the_source_is_written_down() -> None:
    people = People()
    topic = approved(people, make_topic_call(people, task_code=""))
    with pytest.raises(ProgrammeError, match="ngoài kế hoạch"):
        contract_save(actor=people.officer, topic_id=topic.pk, terms=terms(), milestones=PLAN, now=NOW)
    with pytest.raises(ProgrammeError, match="nguồn nào"):
        contract_save(
            actor=people.officer, topic_id=topic.pk, terms=terms(with_money=False), milestones=PLAN, now=NOW
        )
    outside = terms(with_money=False, money_note="Quỹ phát triển KH&CN")
    contract_save(actor=people.officer, topic_id=topic.pk, terms=outside, milestones=PLAN, now=NOW)
    contract_sign(actor=people.leader, topic_id=topic.pk, now=NOW)
    accept(people, topic, 1)
    pay(people, topic, 1)
    topic_stop(actor=people.leader, topic_id=topic.pk, reason="Không còn cần nữa", now=NOW)
    money = money_of([Topic.objects.select_related("contract").get(pk=topic.pk)])[topic.pk]
    assert (money.paid, money.left, money.held) == (20 * M, 0 * M, 0 * M)
    assert not TopicCommitment.objects.exists()


def test_a_milestone_is_paid_once_by_another_hand_and_only_when_accepted() -> None:
    people = People()
    line = plan_line(people)
    topic = running(people, make_topic_call(people))
    door = door_of(people, topic)
    with pytest.raises(ProgrammeError, match="đính kèm"):
        milestone_report(door=door, number=1, report="Đã khảo sát xong ba chợ.", now=NOW)
    with pytest.raises(StaleError, match="Chưa báo cáo"):
        pay(people, topic, 1)
    report(people, topic, 1)
    milestone_return(
        actor=people.officer, topic_id=topic.pk, number=1, reason="Thiếu số liệu chợ thứ ba", now=NOW
    )
    assert topic.milestones.get(number=1).state == MilestoneState.RETURNED
    report(people, topic, 1, now=NOW + timedelta(hours=1))
    row = milestone_accept(actor=people.officer, topic_id=topic.pk, number=1, note="", now=NOW)
    assert row.first_reported_at == NOW
    voucher = Voucher(TODAY, "UNC-1")
    args: dict[str, Any] = {"topic_id": topic.pk, "number": 1, "voucher": voucher, "now": NOW}
    with pytest.raises(ProgrammeError, match="chứng từ"):
        milestone_pay(
            actor=people.finance, client_key="key-key-1", **{**args, "voucher": Voucher(TODAY, " ")}
        )
    with pytest.raises(ProgrammeError, match="Ngày thanh toán"):
        milestone_pay(
            actor=people.finance,
            client_key="key-key-1",
            **{**args, "voucher": Voucher(TODAY + timedelta(days=1), "A")},
        )
    first = milestone_pay(actor=people.finance, client_key="key-key-1", **args)
    assert milestone_pay(actor=people.finance, client_key="key-key-1", **args) == first  # the same form again
    with pytest.raises(ProgrammeError, match=r"đã thanh toán 20\.000\.000") as error:
        milestone_pay(actor=people.finance, client_key="key-key-2", **args)
    assert error.value.code == "milestone-paid"
    line.refresh_from_db()
    assert (line.paid, TopicPayment.objects.count()) == (20 * M, 1)


def test_who_accepted_never_pays_and_who_is_of_the_team_does_neither() -> None:
    people = People()
    plan_line(people)
    topic = running(people, make_topic_call(people))
    report(people, topic, 1)
    Topic.objects.filter(pk=topic.pk).update(leader_user=people.officer)
    with pytest.raises(PermissionDeniedError, match="tham gia"):
        milestone_accept(actor=people.officer, topic_id=topic.pk, number=1, note="", now=NOW)
    Topic.objects.filter(pk=topic.pk).update(leader_user=None)
    milestone_accept(actor=people.officer, topic_id=topic.pk, number=1, note="", now=NOW)
    topic.milestones.filter(number=1).update(accepted_by=people.finance)
    with pytest.raises(PermissionDeniedError, match="không tự ghi thanh toán"):
        pay(people, topic, 1)
    with pytest.raises(PermissionDeniedError):
        milestone_pay(
            actor=people.officer,
            topic_id=topic.pk,
            number=1,
            voucher=Voucher(TODAY, "A"),
            client_key="key-key-9",
            now=NOW,
        )


def test_amendments_move_the_end_the_money_and_the_leader() -> None:
    people = People()
    line = plan_line(people, 70)
    topic = running(people, make_topic_call(people))
    accept(people, topic, 1)
    pay(people, topic, 1)
    door, ends = door_of(people, topic), topic.contract.ends_on + timedelta(days=90)

    def approve(number: int, **more: Any) -> TopicAmendment:
        values: dict[str, Any] = {
            "decision_number": f"{number}/QĐ-ĐC",
            "decision_date": TODAY,
            "note": "",
            "now": NOW,
        } | more
        return amendment_approve(actor=people.leader, topic_id=topic.pk, number=number, **values)

    with pytest.raises(ProgrammeError, match="chưa được chấp nhận"):
        amendment_propose(
            door=door,
            kind="extension",
            change=Change(ends_on=ends, due={1: ends}),
            reason="Chợ sửa chữa",
            now=NOW,
        )
    late = Change(ends_on=ends, due={3: ends})
    amendment_propose(door=door, kind="extension", change=late, reason="Chợ đang sửa chữa", now=NOW)
    with pytest.raises(ProgrammeError, match="chờ quyết định"):
        amendment_propose(door=door, kind="extension", change=late, reason="Chợ đang sửa chữa", now=NOW)
    with pytest.raises(ProgrammeError, match="số quyết định"):
        approve(1, decision_number=" ")
    approve(1)
    approve(1)  # a second press
    contract = Topic.objects.get(pk=topic.pk).contract
    assert (contract.ends_on, contract.original_ends_on) == (ends, ends - timedelta(days=90))
    assert topic.milestones.get(number=3).due_on == ends
    # more money than the line has: refused, nothing moved
    amendment_enter(
        actor=people.officer, topic_id=topic.pk, kind="budget", change=Change(value=D(75 * M), payments={3: D(25 * M)}),
        reason="Thêm một chợ nữa", now=NOW,
    )  # fmt: skip
    with pytest.raises(KhcnError, match=r"còn|đủ"):
        approve(2)
    topic.refresh_from_db()
    assert (topic.contract.value, topic.milestones.get(number=3).payment) == (60 * M, 10 * M)
    amendment_refuse(actor=people.leader, topic_id=topic.pk, number=2, reason="Không đủ kinh phí", now=NOW)
    with pytest.raises(ProgrammeError, match="lệch"):
        amendment_enter(
            actor=people.officer, topic_id=topic.pk, kind="budget", change=Change(value=D(70 * M), payments={3: D(19 * M)}),
            reason="Thêm một chợ nữa", now=NOW,
        )  # fmt: skip
    amendment_enter(
        actor=people.officer, topic_id=topic.pk, kind="budget", change=Change(value=D(70 * M), payments={3: D(20 * M)}),
        reason="Thêm một chợ nữa", now=NOW,
    )  # fmt: skip
    row = approve(3)
    line.refresh_from_db()
    assert (line.committed, line.paid) == (70 * M, 20 * M)
    assert row.before == {"value": "60000000", "payments": {"3": "10000000"}}
    # less money: everything that is not paid is held anew, to the dong
    amendment_enter(
        actor=people.officer, topic_id=topic.pk, kind="budget", change=Change(value=D(45 * M), payments={2: D(20 * M), 3: D(5 * M)}),
        reason="Bớt một chợ", now=NOW,
    )  # fmt: skip
    approve(4)
    line.refresh_from_db()
    money = money_of([Topic.objects.select_related("contract").get(pk=topic.pk)])[topic.pk]
    assert (line.committed, money.value, money.left, money.held) == (45 * M, 45 * M, 25 * M, 25 * M)
    references = list(TopicCommitment.objects.filter(topic=topic).values_list("reference", flat=True))
    own = f"programmes.topic:{topic.pk}"
    assert references[:2] == [own, f"{own}/2"]
    amendment_propose(
        door=door, kind="leader", change=Change(name="Hồ Thị Mới", title="Thạc sĩ", organisation="Viện Mới"),
        reason="Chủ nhiệm cũ nghỉ việc", now=NOW,
    )  # fmt: skip
    row = approve(5)
    topic.refresh_from_db()
    assert (topic.leader_name, row.before["name"]) == ("Hồ Thị Mới", "Lê Thị Chủ Nhiệm")
    for number in (2, 3):
        accept(people, topic, number)
        pay(people, topic, number)
    line.refresh_from_db()
    assert (line.committed, line.paid) == (45 * M, 45 * M)


def test_who_asks_for_an_amendment_never_approves_it() -> None:
    people = People()
    plan_line(people)
    topic = running(people, make_topic_call(people))
    change = Change(ends_on=topic.contract.ends_on + timedelta(days=30))
    row = amendment_enter(
        actor=people.officer,
        topic_id=topic.pk,
        kind="extension",
        change=change,
        reason="Chậm mua máy",
        now=NOW,
    )
    TopicAmendment.objects.filter(pk=row.pk).update(proposed_by=people.focal_head)
    args: dict[str, Any] = {
        "topic_id": topic.pk,
        "number": 1,
        "decision_number": "1",
        "decision_date": TODAY,
        "note": "",
        "now": NOW,
    }
    with pytest.raises(PermissionDeniedError, match="không tự quyết định"):
        amendment_approve(actor=people.focal_head, **args)
    with pytest.raises(PermissionDeniedError):
        amendment_approve(actor=people.officer, **args)
    assert amendment_approve(actor=people.leader, **args).state == "approved"


def test_stopped_in_the_middle_what_is_accepted_is_paid_the_rest_given_back() -> None:
    people = People()
    line = plan_line(people)
    topic = running(people, make_topic_call(people))
    accept(people, topic, 1)
    pay(people, topic, 1)
    accept(people, topic, 2)
    with pytest.raises(ProgrammeError, match="lý do"):
        topic_stop(actor=people.leader, topic_id=topic.pk, reason=" ", now=NOW)
    topic_stop(actor=people.leader, topic_id=topic.pk, reason="Chợ ngừng hoạt động", now=NOW)
    topic_stop(actor=people.leader, topic_id=topic.pk, reason="Chợ ngừng hoạt động", now=NOW)
    line.refresh_from_db()
    assert (line.committed, line.paid) == (50 * M, 20 * M)  # the accepted second milestone stays held
    topic.refresh_from_db()
    assert topic.milestones.get(number=3).state == MilestoneState.DROPPED
    side = public_topic(topic.key)
    assert side is not None
    assert side.stopped_reason == "Chợ ngừng hoạt động"
    end = Settlement("9/TL", TODAY, D(5 * M), "Hai bên thống nhất dừng và hoàn trả một phần")
    with pytest.raises(ProgrammeError, match="chưa thanh toán: 2"):
        topic_liquidate(actor=people.officer, topic_id=topic.pk, settlement=end, now=NOW)
    pay(people, topic, 2)
    row = topic_liquidate(actor=people.officer, topic_id=topic.pk, settlement=end, now=NOW)
    assert (row.value, row.paid, row.released, row.owed) == (60 * M, 50 * M, 10 * M, 5 * M)
    line.refresh_from_db()
    assert line.committed == line.paid == 50 * M
    back: dict[str, Any] = {
        "actor": people.finance,
        "topic_id": topic.pk,
        "voucher": Voucher(TODAY, "PT-1"),
        "now": NOW,
    }
    with pytest.raises(ProgrammeError, match="còn nợ"):
        refund_enter(amount=D(6 * M), client_key="refund-key-1", **back)
    refund_enter(amount=D(3 * M), client_key="refund-key-1", **back)
    refund_enter(amount=D(3 * M), client_key="refund-key-1", **back)  # the same form again
    topic = Topic.objects.select_related("contract", "liquidation").get(pk=topic.pk)
    money = money_of([topic])[topic.pk]
    assert (money.owed, money.refunded) == (5 * M, 3 * M)
    assert next_step(topic, int(money.owed - money.refunded)).who == "finance"
    with pytest.raises(ProgrammeError, match="còn nợ"):
        refund_enter(amount=D(3 * M), client_key="refund-key-2", **back)


def test_stopped_before_the_contract_there_is_no_money() -> None:
    people = People()
    with money_booker.using(Purse(100 * M)):
        topic = approved(people, make_topic_call(people))
        contract_save(actor=people.officer, topic_id=topic.pk, terms=terms(), milestones=PLAN, now=NOW)
        topic_stop(actor=people.focal_head, topic_id=topic.pk, reason="Tổ chức chủ trì giải thể", now=NOW)
        with pytest.raises(ProgrammeError, match="không phải thanh lý"):
            topic_liquidate(
                actor=people.officer, topic_id=topic.pk, settlement=Settlement("1", TODAY), now=NOW
            )
    assert public_topic(topic.key) is None
    assert not TopicCommitment.objects.exists()


def test_every_state_knows_where_it_leads() -> None:
    assert set(TRANSITIONS) == set(TopicState)
    assert may_become("running", "stopped")
    assert not may_become("draft", "approved")
    ends = {state for state, after in TRANSITIONS.items() if not after}
    assert ends == {TopicState.LIQUIDATED, TopicState.REJECTED, TopicState.WITHDRAWN}
    reached = {TopicState.DRAFT}
    while more := {after for state in reached for after in TRANSITIONS[state]} - reached:
        reached |= more
    assert reached == set(TopicState)
