"""``khcn library catalogue import|export|names``: MARC and spreadsheets in and out, names anew. See ``docs/dev/library-catalogue.md``."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.files import File
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.deeds import Deed, Out
from khcn.core.errors import KhcnError
from khcn.library.exports.catalogue import KINDS, catalogue_write
from khcn.library.models import CatalogueFile, Collection, Work
from khcn.library.search.changes import index_drain
from khcn.library.services.authorities import authorities_rebuild
from khcn.library.services.catalogue import catalogue_confirm, catalogue_take, catalogue_work
from khcn.library.services.imports import unit_by_name


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=["import", "export", "names"])
    parser.add_argument("file", nargs="?", help="the file to read or write (.mrc, .xml, .xlsx)")
    parser.add_argument("--dry-run", action="store_true", help="import: only say what would happen")
    parser.add_argument("--publish", action="store_true", help="import: make new works public at once")
    parser.add_argument("--doubles", action="store_true", help="import: also what may double a work")
    parser.add_argument("--unit", default="", help="import: key or name of the owning unit")
    parser.add_argument("--collection", default="", help="key or name of a collection")


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    if options["what"] == "names":
        answer: dict[str, Any] = {"changed": authorities_rebuild(now=timezone.now())}
    elif not options["file"]:
        raise KhcnError(_("Hãy ghi đường dẫn của tệp."), code="usage")
    elif options["what"] == "import":
        answer = _import(options)
    else:
        answer = _export(options)
    for fault in answer.get("faults", []):
        place = _("dòng %(row)s") % {"row": fault["row"]} + (
            f", {fault['column']}" if fault["column"] else ""
        )
        err.write(f"{place}: {fault['message']}")
    if options["json"]:
        out.write(json.dumps(answer, ensure_ascii=False))
    else:
        out.write(", ".join(f"{name}: {value}" for name, value in answer.items() if name != "faults"))
    if answer.get("state") == "failed":
        raise SystemExit(1)


def _collection(name: str) -> Collection | None:
    if not name:
        return None
    found = Collection.objects.filter(key=name).first() or Collection.objects.filter(name=name).first()
    if found is None:
        raise KhcnError(_("Không có bộ sưu tập “%(name)s”.") % {"name": name}, code="no-such-collection")
    return found


def _import(options: Mapping[str, Any]) -> dict[str, Any]:
    collection = _collection(options["collection"])
    unit_id = unit_by_name(options["unit"]).pk if options["unit"] else None
    path = Path(options["file"])
    with path.open("rb") as stream:
        file = catalogue_take(
            actor=None, upload=File(stream, name=path.name), unit_id=unit_id,
            collection_id=collection.pk if collection else None, now=timezone.now(), background=False,
        )  # fmt: skip
    catalogue_work(file.pk)
    file.refresh_from_db()
    if file.state == "ready" and not options["dry_run"]:
        catalogue_confirm(
            actor=None, file=file, publish=options["publish"], doubles=options["doubles"], now=timezone.now(),
            background=False,
        )  # fmt: skip
        catalogue_work(file.pk)
        index_drain()
    return _answer(CatalogueFile.objects.get(pk=file.pk))


def _answer(file: CatalogueFile) -> dict[str, Any]:
    said = {"state": file.state, "file": file.pk, **file.counts, "faults": file.faults}
    return said | ({"message": file.message} if file.message else {})


def _export(options: Mapping[str, Any]) -> dict[str, Any]:
    path = Path(options["file"])
    kind = path.suffix.lstrip(".").lower()
    if kind not in KINDS:
        raise KhcnError(_("Tên tệp phải có đuôi .mrc, .xml hoặc .xlsx."), code="usage")
    works = Work.objects.published_to(None)
    if collection := _collection(options["collection"]):
        works = works.filter(collections=collection)
    draft = path.with_name(f".{path.name}.part")  # seen whole or not at all
    with draft.open("wb") as stream:
        count = catalogue_write(kind, stream, works, None)
    draft.replace(path)
    return {"works": count, "path": str(path)}


DEED = Deed("catalogue", "catalogue records in and out (MARC, spreadsheet); names anew", _add, _run)
