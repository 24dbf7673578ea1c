"""What holds for research topics without any clock or database: transitions, proposals, milestones, money, classes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.core.numbers import money_vi
from khcn.programmes.enums_topics import (
    BudgetKind,
    CouncilKind,
    MilestoneState,
    ProductKind,
    TeamRole,
    TopicState,
)
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.rules.texts import kept_line, kept_text

S: Final = TopicState
TRANSITIONS: Final[Mapping[TopicState, frozenset[TopicState]]] = {
    S.DRAFT: frozenset({S.SUBMITTED, S.WITHDRAWN}),
    S.SUBMITTED: frozenset({S.RETURNED, S.CHECKED, S.REJECTED, S.WITHDRAWN}),
    S.RETURNED: frozenset({S.SUBMITTED, S.REJECTED, S.WITHDRAWN}),
    S.CHECKED: frozenset({S.RETURNED, S.APPRAISING, S.REJECTED, S.WITHDRAWN}),
    S.APPRAISING: frozenset({S.CHECKED, S.APPRAISED, S.WITHDRAWN}),
    S.APPRAISED: frozenset({S.APPROVED, S.REJECTED, S.WITHDRAWN}),
    S.APPROVED: frozenset({S.RUNNING, S.STOPPED}),
    S.RUNNING: frozenset({S.ACCEPTING, S.STOPPED}),
    S.ACCEPTING: frozenset({S.RUNNING, S.FAILED, S.ACCEPTED, S.STOPPED}),
    S.ACCEPTED: frozenset({S.LIQUIDATED}),
    S.FAILED: frozenset({S.ACCEPTING, S.LIQUIDATED}),
    S.STOPPED: frozenset({S.LIQUIDATED}),
    S.LIQUIDATED: frozenset(),
    S.REJECTED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
MOST_ROWS: Final = 60
MOST_AMOUNT: Final = Decimal(100_000_000_000)
LEAST_JURORS: Final = 3


def may_become(old: str, new: str) -> bool:
    """Whether a topic may go from one state to another."""
    return TopicState(new) in TRANSITIONS[TopicState(old)]


def states_before(new: str) -> frozenset[TopicState]:
    """Return the states from which a topic may become ``new``."""
    return frozenset(old for old, after in TRANSITIONS.items() if TopicState(new) in after)


# Before a council: where a topic comes from, where it goes when it is taken out, and what becomes of it.
ENTERS: Final = {
    CouncilKind.APPRAISAL: frozenset({S.CHECKED}),
    CouncilKind.ACCEPTANCE: frozenset({S.RUNNING, S.FAILED}),
}
SITS: Final = {CouncilKind.APPRAISAL: S.APPRAISING, CouncilKind.ACCEPTANCE: S.ACCEPTING}


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team, as entered."""

    name: str
    role: str = TeamRole.MEMBER
    organisation: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A work package, as entered."""

    title: str
    from_month: int
    to_month: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A line of the budget in whole dong, as entered."""

    kind: str
    title: str
    state_vnd: Decimal
    own_vnd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Product:
    """A promised product, as entered."""

    kind: str
    title: str
    requirement: str = ""
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class MilestonePlan:
    """A milestone of a contract, as entered; ``payment`` in dong."""

    title: str
    deliverable: str
    due_on: date
    payment: Decimal


def _few(rows: Sequence[Any], field: str) -> None:
    if len(rows) > MOST_ROWS:
        raise ProgrammeError(
            _("Phần này có nhiều nhất %(most)s dòng. Hãy gộp các dòng giống nhau.") % {"most": MOST_ROWS},
            field=field,
        )


def dong_check(value: Decimal, field: str, words: Mapping[str, Any]) -> Decimal:
    """Return whole dong between 0 and the most. Raises ProgrammeError that names the line."""
    if not value.is_finite() or not 0 <= value <= MOST_AMOUNT or value != value.to_integral_value():
        raise ProgrammeError(
            _("Dòng %(number)s (%(name)s): số tiền phải là số đồng chẵn, từ 0 đến 100 tỷ.") % words,
            field=field,
        )
    return value


def members_check(rows: Sequence[Member]) -> list[Member]:
    """Return the team as it is kept."""
    _few(rows, "members")
    kept = []
    for number, one in enumerate(rows, 1):
        name = kept_line(one.name, 150)
        if not name:
            raise ProgrammeError(
                _("Thành viên %(number)s: hãy ghi họ tên.") % {"number": number}, field="members"
            )
        role = one.role if one.role in TeamRole.values else TeamRole.MEMBER
        kept.append(Member(name, role, kept_line(one.organisation, 200), kept_line(one.title, 150)))
    return kept


def works_check(rows: Sequence[Work], months: int) -> list[Work]:
    """Return the work packages as they are kept, inside the months of the topic."""
    _few(rows, "works")
    kept = []
    for number, one in enumerate(rows, 1):
        title = kept_line(one.title, 300)
        words = {"number": number, "name": title, "months": months}
        if not title:
            raise ProgrammeError(_("Nội dung %(number)s: hãy ghi tên việc.") % words, field="works")
        if not 1 <= one.from_month <= one.to_month <= months:
            raise ProgrammeError(
                _("Nội dung %(number)s (%(name)s): từ tháng, đến tháng phải nằm trong 1 đến %(months)s và theo thứ tự.")
                % words, field="works",
            )  # fmt: skip
        kept.append(Work(title, one.from_month, one.to_month, kept_text(one.detail, 5000)))
    return kept


