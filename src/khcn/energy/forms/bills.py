"""Forms of electricity bills and of the baseline."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.energy.forms.fields import NumberField
from khcn.energy.models import Contract
from khcn.ui.fields import DayField

MOST_KWH: Final = 99_999_999
MOST_VND: Final = 9_999_999_999_999


class BillForm(forms.Form):
    """One bill. ``timed``: billed by hours, so there are three lines of kWh."""

    contract: Any = forms.ModelChoiceField(Contract.objects.none(), label=_("Hợp đồng"), empty_label=None)
    starts_on = DayField(label=_("Từ ngày"))
    ends_on = DayField(label=_("Đến hết ngày"))
    kwh_normal = NumberField(label=_("kWh"), lowest=0, highest=MOST_KWH, places=2)
    kwh_peak = NumberField(label=_("kWh giờ cao điểm"), required=False, lowest=0, highest=MOST_KWH, places=2)
    kwh_off = NumberField(label=_("kWh giờ thấp điểm"), required=False, lowest=0, highest=MOST_KWH, places=2)
    total = NumberField(label=_("Tổng cộng phải trả (đồng)"), whole=True, lowest=0, highest=MOST_VND)
    before_vat = NumberField(
        label=_("Tiền trước thuế (đồng)"), required=False, whole=True, lowest=0, highest=MOST_VND
    )
    vat = NumberField(label=_("Tiền thuế (đồng)"), required=False, whole=True, lowest=0, highest=MOST_VND)

    def __init__(
        self, *args: Any, contracts: Any, timed: bool = False, fixed: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        contract: Any = self.fields["contract"]
        contract.queryset = contracts
        if fixed:
            del self.fields["contract"]
        if timed:
            self.fields["kwh_normal"].label = _("kWh giờ bình thường")
        else:
            del self.fields["kwh_peak"]
            del self.fields["kwh_off"]

    def values(self) -> dict[str, Any]:
        """Return the fields of a bill."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "contract"}
        return {**data, **{name: data.get(name) or 0 for name in ("kwh_peak", "kwh_off")}}


class FileForm(forms.Form):
    """One file."""

    file = forms.FileField(label=_("Tệp"))

    def __init__(self, *args: Any, label: Any = "", accept: str = "", hint: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = label or self.fields["file"].label
        self.fields["file"].help_text = hint
        if accept:
            self.fields["file"].widget.attrs["accept"] = accept


class BaselineForm(forms.Form):
    """From which day savings are measured."""

    used_from = DayField(
        label=_("So với các hóa đơn trước ngày"),
        help_text=_(
            "Ngày hệ thống hoạt động, hoặc ngày bắt đầu kế hoạch tiết kiệm. Cần ít nhất 12 tháng hóa đơn trước đó."
        ),
    )
