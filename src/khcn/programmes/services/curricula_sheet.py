"""The equipment of a lesson as a sheet: goes down with what there is, comes back filled."""

from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.exports.filled import filled_template
from khcn.core.exports.forms import FormColumn, read_workbook
from khcn.engines.text.fold import fold
from khcn.programmes.enums_curricula import Hazard
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.rules.curricula import MOST_ITEMS, MOST_PRICE, Content, Item

MOST_BYTES: Final = 5 * 2**20


def equipment_columns() -> list[FormColumn]:
    """Return the columns of the sheet."""
    marks = ", ".join(str(one.label) for one in Hazard)
    return [
        FormColumn("name", _("Tên thiết bị, vật tư"), required=True, max_length=200, width=40, example=_("Giấy quỳ")),
        FormColumn("unit", _("Đơn vị tính"), required=True, max_length=30, width=14, example=_("hộp")),
        FormColumn("quantity", _("Số lượng một lớp"), "integer", required=True, width=18, example=5),
        FormColumn("price", _("Đơn giá (đồng)"), "money", required=True, width=18, example=35_000),
        FormColumn(
            "hazards", _("Dấu hiệu nguy hiểm"), max_length=200, width=34, example=_("Điện"),
            help=_("Để trống nếu không có; nhiều dấu hiệu thì cách nhau bằng dấu chấm phẩy. Chọn trong: %(marks)s.")
            % {"marks": marks},
        ),
    ]  # fmt: skip


def equipment_template(content: Content) -> bytes:
    """Return the sheet with the equipment of a lesson in it."""
    rows = (
        {
            "name": one.name, "unit": one.unit, "quantity": one.quantity, "price": one.price,
            "hazards": "; ".join(one.hazard_labels),
        }
        for one in content.equipment
    )  # fmt: skip
    return filled_template(
        equipment_columns(), rows, title=_("Thiết bị của bài: %(title)s") % {"title": content.title}
    )


def equipment_read(file: Any) -> tuple[Item, ...]:
    """Return the rows of a filled sheet. Raises ProgrammeError, WorkbookError: with the wrong cells by row; nothing is kept."""
    if (file.size or 0) > MOST_BYTES:
        raise ProgrammeError(_("Bảng lớn quá 5 MB. Hãy dùng tệp mẫu, không kèm hình."), field="sheet")
    filled = read_workbook(file, equipment_columns())
    wrong = [
        _("dòng %(row)s, cột %(column)s: %(text)s")
        % {"row": one.row, "column": one.column, "text": one.message}
        for one in filled.errors
    ]
    items = []
    for row in filled.rows:
        try:
            items.append(_item(row.values))
        except ProgrammeError as error:
            wrong.append(_("dòng %(row)s: %(text)s") % {"row": row.number, "text": error.message})
    if wrong:
        raise ProgrammeError(
            _("Có ô chưa đúng nên chưa ghi gì. Ô gộp thì hãy tách ra và điền đủ từng dòng. %(words)s")
            % {"words": "; ".join(wrong[:8])},
            field="sheet",
        )
    if not 1 <= len(items) <= MOST_ITEMS:
        raise ProgrammeError(_("Bảng phải có từ 1 đến %(most)s dòng.") % {"most": MOST_ITEMS}, field="sheet")
    return tuple(items)


def _item(values: dict[str, Any]) -> Item:
    quantity, price = int(values["quantity"]), int(values["price"])
    if quantity < 1 or not 0 <= price <= MOST_PRICE:
        raise ProgrammeError(_("số lượng phải từ 1, đơn giá không âm"))
    known = {fold(str(one.label)): one.value for one in Hazard}
    marks = []
    for part in str(values.get("hazards") or "").split(";"):
        if not part.strip():
            continue
        code = known.get(fold(part.strip()))
        if code is None:
            raise ProgrammeError(_("không có dấu hiệu “%(mark)s”") % {"mark": part.strip()[:40]})
        marks.append(code)
    return Item(str(values["name"]), str(values["unit"]), quantity, price, tuple(marks))
