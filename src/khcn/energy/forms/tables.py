"""Forms of the five tables with dates."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.energy.enums import Band, Certainty, PriceGroup, Voltage
from khcn.energy.forms.fields import NumberField, SiteChoice
from khcn.energy.models import Site
from khcn.ui.fields import DayField

DAYS: Final = (
    (0, _("T2")), (1, _("T3")), (2, _("T4")), (3, _("T5")), (4, _("T6")), (5, _("T7")), (6, _("CN")),
)  # fmt: skip


def _named(label: Any) -> forms.Select:
    """Return a list whose name is told to those who cannot see the head of its column."""
    return forms.Select(attrs={"aria-label": label})


class SourceForm(forms.Form):
    """Where a row comes from and how sure it is."""

    source = forms.CharField(
        label=_("Nguồn đã đọc"), max_length=300, required=False,
        help_text=_("Nơi bạn đã đọc văn bản: số công báo, trang của cơ quan ban hành."),
    )  # fmt: skip
    certainty = forms.ChoiceField(
        label=_("Độ chắc chắn"), choices=Certainty.choices, initial=Certainty.ORIGINAL
    )
    note = forms.CharField(
        label=_("Ghi chú"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class RowForm(SourceForm):
    """A row of a table: what it begins with."""

    document = forms.CharField(label=_("Số, ký hiệu văn bản"), max_length=200)
    valid_from = DayField(label=_("Áp dụng từ ngày"))
    field_order: Any = ("document", "valid_from")


class DecisionForm(RowForm):
    """A decision on prices."""

    average_vnd = NumberField(
        label=_("Giá bán lẻ bình quân (đồng/kWh, chưa thuế)"), lowest=1, highest=100_000, places=4,
        help_text=_("Giá mà các tỷ lệ nhân vào."),
    )  # fmt: skip
    field_order = ("document", "valid_from", "average_vnd")


class VatForm(RowForm):
    """A rate of value-added tax."""

    percent = NumberField(label=_("Thuế suất (%)"), lowest=0, highest=100, places=2)
    field_order = ("document", "valid_from", "percent")


class SurplusForm(RowForm):
    """A rule on selling surplus."""

    most_percent = NumberField(label=_("Bán tối đa (% sản lượng)"), lowest=0, highest=100, places=2)
    vnd_per_kwh = NumberField(
        label=_("Giá mua điện dư (đồng/kWh)"), required=False, lowest=0, highest=20_000, places=2
    )
    public_allowed = forms.BooleanField(
        label=_("Tài sản công được bán điện dư"), required=False,
        help_text=_("Chỉ chọn khi đã đọc văn bản gốc cho phép."),
    )  # fmt: skip
    field_order = ("document", "valid_from", "most_percent", "vnd_per_kwh", "public_allowed")


class FactorForm(SourceForm):
    """A grid emission factor."""

    document = forms.CharField(label=_("Số, ký hiệu văn bản"), max_length=200)
    data_year = NumberField(label=_("Năm số liệu"), whole=True, lowest=2000, highest=2100)
    t_per_mwh = NumberField(label=_("Hệ số (tCO₂/MWh)"), lowest=0.0001, highest=3, places=4)
    used_from_year = NumberField(label=_("Dùng cho báo cáo từ năm"), whole=True, lowest=2000, highest=2100)
    used_to_year = NumberField(
        label=_("Đến hết năm"), required=False, whole=True, lowest=2000, highest=2100,
        help_text=_("Để trống: dùng đến khi có hệ số mới."),
    )  # fmt: skip
    field_order: Any = ("document", "data_year", "t_per_mwh", "used_from_year", "used_to_year")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("data_year", "used_from_year", "used_to_year"):  # a year has no thousands dot
            self.fields[name].prepare_value = lambda value: value  # type: ignore[method-assign]


class PriceRowForm(forms.Form):
    """One price; rows that come from the last decision have their place fixed."""

    group = forms.ChoiceField(
        label=_("Nhóm"), choices=(("", "–"), *PriceGroup.choices), required=False, widget=_named(_("Nhóm"))
    )
    voltage = forms.ChoiceField(
        label=_("Điện áp"), choices=(("", "–"), *Voltage.choices), required=False, widget=_named(_("Điện áp"))
    )
    band = forms.ChoiceField(
        label=_("Giờ, bậc"), choices=(("", "–"), *Band.choices), required=False, widget=_named(_("Giờ, bậc"))
    )
    up_to_kwh = NumberField(label=_("Đến (kWh)"), required=False, whole=True, lowest=0, highest=1_000_000)
    ratio = NumberField(label=_("Tỷ lệ"), required=False, lowest=0, highest=10, places=4)
    vnd_per_kwh = NumberField(label=_("Giá (đồng)"), required=False, lowest=0, highest=100_000, places=2)

    @property
    def fixed(self) -> bool:
        """Whether the row's place was given."""
        return bool(self.initial.get("group"))


class PriceRows(forms.BaseFormSet[PriceRowForm]):
    """The prices of a decision."""

    def values(self) -> list[dict[str, Any]]:
        """Return the rows that name a group and a price or ratio."""
        found = []
        for form in self.forms:
            data = form.cleaned_data
            if (
                data.get("group")
                and data.get("band")
                and (data.get("vnd_per_kwh") is not None or data.get("ratio"))
            ):
                found.append(dict(data))
        return found


PriceFormSet: Any = forms.formset_factory(
    PriceRowForm, formset=PriceRows, extra=2, max_num=80, absolute_max=100
)


class SpanForm(forms.Form):
    """One span of hours."""

    band = forms.ChoiceField(
        label=_("Loại"), required=False,
        choices=(("", "–"), ("peak", _("Cao điểm")), ("off", _("Thấp điểm"))),
    )  # fmt: skip
    starts = forms.RegexField(
        r"^\d{2}:\d{2}$", label=_("Từ"), required=False, widget=forms.TextInput({"type": "time"})
    )
    ends = forms.RegexField(
        r"^\d{2}:\d{2}$", label=_("Đến"), required=False, widget=forms.TextInput({"type": "time"})
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Ngày"), choices=DAYS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )


class SpanRows(forms.BaseFormSet[SpanForm]):
    """The spans of a rule on hours."""

    def values(self) -> list[dict[str, Any]]:
        """Return the rows that name a band, in the stored form."""
        return [
            {
                "band": form.cleaned_data["band"],
                "from": form.cleaned_data.get("starts") or "",
                "to": form.cleaned_data.get("ends") or "",
                "weekdays": form.cleaned_data.get("weekdays") or [],
            }
            for form in self.forms
            if form.cleaned_data.get("band")
        ]


SpanFormSet: Any = forms.formset_factory(SpanForm, formset=SpanRows, extra=2, max_num=12, absolute_max=20)
FORMS: Final[dict[str, Any]] = {
    "gia": DecisionForm,
    "khung-gio": RowForm,
    "thue": VatForm,
    "phat-thai": FactorForm,
    "dien-du": SurplusForm,
}


class RerateForm(forms.Form):
    """Past days of a site that are to be priced anew."""

    site = SiteChoice(queryset=Site.objects.none(), label=_("Công trình"))
    first = DayField(label=_("Từ ngày"))
    last = DayField(label=_("Đến hết ngày"))
    reason = forms.CharField(
        label=_("Lý do"), max_length=300, help_text=_("Ví dụ: quyết định giá nhập muộn. Ghi vào nhật ký.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site: Any = self.fields["site"]
        site.queryset = Site.objects.select_related("unit")
