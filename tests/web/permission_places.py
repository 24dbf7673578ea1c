"""What the permission table asks about: one of everything that has an address, for each of two units."""

from datetime import timedelta
from typing import Any

from khcn.energy.enums import BillSource
from khcn.energy.models import (
    Bill,
    ConnectionTest,
    Price,
    PriceDecision,
    Project,
    QualityEvent,
    RoofPlan,
    SavingPlan,
    SetAside,
)
from khcn.markets.enums import AlertKind, EventKind
from khcn.markets.models import Alert, Clip, MarketEvent
from tests.energy import factories as energy
from tests.markets import factories as markets


class Hall:
    """A market of one unit with one of everything that has an address."""

    def __init__(self, unit: Any) -> None:
        self.market = markets.make_market(unit=unit)
        self.box = markets.make_box(unit=unit)
        self.camera = markets.make_camera(self.market, box=self.box)
        self.gate, self.zone = markets.make_gate(self.camera), markets.make_zone(self.camera)
        markets.make_layout(self.camera)
        start = markets.NOW
        self.alert = Alert.objects.create(
            market=self.market, kind=AlertKind.QUIET, started_at=start, thing=f"quiet:{self.market.pk}"
        )
        self.event = MarketEvent.objects.create(
            market=self.market, kind=EventKind.RAIN, title="Mưa", starts_on=start.date(), ends_on=start.date()
        )
        self.clip = Clip.objects.create(camera=self.camera, uploaded_at=start, delete_by=start)

    def number(self, pattern: str) -> int:
        """Return the number of what the address is about."""
        things = {
            "/canh-bao/": self.alert, "/su-kien/": self.event, "/doan/": self.clip, "/may/": self.box,
            "/cua/": self.gate, "/khu/": self.zone, "/camera/": self.camera,
        }  # fmt: skip
        return next((thing.pk for part, thing in things.items() if part in pattern), 0)


class School:
    """A site of one unit with one of everything that has an address."""

    def __init__(self, unit: Any) -> None:
        now = energy.NOW
        self.unit, self.site = unit, energy.make_site(unit=unit)
        self.roof, self.system = energy.make_roof(self.site), energy.make_system(self.site)
        self.collector = energy.make_collector(unit)
        self.device = energy.make_device(self.site, metrics=("ac_energy",), collector=self.collector)
        self.channel = self.device.channels.get()
        self.contract = energy.make_contract(self.site)
        self.finding = energy.make_finding(self.site, device=self.device)
        self.bill = Bill.objects.create(
            contract=self.contract, starts_on=energy.TODAY, ends_on=energy.TODAY + timedelta(days=29),
            kwh_normal=1000, total=2_000_000, source=BillSource.TYPED,
        )  # fmt: skip
        self.event = QualityEvent.objects.create(
            channel=self.channel, code="reset", starts_at=now, ends_at=now, params={"kwh": "1"}
        )
        self.aside = SetAside.objects.create(
            source=f"device:{self.device.key}",
            device=self.device,
            received_at=now,
            code="ingest-form",
            raw="?",
        )
        self.plan = RoofPlan.objects.create(site=self.site, title="Phương án", made_at=now)
        self.project = Project.objects.create(site=self.site, title="Dự án")
        self.test = ConnectionTest.objects.create(site=self.site, asked_at=now, spec_sealed="")
        self.saving = SavingPlan.objects.create(unit=unit, year=2026)
        self.decision = PriceDecision.objects.filter(document="Thử").first() or PriceDecision.objects.create(
            document="Thử", average_vnd=2000, valid_from=energy.TODAY
        )
        Price.objects.get_or_create(
            decision=self.decision, group="public_school", band="flat", vnd_per_kwh=1880
        )

    def number(self, pattern: str) -> int:
        """Return the number of what the address is about."""
        things: dict[str, Any] = {
            "/su-co/": self.finding, "/de-rieng/": self.aside, "/ghi-nhan/": self.event, "/bao-cao/": self.unit,
            "/nam/": self.unit, "/kenh/": self.channel, "/mai/": self.roof, "/he-thong/": self.system,
            "/hop-dong/": self.contract, "/hoa-don/": self.bill, "/phuong-an/": self.plan,
            "/thu-ket-noi/": self.test, "/thiet-bi/": self.device, "/may-thu-thap/": self.collector,
            "/bang/": self.decision, "/du-an/": self.project, "/tiet-kiem/": self.saving,
        }  # fmt: skip
        return next((thing.pk for part, thing in things.items() if part in pattern), 0)

    def values(self, pattern: str) -> dict[str, str]:
        """Return what stands in the place of the parameters."""
        return {
            "<slug:key>": self.site.key,
            "<int:pk>": str(self.number(pattern)),
            "<int:year>": "2026",
            "<str:month>": "2026-02",
            "<str:kind>": "docx",
            "<slug:kind>": "csv" if "/nam/" not in pattern else "xlsx",
            "<slug:what>": "sunspec" if "/ket-noi/" in pattern else "thang",
            "<slug:table>": "gia",
        }
