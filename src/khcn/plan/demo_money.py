"""The demo's money: the estimate of this year with its lines, allocated; contracts, payments, some waiting for finance."""

from datetime import date
from decimal import Decimal
from typing import Final

from khcn.plan.demo_cast import FOCAL, Stage
from khcn.plan.demo_now import Days
from khcn.plan.enums import EntryKind
from khcn.plan.models import BudgetLine, MoneyEntry, Plan
from khcn.plan.services.money_entries import entry_confirm, entry_propose
from khcn.plan.services.money_estimates import (
    estimate_allocate,
    estimate_approve,
    estimate_save,
    estimate_submit,
    line_save,
)

CODE: Final = "599-100-103-7000-7049"
_MILLION: Final = 1_000_000
# task, unit, what for, millions; then a contract: millions, days ago, millions paid
_LINES: Final = (
    ("II.1.1-c", FOCAL, "Tập huấn đổi mới sáng tạo cho giáo viên", 60, 54, 90, 54),
    ("II.2-a", FOCAL, "Tờ gấp, băng rôn, phát thanh", 45, 30, 70, 21),
    ("II.2-c", FOCAL, "Gian trưng bày, giới thiệu sản phẩm khoa học", 120, 110, 24, 0),
    ("II.4.1", FOCAL, "Vận hành thư viện trực tuyến", 180, 165, 110, 120),
    ("II.4.2.1-a", FOCAL, "Vật tư cho dự án thực nghiệm của học sinh", 90, 40, 15, 0),
    ("II.4.2.2-c2", FOCAL, "Cuộc thi khởi nghiệp", 150, 70, 40, 25),
    ("II.4.2.3-b", FOCAL, "Lớp kỹ năng số cho doanh nghiệp, tiểu thương", 80, 72, 60, 48),
    ("II.5-a", FOCAL, "Khảo sát mái nhà, phương án điện mặt trời", 110, 95, 55, 60),
    ("II.5-c", FOCAL, "Thử nghiệm đếm lượt khách ở chợ", 250, 0, 0, 0),
    ("IV.5-a", "phong-gddt", "Hoạt động ngoại khóa về đổi mới sáng tạo", 75, 60, 50, 35),
    ("IV.7", "ubnd-p04", "Tuyên truyền tại phường", 12, 8, 30, 5),
    ("IV.7", "ubnd-p05", "Tuyên truyền tại phường", 12, 10, 28, 10),
    ("IV.7", "ubnd-p09", "Tuyên truyền tại phường", 12, 6, 26, 0),
)  # fmt: skip
_WAITING: Final = ("II.2-c", "II.4.2.1-a")  # their contracts wait for finance
_PAYING: Final = ("II.4.1", "II.4.2.3-b", "IV.7")  # a last payment of theirs waits


def money_fill(stage: Stage, plan: Plan, days: Days) -> None:
    """Draft, approve and allocate the estimate; enter contracts and payments. Entries of today wait for finance."""
    begun = _day(days, 150)
    estimate = estimate_save(
        actor=None, now=stage.at(begun, 8),
        values={
            "title": "Dự toán hoạt động khoa học và công nghệ (minh họa)", "year": days.year, "plan": plan,
            "source": "Ngân sách địa phương (số liệu minh họa)",
        },
    )  # fmt: skip
    lines = []
    for task, unit, title, amount, *contract in _LINES:
        values = {
            "unit": stage.units[unit], "task_code": task, "title": title, "budget_code": CODE, "estimated": _dong(amount),
        }  # fmt: skip
        line, _new = line_save(
            actor=None, estimate=estimate, values=values, now=stage.at(begun, 9), audited=False
        )
        lines.append((line, contract))
    estimate_submit(actor=None, estimate=estimate, now=stage.at(begun, 10))
    estimate_approve(
        actor=None,
        estimate=estimate,
        now=stage.at(begun, 14),
        decision="00/QĐ-UBND (minh họa)",
        decided_on=begun,
    )
    estimate_allocate(
        actor=None,
        estimate=estimate,
        decision="00/QĐ-UBND (minh họa)",
        decided_on=begun,
        now=stage.at(begun, 15),
    )
    for number, (line, (signed, ago, paid)) in enumerate(lines, start=1):
        if signed:
            _contract(stage, line, number, (_dong(signed), _dong(paid)), _day(days, ago))


def _contract(stage: Stage, line: BudgetLine, number: int, sums: tuple[Decimal, Decimal], day: date) -> None:
    officer = stage.people["daumoi"]
    waits = line.task_code in _WAITING
    signed, paid = sums
    values = {
        "amount": signed, "happened_on": day, "text": f"Hợp đồng {number:02d}: {line.title}", "document": f"HĐ {number:02d} (minh họa)",
        "partner": "Công ty TNHH Thử Nghiệm (minh họa)",
    }  # fmt: skip
    by = officer if waits else None
    commitment = entry_propose(
        actor=by, line=line, kind=EntryKind.COMMITMENT, values=values, now=stage.now if waits else stage.at(day, 10),
        reference=f"demo:{number}",
    )  # fmt: skip
    if waits:
        return
    entry_confirm(actor=None, entry=commitment, now=stage.at(day, 14))
    if paid:
        _pay(stage, commitment, paid, (day, f"demo:{number}:1"), waits=False)
    left = signed - paid
    if line.task_code in _PAYING and left > 0:
        _pay(stage, commitment, left // 2, (stage.today, f"demo:{number}:2"), waits=True)


def _pay(
    stage: Stage, commitment: MoneyEntry, amount: Decimal, when: tuple[date, str], *, waits: bool
) -> None:
    day, reference = when
    values = {
        "amount": amount,
        "happened_on": day,
        "text": "Thanh toán theo nghiệm thu",
        "document": f"UNC {reference[5:]} (minh họa)",
    }
    commitment.line.refresh_from_db()
    paid = entry_propose(
        actor=stage.people["daumoi"] if waits else None, line=commitment.line, kind=EntryKind.DISBURSEMENT, values=values,
        now=stage.now if waits else stage.at(day, 16), commitment=commitment, reference=reference,
    )  # fmt: skip
    if not waits:
        entry_confirm(actor=None, entry=paid, now=stage.at(day, 17))


def _dong(millions: int) -> Decimal:
    return Decimal(millions * _MILLION)


def _day(days: Days, ago: int) -> date:
    """Return a day of the budget year, as long ago as the year allows."""
    return max(days.ago(ago), date(days.year, 1, 1))
