"""``khcn report consolidate | verify``: see ``docs/contract.md``."""

import json
import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.core.prepare import ensure_ready
from khcn.engines.plans.frozen import number

UNKNOWN = 2  # exit status of a period or regime that is not there, as of a wrong option


class Command(BaseCommand):
    """Consolidated reports from the command line."""

    help = "consolidate | verify"
    requires_system_checks: list[str] = []  # the checks cost half a second; `khcn doctor` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the deed and its options."""
        deeds = parser.add_subparsers(dest="deed", required=True)
        whole = deeds.add_parser("consolidate", help="consolidate a period and write DOCX, PDF, XLSX")
        whole.add_argument("--period", required=True, metavar="CODE", help="code of the period, e.g. 2021-H1")
        whole.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the files")
        whole.add_argument(
            "--regime", default="", metavar="KEY", help="key of the regime, when several have the period"
        )
        whole.add_argument("--json", action="store_true", help="print one JSON document")
        check = deeds.add_parser(
            "verify", help="hold every issued report against its hash and the audit trail"
        )
        check.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one deed; an error for people is one line on standard error."""
        ensure_ready()
        try:
            status = self._consolidate(options) if options["deed"] == "consolidate" else self._verify(options)
        except KhcnError as error:
            self.stderr.write(error.message, self.style.ERROR)
            status = UNKNOWN if error.code == "unknown-period" else 1
        if status:
            raise SystemExit(status)

    def _consolidate(self, options: dict[str, Any]) -> int:
        from khcn.plan.selectors.roll_periods import find_period  # noqa: PLC0415  # models exist only now
        from khcn.plan.services.rolls_files import whole_of_period, write_whole  # noqa: PLC0415

        started, now = time.monotonic(), timezone.now()
        period = find_period(options["period"], options["regime"])
        whole = whole_of_period(period, now)
        computed_s = time.monotonic() - started
        written = write_whole(whole, options["out"], now)
        for why in written.missing.values():
            self.stderr.write(why, self.style.WARNING)
        content = whole.content
        document = {
            "period": period.code,
            "regime": period.regime.key,
            "title": whole.title,
            "units_expected": content["reports"]["expected"],
            "units_received": content["reports"]["received"],
            "reports": content["reports"],
            "totals": [_total(row, content) for row in content["indicators"]],
            "tasks": len(content["tasks"]),
            "texts": sum(len(text["gathered"]) for text in content["texts"]),
            "files": [str(path) for path in written.files],
            "not_made": written.missing,
            "hash": whole.digest,
            "seconds": round(time.monotonic() - started, 3),
            "seconds_consolidating": round(computed_s, 3),
        }
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False))
        else:
            self.stdout.write(
                _("%(title)s: %(received)s/%(expected)s đơn vị đã gửi, %(count)s chỉ tiêu.")
                % {
                    "title": whole.title,
                    "received": document["units_received"],
                    "expected": document["units_expected"],
                    "count": len(content["indicators"]),
                }
            )
            for path in written.files:
                self.stdout.write(str(path))
        return 0

    def _verify(self, options: dict[str, Any]) -> int:
        from khcn.plan.selectors.rolls import verify_issued  # noqa: PLC0415  # models exist only now

        verdicts = verify_issued()
        broken = [one for one in verdicts if not one.holds]
        if options["json"]:
            document = {
                "issued": len(verdicts),
                "ok": not broken,
                "broken": [
                    {"id": one.roll.pk, "period": one.roll.period.code, "number": one.roll.number,
                     "hash": one.kept, "computed": one.computed, "audited": one.audited}
                    for one in broken
                ],
            }  # fmt: skip
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        else:
            self.stdout.write(
                _("%(count)s báo cáo đã phát hành, %(broken)s báo cáo không khớp mã SHA-256.")
                % {"count": len(verdicts), "broken": len(broken)}
            )
            for one in broken:
                self.stderr.write(
                    _("Không khớp: %(title)s (kỳ %(period)s, lần %(number)s)")
                    % {"title": one.roll.title, "period": one.roll.period.code, "number": one.roll.number},
                    self.style.ERROR,
                )
        return 1 if broken else 0


def _total(row: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "indicator": row["code"],
        "title": row["title"],
        "value": _plain(row["value"]),
        "unit": row["unit"],
        "aggregate": row["aggregate"],
        "units": row["units"],
        "source_rows": row["source_rows"],
        "previous": _plain(row["previous"]),
        "target": _plain(row["target"]),
        "rows": [
            {"unit": entry["unit"], "value": _plain(entry["value"]), "source_rows": len(entry["sources"])}
            for entry in content["rows"].get(row["code"], [])
        ],
    }


def _plain(text: str | None) -> int | float | None:
    """Return a number as JSON has them: whole ones exactly."""
    value: Decimal | None = number(text)
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
