"""Sites, their roofs and PV systems: added, changed, taken out of use."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.energy import permissions
from khcn.energy.models import Roof, Site, System, SystemArray
from khcn.energy.setup_errors import RegisterError, require
from khcn.engines.text.collate import sort_key
from khcn.engines.text.slug import slugify_vi
from khcn.orgs.models import Unit

M = TypeVar("M", bound=models.Model)
SITE_FIELDS: Final = (
    "name", "kind", "address", "latitude", "longitude", "altitude_m", "zone", "floor_area_m2", "people", "is_public",
    "note", "valid_from", "valid_to",
)  # fmt: skip
ROOF_FIELDS: Final = (
    "name", "area_m2", "usable_percent", "tilt_deg", "azimuth_deg", "shading_percent", "mounting", "note",
)  # fmt: skip
SYSTEM_FIELDS: Final = (
    "name", "kwp", "ac_kw", "battery_kwh", "grid", "notified_on", "price_vnd", "temperature_coefficient",
    "losses_percent", "note", "valid_from", "valid_to",
)  # fmt: skip
ARRAY_FIELDS: Final = ("kwp", "tilt_deg", "azimuth_deg", "mounting", "roof")
TAKEN_KEYS: Final = frozenset(
    {"thiet-lap", "su-co", "so-sanh", "chat-luong", "bao-cao", "nam", "mai-nha", "tai-ve", "canh-bao"}
)
KWP_SLACK: Final = Decimal("0.02")  # arrays may differ from the system by this share


def fill(row: models.Model, values: Mapping[str, Any], allowed: Sequence[str]) -> None:
    """Set ``values`` on ``row`` and check them as the model says.

    :raises ValueError: for a name that is not in ``allowed``; RegisterError: for a value that will not do.
    """
    unknown = set(values) - set(allowed)
    if unknown:
        raise ValueError(f"not fields of {row._meta.model_name}: {sorted(unknown)}")
    for name, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise RegisterError(name, _("Hãy ghi một con số."))
        setattr(row, name, " ".join(value.split()) if isinstance(value, str) else value)
    exclude = {field.name for field in row._meta.fields} - set(values)
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        name, sentences = next(iter(error.message_dict.items()))
        raise RegisterError(name, sentences[0]) from error
    first, last = getattr(row, "valid_from", None), getattr(row, "valid_to", None)
    if first and last and last < first:
        raise RegisterError("valid_to", _("Ngày kết thúc phải sau ngày bắt đầu."))


def saved(row: M, *, field: str, taken: str) -> M:
    """Save in a savepoint; a broken uniqueness becomes the sentence ``taken`` at ``field``."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise RegisterError(field, taken) from error
    return row


def free_key(model: Any, name: str, fallback: str, *, most: int = 60) -> str:
    """Return a key made of ``name`` that no row of ``model`` has."""
    stem = (slugify_vi(name) or fallback)[: most - 6].strip("-") or fallback
    taken = set(model.objects.filter(key__startswith=stem).values_list("key", flat=True)) | TAKEN_KEYS
    return next(key for key in (stem, *(f"{stem}-{n}" for n in range(2, 100_000))) if key not in taken)


@transaction.atomic
def site_create(*, actor: Actor, unit: Unit, values: Mapping[str, Any], now: datetime, key: str = "") -> Site:
    """Add a site of a unit. ``values``: by :data:`SITE_FIELDS`; ``key``: address part, made of the name when empty.

    :raises PermissionDeniedError, RegisterError:
    """
    require(permissions.can_found(actor), _("thêm công trình"))
    site = Site(unit=unit)
    _fill_site(site, values)
    if not site.address:
        site.address = unit.address
    site.key = key or free_key(Site, site.name, "cong-trinh")
    saved(site, field="name", taken=_("Mã “%(key)s” đã có công trình khác dùng.") % {"key": site.key})
    after = snapshot(site, ["key", "unit", *SITE_FIELDS])
    audit_record(actor=actor, action="energy.site.create", target=site, after=after, at=now)
    return site


