"""The records of a catalogue file, whatever its format: MARC in its three forms, or our spreadsheet. One at a time."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from khcn.core.exports.forms import CellError, FormColumn, read_workbook
from khcn.engines.records.ark import ark_number
from khcn.engines.records.marc import agency_of
from khcn.engines.records.marc_files import MarcItem, marc_format, read_marc
from khcn.engines.records.marc_values import from_marc
from khcn.engines.records.pids import BadIdentifierError, normal_identifier
from khcn.engines.text.fold import fold, normalize
from khcn.library.imports.catalogue_columns import (
    COLUMNS,
    SPEAKS_OF,
    TERMS,
    TITLES,
    checked_identifier,
    record_of,
)
from khcn.library.imports.drafts import BadLineError, RecordDraft, build_draft
from khcn.library.imports.prepare import derive

EXCEL: Final = "xlsx"
SOURCE: Final = "catalogue"  # ``Work.external_source`` of what comes in this way
# An empty cell of these says nothing: a work always has a kind, a language, terms of use and readers.
_NEVER_EMPTIED: Final = ("kind", "language", "rights", "visibility")
_EVERYTHING: Final = frozenset({"title"})
_FAULTS: Final = {
    "too-long": "Bản ghi dài quá 4 MB nên bị bỏ qua. Hãy kiểm tra tệp có bị nối nhầm không.",
    "leader": "Bản ghi bị cắt cụt, không còn phần đầu. Hãy xuất lại bản ghi này từ phần mềm cũ.",
    "directory": "Danh mục trường của bản ghi hỏng, không biết trường nào bắt đầu ở đâu. Hãy xuất lại bản ghi này.",
    "empty": "Bản ghi không có trường nào.",
    "xml": "Tệp XML bị hỏng từ chỗ này, phần sau không đọc được. Hãy xuất lại tệp rồi gửi lần nữa.",
    "doctype": "Tệp XML có khai báo DOCTYPE nên không được nhận, vì có thể kéo nội dung từ nơi khác. Hãy xuất lại MARCXML.",
    "not-marc": "Không nhận ra bản ghi MARC. Hãy gửi tệp .mrc (ISO 2709), MARCXML hoặc bảng Excel theo mẫu.",
}


@dataclass(slots=True)
class CatalogueRow:
    """One record of a file. ``given``: the fields and terms that it speaks of, so that others stay as they are.

    ``work_id``: the work of ours that it says it is, or ``None``. ``notes``: what a person should know.
    """

    number: int
    draft: RecordDraft | None = None
    given: frozenset[str] = _EVERYTHING
    work_id: int | None = None
    faults: list[CellError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    encoding: str = ""


def file_format(path: Path) -> str:
    """Return ``xlsx``, ``iso2709``, ``marcxml``, ``lines`` by content, "" for anything else."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    return EXCEL if head.startswith(b"PK\x03\x04") else marc_format(head)


def catalogue_rows(path: Path, kind: str) -> Iterator[CatalogueRow]:
    """Yield every record. :raises khcn.core.errors.KhcnError: when a spreadsheet cannot be read at all."""
    if kind == EXCEL:
        yield from _sheet_rows(path)
    else:
        yield from map(_marc_row, read_marc(path))


def _marc_row(item: MarcItem) -> CatalogueRow:
    row = CatalogueRow(item.number, encoding=item.encoding)
    if item.record is None:
        row.faults.append(CellError(item.number, "", _(_FAULTS[item.fault])))
        return row
    reading = from_marc(item.record)
    own = ark_number(reading.ark, settings.KHCN.ark_naan) if reading.ark else None
    if own is not None and reading.agency == agency_of(settings.KHCN.base_url):
        row.work_id = own[0]
    if item.mended:
        row.notes.append(_("Độ dài ghi trong bản ghi sai; đã đọc theo dấu ngăn trường."))
    data = dict(reading.values)
    _check_numbers(row, data)
    data["relations"] = [_known_relation(one) for one in data.get("relations", [])]
    return _drafted(row, {name: value for name, value in data.items() if value}, reading.key, {})


