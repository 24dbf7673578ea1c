"""Contracts with the seller of electricity, and by which group and voltage they are billed from which day."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.core.dates import date_vi
from khcn.energy import permissions
from khcn.energy.enums import PriceGroup, Voltage
from khcn.energy.models import Bill, Contract, Site, TariffAssignment
from khcn.energy.services.sites import fill, saved
from khcn.energy.setup_errors import RegisterError, require

CONTRACT_FIELDS: Final = ("customer_code", "supplier", "note", "valid_from", "valid_to")
TARIFF_FIELDS: Final = ("group", "voltage", "time_of_use", "valid_from", "valid_to")
# groups that are billed by one price or by steps, whatever the meter could do
NO_HOURS: Final = frozenset({PriceGroup.PUBLIC_SCHOOL, PriceGroup.PUBLIC_ADMIN, PriceGroup.HOUSEHOLD})


@transaction.atomic
def contract_save(
    *, actor: Actor, site: Site, values: Mapping[str, Any], now: datetime, contract: Contract | None = None
) -> Contract:
    """Add a contract, or change ``contract``. ``values``: by :data:`CONTRACT_FIELDS`.

    :raises PermissionDeniedError, RegisterError:
    """
    require(permissions.can_manage_site(actor, site), _("sửa hợp đồng của công trình này"))
    if contract is None:
        row, before = Contract(site=site), {}
    else:
        row = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk, site=site)
        before = snapshot(row, CONTRACT_FIELDS)
    fill(row, values, CONTRACT_FIELDS)
    row.customer_code = row.customer_code.upper().replace(" ", "")
    if not row.customer_code.isascii() or not row.customer_code.isalnum():
        raise RegisterError(
            "customer_code", _("Mã khách hàng chỉ gồm chữ và số, in trên hóa đơn, ví dụ PE0100001234567.")
        )
    saved(
        row,
        field="customer_code",
        taken=_("Mã khách hàng %(code)s đã ghi ở một công trình. Mỗi mã chỉ ghi một lần.")
        % {"code": row.customer_code},
    )
    after = snapshot(row, CONTRACT_FIELDS)
    if before != after:
        action = "energy.contract.update" if contract else "energy.contract.create"
        audit_record(actor=actor, action=action, target=row, before=before, after=after, at=now)
    return row


@transaction.atomic
def tariff_assign(
    *,
    actor: Actor,
    contract: Contract,
    group: str,
    voltage: str,
    time_of_use: bool,
    valid_from: date,
    now: datetime,
) -> TariffAssignment:
    """Bill a contract by this group from ``valid_from`` on; the one before ends the day before.

    Figures of days before stay as they are. Raises PermissionDeniedError, RegisterError.
    """
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    require(permissions.can_manage_site(actor, contract.site), _("đổi nhóm giá của hợp đồng này"))
    if group not in PriceGroup.values or voltage not in Voltage.values:
        raise RegisterError("group", _("Hãy chọn nhóm khách hàng và cấp điện áp có trong danh sách."))
    if time_of_use and group in NO_HOURS:
        raise RegisterError(
            "time_of_use", _("Nhóm này tính một giá hoặc theo bậc, không theo thời điểm sử dụng.")
        )
    later = contract.tariffs.filter(valid_from__gte=valid_from).order_by("valid_from").first()
    if later is not None:
        raise RegisterError(
            "valid_from",
            _("Đã có nhóm giá từ ngày %(day)s. Ngày áp dụng mới phải sau ngày đó.")
            % {"day": date_vi(later.valid_from)},
        )
    for row in contract.tariffs.filter(valid_to__isnull=True) | contract.tariffs.filter(
        valid_to__gte=valid_from
    ):
        row.valid_to = valid_from - timedelta(days=1)
        row.save(update_fields=["valid_to"])
    made = TariffAssignment.objects.create(
        contract=contract, group=group, voltage=voltage, time_of_use=time_of_use, valid_from=valid_from
    )
    audit_record(
        actor=actor,
        action="energy.tariff.assign",
        target=contract,
        after=snapshot(made, TARIFF_FIELDS),
        at=now,
    )
    return made


@transaction.atomic
def tariff_remove(*, actor: Actor, tariff: TariffAssignment, now: datetime) -> None:
    """Take back an assignment that was typed by mistake and under which no bill lies; the one before opens again.

    :raises PermissionDeniedError, RegisterError:
    """
    contract = Contract.objects.select_for_update(no_key=True).get(pk=tariff.contract_id)
    require(permissions.can_manage_site(actor, contract.site), _("đổi nhóm giá của hợp đồng này"))
    if tariff.valid_from and Bill.objects.filter(contract=contract, ends_on__gte=tariff.valid_from).exists():
        raise RegisterError(
            "", _("Đã có hóa đơn trong thời gian này nên không bỏ được. Hãy thêm nhóm giá mới từ ngày đổi.")
        )
    newest = contract.tariffs.order_by("-valid_from").first()
    if newest is None or newest.pk != tariff.pk:
        raise RegisterError("", _("Chỉ bỏ được nhóm giá mới nhất."))
    before = snapshot(tariff, TARIFF_FIELDS)
    if tariff.valid_from:
        day_before = tariff.valid_from - timedelta(days=1)
        contract.tariffs.filter(valid_to=day_before).update(valid_to=tariff.valid_to)
    tariff.delete()
    audit_record(actor=actor, action="energy.tariff.remove", target=contract, before=before, at=now)
