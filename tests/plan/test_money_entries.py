"""Money on a line: allocated, committed, paid, released, refused, voided; nobody spends what is not there."""

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from khcn.core.audit import AuditEvent
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.outbox.selectors import desk_messages_for
from khcn.orgs.enums import Role
from khcn.plan.enums import EntryKind, EntryState, EstimateState
from khcn.plan.errors import StaleError
from khcn.plan.models import BudgetLine, MoneyEntry
from khcn.plan.rules.money import MoneyError, NotEnoughError
from khcn.plan.services.money_entries import (
    allocation_book,
    commitment_release,
    entry_confirm,
    entry_propose,
    entry_refuse,
    entry_void,
)
from tests.orgs.factories import make_member
from tests.plan.factories import NOW, TODAY, People, make_estimate, make_line

M = 1_000_000
ENTRY: dict[str, Any] = {"happened_on": TODAY, "text": "Mua tài liệu tập huấn"}


class Book:
    """One line with ten million allocated, and its people."""

    def __init__(self, **line: Any) -> None:
        self.people = People()
        self.line = make_line(make_estimate(), self.people.unit, **line)
        self.finance = self.people.finance

    def commit(self, amount: int, **more: Any) -> MoneyEntry:
        values = {**ENTRY, "amount": Decimal(amount), **more.pop("values", {})}
        more.setdefault("actor", self.people.reporter)
        return entry_propose(line=self.line, kind=EntryKind.COMMITMENT, values=values, now=NOW, **more)

    def pay(self, commitment: MoneyEntry, amount: int, **more: Any) -> MoneyEntry:
        values = {**ENTRY, "amount": Decimal(amount), **more.pop("values", {})}
        more.setdefault("actor", self.people.reporter)
        return entry_propose(
            line=self.line, kind=EntryKind.DISBURSEMENT, values=values, now=NOW, commitment=commitment, **more
        )

    def allocate(self, amount: int, **more: Any) -> MoneyEntry:
        more.setdefault("actor", self.finance)
        values = {**ENTRY, "document": "12/QĐ-THU"}
        return allocation_book(line=self.line, amount=Decimal(amount), values=values, now=NOW, **more)

    @property
    def sums(self) -> tuple[int, int, int, int]:
        """Allocated, committed, paid, settled in millions."""
        row = BudgetLine.objects.get(pk=self.line.pk)
        return tuple(int(getattr(row, name)) // M for name in ("allocated", "committed", "paid", "settled"))  # type: ignore[return-value]


@pytest.mark.django_db
def test_the_story_of_a_line() -> None:
    book = Book()
    contract = book.commit(6 * M)
    assert (contract.state, book.sums) == (EntryState.PROPOSED, (10, 6, 0, 0))
    entry_confirm(actor=book.finance, entry=contract, now=NOW)
    bill = book.pay(contract, 4 * M)
    entry_confirm(actor=book.finance, entry=bill, now=NOW)
    contract.refresh_from_db()
    assert (int(contract.paid), book.sums) == (4 * M, (10, 6, 4, 0))
    assert commitment_release(actor=book.finance, entry=contract, reason="Mua rẻ hơn", now=NOW) == 2 * M
    assert book.sums == (10, 4, 4, 0)
    book.commit(6 * M)
    assert book.sums == (10, 10, 4, 0)
    verbs = list(AuditEvent.objects.filter(action__startswith="plan.money.").values_list("action", flat=True))
    assert sorted(verbs) == sorted(
        f"plan.money.{v}" for v in ("propose", "confirm", "propose", "confirm", "release", "propose")
    )


@pytest.mark.django_db
def test_more_than_is_left_is_refused_with_what_is_left() -> None:
    book = Book()
    book.commit(7 * M)
    with pytest.raises(NotEnoughError) as refused:
        book.commit(3 * M + 1)
    assert refused.value.left == 3 * M
    assert "còn lại 3.000.000" in refused.value.message
    contract = book.commit(3 * M)
    with pytest.raises(NotEnoughError, match=r"chỉ còn giải ngân được 3\.000\.000"):
        book.pay(contract, 3 * M + 1)
    assert (book.sums, MoneyEntry.objects.count()) == ((10, 10, 0, 0), 2)


@pytest.mark.django_db
def test_an_allocation_never_falls_below_what_is_committed() -> None:
    book = Book()
    book.allocate(5 * M)
    assert book.sums[0] == 15
    book.commit(12 * M)
    with pytest.raises(NotEnoughError, match=r"Chỉ giảm được tối đa 3\.000\.000"):
        book.allocate(-4 * M)
    book.allocate(-3 * M)
    assert book.sums == (12, 12, 0, 0)


@pytest.mark.django_db
def test_nobody_confirms_an_own_entry_and_only_finance_confirms() -> None:
    book = Book()
    own = book.commit(M, actor=book.finance)
    for actor in (
        book.finance,
        book.people.officer,
        book.people.leader,
        book.people.reporter,
        book.people.head,
    ):
        with pytest.raises(PermissionDeniedError):
            entry_confirm(actor=actor, entry=own, now=NOW)
    entry_confirm(actor=make_member(Role.FINANCE), entry=own, now=NOW)
    assert MoneyEntry.objects.get().state == EntryState.CONFIRMED


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR, Role.LEADER, Role.UNIT_REPORTER, Role.SYSADMIN])
def test_who_has_no_part_in_the_unit_proposes_nothing(role: Role) -> None:
    book = Book()
    with pytest.raises(PermissionDeniedError):
        book.commit(M, actor=make_member(role))
    with pytest.raises(PermissionDeniedError):
        book.allocate(M, actor=make_member(role))
    assert book.sums == (10, 0, 0, 0)


