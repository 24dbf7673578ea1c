"""Decisions as an Excel sheet: down as a template or filled with what is recorded, and up again."""

from collections.abc import Iterator
from datetime import date
from typing import IO, Any

from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext as _

from khcn.core.exports.filled import filled_template, workbook_response
from khcn.core.exports.forms import FilledRow, FormColumn, read_workbook
from khcn.engines.text.slug import slugify_vi
from khcn.orgs.decisions import CodeSpec, DecisionData, DecisionError, Edge, Fault, NewUnit
from khcn.orgs.enums import CodeScheme, SuccessionKind
from khcn.orgs.models import Unit, UnitKind, UnitSuccession


def decision_columns() -> list[FormColumn]:
    """Return the columns of the sheet: one row for each unit that hands over and each that takes."""
    rows = Unit.objects.filter(kind__is_group=False).alphabetical()
    units = {f"{unit.name} ({unit.key})": unit.key for unit in rows}
    kinds = {str(kind.label): kind.value for kind in SuccessionKind}
    unit_kinds = {kind.label: kind.code for kind in UnitKind.objects.filter(is_group=False)}
    return [
        FormColumn("number", _("Số, ký hiệu quyết định"), required=True, max_length=60, example="12/NQ-HĐND"),
        FormColumn("decided", _("Ngày quyết định"), "date"),
        FormColumn("effective", _("Ngày có hiệu lực"), "date", required=True, example=date(2025, 7, 1)),
        FormColumn("kind", _("Hình thức"), "choice", required=True, choices=kinds),
        FormColumn("source", _("Từ đơn vị"), "choice", required=True, choices=units, width=40),
        FormColumn(
            "target", _("Sang đơn vị đang có"), "choice", choices=units, width=40,
            help=_("Chọn ở đây, hoặc ghi tên đơn vị mới ở cột sau."),
        ),
        FormColumn("new_name", _("Sang đơn vị mới: tên"), max_length=200, width=40),
        FormColumn(
            "new_key", _("Đơn vị mới: mã địa chỉ"), max_length=80,
            help=_("Chữ thường không dấu và gạch nối; để trống thì lấy theo tên."),
        ),
        FormColumn("new_kind", _("Đơn vị mới: loại"), "choice", choices=unit_kinds),
        FormColumn("new_parent", _("Đơn vị mới: thuộc đơn vị"), "choice", choices=units, width=40),
        FormColumn("code", _("Mã đơn vị hành chính từ ngày hiệu lực"), max_length=40),
        FormColumn(
            "default", _("Nhận việc đang mở"), "yes_no",
            help=_("Khi chia làm nhiều đơn vị: đúng một đơn vị nhận việc đang mở và số liệu cũ."),
        ),
        FormColumn(
            "ends", _("Đơn vị cũ kết thúc"), "yes_no",
            help=_("Để trống là có. Chỉ khi tách thì đơn vị cũ có thể tiếp tục."),
        ),
        FormColumn("note", _("Trích yếu"), max_length=300, width=40),
    ]  # fmt: skip


def decision_sheet(*, filled: bool) -> HttpResponse:
    """Return the sheet, empty or with every decision that is recorded."""
    content = filled_template(
        decision_columns(), _recorded() if filled else (), title=_("Quyết định sắp xếp đơn vị")
    )
    return workbook_response(content, _("Sắp xếp đơn vị"))


def _recorded() -> Iterator[dict[str, Any]]:
    moves = UnitSuccession.objects.select_related("predecessor", "successor").order_by("effective_date", "pk")
    for move in moves:
        code = (
            move.successor.codes.filter(scheme=CodeScheme.GSO, valid_from=move.effective_date)
            .values_list("code", flat=True)
            .first()
        )
        yield {
            "number": move.decision_number, "decided": move.decision_date, "effective": move.effective_date,
            "kind": move.kind, "source": move.predecessor.key, "target": move.successor.key, "code": code,
            "default": _("Có") if move.is_default else _("Không"),
            "ends": _("Có") if move.predecessor_ends else _("Không"), "note": move.note,
        }  # fmt: skip


def decisions_from_sheet(file: IO[bytes]) -> tuple[DecisionData, ...]:
    """Read a filled sheet. :raises WorkbookError: not a usable sheet. :raises DecisionError: naming row and column."""
    filled = read_workbook(file, decision_columns())
    faults = [
        Fault(_("dòng %(row)s") % {"row": error.row}, error.column, error.message) for error in filled.errors
    ]
    grouped: dict[tuple[str, date], list[FilledRow]] = {}
    for row in filled.rows:
        number, effective = row.values["number"], row.values["effective"]
        assert isinstance(effective, date)  # noqa: S101  # the column is a required date
        grouped.setdefault((str(number), effective), []).append(row)
        if not row.values.get("target") and not row.values.get("new_name"):
            where = _("dòng %(row)s") % {"row": row.number}
            faults.append(
                Fault(where, _("Sang đơn vị đang có"), _("hãy chọn một đơn vị, hoặc ghi tên đơn vị mới."))
            )
        if row.values.get("new_name") and not row.values.get("target") and not row.values.get("new_kind"):
            where = _("dòng %(row)s") % {"row": row.number}
            faults.append(Fault(where, _("Đơn vị mới: loại"), _("đơn vị mới phải có loại.")))
    if not grouped and not faults:
        raise DecisionError(_("Bảng không có dòng nào được điền."))
    if faults:
        raise DecisionError(_("Bảng có %(count)s chỗ sai, chưa nhận gì.") % {"count": len(faults)}, faults)
    return tuple(_decision(number, effective, rows) for (number, effective), rows in grouped.items())


def _decision(number: str, effective: date, rows: list[FilledRow]) -> DecisionData:
    edges: list[Edge] = []
    units: dict[str, NewUnit] = {}
    codes: dict[tuple[str, str], CodeSpec] = {}
    for row in rows:
        value = row.values
        target = str(value.get("target") or "")
        if not target:
            name = str(value["new_name"])
            target = _key_of(str(value.get("new_key") or ""), name, effective)
            units[target] = NewUnit(
                target, name, str(value["new_kind"]), parent=str(value.get("new_parent") or "")
            )
        if value.get("code"):
            codes[target, str(value["code"])] = CodeSpec(target, CodeScheme.GSO.value, str(value["code"]))
        default, ends = value.get("default"), value.get("ends")
        edges.append(
            Edge(
                str(value["kind"]), str(value["source"]), target,
                default if isinstance(default, bool) else None, ends is not False,
                _("dòng %(row)s") % {"row": row.number},
            )
        )  # fmt: skip
    decided = next((one for row in rows if isinstance(one := row.values.get("decided"), date)), None)
    note = next((str(one) for row in rows if (one := row.values.get("note"))), "")
    return DecisionData(
        number, effective, decided, note, tuple(edges), tuple(units.values()), tuple(codes.values())
    )


def _key_of(key: str, name: str, effective: date) -> str:
    """Return the key of a new unit: as given, that of the same unit taken in before, or one made from the name."""
    if key:
        return key
    begun = Q(valid_from=effective) | Q(valid_from__isnull=True)
    there = Unit.objects.filter(begun, name=name).first()
    if there is not None:
        return there.key
    stem = slugify_vi(name, 60) or "don-vi-moi"
    return f"{stem}-{effective.year}" if Unit.objects.filter(key=stem).exists() else stem
