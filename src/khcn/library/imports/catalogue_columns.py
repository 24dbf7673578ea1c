"""The spreadsheet of the catalogue: its columns, a work as its row, a row as the record of a work.

The headers are part of the file's format, so they are Vietnamese whatever language somebody reads the site in.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.exports.forms import CellError, FormColumn
from khcn.engines.records.ddc import ddc_of
from khcn.engines.records.pids import WORK_SCHEMES, BadIdentifierError, normal_identifier
from khcn.engines.records.types import Agent, Record
from khcn.library.enums import Rights, Visibility, WorkKind
from khcn.library.imports import values
from khcn.library.imports.values import UnusableError

LONGEST_CELL: Final = 32_767
_KINDS: Final = {
    WorkKind.ARTICLE: "Bài viết", WorkKind.DOCUMENT: "Tài liệu", WorkKind.REPORT: "Báo cáo", WorkKind.LEGAL: "Văn bản",
    WorkKind.LEARNING: "Học liệu", WorkKind.RESEARCH: "Đề tài nghiên cứu", WorkKind.LINK: "Liên kết",
    WorkKind.VIDEO: "Video",
}  # fmt: skip
_RIGHTS: Final = {
    Rights.OFFICIAL: "Văn bản hành chính, pháp luật", Rights.PUBLIC_DOMAIN: "Thuộc về công chúng",
    Rights.CC_BY: "CC BY 4.0", Rights.CC_BY_SA: "CC BY-SA 4.0", Rights.CC_BY_NC: "CC BY-NC 4.0",
    Rights.RESERVED: "Giữ mọi quyền", Rights.UNKNOWN: "Chưa rõ",
}  # fmt: skip
_READERS: Final = {
    Visibility.PUBLIC: "Mọi người", Visibility.SIGNED_IN: "Người đã đăng nhập", Visibility.UNITS: "Một số đơn vị",
}  # fmt: skip


def _choice(labels: Mapping[Any, str]) -> dict[str, str]:
    return {label: str(code.value) for code, label in labels.items()}


_MANY: Final = "Nhiều giá trị thì xuống dòng trong ô (Alt+Enter) hoặc ngăn bằng dấu chấm phẩy."
COLUMNS: Final[tuple[FormColumn, ...]] = (
    FormColumn("id", "Mã", help="Để trống nếu là tài liệu mới. Giữ nguyên khi sửa tài liệu đã có.", width=8),
    FormColumn("kind", "Loại", "choice", choices=_choice(_KINDS), width=14, example="Tài liệu"),
    FormColumn("title", "Nhan đề", required=True, max_length=500, width=48, example="Sổ tay điện mặt trời mái nhà"),
    FormColumn("title_en", "Nhan đề tiếng Anh", max_length=500, width=30),
    FormColumn(
        "creators", "Tác giả", max_length=8000, width=28, example="Nguyễn Thị Hòa; Trần Văn Đức",
        help=_MANY + " Có thể ghi mã ORCID sau dấu gạch đứng: Nguyễn Thị Hòa | 0000-0002-1825-0097.",
    ),
    FormColumn(
        "contributors", "Người đóng góp", max_length=8000, width=28,
        help=_MANY + " Vai trò ghi trong ngoặc vuông: Lê Ánh [dịch].",
    ),
    FormColumn("publisher", "Nhà xuất bản", max_length=200, example="Nhà xuất bản Khoa học và Kỹ thuật"),
    FormColumn("year", "Năm", "integer", width=8, example=2024),
    FormColumn("date", "Ngày ban hành", "date", width=14, example=date(2024, 5, 6)),
    FormColumn("language", "Ngôn ngữ", max_length=8, width=10, help="Mã như vi, en. Để trống: phần mềm tự đoán.", example="vi"),
    FormColumn("isbn", "ISBN", max_length=1000, help=_MANY, example="978-0-306-40615-7"),
    FormColumn("issn", "ISSN", max_length=1000, help=_MANY),
    FormColumn("doi", "DOI", max_length=1000, help=_MANY, example="10.1000/182"),
    FormColumn("other_ids", "Mã khác", max_length=2000, help=_MANY + " Dạng loại:giá trị, ví dụ handle:2027/mdp.123."),
    FormColumn("ddc", "DDC", max_length=40, width=12, help="Số phân loại thập phân Dewey.", example="621.3124"),
    FormColumn("subjects", "Chủ đề", max_length=8000, width=28, help=_MANY, example="Năng lượng; Tiết kiệm điện"),
    FormColumn("collections", "Bộ sưu tập", max_length=4000, width=24, help=_MANY),
    FormColumn("audiences", "Dành cho", max_length=4000, width=20, help=_MANY),
    FormColumn("abstract", "Tóm tắt", max_length=LONGEST_CELL, width=60),
    FormColumn("type", "Thể loại", max_length=100),
    FormColumn("coverage", "Phạm vi", max_length=200),
    FormColumn("source", "Nguồn", max_length=500),
    FormColumn("rights", "Quyền sử dụng", "choice", choices=_choice(_RIGHTS), width=26),
    FormColumn("rights_note", "Ghi chú về quyền", max_length=500),
    FormColumn("url", "Địa chỉ", max_length=1000, help="Bắt đầu bằng http:// hoặc https://."),
    FormColumn("visibility", "Ai được đọc", "choice", choices=_choice(_READERS), width=18),
    FormColumn("number", "Số, ký hiệu", max_length=60, width=18, help="Của văn bản.", example="82/KH-UBND"),
    FormColumn("type_name", "Tên loại văn bản", max_length=100, width=18),
    FormColumn("organ_name", "Cơ quan ban hành", max_length=200, width=28),
    FormColumn("place", "Nơi ban hành", max_length=100),
    FormColumn("signer_name", "Người ký", max_length=50),
    FormColumn("signer_position", "Chức vụ người ký", max_length=100),
    FormColumn("recipients", "Nơi nhận", max_length=8000, help=_MANY),
    FormColumn("effective_date", "Có hiệu lực từ", "date", width=14),
    FormColumn("expired_date", "Hết hiệu lực từ", "date", width=14),
)  # fmt: skip
TITLES: Final = {column.key: str(column.title) for column in COLUMNS}
TERMS: Final = {"subjects": "subjects", "collections": "collection", "audiences": "audiences"}
_SAME_NAME: Final = ("title_en", "publisher", "language", "ddc", "abstract", "type", "coverage", "source", "rights_note", "url", "kind", "rights", "visibility")  # fmt: skip
_LEGAL: Final = {
    "number": "number", "type_name": "type_name", "organ_name": "issuing_body", "place": "place",
    "signer_name": "signer", "signer_position": "signer_position",
}  # fmt: skip
# Column of the sheet -> what of a work it speaks of (fields of ``Work`` and ``LegalRecord``, terms).
SPEAKS_OF: Final[dict[str, tuple[str, ...]]] = {
    "year": ("issued_year",), "date": ("issued_date", "issued_year"), "isbn": ("identifiers",), "issn": ("identifiers",),
    "doi": ("identifiers",), "other_ids": ("identifiers",), "type": ("resource_type",),
}  # fmt: skip


@dataclass(slots=True)
class SheetRecord:
    """What a row says: a record as a line of JSONL has it, and the faults of its cells."""

    data: dict[str, Any] = field(default_factory=dict)
    faults: list[CellError] = field(default_factory=list)


def split_cell(text: Any) -> list[str]:
    """Return the values of a cell that holds several."""
    parts = re.split(r"[;\n]", str(text or ""))
    return [said for part in parts if (said := " ".join(part.split()))]


def record_of(number: int, row: Mapping[str, Any]) -> SheetRecord:
    """Return the record of a row; every cell that cannot be used is a fault of that cell."""
    found = SheetRecord()

    def take(key: str, name: str, read: Callable[[Any], Any], value: Any) -> None:
        if value in (None, "", []):
            return
        try:
            found.data[name] = read(value)
        except UnusableError as error:
            text = _("Không dùng được giá trị này: %(why)s.") % {"why": error.why}
            found.faults.append(CellError(number, TITLES[key], text))

    found.data["title"] = row.get("title")
    for key in _SAME_NAME:
        take(key, key, _CHECKS.get(key, str), row.get(key))
    for key, name in _LEGAL.items():
        take(key, name, str, row.get(key))
    for key in ("effective_date", "expired_date"):
        take(key, key, lambda day: day.isoformat(), row.get(key))
    take("date" if row.get("date") else "year", "issued", _issued, row.get("date") or row.get("year"))
    for key in ("creators", "contributors"):
        take(key, key, lambda cell: [_person(said) for said in split_cell(cell)], row.get(key))
    for key, name in TERMS.items():
        take(key, name, split_cell, row.get(key))
    take("recipients", "recipients", split_cell, row.get("recipients"))
    _identifiers(number, row, found)
    first, last = row.get("effective_date"), row.get("expired_date")
    if first and last and last < first:
        found.faults.append(
            CellError(number, TITLES["expired_date"], _("Ngày hết hiệu lực phải sau ngày có hiệu lực."))
        )
    return found


def _dewey(value: Any) -> str:
    number = ddc_of(str(value))
    if not number:
        raise UnusableError(_("số DDC gồm ba chữ số, rồi dấu chấm và các chữ số, ví dụ 621.3124"))
    return number


_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "ddc": _dewey, "url": values.address, "language": values.language,
}  # fmt: skip


def _issued(value: Any) -> str:
    said = value.isoformat() if isinstance(value, date) else str(value)
    values.issued(said)
    return said


def _person(said: str) -> dict[str, str]:
    name, _bar, orcid = said.partition("|")
    match = re.fullmatch(r"(.*?)\s*\[([^\]]{1,60})\]", name.strip())
    person = {"name": match[1] if match else name.strip()}
    if match:
        person["role"] = match[2].strip()
    if orcid.strip():
        try:
            person["orcid"] = normal_identifier("orcid", orcid)
        except BadIdentifierError:
            raise UnusableError(
                _("mã ORCID %(orcid)s sai số kiểm tra") % {"orcid": orcid.strip()[:40]}
            ) from None
    return person


def checked_identifier(scheme: str, value: str) -> dict[str, str]:
    """Return an identifier in its one form; one with a wrong check digit (many old books) as a mere number.

    So it is kept and found, and never taken for an identifier that leads somewhere.
    """
    if scheme not in WORK_SCHEMES:
        return {"type": scheme, "value": value}
    try:
        return {"type": scheme, "value": normal_identifier(scheme, value)}
    except BadIdentifierError:
        return {"type": "other", "value": f"{scheme.upper()} {value}"}


def _identifiers(number: int, row: Mapping[str, Any], found: SheetRecord) -> None:
    pairs = [(key, key, said) for key in ("isbn", "issn", "doi") for said in split_cell(row.get(key))]
    for said in split_cell(row.get("other_ids")):
        scheme, colon, value = said.partition(":")
        pairs.append(
            (
                "other_ids",
                scheme.strip().lower()[:40] if colon else "other",
                (value if colon else said).strip(),
            )
        )
    kept = []
    for key, scheme, value in pairs:
        try:
            normal = normal_identifier(scheme, value) if key != "other_ids" else value[:300]
        except BadIdentifierError:
            text = _("%(value)s không phải %(scheme)s đúng (sai số kiểm tra hoặc sai dạng). Hãy chép lại.")
            said = text % {"value": value[:60], "scheme": scheme.upper()}
            found.faults.append(CellError(number, TITLES[key], said))
            continue
        kept.append(checked_identifier(scheme, normal))
    if kept:
        found.data["identifiers"] = kept


# --- a work as a row ----------------------------------------------------------------------------------------------


def row_of(record: Record, *, visibility: str = "") -> dict[str, Any]:
    """Return a work as the values of its row, by column."""
    legal = record.legal
    ids: dict[str, list[str]] = {"isbn": [], "issn": [], "doi": []}
    others: list[str] = []
    for one in record.identifiers:  # one with a wrong check digit would be refused in its own column
        fits = one.scheme in ids and _fits(one.scheme, one.value)
        (ids[one.scheme] if fits else others).append(
            one.value if fits or one.scheme == "other" else f"{one.scheme}:{one.value}"
        )
    row: dict[str, Any] = {
        "id": record.id,
        "kind": _label(_KINDS, record.kind),
        "title": record.title,
        "title_en": record.title_en,
        "creators": _joined(_spelled(one) for one in record.creators),
        "contributors": _joined(_spelled(one) for one in record.contributors),
        "publisher": record.publisher,
        "year": record.year,
        "date": record.issued,
        "language": record.language,
        **{scheme: _joined(found) for scheme, found in ids.items()},
        "other_ids": _joined(others),
        "ddc": record.ddc,
        "subjects": _joined(one.name for one in record.subjects),
        "collections": _joined(one.name for one in record.collections),
        "audiences": _joined(one.name for one in record.audiences),
        "abstract": record.abstract,
        "type": record.resource_type,
        "coverage": record.coverage,
        "source": record.source,
        "rights": _label(_RIGHTS, record.rights),
        "rights_note": record.rights_note,
        "url": record.address,
        "visibility": _label(_READERS, visibility),
    }
    if legal:
        for name in ("number", "type_name", "organ_name", "place", "signer_name", "signer_position"):
            row[name] = getattr(legal, name)
        row |= {"effective_date": legal.effective_date, "expired_date": legal.expired_date}
        row["recipients"] = _joined(legal.recipients)
    return row


def cells_of(row: Mapping[str, Any]) -> Sequence[Any]:
    """Return a row's values in the order of the columns."""
    return [row.get(column.key) for column in COLUMNS]


def _fits(scheme: str, value: str) -> bool:
    try:
        return bool(normal_identifier(scheme, value))
    except BadIdentifierError:
        return False


def _label(labels: Mapping[Any, str], code: str) -> str:
    return next((label for known, label in labels.items() if known.value == code), "")


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(part.replace("\n", " ").replace(";", ",") for part in parts)


def _spelled(agent: Agent) -> str:
    role = f" [{agent.role}]" if agent.role else ""
    return f"{agent.name}{role}" + (f" | {agent.orcid}" if agent.orcid else "")
