"""Money of a simulated year: estimate, lines, allocation, contracts with payments, settlement of past years."""

from datetime import date
from decimal import Decimal
from random import Random

from django.utils import timezone

from khcn.core.exports.forms import FilledRow
from khcn.plan.models import BudgetLine, Estimate, Plan
from khcn.plan.services.money_batches import Contract, contracts_enter
from khcn.plan.services.money_estimates import (
    estimate_allocate,
    estimate_approve,
    estimate_save,
    estimate_submit,
)
from khcn.plan.services.money_settlement import estimate_settle, settlement_save
from khcn.plan.services.money_sheets import lines_take_in
from khcn.plan.simulation.cast import Cast, spread
from khcn.plan.simulation.specs import FOCAL, task_specs

CODE = "599-100-103-7000-7049"
_STEP = 100_000


def _dong(chance: Random, low: int, high: int) -> Decimal:
    """Return an amount in steps of a hundred thousand, bounds in millions."""
    return Decimal(chance.randrange(low * 10, high * 10 + 1) * _STEP)


def _rows(cast: Cast, year: int, chance: Random) -> list[FilledRow]:
    tasks = task_specs(year)
    shared = [task for task in tasks if task.fan_out]
    focal = cast.units[FOCAL].pk
    wanted = [(focal, task.code, f"Chi thực hiện: {task.title}", _dong(chance, 20, 200)) for task in tasks]
    for place, unit in enumerate(cast.wards):
        task = shared[place % len(shared)]
        wanted.append((unit.pk, task.code, "Hỗ trợ hoạt động khoa học tại đơn vị", _dong(chance, 5, 40)))
    return [
        FilledRow(
            number,
            {"line": None, "unit": str(unit), "task_code": code, "title": title, "budget_code": CODE, "estimated": amount, "note": ""},
        )
        for number, (unit, code, title, amount) in enumerate(wanted, start=2)
    ]  # fmt: skip


def money_fill(cast: Cast, plan: Plan, year: int) -> Estimate:
    """Draft, approve and allocate the estimate of a year, then enter contracts and payments as far as time has come."""
    chance = cast.city.random("money", year)
    officer, second = (cast.person(one) for one in ("chuyen-vien", "tai-chinh-2"))
    start = cast.at(date(year, 1, 12))
    head = {"title": "Dự toán mô phỏng", "year": year, "source": "Ngân sách mô phỏng", "plan": plan}
    estimate = estimate_save(actor=officer, values=head, now=start)
    lines_take_in(actor=None, estimate=estimate, rows=_rows(cast, year, chance), now=start)
    estimate_submit(actor=officer, estimate=estimate, now=start)
    estimate_approve(actor=cast.person("lanh-dao"), estimate=estimate, now=start)
    decided = timezone.localdate(start)
    estimate_allocate(
        actor=None, estimate=estimate, decision=f"{year % 50 + 1}/QĐ-MP", decided_on=decided, now=start
    )
    lines = estimate.lines.order_by("order", "pk")
    contracts = [
        one
        for place, line in enumerate(lines)
        if (one := _contract(cast, line, year, place, chance)) is not None
    ]
    late = cast.at(date(year, 12, 28))
    contracts_enter(actor=second, estimate=estimate, contracts=contracts, now=late)
    return Estimate.objects.get(pk=estimate.pk)


def _contract(cast: Cast, line: BudgetLine, year: int, place: int, chance: Random) -> Contract | None:
    """Return the contract of a line: most are paid in one or two parts, some wait for finance, some were never made."""
    luck, share = chance.random(), chance.uniform(0.6, 1.0)
    amount = Decimal(int(line.allocated * Decimal(f"{share:.2f}")) // _STEP * _STEP)
    signed = spread(date(year, 1, 20), date(year, 9, 30), chance.random())
    paid = [spread(signed, date(year, 12, 20), chance.random()) for _part in range(chance.choice((1, 1, 2)))]
    if luck < 0.05 or amount <= 0 or not cast.reached(signed):
        return None
    waits = luck < 0.08 and year == cast.city.last_year  # nothing waits in a year that is settled
    part = amount / len(paid)
    payments = [(day, Decimal(int(part))) for day in sorted(paid) if cast.reached(day)]
    return Contract(
        line=line,
        amount=amount,
        day=signed,
        document=f"HĐ {place + 1:03d}/{year}",
        text=f"Hợp đồng {place + 1:03d}: {line.title}"[:200],
        partner="Nhà cung cấp mô phỏng",
        payments=() if waits else payments,
        proposed_by=cast.person("chuyen-vien").pk,
        confirmed_by=None if waits else cast.person("tai-chinh-1").pk,
    )


def money_settle(cast: Cast, estimate: Estimate, year: int) -> None:
    """Settle a past year: what was paid is recognised, what is open of contracts is released, the year is closed."""
    finance, now = cast.person("tai-chinh-1"), cast.at(date(year + 1, 2, 10))
    paid = {line.pk: line.paid for line in estimate.lines.all()}
    settlement_save(actor=finance, estimate=estimate, amounts=paid, document=f"BC-QT {year}", now=now)
    estimate_settle(actor=finance, estimate=estimate, now=now, release_reason="Hết năm ngân sách")
