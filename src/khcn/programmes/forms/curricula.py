"""Forms of lessons: they shape input; what is judged stands in the rules and services."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.numbers import NumberFormatError, parse_money
from khcn.orgs.models import Unit
from khcn.programmes.enums import Audience
from khcn.programmes.enums_curricula import Licence, Subject
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.curricula import Lesson
from khcn.programmes.rules.curricula import LONGEST, Content, Item, Step
from khcn.programmes.services.curricula_runs import RunText
from khcn.ui.fields import DayField, WholeField

BLANK_ROWS: Final = 3
GRADES: Final = [("", "–"), *((str(n), str(n)) for n in range(1, 13))]


class UnitPick(forms.ModelChoiceField[Unit]):
    """One unit."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the unit."""
        return str(obj.name)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class CurriculumForm(forms.Form):
    """The name and introduction of a curriculum; its unit when it is new."""

    unit = UnitPick(label=gettext_lazy("Đơn vị"), queryset=Unit.objects.none())
    title = forms.CharField(label=gettext_lazy("Tên chương trình học liệu"), max_length=200)
    summary = forms.CharField(
        label=gettext_lazy("Giới thiệu ngắn"), max_length=1000, required=False, widget=_area(3)
    )
    client_key = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def __init__(self, *args: Any, units: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if units is None:
            del self.fields["unit"]
        else:
            field: Any = self.fields["unit"]
            field.queryset = units


class LessonForm(forms.Form):
    """What a lesson is about; steps and equipment have pages of their own."""

    title = forms.CharField(label=gettext_lazy("Tên bài"), max_length=LONGEST["title"])
    summary = forms.CharField(
        label=gettext_lazy("Tóm tắt"), max_length=LONGEST["summary"], required=False, widget=_area(3)
    )
    objectives = forms.CharField(
        label=gettext_lazy("Mục tiêu"), max_length=LONGEST["objectives"], required=False, widget=_area(4),
        help_text=gettext_lazy("Mỗi dòng một mục tiêu."),
    )  # fmt: skip
    subject = forms.ChoiceField(
        label=gettext_lazy("Môn"), choices=[("", "–"), *Subject.choices], required=False
    )
    audiences = forms.MultipleChoiceField(
        label=gettext_lazy("Dành cho"), choices=Audience.choices, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    grade_from = forms.TypedChoiceField(
        label=gettext_lazy("Từ lớp"), choices=GRADES, coerce=int, empty_value=None, required=False
    )
    grade_to = forms.TypedChoiceField(
        label=gettext_lazy("Đến lớp"), choices=GRADES, coerce=int, empty_value=None, required=False
    )
    age_from = WholeField(label=gettext_lazy("Từ tuổi"), required=False, min_value=0, max_value=99)
    age_to = WholeField(label=gettext_lazy("Đến tuổi"), required=False, min_value=0, max_value=99)
    minutes = WholeField(
        label=gettext_lazy("Thời lượng (phút)"), required=False, min_value=1, max_value=1440,
        help_text=gettext_lazy("Một tiết học là 45 phút, ở tiểu học là 35 phút."),
    )  # fmt: skip
    safety = forms.CharField(
        label=gettext_lazy("Lưu ý an toàn"), max_length=LONGEST["safety"], required=False, widget=_area(4),
        help_text=gettext_lazy("Bắt buộc khi thiết bị có dấu hiệu nguy hiểm."),
    )  # fmt: skip
    credits = forms.CharField(
        label=gettext_lazy("Ghi công"), max_length=LONGEST["credits"], required=False,
        help_text=gettext_lazy("Tổ, nhóm, người soạn. Hiện trên trang công khai."),
    )  # fmt: skip
    licence = forms.ChoiceField(label=gettext_lazy("Giấy phép sử dụng"), choices=Licence.choices)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    client_key = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def __init__(self, *args: Any, licence_fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if licence_fixed:
            del self.fields["licence"]

    def content(self, held: Content) -> Content:
        """Return what was held with what was typed in its place."""
        data = {k: v for k, v in self.cleaned_data.items() if k not in {"revision", "client_key"}}
        return replace(held, **data | {"audiences": tuple(data["audiences"])})


class RowsForm(forms.Form):
    """The revision that the rows of a page belong to; the rows stand beside."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class SheetForm(forms.Form):
    """A filled sheet of equipment."""

    sheet = forms.FileField(
        label=gettext_lazy("Bảng đã điền (.xlsx)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why a lesson is withdrawn, and which one to use instead."""

    reason = forms.CharField(label=gettext_lazy("Lý do"), max_length=500, widget=_area(3))
    successor: forms.ModelChoiceField[Lesson] = forms.ModelChoiceField(
        label=gettext_lazy("Bài thay thế"), queryset=Lesson.objects.none(), required=False,
        help_text=gettext_lazy("Bài đang công bố trong cùng chương trình học liệu."),
    )  # fmt: skip

    def __init__(self, *args: Any, lessons: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["successor"]
        field.queryset = lessons


class ForkForm(forms.Form):
    """For which unit an adaptation is made."""

    unit = UnitPick(label=gettext_lazy("Làm bản phỏng tác cho"), queryset=Unit.objects.none())
    client_key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.queryset = units


class RunForm(forms.Form):
    """What a school says of one class."""

    unit = UnitPick(label=gettext_lazy("Trường, đơn vị"), queryset=Unit.objects.none())
    version = forms.TypedChoiceField(label=gettext_lazy("Phiên bản đã dạy"), coerce=int)
    ran_on = DayField(label=gettext_lazy("Ngày dạy"))
    class_name = forms.CharField(
        label=gettext_lazy("Lớp"), max_length=40, help_text=gettext_lazy("Ví dụ 7A.")
    )
    grade = forms.TypedChoiceField(
        label=gettext_lazy("Khối"), choices=GRADES, coerce=int, empty_value=None, required=False
    )
    pupils = WholeField(label=gettext_lazy("Số học sinh"), min_value=1, max_value=5000)
    minutes = WholeField(label=gettext_lazy("Đã dạy bao nhiêu phút"), min_value=1, max_value=1440)
    rating = forms.TypedChoiceField(
        label=gettext_lazy("Đánh giá bài học"), coerce=int, widget=forms.RadioSelect,
        choices=[
            ("5", gettext_lazy("5 – rất tốt")), ("4", gettext_lazy("4 – tốt")), ("3", gettext_lazy("3 – được")),
            ("2", gettext_lazy("2 – cần sửa nhiều")), ("1", gettext_lazy("1 – không dùng được")),
        ],
    )  # fmt: skip
    worked = forms.CharField(
        label=gettext_lazy("Điều làm tốt"), max_length=3000, required=False, widget=_area(3),
        help_text=gettext_lazy("Không ghi tên học sinh."),
    )  # fmt: skip
    wrong = forms.CharField(
        label=gettext_lazy("Điều chưa tốt, cần sửa"), max_length=3000, required=False, widget=_area(3)
    )
    incident = forms.BooleanField(label=gettext_lazy("Có sự cố an toàn"), required=False)
    incident_note = forms.CharField(
        label=gettext_lazy("Sự cố thế nào"), max_length=3000, required=False, widget=_area(3),
        help_text=gettext_lazy("Chuyện gì xảy ra, xử lý thế nào. Không ghi tên học sinh. Đơn vị đầu mối sẽ đọc."),
    )  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    client_key = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def __init__(self, *args: Any, units: Any = None, versions: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if units is None:
            del self.fields["unit"], self.fields["version"]
            return
        unit: Any = self.fields["unit"]
        unit.queryset = units
        version: Any = self.fields["version"]
        version.choices = [(str(one.pk), _("Phiên bản %(n)s") % {"n": one.number}) for one in versions]

    def text(self) -> RunText:
        """Return what was said."""
        skipped = {"unit", "version", "revision", "client_key"}
        return RunText(**{k: v for k, v in self.cleaned_data.items() if k not in skipped})


STEP_FIELDS: Final = ("minutes", "teacher", "pupils", "answer")
ITEM_FIELDS: Final = ("name", "unit", "quantity", "price")


def step_rows(content: Content) -> list[dict[str, Any]]:
    """Return the steps as rows of a page, with blank ones below."""
    rows: list[dict[str, Any]] = [{name: getattr(one, name) for name in STEP_FIELDS} for one in content.steps]
    return rows + [{} for _blank in range(BLANK_ROWS)]


def item_rows(content: Content) -> list[dict[str, Any]]:
    """Return the equipment as rows of a page, with blank ones below."""
    rows: list[dict[str, Any]] = [
        {name: getattr(one, name) for name in ITEM_FIELDS} | {"hazards": one.hazards}
        for one in content.equipment
    ]
    return rows + [{} for _blank in range(BLANK_ROWS)]


def typed_rows(data: QueryDict, names: Sequence[str], most: int) -> list[dict[str, Any]]:
    """Return the rows as they were typed: ``name-1``, ``unit-1``...; ``hazards`` may have several values."""
    rows = []
    for number in range(1, most + BLANK_ROWS + 1):
        row: dict[str, Any] = {name: data.get(f"{name}-{number}", "").strip() for name in names}
        if any(row.values()):
            rows.append(row | {"hazards": tuple(data.getlist(f"hazards-{number}"))})
    return rows


def steps_in(rows: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Return the steps that were typed. Raises ProgrammeError."""
    return tuple(
        Step(_whole(row["minutes"] or "0", n, "steps"), row["teacher"], row["pupils"], row["answer"])
        for n, row in enumerate(rows, start=1)
    )


def items_in(rows: Sequence[Mapping[str, Any]]) -> tuple[Item, ...]:
    """Return the equipment that was typed. Raises ProgrammeError."""
    return tuple(
        Item(
            row["name"],
            row["unit"],
            _whole(row["quantity"], n, "equipment"),
            _price(row["price"], n),
            row["hazards"],
        )
        for n, row in enumerate(rows, start=1)
    )


def _whole(text: str, number: int, field: str) -> int:
    plain = text.replace(".", "").replace("\u00a0", "")
    if not plain.isascii() or not plain.isdigit() or len(plain) > 9:
        raise ProgrammeError(
            _("Dòng %(row)s: “%(text)s” không phải số nguyên.") % {"row": number, "text": text[:20]},
            field=field,
        )
    return int(plain)


def _price(text: str, number: int) -> int:
    try:
        return int(parse_money(text or "0"))
    except NumberFormatError as error:
        raise ProgrammeError(
            _("Dòng %(row)s: %(text)s") % {"row": number, "text": error.message}, field="equipment"
        ) from error
