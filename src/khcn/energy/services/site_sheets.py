"""Taking in the sheet of sites with their roofs, systems and contracts: all rows or none."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_batch
from khcn.energy import permissions
from khcn.energy.enums import Voltage
from khcn.energy.models import Contract, Roof, Site, System
from khcn.energy.rules.places import PlaceError, read_place
from khcn.energy.services.contracts import contract_save, tariff_assign
from khcn.energy.services.sites import roof_save, site_create, site_update, system_save
from khcn.energy.setup_errors import RegisterError, require
from khcn.orgs.models import Unit

_PLAIN = ("address", "floor_area_m2", "people")


@transaction.atomic
def sites_take_in(*, actor: Actor, rows: Sequence[Mapping[str, Any]], now: datetime) -> tuple[int, int]:
    """Add and update sites from a sheet; return (new sites, rows that updated one). An empty cell changes nothing.

    :raises PermissionDeniedError, RegisterError: with the number of the row that stops everything.
    """
    require(permissions.can_found(actor), _("nhập danh sách công trình"))
    units = Unit.objects.in_bulk({int(str(row["unit"])) for row in rows})
    fresh = changed = 0
    for number, row in enumerate(rows, start=2):
        try:
            fresh_one = _one(actor, units[int(str(row["unit"]))], row, now)
        except (RegisterError, PlaceError) as error:
            why = error.message if isinstance(error, RegisterError) else str(error)
            raise RegisterError("file", _("Dòng %(n)s: %(why)s") % {"n": number, "why": why}) from error
        fresh, changed = fresh + fresh_one, changed + (not fresh_one)
    audit_batch(actor=actor, action="energy.site.import", count=len(rows), summary={"new": fresh}, at=now)
    return fresh, changed


def _one(actor: Actor, unit: Unit, row: Mapping[str, Any], now: datetime) -> bool:
    name = " ".join(str(row["name"]).split())
    values: dict[str, Any] = {"name": name, "kind": row["kind"]}
    values |= {field: row[field] for field in _PLAIN if row.get(field) not in (None, "")}
    if row.get("place"):
        values["latitude"], values["longitude"] = read_place(str(row["place"]))
    held = Site.objects.filter(unit=unit, name=name).first()
    site = (
        site_update(actor=actor, site=held, values=values, now=now)
        if held
        else site_create(actor=actor, unit=unit, values=values, now=now)
    )
    _roof(actor, site, row, now)
    _system(actor, site, row, now)
    _contract(actor, site, row, now)
    return held is None


def _roof(actor: Actor, site: Site, row: Mapping[str, Any], now: datetime) -> None:
    if row.get("roof_area_m2") is None:
        return
    name = str(row.get("roof_name") or _("Mái chính"))
    values: dict[str, Any] = {"name": name, "area_m2": row["roof_area_m2"]}
    values |= {
        field: float(row[key])
        for key, field in (("roof_tilt", "tilt_deg"), ("roof_azimuth", "azimuth_deg"))
        if row.get(key) is not None
    }
    roof_save(
        actor=actor, site=site, values=values, roof=Roof.objects.filter(site=site, name=name).first(), now=now
    )


def _system(actor: Actor, site: Site, row: Mapping[str, Any], now: datetime) -> None:
    if row.get("kwp") is None:
        return
    name = str(row.get("system_name") or _("Hệ thống điện mặt trời"))
    held = System.objects.filter(site=site, name=name).first()
    if row.get("ac_kw") is None and held is None:
        raise RegisterError("ac_kw", _("Có công suất tấm pin thì phải ghi công suất biến tần."))
    values: dict[str, Any] = {"name": name, "kwp": row["kwp"]}
    values |= {
        field: row[field]
        for field in ("ac_kw", "valid_from", "grid", "price_vnd")
        if row.get(field) is not None
    }
    if held is not None and held.kwp == row["kwp"]:
        arrays = [
            {
                "kwp": one.kwp,
                "tilt_deg": one.tilt_deg,
                "azimuth_deg": one.azimuth_deg,
                "mounting": one.mounting,
                "roof": one.roof,
            }
            for one in held.arrays.all()
        ]
    else:
        arrays = [{
            "kwp": row["kwp"], "tilt_deg": float(row.get("roof_tilt") or 10),
            "azimuth_deg": float(180 if row.get("roof_azimuth") is None else row["roof_azimuth"]),
        }]  # fmt: skip
    system_save(actor=actor, site=site, values=values, arrays=arrays, system=held, now=now)


def _contract(actor: Actor, site: Site, row: Mapping[str, Any], now: datetime) -> None:
    if not row.get("customer_code"):
        return
    code = str(row["customer_code"]).upper().replace(" ", "")
    held = Contract.objects.filter(customer_code=code).select_related("site").first()
    if held is not None and held.site_id != site.pk:
        raise RegisterError(
            "customer_code", _("Mã khách hàng %(code)s đã ghi ở công trình khác.") % {"code": code}
        )
    contract = held or contract_save(actor=actor, site=site, values={"customer_code": code}, now=now)
    if row.get("group") and not contract.tariffs.exists():
        tariff_assign(
            actor=actor,
            contract=contract,
            group=str(row["group"]),
            voltage=Voltage.BELOW_6,
            time_of_use=False,
            valid_from=row.get("tariff_from") or timezone.localdate(now).replace(month=1, day=1),
            now=now,
        )
