"""Bills of a site: the year as a grid of months, what a bill should have been, what was saved against the baseline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.energy.models import Bill, Contract, Site, TariffAssignment
from khcn.energy.selectors.bill_months import next_month
from khcn.energy.selectors.engine_tables import engine_tables
from khcn.energy.selectors.planner import number
from khcn.energy.setup_errors import engine_sentence
from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.money.bills import bill_of
from khcn.engines.energy.money.prices import Customer
from khcn.engines.energy.money.tables import Band, Group

CLOSE: Final = Decimal("0.01")  # a bill may differ from the tables by this share before somebody is told
LONG_DAYS: Final = 70
USUAL_VND: Final = (500, 8000)  # mean price of a kWh that is believable


@dataclass(frozen=True, slots=True)
class MonthCell:
    """One month of one contract: the bill that covers most of it, or none."""

    first: date
    bill: Bill | None
    ahead: bool

    @property
    def kwh(self) -> float | None:
        """kWh of the bill."""
        return None if self.bill is None else kwh_of(self.bill)

    @property
    def value(self) -> str:
        """The month as the form's address takes it."""
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True, slots=True)
class ContractYear:
    """A contract with its months of one year."""

    contract: Contract
    cells: list[MonthCell]
    kwh: float
    vnd: Decimal
    missing: int


def kwh_of(bill: Bill) -> float:
    """Return all kWh of a bill."""
    return float(bill.kwh_normal + bill.kwh_peak + bill.kwh_off)


def contracts_year(site: Site, year: int, today: date) -> list[ContractYear]:
    """Return each contract of the site with the grid of one year (two queries)."""
    found = []
    bills = list(
        Bill.objects.filter(
            contract__site=site, ends_on__gte=date(year, 1, 1), starts_on__lte=date(year, 12, 31)
        )
    )
    for contract in site.contracts.all():
        mine = [bill for bill in bills if bill.contract_id == contract.pk]
        cells = [_cell(date(year, month, 1), mine, today) for month in range(1, 13)]
        shown = {cell.bill.pk: cell.bill for cell in cells if cell.bill}
        found.append(
            ContractYear(
                contract,
                cells,
                sum(kwh_of(bill) for bill in shown.values()),
                sum((bill.total for bill in shown.values()), Decimal(0)),
                sum(1 for cell in cells if cell.bill is None and not cell.ahead),
            )
        )
    return found


def _cell(first: date, bills: list[Bill], today: date) -> MonthCell:
    last = next_month(first) - timedelta(days=1)
    covered = [(min(bill.ends_on, last) - max(bill.starts_on, first)).days + 1 for bill in bills]
    best = max(zip(covered, bills, strict=True), key=lambda pair: pair[0], default=(0, None))
    return MonthCell(first, best[1] if best[0] >= 11 else None, first > today)


def usual_dates(contract: Contract, month: date) -> tuple[date, date]:
    """Return the days that a bill of this month usually has: after the last bill, or the month itself."""
    first = month.replace(day=1)
    last = next_month(first) - timedelta(days=1)
    before = Bill.objects.filter(contract=contract, ends_on__lt=last).order_by("-ends_on").first()
    if before is None or not -20 <= (before.ends_on - first).days <= 20:
        return first, last
    start = before.ends_on + timedelta(days=1)
    day = min((before.ends_on).day, (next_month(first) - first).days)
    end = first.replace(day=day)
    return start, end if end > start else last


def tariff_on(contract: Contract, day: date) -> TariffAssignment | None:
    """Return the group by which a contract is billed on a day."""
    return contract.tariffs.in_force(day).order_by("-valid_from").first()


def bill_notes(bill: Bill) -> list[dict[str, Any]]:
    """Return what is odd about a bill, as codes with parameters: kept with it, shown in words. Nothing is refused here."""
    notes: list[dict[str, Any]] = []
    days, kwh = (bill.ends_on - bill.starts_on).days + 1, kwh_of(bill)
    if days > LONG_DAYS:
        notes.append({"code": "bill-period-long", "params": {"days": days}})
    before = float(bill.before_vat if bill.before_vat is not None else bill.total)
    if kwh > 0 and not USUAL_VND[0] <= before / kwh <= USUAL_VND[1]:
        notes.append({"code": "bill-mean-price", "params": {"price": number(before / kwh)}})
    tariff = tariff_on(bill.contract, bill.ends_on)
    if tariff is None:
        return [*notes, {"code": "bill-no-tariff", "params": {}}]
    expected = expected_amount(bill, tariff)
    if isinstance(expected, dict):
        return [*notes, expected]
    if expected and abs(bill.total - expected) > expected * CLOSE:
        params = {"total": number(float(bill.total)), "expected": number(float(expected))}
        notes.append({"code": "bill-other-price", "params": params})
    return notes


def expected_amount(bill: Bill, tariff: TariffAssignment) -> Decimal | dict[str, Any]:
    """Return the total that the tables give for a bill, or the note why they cannot."""
    timed = tariff.time_of_use
    if timed:
        kwh = {Band.NORMAL: bill.kwh_normal, Band.PEAK: bill.kwh_peak, Band.OFF_PEAK: bill.kwh_off}
    else:
        band = Band.FLAT if tariff.group.startswith("public") else Band.NORMAL
        kwh = {band: bill.kwh_normal + bill.kwh_peak + bill.kwh_off}
    voltage = "" if tariff.group == Group.HOUSEHOLD else tariff.voltage
    customer = Customer(Group(tariff.group), voltage, timed)
    try:
        return bill_of(kwh, bill.starts_on, bill.ends_on, tables=engine_tables(), customer=customer).total
    except SpecError as error:
        return {"code": error.code, "params": dict(error.params)}


def note_words(note: Mapping[str, Any]) -> str:
    """Return a note in words."""
    own = {
        "bill-mean-price": _(
            "Trung bình %(price)s đồng mỗi kWh, khác xa giá thường gặp. Hãy xem lại kWh và tiền."
        ),
        "bill-no-tariff": _("Hợp đồng chưa có nhóm giá của kỳ này nên chưa đối chiếu được với bảng giá."),
        "bill-other-price": _(
            "Tổng cộng %(total)s đồng, tính theo bảng giá và nhóm giá của hợp đồng được %(expected)s đồng."
        ),
    }
    code, params = str(note.get("code")), note.get("params") or {}
    if code in own:
        try:
            return own[code] % params
        except (KeyError, TypeError, ValueError):
            return own[code]
    return engine_sentence(code, params)


def period_words(bill: Bill) -> str:
    """Return the days of a bill."""
    return f"{date_vi(bill.starts_on)} – {date_vi(bill.ends_on)}"


def years_with_bills(site: Site, today: date) -> list[int]:
    """Return the years to choose from: those with bills, this one and the last."""
    years = {row.year for row in Bill.objects.filter(contract__site=site).dates("ends_on", "year")}
    return sorted(years | {today.year, today.year - 1}, reverse=True)
