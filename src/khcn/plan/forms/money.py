"""Forms of money: amounts typed in either convention, days, entries, lines, estimates."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.core.numbers import money_vi
from khcn.orgs.models import Unit
from khcn.plan.models import BudgetLine, Estimate, MoneyEntry, Plan
from khcn.ui.fields import DayField, FilesField, MoneyField

UP, DOWN = "tang", "giam"
ACCEPT: Final = ".pdf,.docx,.xlsx,.doc,.xls,.odt,.ods,image/*"


class CommitmentChoice(forms.ModelChoiceField[MoneyEntry]):
    """A commitment, with what may still be paid of it."""

    def label_from_instance(self, obj: Any) -> str:
        """Return document or content, and what is left."""
        left = money_vi(obj.amount - obj.paid - obj.released)
        return _("%(name)s, còn %(left)s") % {"name": obj.document or obj.text[:60], "left": left}


class UnitChoice(forms.ModelChoiceField[Unit]):
    """A unit, by name."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the unit's name."""
        return str(obj.name)


class EntryForm(forms.Form):
    """A commitment, or a payment when ``line`` and ``payment`` say so."""

    commitment = CommitmentChoice(MoneyEntry.objects.none(), label=_("Theo cam kết"), empty_label=None)
    amount = MoneyField(label=_("Số tiền"), positive=True)
    happened_on = DayField(label=_("Ngày trên chứng từ"))
    text = forms.CharField(label=_("Nội dung"), max_length=500)
    document = forms.CharField(label=_("Số chứng từ, hợp đồng"), max_length=120, required=False)
    partner = forms.CharField(label=_("Đơn vị thụ hưởng"), max_length=200, required=False)
    vouchers = FilesField(
        label=_("Chứng từ kèm theo"), required=False, help_text=_("PDF, Word, Excel hoặc ảnh chụp.")
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, commitments: Any = None, today: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if commitments is None:
            del self.fields["commitment"]
        else:
            chosen: Any = self.fields["commitment"]
            chosen.queryset = commitments
        if today is not None:
            self.fields["happened_on"].initial = today
            self.fields["happened_on"].widget.attrs["max"] = today.isoformat()


class AllocationForm(forms.Form):
    """An adjustment of what is allocated to a line."""

    direction = forms.ChoiceField(
        label=_("Điều chỉnh"), choices=[(UP, _("Giao thêm, điều chỉnh tăng")), (DOWN, _("Điều chỉnh giảm"))],
        widget=forms.RadioSelect, initial=UP,
    )  # fmt: skip
    amount = MoneyField(label=_("Số tiền"), positive=True)
    document = forms.CharField(label=_("Số quyết định"), max_length=120)
    happened_on = DayField(label=_("Ngày quyết định"))
    text = forms.CharField(label=_("Nội dung"), max_length=500)

    @property
    def signed(self) -> Decimal:
        """The amount with its sign."""
        amount: Decimal = self.cleaned_data["amount"]
        return -amount if self.cleaned_data["direction"] == DOWN else amount


class EstimateForm(forms.ModelForm[Estimate]):
    """The head of an estimate."""

    plan: Any = forms.ModelChoiceField(Plan.objects.none(), label=_("Theo kế hoạch"), required=False)

    class Meta:
        model = Estimate
        fields = ("title", "year", "source", "plan")

    def __init__(self, *args: Any, plans: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["plan"]
        chosen.queryset = plans
        self.fields["year"].widget = forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 4})

    def validate_unique(self) -> None:
        """Leave it to the service, which names the title."""


class LineForm(forms.Form):
    """A line of a draft."""

    unit = UnitChoice(queryset=Unit.objects.none(), label=_("Đơn vị sử dụng"))
    task_code = forms.ChoiceField(label=_("Nhiệm vụ"), required=False)
    title = forms.CharField(label=_("Nội dung chi"), max_length=500)
    budget_code = forms.CharField(
        label=_("Mục lục ngân sách"), max_length=40, required=False,
        help_text=_("Chương-loại-khoản-mục-tiểu mục, ví dụ 599-100-103-7000-7049."),
    )  # fmt: skip
    estimated = MoneyField(label=_("Dự toán"))
    note = forms.CharField(label=_("Ghi chú"), max_length=500, required=False)

    def __init__(self, *args: Any, units: Any, tasks: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        unit.queryset = units
        task: Any = self.fields["task_code"]
        task.choices = [("", _("Chi chung, không gắn nhiệm vụ")), *tasks]

    @staticmethod
    def shown(line: BudgetLine) -> dict[str, Any]:
        """Return the values of a line for this form."""
        names = ("unit", "task_code", "title", "budget_code", "estimated", "note")
        return {name: getattr(line, name) for name in names}


class ReasonForm(forms.Form):
    """Why something does not stand."""

    reason = forms.CharField(label=_("Lý do"), max_length=500)


class DecisionForm(forms.Form):
    """A decision of the authority."""

    decision = forms.CharField(label=_("Số quyết định"), max_length=120)
    decided_on = DayField(label=_("Ngày quyết định"))


class SheetForm(forms.Form):
    """A filled sheet."""

    file = forms.FileField(
        label=_("Tệp Excel đã điền"), help_text=_("Bạn sẽ xem trước rồi mới lưu."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )  # fmt: skip


class VoucherForm(forms.Form):
    """Supporting documents of an entry."""

    vouchers = FilesField(label=_("Thêm chứng từ"), help_text=_("PDF, Word, Excel hoặc ảnh chụp."))


class SettlementForm(forms.Form):
    """What is recognised, one field a line (named ``so-<line>``)."""

    document = forms.CharField(label=_("Số văn bản quyết toán"), max_length=120, required=False)

    def __init__(self, *args: Any, lines: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fresh = not any(line.settled for line in lines)  # nothing typed yet: propose what was paid
        for line in lines:
            self.fields[f"so-{line.pk}"] = MoneyField(
                label=line.title,
                required=False,
                help_text="",
                initial=line.paid if fresh else line.settled,
                widget=forms.TextInput(attrs={"autocomplete": "off", "size": 13}),
            )

    def amounts(self) -> dict[int, Decimal]:
        """Return the amounts that were typed, by line."""
        return {
            int(name.removeprefix("so-")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("so-") and value is not None
        }
