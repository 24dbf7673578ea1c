"""Electricity bills: typed, corrected, taken out, taken in from a sheet."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_batch, audit_record, snapshot
from khcn.core.dates import date_vi
from khcn.core.numbers import number_vi
from khcn.energy import permissions
from khcn.energy.enums import BillSource
from khcn.energy.models import Bill, Contract, Site
from khcn.energy.selectors.bills import bill_notes
from khcn.energy.services.sites import fill
from khcn.energy.setup_errors import RegisterError, require

BILL_FIELDS: Final = (
    "starts_on", "ends_on", "kwh_normal", "kwh_peak", "kwh_off", "before_vat", "vat", "total",
)  # fmt: skip
LONGEST_DAYS: Final = 400
ROUNDING_VND: Final = 5
MOST_RAW: Final = 200_000
_DEED = "nhập hóa đơn của công trình này"


@transaction.atomic
def bill_save(
    *,
    actor: Actor,
    contract: Contract,
    values: Mapping[str, Any],
    now: datetime,
    bill: Bill | None = None,
    source: BillSource = BillSource.TYPED,
    raw: str = "",
) -> Bill:
    """Add a bill to a contract, or change ``bill``. ``values``: by :data:`BILL_FIELDS`; both days are included.

    Sums must add up and no two bills of a contract may cover the same day; what is only odd is noted on the bill.

    :raises PermissionDeniedError, RegisterError:
    """
    contract = (
        Contract.objects.select_for_update(no_key=True, of=("self",))
        .select_related("site")
        .get(pk=contract.pk)
    )
    require(permissions.can_manage_site(actor, contract.site), _(_DEED))
    row, before = _row(contract, bill)
    fill(row, values, BILL_FIELDS)
    _check(row, timezone.localdate(now))
    overlap = Bill.objects.filter(contract=contract, starts_on__lte=row.ends_on, ends_on__gte=row.starts_on)
    other = overlap.exclude(pk=row.pk).first()
    if other is not None:
        raise RegisterError(
            "starts_on",
            _("Trùng ngày với hóa đơn %(first)s – %(last)s đã nhập. Hãy xem lại hai ngày.")
            % {"first": date_vi(other.starts_on), "last": date_vi(other.ends_on)},
        )
    if bill is None:
        row.source, row.raw = source, raw.replace("\x00", "")[:MOST_RAW]
    row.notes = bill_notes(row)
    row.save()
    after = snapshot(row, BILL_FIELDS)
    if before != after:
        action = "energy.bill.update" if bill else "energy.bill.add"
        audit_record(actor=actor, action=action, target=row, before=before, after=after, at=now)
    return row


def _row(contract: Contract, bill: Bill | None) -> tuple[Bill, dict[str, Any]]:
    if bill is None:
        return Bill(contract=contract), {}
    row = Bill.objects.get(pk=bill.pk, contract=contract)
    row.contract = contract
    return row, snapshot(row, BILL_FIELDS)


def _check(row: Bill, today: date) -> None:
    if row.starts_on is None or row.ends_on is None:
        raise RegisterError("starts_on", _("Hãy ghi hai ngày của kỳ hóa đơn."))
    days = (row.ends_on - row.starts_on).days + 1
    if days < 1:
        raise RegisterError("ends_on", _("Ngày cuối phải từ ngày đầu trở đi."))
    if days > LONGEST_DAYS:
        raise RegisterError(
            "ends_on", _("Kỳ hóa đơn dài %(days)s ngày. Hãy xem lại hai ngày.") % {"days": days}
        )
    if row.ends_on > today + timedelta(days=5):
        raise RegisterError("ends_on", _("Ngày cuối ở tương lai. Hãy xem lại."))
    if row.kwh_normal + row.kwh_peak + row.kwh_off <= 0:
        raise RegisterError("kwh_normal", _("Hãy ghi số kWh."))
    if row.total is None or row.total < 0:
        raise RegisterError("total", _("Hãy ghi tổng tiền phải trả."))
    if row.before_vat is not None and row.vat is not None:
        summed = row.before_vat + row.vat
        if abs(summed - row.total) > ROUNDING_VND:
            raise RegisterError(
                "total",
                _("Tiền trước thuế cộng thuế là %(sum)s đồng, khác tổng cộng %(total)s đồng. Hãy xem lại.")
                % {"sum": number_vi(summed, 0), "total": number_vi(row.total, 0)},
            )
    if row.before_vat is not None and row.before_vat > row.total + ROUNDING_VND:
        raise RegisterError("before_vat", _("Tiền trước thuế không thể lớn hơn tổng cộng."))


@transaction.atomic
def bill_remove(*, actor: Actor, bill: Bill, now: datetime) -> None:
    """Take out a bill that does not belong here. Raises PermissionDeniedError."""
    require(permissions.can_manage_site(actor, bill.contract.site), _(_DEED))
    audit_record(
        actor=actor, action="energy.bill.remove", target=bill, before=snapshot(bill, BILL_FIELDS), at=now
    )
    bill.delete()


@transaction.atomic
def bills_take_in(
    *, actor: Actor, site: Site, rows: Sequence[Mapping[str, Any]], now: datetime
) -> tuple[int, int]:
    """Take in rows of a sheet: ``contract`` (customer code) and :data:`BILL_FIELDS`; return (new, changed).

    A bill with the same first day is replaced. All or none: the first row that will not do stops everything, and its
    number is in the sentence. Raises PermissionDeniedError, RegisterError.
    """
    require(permissions.can_manage_site(actor, site), _(_DEED))
    contracts = {row.customer_code: row for row in Contract.objects.filter(site=site)}
    fresh = changed = 0
    for number, values in enumerate(rows, start=2):
        contract = contracts.get(str(values.get("contract")))
        if contract is None:
            raise RegisterError(
                "file", _("Dòng %(n)s: mã khách hàng không thuộc công trình này.") % {"n": number}
            )
        given: dict[str, Any] = {
            name: _plain(name, values.get(name)) for name in BILL_FIELDS if name in values
        }
        held = Bill.objects.filter(contract=contract, starts_on=given["starts_on"]).first()
        try:
            bill_save(
                actor=actor, contract=contract, values=given, bill=held, source=BillSource.SHEET, now=now
            )
        except RegisterError as error:
            raise RegisterError(
                "file", _("Dòng %(n)s: %(why)s") % {"n": number, "why": error.message}
            ) from error
        fresh, changed = fresh + (held is None), changed + (held is not None)
    audit_batch(
        actor=actor, action="energy.bill.import", count=len(rows), summary={"site": site.key, "new": fresh}
    )
    return fresh, changed


def _plain(name: str, value: Any) -> Any:
    if value is None and name.startswith("kwh"):
        return Decimal(0)
    return value
