"""Forms of regimes, periods and ad hoc requests."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.numbers import NumberFormatError
from khcn.orgs.models import Unit
from khcn.plan.enums import RegimeContent, RegimeKind
from khcn.plan.models import PlanIndicator, Regime
from khcn.plan.rules.checking import Rule
from khcn.plan.rules.deadlines import PeriodDays
from khcn.plan.rules.numbers import read_figure
from khcn.plan.rules.regime_forms import FigureRow, Form, Heading
from khcn.plan.services.regimes import RegimeError, RegimeFacts
from khcn.ui.fields import DayField

BLANK_ROWS = 3


class UnitChoice(forms.ModelChoiceField[Unit]):
    """A unit, by its own label."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the unit's name."""
        return str(obj.name)


class UnitChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """Several units, by their own labels."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the unit's name; a group says so."""
        return _("%(name)s (nhóm)") % {"name": obj.name} if obj.kind.is_group else str(obj.name)


class RegimeForm(forms.Form):
    """What a regime says by itself, and who reports."""

    title = forms.CharField(label=gettext_lazy("Tên báo cáo"), max_length=300)
    kind = forms.ChoiceField(label=gettext_lazy("Loại"), choices=RegimeKind.choices)
    content = forms.ChoiceField(
        label=gettext_lazy("Nội dung"), choices=RegimeContent.choices, initial=RegimeContent.BOTH
    )
    basis = forms.CharField(label=gettext_lazy("Căn cứ"), max_length=300, required=False)
    sent_by = forms.CharField(label=gettext_lazy("Cách gửi"), max_length=200, required=False)
    receiver = UnitChoice(Unit.objects.none(), label=gettext_lazy("Đơn vị tổng hợp"))
    addressed_to = UnitChoice(Unit.objects.none(), label=gettext_lazy("Nơi nhận báo cáo"), required=False)
    superior = UnitChoice(Unit.objects.none(), label=gettext_lazy("Báo cáo lên"), required=False)
    reporters = UnitChoices(
        Unit.objects.none(), label=gettext_lazy("Đơn vị phải báo cáo"), widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Chọn nhóm thì mọi thành viên của nhóm vào ngày mở kỳ phải báo cáo."),
    )  # fmt: skip
    is_template = forms.BooleanField(label=gettext_lazy("Dùng làm mẫu cho báo cáo đột xuất"), required=False)
    is_active = forms.BooleanField(label=gettext_lazy("Đang áp dụng"), required=False, initial=True)

    fieldsets = [
        ("", "", ["title", "kind", "content", "basis", "sent_by"]),
        (gettext_lazy("Báo cáo đi đâu"), "", ["receiver", "addressed_to", "superior"]),
        ("", "", ["reporters", "is_template", "is_active"]),
    ]

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("receiver", "addressed_to", "superior", "reporters"):
            field: Any = self.fields[name]
            field.queryset = units if name == "reporters" else units.filter(kind__is_group=False)

    def facts(self, regime: Regime | None = None) -> RegimeFacts:
        """Return what was filled in as the service takes it."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "reporters"}
        return RegimeFacts(**data, plan=regime.plan if regime else None)


class PeriodForm(forms.Form):
    """The days of a period."""

    code = forms.CharField(
        label=gettext_lazy("Mã kỳ"), max_length=20, help_text=gettext_lazy("Ví dụ 2026-H1, 2026-Q3.")
    )
    title = forms.CharField(label=gettext_lazy("Tên kỳ"), max_length=300)
    starts_on = DayField(label=gettext_lazy("Số liệu từ ngày"))
    cutoff = DayField(label=gettext_lazy("Chốt số liệu hết ngày"))
    opens_on = DayField(label=gettext_lazy("Mở nhận từ ngày"))
    due = DayField(
        label=gettext_lazy("Hạn của đơn vị (hết ngày)"),
        help_text=gettext_lazy("Ít nhất 1 ngày làm việc sau ngày chốt số liệu (Nghị định 09/2019/NĐ-CP)."),
    )
    superior_due = DayField(label=gettext_lazy("Hạn gửi cấp trên (hết ngày)"), required=False)
    request = forms.CharField(
        label=gettext_lazy("Yêu cầu thêm"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if fixed:
            del self.fields["code"]

    def days(self) -> PeriodDays:
        """Return the days as the service takes them."""
        data = self.cleaned_data
        return PeriodDays(
            data["starts_on"], data["cutoff"], data["opens_on"], data["due"], data.get("superior_due")
        )


class RequestForm(forms.Form):
    """An ad hoc request: what, until when, from whom."""

    title = forms.CharField(label=gettext_lazy("Tên báo cáo"), max_length=300)
    request = forms.CharField(
        label=gettext_lazy("Cần báo cáo gì"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Viết như khi nhắn cho đơn vị; câu này đi kèm thư và tin nhắn."),
    )  # fmt: skip
    starts_on = DayField(label=gettext_lazy("Số liệu từ ngày"))
    cutoff = DayField(label=gettext_lazy("Đến hết ngày"))
    due = DayField(
        label=gettext_lazy("Hạn trả lời (hết ngày)"),
        help_text=gettext_lazy("Ít nhất 1 ngày làm việc sau ngày chốt số liệu."),
    )
    units = UnitChoices(
        Unit.objects.none(), label=gettext_lazy("Hỏi đơn vị nào"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["units"]
        field.queryset = units


def start_of_year(day: date) -> date:
    """Return the first of January of a day's year."""
    return day.replace(month=1, day=1)


