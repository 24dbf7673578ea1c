"""What the registers show: sites with what they have and lack, and one site with everything and what to do next."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.energy import permissions
from khcn.energy.enums import Driver
from khcn.energy.models import Bill, Collector, Contract, Device, Project, Roof, RoofPlan, Site, System
from khcn.ui.parts import State

SILENT_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next: a sentence and where it is done."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Rights:
    """What this person may do with a site."""

    manage: bool
    connect: bool
    plan: bool
    found: bool


@dataclass(frozen=True, slots=True)
class SiteSheet:
    """Everything the register page of a site shows."""

    site: Site
    rights: Rights
    roofs: list[Roof]
    systems: list[System]
    contracts: list[Contract]
    devices: list[tuple[Device, State]]
    retired: list[Device]
    plans: list[RoofPlan]
    projects: list[Project]
    bills: int
    last_bill: date | None
    steps: list[Step] = field(default_factory=list)

    @property
    def kwp(self) -> Decimal:
        """Power of all systems in use."""
        return sum((system.kwp for system in self.systems), Decimal(0))


def rights_of(user: Any, site: Site) -> Rights:
    """Return what ``user`` may do with ``site``."""
    return Rights(
        manage=permissions.can_manage_site(user, site),
        connect=permissions.can_connect(user, site),
        plan=permissions.can_plan(user, site),
        found=permissions.can_found(user),
    )


def sites_listed(user: Any, on: date, *, query: str = "", kind: str = "", unit: int = 0) -> QuerySet[Site]:
    """Return the sites that ``user`` reads, with counts: ``kwp``, ``device_count``, ``contract_count``, ``silent``."""
    rows: Any = Site.objects.visible_to(user).select_related("unit")
    if query:
        rows = rows.filter(
            Q(name__icontains=query) | Q(unit__name__icontains=query) | Q(address__icontains=query)
        )
    if kind:
        rows = rows.filter(kind=kind)
    if unit:
        rows = rows.filter(unit_id=unit)
    alive = Q(devices__valid_to__isnull=True) | Q(devices__valid_to__gte=on)
    return rows.annotate(  # type: ignore[no-any-return]  # annotate of an untyped queryset
        device_count=Count("devices", filter=alive, distinct=True),
        trouble_count=Count("devices", filter=alive & ~Q(devices__trouble=""), distinct=True),
        contract_count=Count("contracts", distinct=True),
        roof_count=Count("roofs", distinct=True),
    )


def power_by_site(ids: Iterable[int], on: date) -> dict[int, Decimal]:
    """Return the DC power in use on a day, by site."""
    rows = System.objects.in_force(on).filter(site_id__in=list(ids)).values("site_id")
    return {row["site_id"]: row["kwp_sum"] for row in rows.annotate(kwp_sum=Sum("kwp"))}


def device_state(device: Device, now: datetime) -> State:
    """Return the state of a device as a word."""
    if device.valid_to and device.valid_to < now.date():
        return State(label=_("Đã ngừng dùng"))
    if device.trouble:
        return State(label=_("Có vấn đề"), tone="bad")
    if device.driver == Driver.MANUAL:
        return State(label=_("Nhập tay"), tone="neutral")
    if device.heard_at is None:
        return State(label=_("Chưa có số đọc"), tone="watch")
    if now - device.heard_at > SILENT_AFTER:
        return State(label=_("Im lặng"), tone="watch")
    return State(label=_("Đang gửi"), tone="good")


def site_sheet(user: Any, site: Site, now: datetime) -> SiteSheet:
    """Return a site's registers with the next steps for this person."""
    today = now.date()
    devices = list(Device.objects.filter(site=site).select_related("system", "collector"))
    alive = [device for device in devices if not device.valid_to or device.valid_to >= today]
    bills = Bill.objects.filter(contract__site=site).aggregate(n=Count("pk"), last=Max("ends_on"))
    sheet = SiteSheet(
        site=site,
        rights=rights_of(user, site),
        roofs=list(site.roofs.all()),
        systems=list(site.systems.prefetch_related("arrays__roof")),
        contracts=list(site.contracts.prefetch_related("tariffs")),
        devices=[(device, device_state(device, now)) for device in alive],
        retired=[device for device in devices if device not in alive],
        plans=list(site.plans.all()[:5]),
        projects=list(site.projects.all()),
        bills=bills["n"],
        last_bill=bills["last"],
    )
    sheet.steps.extend(_steps(sheet))
    return sheet


def _steps(sheet: SiteSheet) -> list[Step]:
    """Return what is missing, in the order in which it helps."""
    key, rights = sheet.site.key, sheet.rights
    bare = [contract for contract in sheet.contracts if not contract.tariffs.all()]
    todo: list[tuple[bool, str, str, Any]] = [
        (rights.manage and sheet.site.latitude is None, _("Ghi tọa độ để tính nắng đúng chỗ"), "site-edit", key),
        (rights.manage and not sheet.contracts, _("Ghi hợp đồng mua điện (mã khách hàng)"), "contract-new", key),
        (rights.manage and bool(bare), _("Chọn nhóm giá điện của hợp đồng"), "contract", bare[0].pk if bare else 0),
        (rights.manage and bool(sheet.contracts) and sheet.bills == 0, _("Nhập hóa đơn tiền điện 12 tháng"), "bills", key),
        (rights.plan and not sheet.systems and not sheet.plans, _("Lập phương án điện mặt trời trong hai phút"), "planner", key),
        (rights.connect and bool(sheet.systems) and not sheet.devices, _("Kết nối biến tần hoặc công tơ"), "connect", key),
        (rights.manage and sheet.site.floor_area_m2 is None, _("Ghi diện tích sàn để so kWh mỗi m²"), "site-edit", key),
    ]  # fmt: skip
    return [
        Step(text, reverse(f"energy-desk:setup-{name}", args=[arg]))
        for holds, text, name, arg in todo
        if holds
    ]


def collectors_for(user: Any, site: Site | None = None) -> QuerySet[Collector]:
    """Return the collectors that ``user`` may hang a device on: all for officers, else those of own units."""
    reach = permissions.reach_of(user)
    rows = Collector.objects.filter(is_active=True).select_related("unit")
    if reach.officer:
        return rows
    return rows.filter(unit_id__in=reach.devices)


def collector_state(collector: Collector, now: datetime) -> State:
    """Return the state of a collector as a word."""
    if not collector.is_active:
        return State(label=_("Không dùng"))
    if collector.heard_at is None:
        return State(label=_("Chưa kết nối lần nào"), tone="watch")
    if now - collector.heard_at > timedelta(minutes=15):
        return State(label=_("Mất liên lạc"), tone="bad")
    return State(label=_("Đang gửi"), tone="good")
