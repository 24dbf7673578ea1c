"""Forms of projects and saving plans."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.energy.enums import Stage
from khcn.energy.forms.fields import NumberField, SiteChoice, UnitChoice
from khcn.energy.models import RoofPlan, Site
from khcn.ui.fields import DayField


class ProjectForm(forms.Form):
    """A project. ``sites``: those to choose from (none: the site is given)."""

    site = SiteChoice(queryset=Site.objects.none(), label=_("Công trình"))
    title = forms.CharField(label=_("Tên dự án"), max_length=200)
    plan: Any = forms.ModelChoiceField(
        RoofPlan.objects.none(), label=_("Theo phương án"), required=False, empty_label=_("Chưa có phương án")
    )
    kwp = NumberField(
        label=_("Công suất dự kiến (kWp)"), required=False, lowest=0.001, highest=100_000, places=3
    )
    budget_vnd = NumberField(
        label=_("Dự toán (đồng)"), required=False, whole=True, lowest=0, highest=9_999_999_999_999
    )
    due_on = DayField(label=_("Hạn hoàn thành"), required=False)

    def __init__(self, *args: Any, sites: Any = None, plans: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sites is None:
            del self.fields["site"]
        else:
            self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        if plans is None:
            del self.fields["plan"]
        else:
            self.fields["plan"].queryset = plans  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return the fields of a project."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"site", "plan"}}


class StepForm(forms.Form):
    """A stage that was reached."""

    stage = forms.ChoiceField(label=_("Chuyển sang giai đoạn"), choices=Stage.choices)
    reached_on = DayField(label=_("Ngày"))
    note = forms.CharField(
        label=_("Ghi chú"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Quay lại hoặc dừng thì ghi lý do."),
    )  # fmt: skip


class BuildForm(forms.Form):
    """The system that was built."""

    name = forms.CharField(label=_("Tên hệ thống"), max_length=150)
    kwp = NumberField(label=_("Công suất tấm pin đã lắp (kWp)"), lowest=0.001, highest=100_000, places=3)
    ac_kw = NumberField(label=_("Công suất biến tần (kW)"), lowest=0.001, highest=100_000, places=3)
    valid_from = DayField(label=_("Vận hành từ ngày"))
    price_vnd = NumberField(
        label=_("Giá trị đầu tư (đồng)"), required=False, whole=True, lowest=0, highest=9_999_999_999_999
    )


class SavingPlanForm(forms.Form):
    """A unit's saving plan of a year."""

    unit = UnitChoice(label=_("Đơn vị"))
    year = NumberField(label=_("Năm"), whole=True, lowest=2000, highest=2100)
    target_kwh = NumberField(
        label=_("Điện mua cả năm không quá (kWh)"), required=False, whole=True, lowest=0, highest=999_999_999
    )
    target_percent = NumberField(
        label=_("Hoặc tiết kiệm so với năm trước (%)"), required=False, lowest=0, highest=100, places=2
    )
    renewable_kwh = NumberField(
        label=_("Điện mặt trời tự phát (kWh)"), required=False, whole=True, lowest=0, highest=999_999_999
    )
    measures = forms.CharField(
        label=_("Giải pháp"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Mỗi dòng một giải pháp: ai làm, đến khi nào."),
    )  # fmt: skip
    registered_on = DayField(label=_("Ngày đăng ký với địa phương"), required=False)
    published_on = DayField(label=_("Ngày phổ biến trong đơn vị"), required=False)

    def __init__(self, *args: Any, units: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].prepare_value = lambda value: value  # type: ignore[method-assign]  # no thousands dot
        if units is None:
            del self.fields["unit"]
        else:
            self.fields["unit"].queryset = units  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return the fields of a plan."""
        return {name: value for name, value in self.cleaned_data.items() if name != "unit"}
