"""The port of money and the indicators: what other apps and reports get."""

from datetime import date
from decimal import Decimal

import pytest

from khcn.core.errors import PermissionDeniedError
from khcn.core.indicators import BulkIndicator, Period, indicators
from khcn.core.money_port import money_booker
from khcn.core.references import reference_to, resolve
from khcn.orgs.enums import Role
from khcn.plan.enums import EntryKind, EntryState, EstimateState
from khcn.plan.models import BudgetLine, MoneyEntry
from khcn.plan.rules.money import MoneyError, NotEnoughError
from khcn.plan.services.money_entries import allocation_book, entry_confirm, entry_propose
from tests.orgs.factories import make_member, make_unit
from tests.plan.factories import NOW, TODAY, People, make_estimate, make_line

pytestmark = pytest.mark.django_db
M = 1_000_000
TASK = "II.4.2.1-a"


class Support:
    """A task with ten million on one line, and a request that books on it."""

    def __init__(self) -> None:
        self.people = People()
        self.line = make_line(make_estimate(), self.people.focal, task_code=TASK)
        self.port = money_booker.get()

    def commit(self, amount: int, reference: str = "support:1", **more: object):  # type: ignore[no-untyped-def]
        return self.port.commit(
            actor=more.pop("actor", self.people.finance), task_code=TASK, year=2026, amount=Decimal(amount),
            reference=reference, text="Hỗ trợ thiết bị", now=NOW, **more,
        )  # fmt: skip

    def pay(self, amount: int, payment: str = "", **more: object):  # type: ignore[no-untyped-def]
        return self.port.pay(
            actor=more.pop("actor", self.people.finance), reference="support:1", amount=Decimal(amount), text="Bàn giao đợt 1",
            now=NOW, payment_reference=payment, **more,
        )  # fmt: skip

    @property
    def sums(self) -> tuple[int, int]:
        line = BudgetLine.objects.get(pk=self.line.pk)
        return int(line.committed) // M, int(line.paid) // M


def test_committed_and_paid_change_by_exactly_what_was_approved_and_delivered() -> None:
    support = Support()
    booking = support.commit(6 * M)
    assert (booking.left, booking.confirmed, booking.line_title) == (6 * M, True, support.line.title)
    assert support.pay(4 * M, "handover:1").left == 2 * M
    assert (
        support.port.release(
            actor=support.people.finance, reference="support:1", reason="Giao thiếu", now=NOW
        ).left
        == 0
    )
    assert support.sums == (4, 4)
    assert (
        support.port.release(
            actor=support.people.finance, reference="support:1", reason="Lần nữa", now=NOW
        ).released
        == 2 * M
    )
    assert support.port.booked("support:1") is not None
    assert support.port.booked("support:2") is None


def test_the_same_booking_again_changes_nothing_and_another_amount_is_refused() -> None:
    support = Support()
    support.commit(6 * M)
    support.commit(6 * M)
    support.pay(M, "handover:1")
    support.pay(M, "handover:1")
    assert support.sums == (6, 1)
    with pytest.raises(MoneyError, match="đã cam kết 6"):
        support.commit(5 * M)


def test_never_above_the_allocation_and_never_above_the_commitment() -> None:
    support = Support()
    with pytest.raises(NotEnoughError) as refused:
        support.commit(10 * M + 1)
    assert refused.value.left == 10 * M
    support.commit(M)
    with pytest.raises(NotEnoughError):
        support.pay(M + 1)
    assert support.sums == (1, 0)


def test_the_line_with_most_money_is_taken() -> None:
    support = Support()
    rich = make_line(support.line.estimate, make_unit(), task_code=TASK, allocated=Decimal(30 * M))
    make_line(
        make_estimate(state=EstimateState.DRAFT), make_unit(), task_code=TASK, allocated=Decimal(90 * M)
    )
    assert [one.line_id for one in support.port.funds(task_code=TASK, year=2026)] == [
        rich.pk,
        support.line.pk,
    ]
    assert support.commit(20 * M).line_id == rich.pk
    assert support.commit(M, "support:2", unit_id=support.people.focal.pk).line_id == support.line.pk
    with pytest.raises(NotEnoughError, match="còn nhiều nhất"):
        support.commit(11 * M, "support:3")


