"""The whole library as BagIt bags (RFC 8493): one with the records as JSON lines, the others with the originals.

A pack is seen whole or not at all: it is made beside its place and moved there at the end. An original that is missing
or damaged does not stop the pack; it is named in the report, in ``records/faults.jsonl`` and by the exit code.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.errors import KhcnError
from khcn.core.references import Reference
from khcn.engines.bags import make_bag
from khcn.library import permissions
from khcn.library.errors import DiskFullError, LibraryPermissionError, is_disk_full
from khcn.library.keeping.rows import Names, row_of
from khcn.library.keeping.tables import kept_models, table_name
from khcn.library.models import Work
from khcn.library.selectors.originals import kept_originals
from khcn.library.store import stored_path
from khcn.orgs.models import Unit, User

FORMAT: Final = 1
BAG_BYTES: Final = 4 << 30
_PIECE: Final = 1 << 20
Told = Callable[[int, int, str], None]


class PackError(KhcnError):
    """A pack that cannot be made or read."""

    code = "pack"


@dataclass(slots=True)
class PackReport:
    """What went into the bags. ``faults``: originals that are missing or not as they came in."""

    bags: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    size_bytes: int = 0
    faults: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the report for a command."""
        return {
            "bags": self.bags,
            "works": self.rows.get("work", 0),
            "rows": sum(self.rows.values()),
            "files": self.files,
            "bytes": self.size_bytes,
            "faults": self.faults,
        }


def library_pack(
    *, actor: Actor, target: Path, now: datetime, told: Told | None = None, bag_bytes: int = BAG_BYTES
) -> PackReport:
    """Write everything the library holds into bags below ``target``, a folder that does not exist yet.

    :raises PackError: when ``target`` exists.
    :raises DiskFullError: nothing half-written stays behind.
    """
    if not permissions.can_keep(actor):
        raise LibraryPermissionError(_("đóng gói thư viện"))
    if target.exists():
        raise PackError(_("“%(place)s” đã có. Hãy chọn một thư mục chưa có.") % {"place": target})
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    report, tell = PackReport(), told or (lambda _done, _total, _what: None)
    try:
        part.mkdir(parents=True, mode=0o700)
        _write_records(part / "records", now, report, tell)
        _write_files(part, bag_bytes, report, tell)
        _close_bags(part, now, report, tell)
        part.replace(target)
    except OSError as error:
        if is_disk_full(error):
            raise DiskFullError from error
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    audit_record(
        actor=actor,
        action="library.pack",
        target=Reference("library.pack", target.name),
        after={key: value for key, value in report.as_json().items() if key != "faults"},
        at=now,
    )
    return report


def _write_records(folder: Path, now: datetime, report: PackReport, tell: Told) -> None:
    """Write every table as one picture of one moment, though the library goes on being used."""
    folder.mkdir(mode=0o700)
    with transaction.atomic():
        if connection.vendor == "postgresql" and not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        names = Names.here()
        models = kept_models()
        for done, model in enumerate(models):
            tell(done, len(models), table_name(model))
            records = model._default_manager.order_by("pk").iterator(chunk_size=500)
            report.rows[table_name(model)] = _write_lines(
                folder / f"{table_name(model)}.jsonl", (row_of(record, names) for record in records)
            )
        _write_lines(folder / "people.jsonl", _people(names))
        _write_lines(folder / "units.jsonl", _units(names))
    about = {
        "format": FORMAT,
        "software": f"khcn {version('khcn')}",
        "made_at": now.isoformat(),
        "site": settings.KHCN.base_url,
        "naan": settings.KHCN.ark_naan,
        "rows": report.rows,
    }
    (folder / "about.json").write_text(json.dumps(about, ensure_ascii=False, indent=1), "utf-8")


def _people(names: Names) -> Iterator[dict[str, Any]]:
    """Yield those whose names stand in the rows, without passwords, addresses or telephone numbers."""
    for person in User.objects.filter(pk__in=names.used_people).order_by("pk"):
        yield {"username": person.username, "name": person.get_full_name(), "is_active": person.is_active}


def _units(names: Names) -> Iterator[dict[str, Any]]:
    for unit in Unit.objects.filter(pk__in=names.used_units).select_related("kind").order_by("pk"):
        dates = {
            name: value.isoformat() if value else None
            for name, value in (("valid_from", unit.valid_from), ("valid_to", unit.valid_to))
        }
        yield {"key": unit.key, "name": unit.name, "kind": unit.kind.code, **dates}


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as handle:
        for row in rows:
            handle.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count


def _write_files(part: Path, bag_bytes: int, report: PackReport, tell: Told) -> None:
    total = Work.objects.count()
    number, filled = 0, bag_bytes
    with (part / "records" / "faults.jsonl").open("w", encoding="utf-8") as faults:
        for sha256 in kept_originals():
            if filled >= bag_bytes:
                number, filled = number + 1, 0
            place = part / f"originals-{number:04d}" / sha256[:2] / sha256
            size, why = _copy(sha256, place)
            if why:
                fault = {"sha256": sha256, "why": why}
                report.faults.append(fault)
                faults.write(json.dumps(fault) + "\n")
                continue
            filled += size
            report.files, report.size_bytes = report.files + 1, report.size_bytes + size
            if report.files % 50 == 0:
                tell(report.files, max(report.files, total), _("tệp gốc"))


def _copy(sha256: str, place: Path) -> tuple[int, str]:
    """Copy one original; return its size and what is wrong with it ("" nothing)."""
    digest, size = hashlib.sha256(), 0
    try:
        source = stored_path(sha256).open("rb")
    except OSError:
        return 0, "missing"
    place.parent.mkdir(parents=True, exist_ok=True)
    with source, place.open("wb") as copy:
        while piece := source.read(_PIECE):
            digest.update(piece)
            copy.write(piece)
            size += len(piece)
    if digest.hexdigest() != sha256:
        place.unlink()
        return 0, "changed"
    return size, ""


def _close_bags(part: Path, now: datetime, report: PackReport, tell: Told) -> None:
    """Make a bag of every folder: hashes of all that is in it, and what it belongs to."""
    folders = sorted(folder for folder in part.iterdir() if folder.is_dir())
    group = f"khcn-{now:%Y%m%dT%H%M%S}"
    for number, folder in enumerate(sorted(folders, key=lambda one: one.name != "records"), start=1):
        tell(number - 1, len(folders), folder.name)
        about = {
            "Source-Organization": settings.KHCN.base_url,
            "Bagging-Date": f"{now:%Y-%m-%d}",
            "Bag-Software-Agent": f"khcn {version('khcn')}",
            "External-Description": "The library: records as JSON lines, originals by SHA-256",
            "Bag-Group-Identifier": group,
            "Bag-Count": f"{number} of {len(folders)}",
        }
        make_bag(folder, about)
        report.bags.append(folder.name)
