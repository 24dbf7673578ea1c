"""The yearly estimate: drafted, handed in, approved by another, allocated, settled."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from khcn.core.audit import AuditEvent
from khcn.core.errors import PermissionDeniedError
from khcn.orgs.enums import Role
from khcn.orgs.models import Absence
from khcn.plan.enums import EntryKind, EntryState, EstimateState
from khcn.plan.errors import RowsError, StaleError
from khcn.plan.models import BudgetLine, Estimate, MoneyEntry
from khcn.plan.rules.money import MoneyError, read_budget_code
from khcn.plan.services.money_entries import entry_confirm, entry_propose
from khcn.plan.services.money_estimates import (
    estimate_allocate,
    estimate_approve,
    estimate_return,
    estimate_save,
    estimate_submit,
    line_remove,
    line_save,
)
from khcn.plan.services.money_settlement import estimate_settle, settlement_save
from tests.orgs.factories import give_role, make_unit
from tests.plan.factories import NOW, TODAY, People, make_estimate, make_line, make_plan, make_task

M = 1_000_000
CODE = "599-100-103-7000-7049"


def drafted(people: People, **values: Any) -> tuple[Estimate, BudgetLine]:
    """Return a draft of the officer with one line of 20 million."""
    plan = make_plan()
    task = make_task(plan, lead=people.unit)
    head = {"title": "Dự toán KHCN", "year": 2026, "plan": plan, **values}
    estimate = estimate_save(actor=people.officer, values=head, now=NOW)
    line = {
        "unit": people.unit,
        "task_code": task.code,
        "title": "In tờ rơi",
        "budget_code": "599.100.103.7000.7049",
        "estimated": Decimal(20 * M),
    }
    saved, _new = line_save(actor=people.officer, estimate=estimate, values=line, now=NOW)
    return estimate, saved


@pytest.mark.django_db
def test_from_the_draft_to_the_allocation() -> None:
    people = People()
    estimate, line = drafted(people)
    assert line.budget_code == CODE
    estimate_submit(actor=people.officer, estimate=estimate, now=NOW)
    with pytest.raises(StaleError):
        line_save(actor=people.officer, estimate=estimate, values={"title": "Khác"}, now=NOW, line=line)
    estimate_return(actor=people.leader, estimate=estimate, reason="Thiếu thuyết minh", now=NOW)
    estimate.refresh_from_db()
    assert (estimate.state, estimate.returned_why) == (EstimateState.DRAFT, "Thiếu thuyết minh")
    line_save(
        actor=people.officer, estimate=estimate, values={"estimated": Decimal(18 * M)}, now=NOW, line=line
    )
    estimate_submit(actor=people.officer, estimate=estimate, now=NOW)
    estimate_approve(actor=people.leader, estimate=estimate, now=NOW)
    for _again in range(2):
        estimate_allocate(
            actor=people.finance, estimate=estimate, decision="7/QĐ-THU", decided_on=date(2026, 1, 5), now=NOW
        )
    line.refresh_from_db()
    entry = MoneyEntry.objects.get()
    assert (line.allocated, entry.document, entry.kind) == (18 * M, "7/QĐ-THU", EntryKind.ALLOCATION)
    done = set(AuditEvent.objects.values_list("action", flat=True))
    assert {
        f"plan.estimate.{verb}"
        for verb in ("create", "line_add", "line_update", "submit", "return", "approve")
    } <= done


@pytest.mark.django_db
def test_the_drafter_never_approves() -> None:
    people = People()
    give_role(people.officer, Role.LEADER, people.committee)
    give_role(people.finance, Role.LEADER, people.committee)
    estimate, _line = drafted(people)
    estimate_submit(actor=people.finance, estimate=estimate, now=NOW)
    for person in (people.officer, people.finance):
        with pytest.raises(PermissionDeniedError, match="không tự duyệt"):
            estimate_approve(actor=person, estimate=estimate, now=NOW)
    estimate_approve(actor=people.leader, estimate=estimate, now=NOW)
    with pytest.raises(StaleError):
        estimate_approve(actor=people.leader, estimate=estimate, now=NOW)


@pytest.mark.django_db
def test_a_delegate_approves_and_the_trail_names_both() -> None:
    people = People()
    estimate, _line = drafted(people)
    estimate_submit(actor=people.officer, estimate=estimate, now=NOW)
    Absence.objects.create(user=people.leader, delegate=people.head, first_day=TODAY, last_day=TODAY)
    estimate_approve(actor=people.head, estimate=estimate, now=NOW)
    event = AuditEvent.objects.get(action="plan.estimate.approve")
    assert (event.actor_id, event.on_behalf_of_id) == (people.head.pk, people.leader.pk)


@pytest.mark.django_db
def test_who_drafts_and_who_approves() -> None:
    people = People()
    estimate, line = drafted(people)
    for person in (people.leader, people.reporter, people.head, people.clerk, people.focal_head):
        with pytest.raises(PermissionDeniedError):
            estimate_save(actor=person, values={"title": "x", "year": 2026}, now=NOW)
        with pytest.raises(PermissionDeniedError):
            line_save(actor=person, estimate=estimate, values={}, now=NOW, line=line)
        with pytest.raises(PermissionDeniedError):
            estimate_submit(actor=person, estimate=estimate, now=NOW)
    estimate_submit(actor=people.officer, estimate=estimate, now=NOW)
    for person in (people.officer, people.finance, people.focal_head, people.reporter):
        with pytest.raises(PermissionDeniedError):
            estimate_approve(actor=person, estimate=estimate, now=NOW)
    estimate_approve(actor=people.leader, estimate=estimate, now=NOW)
    for person in (people.officer, people.leader, people.reporter):
        with pytest.raises(PermissionDeniedError):
            estimate_allocate(actor=person, estimate=estimate, decision="1", decided_on=TODAY, now=NOW)


@pytest.mark.django_db
def test_an_empty_draft_is_not_handed_in_and_a_title_stands_once_a_year() -> None:
    people = People()
    estimate = estimate_save(actor=people.officer, values={"title": "Dự toán", "year": 2026}, now=NOW)
    with pytest.raises(MoneyError, match="chưa có dòng nào có tiền"):
        estimate_submit(actor=people.officer, estimate=estimate, now=NOW)
    for values, field in (
        ({"title": " Dự  toán ", "year": 2026}, "title"),
        ({"title": "", "year": 2026}, "title"),
        ({"title": "x", "year": 26}, "year"),
    ):
        with pytest.raises(MoneyError) as refused:
            estimate_save(actor=people.officer, values=values, now=NOW)
        assert refused.value.field == field


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "  "}, "title"),
        ({"budget_code": "599-100"}, "budget_code"),
        ({"task_code": "KHONG-CO"}, "task_code"),
        ({"estimated": Decimal(-1)}, "estimated"),
        ({"estimated": Decimal("0.5")}, "estimated"),
    ],
)
def test_what_a_line_may_not_say(change: dict[str, Any], field: str) -> None:
    people = People()
    estimate, line = drafted(people)
    with pytest.raises(MoneyError) as refused:
        line_save(actor=people.officer, estimate=estimate, values=change, now=NOW, line=line)
    assert refused.value.field == field
    with pytest.raises(MoneyError, match="Đã có dòng"):
        values = {
            name: getattr(line, name) for name in ("unit", "task_code", "title", "budget_code", "estimated")
        }
        line_save(actor=people.officer, estimate=estimate, values=values, now=NOW)


@pytest.mark.django_db
def test_a_line_leaves_a_draft_and_the_trail_keeps_it() -> None:
    people = People()
    estimate, line = drafted(people)
    line_remove(actor=people.officer, line=line, now=NOW)
    assert not estimate.lines.exists()
    event = AuditEvent.objects.get(action="plan.estimate.line_remove")
    assert event.before is not None
    assert event.before["title"] == "In tờ rơi"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ""),
        (" 599-100-103-7000-7049 ", CODE),
        ("599.100.103.7000.7049", CODE),
        ("599 100 103", "599-100-103"),
        ("599/100/103/6600", "599-100-103-6600"),
    ],
)
def test_a_budget_code_is_read_in_any_writing(typed: str, read: str) -> None:
    assert read_budget_code(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "599",
        "599-100",
        "59-100-103",
        "599-100-103-7001",
        "599-100-103-7000-7050",
        "599-100-103-7000-7000",
        "a-b-c",
        "５９９-100-103",
    ],
)
def test_a_budget_code_of_another_shape_is_refused(typed: str) -> None:
    with pytest.raises(MoneyError):
        read_budget_code(typed)


class Paid:
    """Two lines with payments of six and of four million."""

    def __init__(self) -> None:
        self.people = People()
        self.estimate = make_estimate()
        self.lines = [make_line(self.estimate, unit) for unit in (self.people.unit, make_unit())]
        self.commitments = [
            self._pay(line, amount * M) for line, amount in zip(self.lines, (6, 4), strict=True)
        ]

    def _pay(self, line: BudgetLine, amount: int) -> MoneyEntry:
        values = {"amount": Decimal(8 * M), "happened_on": TODAY, "text": "Hợp đồng"}
        officer, finance = self.people.officer, self.people.finance
        commitment = entry_propose(
            actor=officer, line=line, kind=EntryKind.COMMITMENT, values=values, now=NOW
        )
        entry_confirm(actor=finance, entry=commitment, now=NOW)
        values |= {"amount": Decimal(amount), "text": "Thanh toán"}
        payment = entry_propose(
            actor=officer,
            line=line,
            kind=EntryKind.DISBURSEMENT,
            values=values,
            now=NOW,
            commitment=commitment,
        )
        entry_confirm(actor=finance, entry=payment, now=NOW)
        return commitment

    def settle(self, *millions: int, actor: Any = None) -> int:
        amounts = {line.pk: Decimal(amount * M) for line, amount in zip(self.lines, millions, strict=True)}
        return settlement_save(
            actor=actor or self.people.finance,
            estimate=self.estimate,
            amounts=amounts,
            document="BC 1",
            now=NOW,
        )

    @property
    def settled(self) -> list[int]:
        return [int(line.settled) // M for line in BudgetLine.objects.order_by("pk")]


@pytest.mark.django_db
def test_settlement_recognises_at_most_what_was_paid_all_lines_or_none() -> None:
    paid = Paid()
    with pytest.raises(RowsError) as refused:
        paid.settle(6, 5)
    assert [fault.where for fault in refused.value.faults] == [paid.lines[1].title]
    assert (paid.settled, MoneyEntry.objects.filter(kind=EntryKind.SETTLEMENT).count()) == ([0, 0], 0)
    assert (paid.settle(6, 4), paid.settle(6, 4), paid.settled) == (2, 0, [6, 4])
    assert (paid.settle(5, 4), paid.settled) == (1, [5, 4])
    standing = MoneyEntry.objects.filter(kind=EntryKind.SETTLEMENT, state=EntryState.CONFIRMED)
    assert sorted(standing.values_list("amount", flat=True)) == [4 * M, 5 * M]
    with pytest.raises(PermissionDeniedError):
        paid.settle(6, 4, actor=paid.people.officer)


@pytest.mark.django_db
def test_the_year_is_closed_when_nothing_waits_and_nothing_is_open() -> None:
    paid = Paid()
    paid.settle(6, 4)
    with pytest.raises(MoneyError, match="Còn 2 cam kết"):
        estimate_settle(actor=paid.people.finance, estimate=paid.estimate, now=NOW)
    values = {"amount": Decimal(M), "happened_on": TODAY, "text": "Chờ"}
    waiting = entry_propose(
        actor=paid.people.officer, line=paid.lines[0], kind=EntryKind.COMMITMENT, values=values, now=NOW
    )
    with pytest.raises(MoneyError, match="Còn 1 bút toán chờ xác nhận"):
        estimate_settle(actor=paid.people.finance, estimate=paid.estimate, now=NOW, release_reason="Hết năm")
    entry_confirm(actor=paid.people.finance, entry=waiting, now=NOW)
    closed = estimate_settle(
        actor=paid.people.finance, estimate=paid.estimate, now=NOW, release_reason="Hết năm"
    )
    assert closed.state == EstimateState.SETTLED
    assert [
        (int(line.committed) // M, int(line.paid) // M) for line in BudgetLine.objects.order_by("pk")
    ] == [(6, 6), (4, 4)]
    with pytest.raises(MoneyError, match="đã quyết toán"):
        paid.settle(5, 4)