def test_a_task_without_money_and_a_payment_without_commitment_are_named() -> None:
    support = Support()
    with pytest.raises(MoneyError, match="chưa được giao kinh phí năm 2025"):
        support.port.commit(
            actor=None, task_code=TASK, year=2025, amount=Decimal(1), reference="support:9", text="x", now=NOW
        )
    with pytest.raises(MoneyError, match="chưa có cam kết chi"):
        support.pay(1)


def test_others_than_finance_wait_for_it_and_strangers_are_refused() -> None:
    support = Support()
    assert not support.commit(M, actor=support.people.officer).confirmed
    assert not support.pay(M).confirmed
    assert set(MoneyEntry.objects.values_list("state", flat=True)) == {EntryState.PROPOSED}
    for role in (Role.CLERK, Role.AUDITOR, Role.UNIT_REPORTER, Role.EDITOR):
        with pytest.raises(PermissionDeniedError):
            support.commit(M, "support:8", actor=make_member(role))


# Indicators

PERIOD = Period(date(2026, 1, 1), date(2026, 5, 31))


def test_indicators_count_confirmed_entries_of_the_period_and_name_their_lines() -> None:
    support = Support()
    people, line = support.people, support.line
    values = {"happened_on": TODAY, "text": "x", "document": "1/QĐ", "amount": Decimal(2 * M)}
    allocation_book(actor=people.finance, line=line, amount=Decimal(2 * M), values=values, now=NOW)
    allocation_book(actor=people.finance, line=line, amount=Decimal(-M), values=values, now=NOW)
    commitment = entry_propose(
        actor=people.officer, line=line, kind=EntryKind.COMMITMENT, values=values, now=NOW
    )
    entry_confirm(actor=people.finance, entry=commitment, now=NOW)
    for amount in (M, M // 2):
        payment = entry_propose(
            actor=people.officer, line=line, kind=EntryKind.DISBURSEMENT, values={**values, "amount": Decimal(amount)},
            now=NOW, commitment=commitment,
        )  # fmt: skip
        if amount == M:
            entry_confirm(actor=people.finance, entry=payment, now=NOW)
    allocated, paid = (indicators.get(f"budget_{name}_vnd") for name in ("allocated", "disbursed"))
    assert allocated.figure(period=PERIOD, unit_ids=None, reader=None).value == M
    figure = paid.figure(period=PERIOD, unit_ids=[people.focal.pk], reader=people.officer)
    assert (figure.value, figure.sources) == (M, (reference_to(line),))
    assert "500.000 đồng chờ" in figure.note
    earlier = Period(date(2026, 1, 1), date(2026, 5, 19))
    assert paid.figure(period=earlier, unit_ids=None, reader=None).value == 0
    later = Period(date(2026, 6, 1), date(2026, 10, 31))
    assert (
        allocated.figure(period=later, unit_ids=None, reader=None).value == M
    )  # of the year, not of the half
    assert isinstance(paid, BulkIndicator)
    groups = {1: [people.focal.pk], 2: [people.unit.pk], 3: [people.unit.pk, people.focal.pk]}
    many = paid.figures(period=PERIOD, groups=groups, reader=None)
    assert [many[key].value for key in groups] == [M, None, M]
    assert many[1] == many[3] == figure
    assert paid.figure(period=PERIOD, unit_ids=[people.unit.pk], reader=None).value is None
    assert paid.figure(period=PERIOD, unit_ids=None, reader=people.reporter).value is None
    found = resolve(reference_to(line), people.officer)
    assert found is not None
    assert line.title in found.title
    assert resolve(reference_to(line), people.reporter) is None
