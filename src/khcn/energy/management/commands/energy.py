"""``khcn energy kpi | availability | faults | plan | sunspec | simulate | collect | import``: see ``docs/contract.md``."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.core.prepare import ensure_ready
from khcn.energy.deeds.main import DEEDS, add_deeds, read_json, run_deed
from khcn.energy.models import Site
from khcn.engines.energy.errors import EnergyError


class Command(BaseCommand):
    """Energy from the command line. All deeds but ``import`` need no database, and ``khcn`` runs them without Django."""

    help = "kpi | availability | faults | plan | sunspec | simulate | collect | import"
    requires_system_checks: list[str] = []  # the checks cost half a second; `khcn doctor` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the deed and its options."""
        deeds = parser.add_subparsers(dest="deed", required=True)
        add_deeds(deeds)
        bring = deeds.add_parser("import", help="bring a file of readings into a site")
        bring.add_argument("file", type=Path, help="CSV or XLSX file")
        bring.add_argument("--site", required=True, metavar="KEY", help="key of the site")
        bring.add_argument("--map", required=True, type=Path, metavar="MAP.json", help="which column is what")
        bring.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one deed; an error for people is one line on standard error and exit code 1."""
        out, err = getattr(self.stdout, "_out", sys.stdout), getattr(self.stderr, "_out", sys.stderr)
        status = run_deed(options, out=out, err=err) if options["deed"] in DEEDS else self._import(options)
        if status:
            raise SystemExit(status)

    def _import(self, options: dict[str, Any]) -> int:
        try:
            document = self._imported(options)
        except KhcnError as error:
            return self._failed(error.message)
        except EnergyError as error:
            return self._failed(str(error))
        except OSError as error:
            name = error.filename or options["file"]
            return self._failed(
                _("Không đọc được %(name)s: %(why)s. Hãy kiểm tra đường dẫn và quyền đọc.")
                % {"name": name, "why": error.strerror}
            )
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False))
        else:
            self.stdout.write(
                _(
                    "Đã đọc %(rows)s dòng: %(kept)s dòng mới, %(duplicates)s dòng đã có; tính lại %(days)s ngày."
                )
                % document
            )
        return 0

    def _imported(self, options: dict[str, Any]) -> dict[str, Any]:
        from khcn.energy.services.imports import file_import  # noqa: PLC0415  # readers of files, for this deed only

        started = time.monotonic()
        spec = read_json(options["map"])
        ensure_ready()
        site = Site.objects.filter(key=options["site"]).first()
        if site is None:
            known = ", ".join(Site.objects.order_by("key").values_list("key", flat=True)[:20]) or "-"
            raise KhcnError(
                _("Không có công trình mang mã “%(key)s”. Các mã đang có: %(known)s.")
                % {"key": options["site"], "known": known},
                code="energy-site",
            )
        found = file_import(
            actor=None, site=site, path=options["file"], spec=spec, now=timezone.now(), say=self._say
        )
        return {"site": site.key, **found.as_json(), "seconds": round(time.monotonic() - started, 3)}

    def _say(self, text: str) -> None:
        self.stderr.write(text, self.style.NOTICE)

    def _failed(self, text: str) -> int:
        self.stderr.write(text, self.style.ERROR)
        return 1
