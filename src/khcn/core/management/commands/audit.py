"""``khcn audit verify``: check the audit chain."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from khcn.core.audit import ChainReport, audit_seal, verify_chain
from khcn.core.prepare import ensure_ready


def _sentence(report: ChainReport) -> str:
    """Return the result as a sentence for the operator."""
    if report.ok:
        return _("Nhật ký kiểm toán nguyên vẹn: %(count)s dòng, đầu chuỗi %(head)s.") % {
            "count": report.sealed,
            "head": report.head,
        }
    if report.problem == "anchor":
        return _("Chuỗi không còn chứa mốc đã cho: các dòng mới nhất đã bị cắt bỏ hoặc viết lại.")
    if report.problem == "missing":
        return _("Thiếu dòng thứ %(seq)s của chuỗi, ngay trước dòng có id %(id)s.") % {
            "seq": report.first_bad_seq,
            "id": report.first_bad,
        }
    return _("Dòng có id %(id)s đã bị sửa sau khi ghi.") % {"id": report.first_bad}


class Command(BaseCommand):
    """Check the audit trail's hash chain and name the first bad row."""

    help = "verify: check the audit trail's hash chain and name the first bad row"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sub-command and its options."""
        actions = parser.add_subparsers(dest="deed", required=True)
        verify = actions.add_parser("verify", help="recompute the chain")
        verify.add_argument("--json", action="store_true", help="print one JSON document")
        verify.add_argument(
            "--anchor", default="", help="an earlier head (seq:hash) that must still be there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal what is waiting, verify, report; a broken chain ends with exit code 1."""
        ensure_ready()
        audit_seal()
        try:
            report = verify_chain(anchor=options["anchor"])
        except ValueError:
            raise CommandError(_("--anchor phải có dạng số:mã, như dòng head đã in ra lần trước.")) from None
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report), ensure_ascii=False))
            self.stderr.write(_sentence(report))
        else:
            self.stdout.write(_sentence(report))
        if not report.ok:
            raise SystemExit(1)