def budget_check(rows: Sequence[BudgetLine]) -> list[BudgetLine]:
    """Return the budget as it is kept."""
    _few(rows, "budget")
    kept = []
    for number, one in enumerate(rows, 1):
        title = kept_line(one.title, 300)
        words = {"number": number, "name": title}
        if not title or one.kind not in BudgetKind.values:
            raise ProgrammeError(
                _("Khoản dự toán %(number)s: hãy chọn khoản mục và ghi diễn giải.") % words, field="budget"
            )
        state, own = dong_check(one.state_vnd, "budget", words), dong_check(one.own_vnd, "budget", words)
        if state + own <= 0:
            raise ProgrammeError(
                _("Khoản dự toán %(number)s (%(name)s): hãy ghi số tiền lớn hơn 0.") % words, field="budget"
            )
        kept.append(BudgetLine(one.kind, title, state, own))
    return kept


def products_check(rows: Sequence[Product]) -> list[Product]:
    """Return the promised products as they are kept."""
    _few(rows, "products")
    kept = []
    for number, one in enumerate(rows, 1):
        title = kept_line(one.title, 300)
        if not title or one.kind not in ProductKind.values or not 1 <= one.quantity <= 100_000:
            raise ProgrammeError(
                _("Sản phẩm %(number)s: hãy chọn loại, ghi tên và số lượng từ 1 trở lên.")
                % {"number": number},
                field="products",
            )
        kept.append(Product(one.kind, title, kept_text(one.requirement, 500), one.quantity))
    return kept


def milestones_check(
    rows: Sequence[MilestonePlan], *, value: Decimal, starts_on: date, ends_on: date
) -> list[MilestonePlan]:
    """Return the milestones as they are kept: in order of days, inside the contract, payments exactly its value."""
    _few(rows, "milestones")
    if not rows:
        raise ProgrammeError(
            _("Hợp đồng cần ít nhất một mốc. Hãy ghi mốc, hạn và số tiền."), field="milestones"
        )
    kept = []
    for number, one in enumerate(rows, 1):
        title, deliverable = kept_line(one.title, 300), kept_text(one.deliverable, 500)
        words = {"number": number, "name": title, "from": date_vi(starts_on), "to": date_vi(ends_on)}
        if not title or not deliverable:
            raise ProgrammeError(
                _("Mốc %(number)s: hãy ghi tên mốc và kết quả phải nộp.") % words, field="milestones"
            )
        if not starts_on <= one.due_on <= ends_on:
            raise ProgrammeError(
                _("Mốc %(number)s (%(name)s): hạn phải từ %(from)s đến %(to)s.") % words, field="milestones"
            )
        kept.append(
            MilestonePlan(title, deliverable, one.due_on, dong_check(one.payment, "milestones", words))
        )
    payments_check((one.payment for one in kept), value)
    return sorted(kept, key=lambda one: one.due_on)


def payments_check(payments: Iterable[Decimal], value: Decimal) -> None:
    """Refuse payments that do not add up to the value of the contract, to the dong."""
    total = sum(payments, Decimal(0))
    if total != value:
        words = {"total": money_vi(total), "value": money_vi(value), "gap": money_vi(abs(value - total))}
        raise ProgrammeError(
            _("Các mốc cộng lại %(total)s, hợp đồng %(value)s: lệch %(gap)s. Hãy sửa số tiền của các mốc cho khớp từng đồng.")
            % words, field="milestones",
        )  # fmt: skip


def class_of(classes: Sequence[Mapping[str, Any]], result: Decimal, *, passed: bool) -> tuple[str, str]:
    """Return key and title of the class that a result reaches; one that did not pass gets the last class.

    ``classes``: best first, each with the least result; the last one needs none.
    """
    if not classes:
        return "", ""
    last = classes[-1]
    if passed:
        for row in classes:
            if row.get("least") in (None, "") or result >= Decimal(str(row["least"])):
                return str(row["key"]), str(row["title"])
    return str(last["key"]), str(last["title"])


def classes_check(rows: Sequence[Mapping[str, Any]], most: Decimal) -> list[dict[str, Any]]:
    """Return classes as they are kept: at least two, thresholds falling, the last one without."""
    if len(rows) < 2:
        raise ProgrammeError(_("Hãy ghi ít nhất hai mức xếp loại, mức cuối là không đạt."), field="classes")
    kept: list[dict[str, Any]] = []
    before: Decimal | None = None
    for number, row in enumerate(rows, 1):
        title, key = kept_text(str(row.get("title", "")), 120), kept_text(str(row.get("key", "")), 40)
        final = number == len(rows)
        least = None if final or row.get("least") in (None, "") else Decimal(str(row["least"]))
        words = {"number": number, "name": title}
        if not title or not key or any(one["key"] == key for one in kept):
            raise ProgrammeError(
                _("Mức xếp loại %(number)s: hãy ghi tên và mã riêng.") % words, field="classes"
            )
        if not final and (
            least is None or not 0 <= least <= most or (before is not None and least >= before)
        ):
            raise ProgrammeError(
                _("Mức xếp loại %(number)s (%(name)s): điểm phải thấp hơn mức trên và không quá tổng điểm tối đa.")
                % words, field="classes",
            )  # fmt: skip
        kept.append({"key": key, "title": title, "least": None if least is None else str(least)})
        before = least if least is not None else before
    return kept


def overdue_days(state: str, due_on: date, today: date) -> int:
    """Return by how many days a milestone that was not reported is late; what waits for the officer is not late."""
    if state not in (MilestoneState.WAITING, MilestoneState.RETURNED):
        return 0
    return max(0, (today - due_on).days)
