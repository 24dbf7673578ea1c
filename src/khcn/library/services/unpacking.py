"""A pack of bags into an empty library: everything is checked first, then written at once, or nothing is.

Works keep their numbers, so that addresses and ARKs go on leading to them. People and units are found by name; those
missing here are made (accounts locked and without a password), so that nobody's part is lost.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.references import Reference
from khcn.engines.bags import BagFault, check_bag
from khcn.library import permissions
from khcn.library.errors import LibraryPermissionError
from khcn.library.keeping.rows import BagRowError, Numbers, records_of
from khcn.library.keeping.tables import kept_models, table_name
from khcn.library.models import Audience, Collection, Subject, Work
from khcn.library.search.changes import index_enqueue
from khcn.library.services.packing import FORMAT, PackError
from khcn.library.store import store_file
from khcn.orgs.models import Unit, UnitKind, User
from khcn.orgs.services.people import user_create, user_set_active
from khcn.orgs.services.units import unit_create

_ROWS_AT_ONCE: Final = 500
_SHOWN: Final = 5
Told = Callable[[int, int, str], None]


@dataclass(slots=True)
class UnpackReport:
    """What came in: rows by table, originals, and the people and units made for it."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    people: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the report for a command."""
        return {
            "works": self.rows.get("work", 0),
            "rows": sum(self.rows.values()),
            "files": self.files,
            "people_made": self.people,
            "units_made": self.units,
        }


def library_unpack(*, actor: Actor, source: Path, now: datetime, told: Told | None = None) -> UnpackReport:
    """Bring a pack made by ``library_pack`` into a library that holds no works.

    :raises PackError: no pack, an incomplete or damaged one, one of a newer release, or a library that is not empty.
    :raises BagRowError: naming the table and the line; nothing has been written.
    """
    if not permissions.can_keep(actor):
        raise LibraryPermissionError(_("nhập gói thư viện"))
    tell = told or (lambda _done, _total, _what: None)
    records, others = _checked_bags(source, tell)
    about = json.loads((records / "data" / "about.json").read_text("utf-8"))
    if about.get("format") != FORMAT:
        raise PackError(
            _("Gói do một bản phần mềm khác làm ra, bản này không đọc được. Hãy nâng cấp rồi nhập lại.")
        )
    data, report = records / "data", UnpackReport()
    _check_empty(data)
    for folder in others:  # originals lie under their hash: bringing them in twice changes nothing
        for path in sorted((folder / "data").rglob("*")):
            if path.is_file():
                store_file(path, path.name)
                report.files += 1
    with transaction.atomic():
        _write(actor, data, now, report, tell)
        audit_record(
            actor=actor,
            action="library.unpack",
            target=Reference("library.pack", source.name),
            after=report.as_json(),
            at=now,
        )
    return report


def _checked_bags(source: Path, tell: Told) -> tuple[Path, list[Path]]:
    """Return the bag of records and the others, all complete and with right checksums."""
    folders = sorted(path.parent for path in source.glob("*/bagit.txt")) if source.is_dir() else []
    records = next((folder for folder in folders if folder.name == "records"), None)
    if records is None:
        raise PackError(_("“%(place)s” không phải gói thư viện: thiếu túi “records”.") % {"place": source})
    groups, counts = set(), set()
    for number, folder in enumerate(folders):
        tell(number, len(folders), _("kiểm tra %(name)s") % {"name": folder.name})
        info = _valid(folder)
        groups.add(info.get("Bag-Group-Identifier"))
        counts.add(str(info.get("Bag-Count", "")).rpartition(" ")[2])
    if len(groups) != 1 or counts != {str(len(folders))}:
        raise PackError(
            _(
                "Gói thiếu túi hoặc lẫn túi của gói khác (có %(found)s, cần %(wanted)s). Hãy chép lại đủ cả gói."
            )
            % {"found": len(folders), "wanted": ", ".join(sorted(counts))}
        )
    return records, [folder for folder in folders if folder != records]


