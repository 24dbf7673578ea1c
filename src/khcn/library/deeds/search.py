"""``khcn library search``: what the public would be answered, to one question or to a file of them."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.deeds import Deed, Out
from khcn.core.errors import KhcnError
from khcn.library.selectors.reading import search_for_command


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("query", nargs="?", help="what to search for")
    parser.add_argument("--queries", metavar="FILE", help='JSON lines {"id", "query"}')
    parser.add_argument("--limit", type=int, default=10)


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    if options["queries"]:
        raise SystemExit(_many(Path(options["queries"]), options["limit"], out, err))
    if options["query"] is None:
        raise KhcnError(_("Hãy viết câu cần tìm, hoặc dùng --queries TỆP."), code="usage")
    answer = search_for_command(options["query"], limit=options["limit"], now=timezone.now())
    if options["json"]:
        out.write(json.dumps(answer, ensure_ascii=False))
        return
    out.write(_("%(total)s kết quả") % {"total": answer["total"]})
    for hit in answer["hits"]:
        out.write(f"{hit['id']:>6}  {hit['title']}\n        tr. {hit['page'] or '-'}: {hit['snippet']}")


def _many(path: Path, limit: int, out: Out, err: Out) -> int:
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
                err.write(_("Dòng %(number)s không có dạng {“id”, “query”}.") % {"number": number})
                nothing: dict[str, Any] = {
                    "id": None,
                    "query": None,
                    "total": 0,
                    "took_ms": 0.0,
                    "hits": [],
                    "error": number,
                }
                out.write(json.dumps(nothing, ensure_ascii=False))
                continue
            answer = search_for_command(query, limit=limit, now=timezone.now())
            out.write(json.dumps({"id": ident, "query": query, **answer}, ensure_ascii=False))
    return 1 if bad else 0


DEED = Deed("search", "search what the public may read", _add, _run)
