"""``khcn library import | search | text | reindex``: see ``docs/library-import.md``."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.core.prepare import ensure_ready
from khcn.library.imports.bar import ProgressBar
from khcn.library.selectors.reading import search_for_command, work_text
from khcn.library.services.imports import library_import, library_reindex


class Command(BaseCommand):
    """Import, search, read and re-index the library."""

    help = "import | search | text | reindex: works with the library's documents"
    requires_system_checks: list[str] = []  # the checks cost half a second; `khcn doctor` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the deed and its options."""
        deeds = parser.add_subparsers(dest="deed", required=True)
        _import_arguments(deeds.add_parser("import", help="bring in files, folders, ZIP or JSONL"))
        _search_arguments(deeds.add_parser("search", help="search what the public may read"))
        text = deeds.add_parser("text", help="print the text of a work, page by page")
        text.add_argument("ident", help="id of the work, or its external id")
        text.add_argument("--external", action="store_true", help="the id is the external one")
        text.add_argument("--json", action="store_true")
        deeds.add_parser("reindex", help="rebuild the search index beside the live one").add_argument(
            "--json", action="store_true"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one deed; an error for people is one line on standard error and exit code 1."""
        ensure_ready()
        deed = {"import": self._import, "search": self._search, "text": self._text, "reindex": self._reindex}
        try:
            deed[options["deed"]](options)
        except KhcnError as error:
            self._say(error.message)
            raise SystemExit(1) from None
        except OSError as error:
            self._say(
                _("Không đọc hoặc ghi được %(file)s: %(why)s.")
                % {"file": error.filename, "why": error.strerror}
            )
            raise SystemExit(1) from None

    def _say(self, text: str) -> None:
        self.stderr.write(text, self.style.NOTICE)

    def _print(self, document: Any) -> None:
        self.stdout.write(json.dumps(document, ensure_ascii=False))

    def _import(self, options: dict[str, Any]) -> None:
        bar = ProgressBar()
        try:
            report = library_import(
                actor=None,
                paths=[Path(path) for path in options["paths"]],
                publish=options["publish"],
                now=timezone.now(),
                unit=options["unit"],
                collection=options["collection"],
                workers=options["workers"],
                ocr=not options["no_ocr"],
                progress=bar,
                say=self._say,
            )
        finally:
            bar.close()
        if options["json"]:
            self._print(report.as_json())
        for problem in report.failed:
            place = problem.get("file") or _("dòng %(line)s") % {"line": problem.get("line")}
            self._say(f"{place}: {problem['error']}")
        counts = _(
            "Nhập mới %(imported)s, cập nhật %(updated)s, không đổi %(unchanged)s, lỗi %(failed)s; %(seconds)s giây."
        ) % {
            "imported": report.imported,
            "updated": report.updated,
            "unchanged": report.unchanged,
            "failed": len(report.failed),
            "seconds": f"{report.seconds:.1f}".replace(".", ","),
        }
        (self._say if options["json"] else self.stdout.write)(counts)
        if report.useless:
            raise SystemExit(1)

    def _search(self, options: dict[str, Any]) -> None:
        now, limit = timezone.now(), options["limit"]
        if options["queries"]:
            raise SystemExit(self._search_many(Path(options["queries"]), limit))
        if options["query"] is None:
            raise _usage(_("Hãy viết câu cần tìm, hoặc dùng --queries TỆP."))
        answer = search_for_command(options["query"], limit=limit, now=now)
        if options["json"]:
            self._print(answer)
            return
        self.stdout.write(_("%(total)s kết quả") % {"total": answer["total"]})
        for hit in answer["hits"]:
            self.stdout.write(
                f"{hit['id']:>6}  {hit['title']}\n        tr. {hit['page'] or '-'}: {hit['snippet']}"
            )

    def _search_many(self, path: Path, limit: int) -> int:
        """Answer a file of questions, one JSON line each, in order; return the exit code."""
        bad = 0
        with path.open("rb") as stream:
            for number, raw in enumerate(stream, start=1):
                if not raw.strip():
                    continue
                try:
                    asked = json.loads(raw.decode("utf-8-sig"))
                    ident, query = asked["id"], str(asked["query"])
                except (ValueError, KeyError, TypeError):
                    bad += 1
                    self._say(_("Dòng %(number)s không có dạng {“id”, “query”}.") % {"number": number})
                    self._print(
                        {"id": None, "query": None, "total": 0, "took_ms": 0.0, "hits": [], "error": number}
                    )
                    continue
                answer = search_for_command(query, limit=limit, now=timezone.now())
                self._print({"id": ident, "query": query, **answer})
        return 1 if bad else 0

    def _text(self, options: dict[str, Any]) -> None:
        pages = work_text(options["ident"], external=options["external"])
        if options["json"]:
            self._print({"pages": pages})
            return
        for page in pages:
            self.stdout.write(f"--- {page['page']} ---\n{page['text']}")

    def _reindex(self, options: dict[str, Any]) -> None:
        bar = ProgressBar()
        try:
            written = library_reindex(
                actor=None, progress=lambda done, total: bar(done, total, _("lập chỉ mục"))
            )
        finally:
            bar.close()
        if options["json"]:
            self._print({"indexed": written})
        else:
            self.stdout.write(_("Đã lập lại chỉ mục: %(count)s tài liệu.") % {"count": written})


def _usage(message: str) -> KhcnError:
    return KhcnError(message, code="usage")


def _import_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, ZIP or JSONL files")
    parser.add_argument("--publish", action="store_true", help="make the works public at once")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--collection", default="", help="name or key of a collection for all works")
    parser.add_argument("--unit", default="", help="key or name of the owning unit")
    parser.add_argument("--workers", type=int, default=0, help="files read at once (default: one per core)")
    parser.add_argument("--no-ocr", action="store_true", help="leave scanned pages without text")


def _search_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("query", nargs="?", help="what to search for")
    parser.add_argument("--queries", metavar="FILE", help='JSON lines {"id", "query"}')
    parser.add_argument("--limit", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="print JSON")