def _check_numbers(row: CatalogueRow, data: dict[str, Any]) -> None:
    """Keep numbers with a wrong check digit as mere numbers, and say so; leave out an ORCID that is none."""
    found = [checked_identifier(one["type"], one["value"]) for one in data.get("identifiers", [])]
    for before, after in zip(data.get("identifiers", []), found, strict=True):
        if before["type"] != after["type"]:
            text = _("%(value)s sai số kiểm tra nên chỉ giữ như một số thường. Hãy đối chiếu với sách.")
            row.notes.append(text % {"value": after["value"][:60]})
    data["identifiers"] = found
    for one in [*data.get("creators", []), *data.get("contributors", [])]:
        if "orcid" in one and not _is_orcid(one["orcid"]):
            row.notes.append(_("Mã ORCID %(orcid)s sai số kiểm tra nên bị bỏ.") % {"orcid": one.pop("orcid")})


def _is_orcid(said: str) -> bool:
    try:
        return bool(normal_identifier("orcid", said))
    except BadIdentifierError:
        return False


def _known_relation(one: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in one.items() if key != "ark"}


def _sheet_rows(path: Path) -> Iterator[CatalogueRow]:
    with path.open("rb") as stream:
        form = read_workbook(stream, COLUMNS)
    columns = _present(form.rows[0].values if form.rows else {})
    faulty: dict[int, list[CellError]] = {}
    for fault in form.errors:
        faulty.setdefault(fault.row, []).append(fault)
    for number, faults in faulty.items():
        yield CatalogueRow(number, faults=faults)
    for filled in form.rows:
        row = CatalogueRow(filled.number)
        record = record_of(filled.number, filled.values)
        row.faults += record.faults
        said = str(filled.values.get("id") or "").strip()
        if said:
            row.work_id = _own_number(said)
            if row.work_id is None:
                text = _("Cột Mã chỉ nhận số của tài liệu đã có; hãy để trống nếu là tài liệu mới.")
                row.faults.append(CellError(filled.number, TITLES["id"], text))
        yield _drafted(row, record.data, "", columns)


def _own_number(said: str) -> int | None:
    if re.fullmatch(r"[0-9]{1,15}", said):
        return int(said)
    found = ark_number(said, settings.KHCN.ark_naan)
    return found[0] if found else None


def _present(values: dict[str, Any]) -> dict[str, FormColumn]:
    return {column.key: column for column in COLUMNS if column.key in values}


def _drafted(
    row: CatalogueRow, data: dict[str, Any], key: str, columns: dict[str, FormColumn]
) -> CatalogueRow:
    data["id"] = (key or _identity(data))[:200]
    try:
        draft = build_draft(data)
    except BadLineError as error:
        row.faults.append(CellError(row.number, TITLES["title"], error.message))
        return row
    derive(draft)
    row.draft = draft
    row.given = _given(draft, data, columns)
    row.notes += [_in_words(note) for note in draft.warnings]
    return row


def _given(draft: RecordDraft, data: dict[str, Any], columns: dict[str, FormColumn]) -> frozenset[str]:
    """Return what the record speaks of: in a sheet every column that is there, in MARC what has a value."""
    names = {"title"}
    for column in columns:
        names.update(SPEAKS_OF.get(column, (column,)))
    if columns:
        unsaid = {name for name in _NEVER_EMPTIED if not data.get(name)}
        return frozenset(names - unsaid - {"id"})
    names |= {name for name in draft.fields if name != "language" or data.get("language")} | set(draft.legal)
    names |= {name for name in TERMS if getattr(draft, name)}
    return frozenset(names)


def _identity(data: dict[str, Any]) -> str:
    """Return a name for a record without one: what tells it from others, so that it is recognised when it comes again."""
    people = data.get("creators") or [{}]
    parts = [
        data.get("title"),
        people[0].get("name"),
        data.get("issued"),
        data.get("number"),
        data.get("issuing_body"),
    ]
    parts += [one["value"] for one in data.get("identifiers", []) if one.get("type") in {"isbn", "doi"}]
    spelled = "|".join(" ".join(fold(normalize(str(part or ""))).split()) for part in parts)
    return "x-" + hashlib.sha256(spelled.encode()).hexdigest()[:24]


def _in_words(note: str) -> str:
    """Return a warning with the names of fields as people know them."""
    for name, column in (
        ("issued", "date"),
        ("collection", "collections"),
        ("issuing_body", "organ_name"),
        ("signer", "signer_name"),
    ):
        note = note.replace(f"“{name}”", f"“{TITLES[column]}”")
    for name, title in TITLES.items():
        note = note.replace(f"“{name}”", f"“{title}”")
    return note