def read_form(data: Mapping[str, str], indicators: Iterable[PlanIndicator], kept: Form) -> Form:
    """Read outline, number form and rules from the editor's rows.

    :raises RegimeError: a target that is no number.
    """
    groups = {row.code: row for row in kept.figures}
    chosen = []
    for one in indicators:
        if data.get(f"i-{one.code}") != "1":
            continue
        old = groups.get(one.code, FigureRow(one.code))
        chosen.append(
            FigureRow(
                one.code, data.get(f"ig-{one.code}", old.group).strip()[:200], old.task_code,
                data.get(f"ia-{one.code}", old.aggregate), data.get(f"ib-{one.code}") == "1",
                data.get(f"in-{one.code}", old.numerator).strip(), data.get(f"im-{one.code}", old.denominator).strip(),
                _target(data.get(f"it-{one.code}", ""), one),
            )
        )  # fmt: skip
    headings = []
    for number in _numbers(data, "h-"):
        title = data.get(f"h-{number}", "").strip()
        if title:
            headings.append(
                Heading(title, data.get(f"hh-{number}", "").strip(), data.get(f"hb-{number}") == "1")
            )
    return Form(headings, chosen, _rules(data))


def _rules(data: Mapping[str, str]) -> list[Rule]:
    rules = []
    for number in _numbers(data, "l-"):
        left, right = data.get(f"l-{number}", "").strip(), data.get(f"p-{number}", "").strip()
        if left and right:
            rules.append(
                Rule(
                    left, data.get(f"q-{number}", "le"), right, data.get(f"m-{number}", "").strip()[:300],
                    data.get(f"w-{number}") == "1",
                )
            )  # fmt: skip
    return rules


def _numbers(data: Mapping[str, str], prefix: str) -> list[int]:
    """Return the row numbers that the editor sent, in order; at most 100."""
    found = {key.removeprefix(prefix) for key in data if key.startswith(prefix)}
    return sorted(int(text) for text in found if text.isascii() and text.isdigit() and len(text) < 4)[:100]


def _target(text: str, indicator: PlanIndicator) -> Decimal | None:
    try:
        return read_figure(text, decimals=2)
    except NumberFormatError as error:
        raise RegimeError(f"{indicator.title}: {error.message}", "figures") from error