@transaction.atomic
def site_update(
    *, actor: Actor, site: Site, values: Mapping[str, Any], now: datetime, unit: Unit | None = None
) -> Site:
    """Change a site. ``unit``: another unit (programme officer only). Raises PermissionDeniedError, RegisterError."""
    site = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    require(permissions.can_manage_site(actor, site), _("sửa công trình này"))
    before = snapshot(site, ["unit", *SITE_FIELDS])
    if unit is not None and unit.pk != site.unit_id:
        require(permissions.can_found(actor), _("chuyển công trình sang đơn vị khác"))
        site.unit = unit
    zone = site.zone
    _fill_site(site, values)
    site.save()
    if site.zone != zone:
        from khcn.energy.services.rezone import site_rezone  # noqa: PLC0415  # it needs what needs this module

        site_rezone(site=site, old_zone=zone, now=now)
    audit_change(actor, "energy.site.update", site, (before, snapshot(site, ["unit", *SITE_FIELDS])), now)
    return site


def _fill_site(site: Site, values: Mapping[str, Any]) -> None:
    fill(site, values, SITE_FIELDS)
    if not site.name:
        raise RegisterError("name", _("Hãy ghi tên công trình."))
    if site.zone not in available_timezones():
        raise RegisterError("zone", _("Không có múi giờ “%(zone)s”.") % {"zone": site.zone})
    if (site.latitude is None) != (site.longitude is None):
        raise RegisterError("place", _("Hãy ghi cả vĩ độ và kinh độ."))
    if site.latitude is not None and site.longitude is not None:
        in_range = -90 <= site.latitude <= 90 and -180 <= site.longitude <= 180
        if not in_range:
            raise RegisterError("place", _("Vĩ độ phải từ -90 đến 90, kinh độ từ -180 đến 180."))
    site.sort_key = sort_key(site.name)


def audit_change(
    actor: Actor, action: str, row: Any, change: tuple[dict[str, Any], dict[str, Any]], now: datetime
) -> None:
    """Write an audit row with ``change`` (before, after), unless nothing changed."""
    before, after = change
    if before != after:
        audit_record(actor=actor, action=action, target=row, before=before, after=after, at=now)


@transaction.atomic
def roof_save(
    *, actor: Actor, site: Site, values: Mapping[str, Any], now: datetime, roof: Roof | None = None
) -> Roof:
    """Add a roof face, or change ``roof``. ``values``: by :data:`ROOF_FIELDS`.

    :raises PermissionDeniedError, RegisterError:
    """
    require(permissions.can_manage_site(actor, site), _("sửa mái của công trình này"))
    if roof is None:
        row, before = Roof(site=site), {}
    else:
        row = Roof.objects.select_for_update(no_key=True).get(pk=roof.pk, site=site)
        before = snapshot(row, ROOF_FIELDS)
    fill(row, values, ROOF_FIELDS)
    if row.area_m2 is None or row.area_m2 <= 0:
        raise RegisterError("area_m2", _("Diện tích mái phải lớn hơn 0."))
    saved(row, field="name", taken=_("Công trình này đã có mái tên “%(name)s”.") % {"name": row.name})
    action = "energy.roof.update" if roof else "energy.roof.create"
    audit_change(actor, action, row, (before, snapshot(row, ROOF_FIELDS)), now)
    return row


@transaction.atomic
def roof_remove(*, actor: Actor, roof: Roof, now: datetime) -> None:
    """Delete a roof on which nothing is mounted. Raises PermissionDeniedError, RegisterError."""
    require(permissions.can_manage_site(actor, roof.site), _("sửa mái của công trình này"))
    if SystemArray.objects.filter(roof=roof).exists():
        raise RegisterError("", _("Mái này đang có dàn pin nên không xóa được. Hãy sửa dàn pin trước."))
    audit_record(
        actor=actor, action="energy.roof.remove", target=roof, before=snapshot(roof, ROOF_FIELDS), at=now
    )
    roof.delete()