def _valid(folder: Path) -> Mapping[str, str]:
    """Return what a bag says of itself after every checksum was compared."""
    try:
        bag = check_bag(folder)
    except BagFault as fault:
        said = ", ".join(fault.paths[:_SHOWN]) or fault.why
        raise PackError(
            _("Túi “%(name)s” đã hỏng, chưa nhập gì cả: %(files)s. Hãy chép lại gói từ nơi lưu.")
            % {"name": folder.name, "files": said}
        ) from fault
    if folder.name != "records":
        strange = [path for path, said in bag.payload.items() if path.rpartition("/")[2] != said]
        if strange:
            raise PackError(_("Tệp “%(name)s” trong gói không đúng mã của nó.") % {"name": strange[0]})
    return bag.info


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.exists():
        return
    with path.open("r", encoding="utf-8", newline="\n") as handle:
        for number, line in enumerate(handle, start=1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise BagRowError(path.stem, number, str(error)) from error
            if not isinstance(row, dict):
                raise BagRowError(path.stem, number, "not an object")
            yield number, row


def _check_empty(data: Path) -> None:
    """Refuse a library that holds works, or terms that the pack does not bring and that would be lost."""
    if Work.objects.exists():
        raise PackError(_("Thư viện ở đây đã có tài liệu. Gói chỉ nhập được vào một bản cài còn trống."))
    for model in (Collection, Subject, Audience):
        brought = {row.get("key") for _line, row in _lines(data / f"{table_name(model)}.jsonl")}
        mine = [name for key, name in model.objects.values_list("key", "name") if key not in brought]
        if mine:
            raise PackError(
                _(
                    "Ở đây đã có %(what)s mà gói không có: %(names)s. Hãy xóa đi hoặc dùng một bản cài còn trống."
                )
                % {"what": model._meta.verbose_name, "names": ", ".join(mine[:_SHOWN])}
            )


def _write(actor: Actor, data: Path, now: datetime, report: UnpackReport, tell: Told) -> None:
    known = {table_name(model): model for model in kept_models()}
    brought = {path.stem for path in data.glob("*.jsonl")} - {"people", "units", "faults"}
    if brought - set(known):
        raise PackError(
            _("Gói có bảng mà bản cài này chưa có: %(names)s. Hãy nâng cấp phần mềm rồi nhập lại.")
            % {"names": ", ".join(sorted(brought - set(known)))}
        )
    numbers = Numbers(_people(actor, data, now, report), _units(actor, data, now, report))
    tables = list(known.values())
    for model in reversed(tables):  # rows that an empty library begins with come again from the pack
        model._default_manager.all()._raw_delete(connection.alias)
    for done, model in enumerate(tables):
        tell(done, len(tables), table_name(model))
        records = iter(records_of(model, _lines(data / f"{table_name(model)}.jsonl"), numbers))
        count = 0
        while chunk := list(islice(records, _ROWS_AT_ONCE)):
            count += len(model._default_manager.bulk_create(chunk))
        report.rows[table_name(model)] = count
    _set_sequences(tables)
    index_enqueue(list(Work.objects.values_list("pk", flat=True)))


def _set_sequences(tables: list[type[models.Model]]) -> None:
    """Let new rows take numbers after those brought in."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


def _people(actor: Actor, data: Path, now: datetime, report: UnpackReport) -> dict[str, int]:
    """Return the number of everybody named, making locked accounts for those who are not here."""
    held = dict(User.objects.values_list("username", "pk"))
    today = timezone.localdate(now)
    for _line, row in _lines(data / "people.jsonl"):
        username = str(row["username"])
        if username in held:
            continue
        user = user_create(
            actor=actor, today=today, username=username, full_name=str(row["name"] or username)
        )
        user_set_active(
            actor=actor, today=today, user=user, is_active=False, reason=_("Tên có trong gói thư viện")
        )
        held[username] = user.pk
        report.people.append(username)
    return held


def _units(actor: Actor, data: Path, now: datetime, report: UnpackReport) -> dict[str, int]:
    held = dict(Unit.objects.values_list("key", "pk"))
    kinds = {kind.code: kind for kind in UnitKind.objects.all()}
    for line, row in _lines(data / "units.jsonl"):
        key = str(row["key"])
        if key in held:
            continue
        kind = kinds.get(str(row["kind"]))
        if kind is None:
            raise BagRowError(
                "units", line, _("chưa có loại đơn vị “%(kind)s” ở đây") % {"kind": row["kind"]}
            )
        unit = unit_create(
            actor=actor,
            today=timezone.localdate(now),
            name=str(row["name"]),
            kind=kind,
            key=key,
            valid_from=_day(row.get("valid_from")),
            valid_to=_day(row.get("valid_to")),
        )
        held[key] = unit.pk
        report.units.append(key)
    return held


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None
