"""``khcn succession load FILE``: decisions that merge, split or rename units, from TOML, YAML or Excel."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from khcn.core.errors import KhcnError
from khcn.core.prepare import ensure_ready
from khcn.orgs.decision_sheets import decisions_from_sheet
from khcn.orgs.decisions import DecisionData, DecisionError, decisions_read
from khcn.orgs.services.decisions import DecisionReport, decisions_preview, decisions_record


class Command(BaseCommand):
    """Take decisions in, or only show what they would do."""

    help = "Nạp quyết định sắp xếp đơn vị / load decisions about units"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("deed", choices=["load"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="chỉ xem trước, không ghi gì")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, then preview or record; every fault goes to stderr with its place."""
        ensure_ready()
        now = timezone.now()
        deed = decisions_preview if options["dry_run"] else decisions_record
        try:
            decisions = self._read(options["file"])
            reports = deed(actor=None, today=timezone.localdate(now), now=now, decisions=decisions)
        except DecisionError as error:
            for fault in error.faults:
                self.stderr.write(str(fault))
            raise CommandError(error.message) from error
        except (KhcnError, OSError) as error:
            raise CommandError(getattr(error, "message", str(error))) from error
        if options["json"]:
            found = [_summary(report) for report in reports]
            self.stdout.write(json.dumps({"decisions": found}, ensure_ascii=False))
            return
        for report in reports:
            word = "có thay đổi" if report.changed else "không có gì thay đổi"
            self.stdout.write(
                f"{report.data.number}: {word}; {len(report.closes)} đơn vị kết thúc, {len(report.opens)} bắt đầu, "
                f"{len(report.roles)} vai trò, {len(report.things)} việc đang mở"
            )

    def _read(self, path: Path) -> tuple[DecisionData, ...]:
        if path.suffix.lower() == ".xlsx":
            with path.open("rb") as file:
                return decisions_from_sheet(file)
        return decisions_read(path.read_bytes(), path.name)


def _summary(report: DecisionReport) -> dict[str, object]:
    return {
        "number": report.data.number,
        "effective": report.data.effective.isoformat(),
        "changed": report.changed,
        "closes": len(report.closes),
        "opens": len(report.opens),
        "roles": len(report.roles),
        "open_things": len(report.things),
        "handed_over": report.outcome,
    }