@transaction.atomic
def system_save(
    *,
    actor: Actor,
    site: Site,
    values: Mapping[str, Any],
    arrays: Sequence[Mapping[str, Any]],
    now: datetime,
    system: System | None = None,
) -> System:
    """Add a PV system, or change ``system``; ``arrays`` (by :data:`ARRAY_FIELDS`) replace those it has.

    The arrays' powers must add up to the system's. Raises PermissionDeniedError, RegisterError.
    """
    require(permissions.can_manage_site(actor, site), _("sửa hệ thống của công trình này"))
    if system is None:
        row, before = System(site=site), {}
    else:
        row = System.objects.select_for_update(no_key=True).get(pk=system.pk, site=site)
        before = _system_picture(row)
    fill(row, values, SYSTEM_FIELDS)
    _check_system(row, arrays)
    saved(row, field="name", taken=_("Công trình này đã có hệ thống tên “%(name)s”.") % {"name": row.name})
    row.arrays.all().delete()
    for values_of_array in arrays:
        array = SystemArray(system=row)
        fill(array, values_of_array, ARRAY_FIELDS)
        if array.roof_id and array.roof is not None and array.roof.site_id != site.pk:
            raise RegisterError("arrays", _("Mái được chọn thuộc công trình khác."))
        array.save()
    action = "energy.system.update" if system else "energy.system.create"
    audit_change(actor, action, row, (before, _system_picture(row)), now)
    return row


def _check_system(row: System, arrays: Sequence[Mapping[str, Any]]) -> None:
    if not row.kwp or row.kwp <= 0:
        raise RegisterError("kwp", _("Công suất tấm pin phải lớn hơn 0."))
    if not row.ac_kw or row.ac_kw <= 0:
        raise RegisterError("ac_kw", _("Công suất biến tần phải lớn hơn 0."))
    if not Decimal("0.3") <= row.kwp / row.ac_kw <= 3:
        raise RegisterError(
            "ac_kw", _("Công suất biến tần và tấm pin chênh nhau quá xa. Hãy kiểm tra đơn vị kW, kWp.")
        )
    if not -1.5 <= row.temperature_coefficient <= 0:
        raise RegisterError(
            "temperature_coefficient", _("Hệ số nhiệt độ là số âm, thường từ -0,30 đến -0,45 %/°C.")
        )
    if not 0 <= row.losses_percent < 100:
        raise RegisterError("losses_percent", _("Tổn hao phải từ 0 đến dưới 100 %."))
    if not arrays:
        raise RegisterError("arrays", _("Hãy ghi ít nhất một dàn pin: công suất, độ dốc và hướng."))
    total = sum((Decimal(str(array.get("kwp") or 0)) for array in arrays), Decimal(0))
    if abs(total - row.kwp) > row.kwp * KWP_SLACK:
        raise RegisterError(
            "arrays",
            _("Các dàn pin cộng lại %(total)s kWp, khác với %(kwp)s kWp của cả hệ thống. Hãy sửa cho khớp.")
            % {"total": f"{total:f}".replace(".", ","), "kwp": f"{row.kwp:f}".replace(".", ",")},
        )
    for array in arrays:
        if (
            not 0 <= float(array.get("tilt_deg") or 0) <= 90
            or not 0 <= float(array.get("azimuth_deg") or 0) <= 360
        ):
            raise RegisterError("arrays", _("Độ dốc từ 0 đến 90 độ, hướng từ 0 đến 360 độ."))


def _system_picture(row: System) -> dict[str, Any]:
    arrays = [
        f"{array.kwp:f} kWp {array.tilt_deg:g}/{array.azimuth_deg:g} {array.mounting}"
        for array in row.arrays.order_by("pk")
    ]
    return {**snapshot(row, SYSTEM_FIELDS), "arrays": arrays}