@pytest.mark.django_db
def test_a_refused_entry_frees_its_money_and_tells_its_proposer() -> None:
    book = Book()
    entry = book.commit(6 * M)
    with pytest.raises(MoneyError, match="lý do"):
        entry_refuse(actor=book.finance, entry=entry, reason="  ", now=NOW)
    entry_refuse(actor=book.finance, entry=entry, reason="Thiếu báo giá", now=NOW)
    assert (entry.state, book.sums) == (EntryState.REFUSED, (10, 0, 0, 0))
    (message,) = desk_messages_for(book.people.reporter, NOW)
    assert "Thiếu báo giá" in message.body
    with pytest.raises(StaleError):
        entry_refuse(actor=book.finance, entry=entry, reason="Lần nữa", now=NOW)
    with pytest.raises(StaleError):
        entry_confirm(actor=book.finance, entry=entry, now=NOW)
    assert book.sums == (10, 0, 0, 0)


@pytest.mark.django_db
def test_voiding_takes_back_in_the_right_order() -> None:
    book = Book()
    contract = book.commit(6 * M)
    bill = book.pay(contract, 2 * M)
    with pytest.raises(MoneyError, match="Cam kết chi của khoản này chưa được xác nhận"):
        entry_confirm(actor=book.finance, entry=bill, now=NOW)
    with pytest.raises(MoneyError, match=r"đã giải ngân 2\.000\.000"):
        entry_void(actor=book.finance, entry=contract, reason="Nhầm", now=NOW)
    assert book.sums == (10, 6, 2, 0)
    entry_void(actor=book.finance, entry=bill, reason="Nhầm", now=NOW)
    assert book.sums == (10, 6, 0, 0)
    entry_void(actor=book.finance, entry=contract, reason="Nhầm", now=NOW)
    assert book.sums == (10, 0, 0, 0)
    grant = book.allocate(5 * M)
    book.commit(12 * M)
    with pytest.raises(NotEnoughError):
        entry_void(actor=book.finance, entry=grant, reason="Nhầm", now=NOW)
    assert book.sums == (15, 12, 0, 0)


@pytest.mark.django_db
def test_the_proposer_takes_back_what_still_waits_and_nothing_else() -> None:
    book = Book()
    waits, stands = book.commit(M), book.commit(M)
    entry_confirm(actor=book.finance, entry=stands, now=NOW)
    entry_void(actor=book.people.reporter, entry=waits, reason="Ghi nhầm", now=NOW)
    with pytest.raises(PermissionDeniedError):
        entry_void(actor=book.people.reporter, entry=stands, reason="Ghi nhầm", now=NOW)
    assert book.sums == (10, 1, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal(-5)}, "amount"),
        ({"amount": Decimal("1.5")}, "amount"),
        ({"amount": Decimal("1e16")}, "amount"),
        ({"happened_on": date(2025, 12, 31)}, "happened_on"),
        ({"happened_on": date(2026, 5, 21)}, "happened_on"),
        ({"happened_on": date(2027, 1, 1)}, "happened_on"),
        ({"happened_on": None}, "happened_on"),
        ({"text": " \n "}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"document": "x" * 121}, "document"),
    ],
)
def test_what_an_entry_may_not_say(values: dict[str, Any], field: str) -> None:
    book = Book()
    with pytest.raises(MoneyError) as refused:
        book.commit(M, values=values)
    assert (refused.value.field, book.sums) == (field, (10, 0, 0, 0))


@pytest.mark.django_db
def test_a_payment_belongs_to_a_commitment_of_its_line_and_follows_it() -> None:
    book, other = Book(), Book()
    late = book.commit(M)
    strange = other.commit(M)
    for commitment, values, field in (
        (strange, {}, "commitment"),
        (None, {}, "commitment"),
        (late, {"happened_on": date(2026, 5, 19)}, "happened_on"),
    ):
        with pytest.raises(MoneyError) as refused:
            book.pay(commitment, M, values=values)  # type: ignore[arg-type]
        assert refused.value.field == field
    assert book.sums == (10, 1, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [EstimateState.DRAFT, EstimateState.SUBMITTED, EstimateState.SETTLED])
