"""What the permission table asks about of the plan: one of everything that has an address, for each of two units."""

import hashlib
from typing import Any

from khcn.plan.enums import Channel, EntryKind, EvidenceKind, FileRole
from khcn.plan.models import (
    DocumentFile,
    EventPart,
    Evidence,
    KitFile,
    MoneyEntry,
    MoneyFile,
    Outreach,
    ReportFile,
)
from khcn.plan.services.rolls import roll_start
from tests.plan import factories as plan

NOTHING = hashlib.sha256(b"").hexdigest()


class Bureau:
    """A plan in force, its money, reports and documents, with one unit's part of each."""

    def __init__(self, unit: Any) -> None:
        self.unit, now = unit, plan.NOW
        kept = {"file": "khong-co.pdf", "sha256": NOTHING, "size": 0, "added_at": now, "title": "Tệp thử"}
        self.plan = plan.make_plan()
        self.task = plan.make_task(self.plan, lead=unit)
        self.item = plan.make_item(self.task)
        self.evidence = Evidence.objects.create(
            item=self.item, unit=unit, kind=EvidenceKind.FILE, title="Ảnh", file="khong-co.jpg", added_at=now
        )
        self.estimate = plan.make_estimate(self.plan)
        self.line = plan.make_line(self.estimate, unit, task_code=self.task.code)
        self.entry = MoneyEntry.objects.create(
            line=self.line,
            kind=EntryKind.COMMITMENT,
            amount=1000,
            happened_on=plan.TODAY,
            text="Thử",
            proposed_at=now,
        )
        self.voucher = MoneyFile.objects.create(entry=self.entry, **kept)
        self.indicator = plan.make_indicator()
        self.regime = plan.make_regime([unit], indicators=(self.indicator,), plan=self.plan)
        self.period = plan.make_period(self.regime, opened_at=now)
        self.report = plan.make_report(self.period, unit)
        self.report_file = ReportFile.objects.create(report=self.report, **kept)
        self.roll = roll_start(actor=None, period=self.period, now=now)
        self.document = plan.make_document(unit)
        self.document_file = DocumentFile.objects.create(document=self.document, role=FileRole.DRAFT, **kept)
        self.campaign = plan.make_campaign(unit, plan=self.plan)
        self.kit = KitFile.objects.create(campaign=self.campaign, title="Tờ rơi", file="khong-co.pdf")
        self.outreach = Outreach.objects.create(
            campaign=self.campaign, unit=unit, channel=Channel.ZALO, happened_on=plan.TODAY, entered_at=now
        )
        self.event = plan.make_event(plan=self.plan)
        self.part = EventPart.objects.create(
            event=self.event, unit=unit, passed_on=plan.TODAY, updated_at=now
        )

    def number(self, pattern: str) -> int:
        """Return the number of what the address is about: the longest part of an address that is known decides."""
        things: dict[str, Any] = {
            "/plan/reports/": self.report, "ke-hoach/bao-cao/<int": self.roll, "/viec/": self.item, "/theo-thoi-gian/": self.plan, "/minh-chung/": self.evidence,
            "/du-toan/": self.estimate, "/dong/": self.line, "/but-toan/<int": self.entry, "/chung-tu/": self.voucher,
            "lam-viec/ke-hoach/bao-cao/": self.report, "/che-do/": self.regime, "ke-hoach/bao-cao/ky/": self.period,
            "/tong-hop/": self.roll, "/don-doc/": self.period, "/van-ban/": self.document,
            "/tuyen-truyen/": self.outreach, "/dot/": self.campaign, "/tai-lieu/": self.kit,
            "/loi-moi/": self.event, "/loi-moi/phan/": self.part,
        }  # fmt: skip
        known = [part for part in things if part in pattern]
        return things[max(known, key=lambda part: pattern.index(part) + len(part))].pk if known else 0

    def values(self, pattern: str) -> dict[str, str]:
        """Return what stands in the place of the parameters; what somebody has deleted is there again."""
        if "/tep/<int:file_pk>" in pattern:
            self.report_file.save()
        return {
            "<slug:key>": self.plan.key,
            "<str:code>": self.task.code,
            "<slug:code>": self.indicator.code,
            "<int:pk>": str(self.number(pattern)),
            "<item_id>": str(self.item.pk),
            "<line_id>": str(self.line.pk),
            "<int:file_pk>": str(self.document_file.pk if "/van-ban/" in pattern else self.report_file.pk),
            "<int:order>": "1",
            "<slug:kind>": "csv",
            "<slug:what>": "cam-ket",
            "<slug:token>": "khong-co",
        }
