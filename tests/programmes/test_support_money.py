"""The money of support: committed and paid change by exactly what was approved and delivered, whatever happens."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.money_port import money_booker
from khcn.core.ports import PortMissingError
from khcn.programmes.enums import SupportState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.support import Handover, SupportRequest
from khcn.programmes.services import support_handover
from khcn.programmes.services.support_decisions import (
    funds_confirm,
    request_approve,
    request_check,
    request_end,
    request_refuse,
)
from khcn.programmes.simulation.granting import Purse
from tests.plan.factories import make_estimate, make_line
from tests.programmes.factories import NOW, People
from tests.programmes.support_factories import (
    TASK,
    M,
    approved,
    funded,
    grants,
    hand,
    make_call,
    make_request,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def money() -> Iterator[Purse]:
    with money_booker.using(Purse()) as fake:
        yield fake


def test_from_request_to_close_with_the_plan_itself() -> None:
    people = People()
    line = make_line(make_estimate(), people.focal, task_code=TASK)

    def sums() -> tuple[int, int]:
        line.refresh_from_db()
        return int(line.committed), int(line.paid)

    row = approved(people, make_call(people), 2, 3)  # a part: seven of eight million
    assert (row.state, row.approved, sums()) == (SupportState.APPROVED, 7 * M, (7 * M, 0))
    hand(people, row, 1, 0, key="first-0001")
    assert sums() == (7 * M, 2 * M)
    hand(people, row, 0, 2, key="second-002")
    row.refresh_from_db()
    assert (row.state, row.delivered, sums()) == (SupportState.DELIVERING, 4 * M, (7 * M, 4 * M))
    ended = request_end(actor=people.officer, request_id=row.pk, reason="Nhà cung cấp hết hàng", now=NOW)
    assert (ended.state, sums()) == (SupportState.CLOSED, (4 * M, 4 * M))
    request_end(actor=people.officer, request_id=row.pk, reason="Lần nữa", now=NOW)
    assert sums() == (4 * M, 4 * M)


def test_a_cancelled_grant_gives_everything_back() -> None:
    people = People()
    line = make_line(make_estimate(), people.focal, task_code=TASK)
    row = approved(people, make_call(people))
    with pytest.raises(ProgrammeError):
        request_end(actor=people.officer, request_id=row.pk, reason="", now=NOW)
    assert request_end(
        actor=people.officer, request_id=row.pk, reason="Trường không cần nữa", now=NOW
    ).state == (SupportState.CANCELLED)
    line.refresh_from_db()
    assert (line.committed, line.paid) == (0, 0)


def test_the_allocation_is_never_passed() -> None:
    people = People()
    make_line(make_estimate(), people.focal, task_code=TASK)  # ten million
    call = make_call(people)
    first, second = funded(people, call), funded(people, call, organisation="Trường Hai")
    request_approve(actor=people.focal_head, request_id=first.pk, grants=grants(), note="", now=NOW)
    with pytest.raises(KhcnError, match=r"2\.000\.000"):
        request_approve(actor=people.focal_head, request_id=second.pk, grants=grants(), note="", now=NOW)
    second.refresh_from_db()
    assert (second.state, second.approved) == (SupportState.FUNDED, 0)
    third = make_request(call, organisation="Trường Ba")
    request_check(actor=people.officer, request_id=third.pk, grants=grants(), note="", now=NOW)
    with pytest.raises(ProgrammeError, match="chưa đủ"):
        funds_confirm(actor=people.finance, request_id=third.pk, note="", now=NOW)


def test_a_second_press_books_once_and_a_second_person_is_told(money: Purse) -> None:
    people = People()
    row = approved(people, make_call(people))
    again = request_approve(actor=people.focal_head, request_id=row.pk, grants=grants(1, 1), note="", now=NOW)
    assert (again.approved, money.committed) == (8 * M, 8 * M)
    with pytest.raises(StaleError):
        request_approve(actor=people.leader, request_id=row.pk, grants=grants(), note="", now=NOW)
    with pytest.raises(StaleError):
        request_refuse(actor=people.leader, request_id=row.pk, reason="Không còn cần", now=NOW)
    first = hand(people, row, 1, 1, key="the-same-key")
    assert hand(people, row, 1, 1, key="the-same-key").pk == first.pk
    assert (money.paid, Handover.objects.count()) == (3 * M, 1)


def test_killed_in_the_middle_nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    people = People()
    line = make_line(make_estimate(), people.focal, task_code=TASK)
    row = approved(people, make_call(people))

    def die(*_args: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(support_handover, "_move", die)
    with pytest.raises(RuntimeError):
        hand(people, row, 1, 0, key="dies-in-between")
    line.refresh_from_db()
    assert (line.committed, line.paid, Handover.objects.count()) == (8 * M, 0, 0)


def test_without_the_plan_a_clear_sentence() -> None:
    people = People()
    with money_booker.using(Purse()):
        row = funded(people, make_call(people))
    with money_booker.using(None), pytest.raises(PortMissingError, match="ghi cam kết"):
        request_approve(actor=people.focal_head, request_id=row.pk, grants=grants(), note="", now=NOW)


def test_who_may_approve(money: Purse) -> None:
    people = People()
    call = make_call(people, limit_vnd=Decimal(5 * M))
    row = funded(people, call)
    for actor in (
        people.officer, people.finance, people.focal_head, people.auditor, people.clerk, people.editor, people.reporter, people.head,
    ):  # fmt: skip
        with pytest.raises(PermissionDeniedError):
            request_approve(actor=actor, request_id=row.pk, grants=grants(), note="", now=NOW)
    part = request_approve(actor=people.focal_head, request_id=row.pk, grants=grants(1, 3), note="", now=NOW)
    assert (part.approved, money.committed) == (5 * M, 5 * M)
    above = funded(people, call, organisation="Trường Hai")
    assert (
        request_approve(actor=people.leader, request_id=above.pk, grants=grants(), note="", now=NOW).approved
        == 8 * M
    )


@pytest.mark.parametrize(
    ("one", "two", "amount"), [(3, 0, None), (0, 0, None), (1, 0, 2 * M + 1), (1, 0, 0), (-1, 2, None)]
)
def test_hand_overs_that_will_not_do(money: Purse, one: int, two: int, amount: int | None) -> None:
    people = People()
    row = approved(people, make_call(people))
    with pytest.raises(ProgrammeError):
        hand(people, row, one, two, key="will-not-do", amount=None if amount is None else Decimal(amount))
    assert money.paid == 0


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["approve", "hand", "end"]), st.integers(0, 2), st.integers(0, 3), st.integers(0, 5)
    ),
    max_size=14,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_the_money_is_exact(steps: list[tuple[str, int, int, int]]) -> None:
    fake = Purse(Decimal(12 * M))
    with money_booker.using(fake):
        people = People()
        call = make_call(people)
        rows = [funded(people, call, organisation=f"Trường {number}") for number in range(3)]
        for place, (deed, which, one, two) in enumerate(steps):
            row = rows[which]
            try:
                if deed == "approve":
                    request_approve(
                        actor=people.focal_head, request_id=row.pk, grants=grants(one, two), note="", now=NOW
                    )
                elif deed == "hand":
                    hand(people, row, one, two, key=f"step-{place:04d}")
                else:
                    request_end(actor=people.officer, request_id=row.pk, reason="Kết thúc thử", now=NOW)
            except KhcnError:
                pass
            handed = sum((one.amount for one in Handover.objects.filter(request__in=rows)), Decimal(0))
            kept = sum(
                (one.delivered for one in SupportRequest.objects.filter(pk__in=[one.pk for one in rows])),
                Decimal(0),
            )
            assert fake.paid == handed == kept
            assert fake.paid <= fake.committed <= fake.allocated