def test_money_moves_only_in_an_approved_year(state: EstimateState) -> None:
    book = Book()
    entry = book.commit(M)
    type(book.line.estimate).objects.update(state=state)
    for deed in (
        lambda: book.commit(M),
        lambda: book.allocate(M),
        lambda: entry_confirm(actor=book.finance, entry=entry, now=NOW),
        lambda: entry_void(actor=book.finance, entry=entry, reason="x", now=NOW),
        lambda: commitment_release(actor=book.finance, entry=entry, reason="x", now=NOW),
    ):
        with pytest.raises(MoneyError):
            deed()
    assert book.sums == (10, 1, 0, 0)


@pytest.mark.django_db
def test_the_same_reference_is_the_same_entry() -> None:
    book = Book()
    first, again = (book.commit(M, reference="form:1") for _tap in range(2))
    assert (first.pk, book.sums) == (again.pk, (10, 1, 0, 0))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"committed": 10 * M + 1},
        {"committed": 5 * M, "paid": 5 * M + 1},
        {"committed": 5 * M, "paid": 5 * M, "settled": 5 * M + 1},
        {"allocated": -1},
        {"settled": -1},
    ],
)
def test_the_database_itself_refuses_sums_that_cannot_be(change: dict[str, int]) -> None:
    book = Book()
    with pytest.raises(IntegrityError), transaction.atomic():
        BudgetLine.objects.filter(pk=book.line.pk).update(**change)


def _at_once(deeds: list[Any]) -> list[Any]:
    """Run all deeds at the same moment; return what each gave back or was refused with."""
    barrier, results = Barrier(len(deeds)), []

    def run(deed: Any) -> None:
        barrier.wait()
        try:
            results.append(deed())
        except KhcnError as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


@pytest.mark.smoke
@pytest.mark.django_db(transaction=True)
def test_fifty_people_want_the_last_dong_and_one_gets_it() -> None:
    book = Book()
    book.commit(10 * M - 1)
    results = _at_once([lambda: book.commit(1)] * 50)
    won = [one for one in results if isinstance(one, MoneyEntry)]
    lost = [one for one in results if isinstance(one, NotEnoughError)]
    assert (len(won), len(lost)) == (1, 49)
    assert all(one.left == 0 and "còn lại 0" in one.message for one in lost)
    row = BudgetLine.objects.get(pk=book.line.pk)
    assert row.committed == row.allocated == 10 * M
    assert MoneyEntry.objects.count() == 2


@pytest.mark.smoke
@pytest.mark.django_db(transaction=True)
def test_fifty_payments_of_the_last_dong_of_a_commitment() -> None:
    book = Book()
    contract = book.commit(M)
    book.pay(contract, M - 1)
    results = _at_once([lambda: book.pay(contract, 1)] * 50)
    assert [type(one).__name__ for one in results].count("MoneyEntry") == 1
    assert sum(isinstance(one, NotEnoughError) and one.left == 0 for one in results) == 49
    assert MoneyEntry.objects.get(pk=contract.pk).paid == M
    assert book.sums == (10, 1, 1, 0)


@pytest.mark.smoke
@pytest.mark.django_db(transaction=True)
def test_cutting_the_allocation_while_others_commit_keeps_the_rule() -> None:
    book = Book()
    results = _at_once([lambda: book.allocate(-6 * M), *[lambda: book.commit(3 * M)] * 4])
    row = BudgetLine.objects.get(pk=book.line.pk)
    assert row.committed <= row.allocated
    cut = sum(isinstance(one, MoneyEntry) and one.kind == EntryKind.ALLOCATION for one in results)
    taken = sum(isinstance(one, MoneyEntry) and one.kind == EntryKind.COMMITMENT for one in results)
    assert (row.allocated, row.committed) == ((10 - 6 * cut) * M, 3 * taken * M)
    assert taken == (1 if cut else 3)


@pytest.mark.smoke
@pytest.mark.django_db(transaction=True)
def test_two_finance_officers_confirm_and_refuse_at_once() -> None:
    book = Book()
    entry = book.commit(4 * M)
    other = make_member(Role.FINANCE)
    results = _at_once([
        lambda: entry_confirm(actor=book.finance, entry=MoneyEntry.objects.get(pk=entry.pk), now=NOW),
        lambda: entry_refuse(actor=other, entry=MoneyEntry.objects.get(pk=entry.pk), reason="Thiếu", now=NOW),
    ])  # fmt: skip
    assert sum(isinstance(one, StaleError) for one in results) == 1
    entry.refresh_from_db()
    assert book.sums[1] == (4 if entry.state == EntryState.CONFIRMED else 0)
