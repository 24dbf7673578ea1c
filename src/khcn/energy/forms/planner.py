"""The planner's form: what a school's head knows stands open, everything else is folded away with its usual value."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.core.numbers import number_vi
from khcn.energy.enums import BuildingKind, PriceGroup, Voltage
from khcn.energy.forms.fields import NumberField
from khcn.energy.models import Site
from khcn.energy.selectors.bill_months import Use
from khcn.engines.energy.pv.presets import PRICE

MILLION: Final = 1_000_000
COMPASS: Final = (
    ("nw", _("Tây Bắc")), ("n", _("Bắc")), ("ne", _("Đông Bắc")),
    ("w", _("Tây")), ("flat", _("Mái bằng")), ("e", _("Đông")),
    ("sw", _("Tây Nam")), ("s", _("Nam")), ("se", _("Đông Nam")),
)  # fmt: skip
TILTS: Final = (
    ("5", _("Gần phẳng, 5 độ")),
    ("10", _("Mái tôn thường, 10 độ")),
    ("20", _("Mái ngói, 20 độ")),
    ("35", _("Mái rất dốc, 35 độ")),
)
SHADES: Final = (
    ("none", _("Không: thoáng cả ngày")),
    ("little", _("Ít: sáng sớm hoặc chiều muộn")),
    ("some", _("Vừa: cây hoặc nhà che vài giờ")),
    ("much", _("Nhiều: che phần lớn buổi sáng hoặc chiều")),
)
MODELS: Final = (
    ("", _("Như thường lệ (Faiman)")),
    ("fuentes", _("Fuentes (PVWatts)")),
    ("sapm", _("SAPM (sát mái, nóng hơn)")),
    ("pvsyst", _("PVsyst")),
)


class PlannerForm(forms.Form):
    """One roof in two minutes. ``roofs``: those that are registered; ``bills``: what bills say of the use."""

    roofs = forms.MultipleChoiceField(
        label=_("Mái đã ghi"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Chọn mái thì không cần ghi diện tích, hướng và độ dốc bên dưới."),
    )  # fmt: skip
    size_by = forms.ChoiceField(
        label=_("Bạn biết điều gì?"), widget=forms.RadioSelect, initial="area",
        choices=(("area", _("Diện tích mái (m²)")), ("kwp", _("Công suất muốn lắp (kWp)"))),
    )  # fmt: skip
    size = NumberField(
        label=_("Diện tích hoặc công suất"), required=False, lowest=0.1, highest=1_000_000, places=2,
        help_text=_("Diện tích cả mái; phần mềm trừ lối đi và chỗ không lắp được."),
    )  # fmt: skip
    direction = forms.ChoiceField(
        label=_("Mái dốc xuống về hướng nào?"), widget=forms.RadioSelect, choices=COMPASS, initial="s"
    )
    tilt = forms.ChoiceField(label=_("Độ dốc"), widget=forms.RadioSelect, choices=TILTS, initial="10")
    shade = forms.ChoiceField(
        label=_("Có bị che bóng không?"), widget=forms.RadioSelect, choices=SHADES, initial="none"
    )
    use_by = forms.ChoiceField(label=_("Điện đang dùng"), widget=forms.RadioSelect, initial="bill")
    use = NumberField(
        label=_("Mỗi tháng khoảng"), required=False, lowest=0, highest=100_000_000_000, places=2,
        help_text=_("Số tiền hoặc số kWh, lấy trung bình cả năm."),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=_("Loại công trình"),
        choices=BuildingKind.choices,
        help_text=_("Cho biết điện dùng vào giờ nào."),
    )
    title = forms.CharField(label=_("Tên phương án"), max_length=150, required=False)
    million_per_kwp = NumberField(
        label=_("Giá lắp đặt (triệu đồng mỗi kWp)"), required=False, lowest=1, highest=200, places=3
    )
    vnd_per_kwh = NumberField(
        label=_("Giá điện đang trả (đồng/kWh, đã có thuế)"), required=False, lowest=1, highest=20_000, places=2,
        help_text=_("Để trống thì lấy theo nhóm giá của hợp đồng hoặc của loại công trình."),
    )  # fmt: skip
    group = forms.ChoiceField(
        label=_("Nhóm giá điện"),
        required=False,
        choices=(("", _("Theo hợp đồng, loại công trình")), *PriceGroup.choices),
    )
    voltage = forms.ChoiceField(
        label=_("Cấp điện áp"),
        required=False,
        choices=(("", _("Theo hợp đồng, dưới 6 kV")), *Voltage.choices),
    )
    sell = forms.BooleanField(
        label=_("Được bán điện dư"), required=False,
        help_text=_("Mặc định là không: chưa có căn cứ chắc chắn cho tài sản công bán điện dư."),
    )  # fmt: skip
    self_percent = NumberField(
        label=_("Tỷ lệ tự dùng (%)"), required=False, lowest=0, highest=100,
        help_text=_("Để trống thì tính từ điện đang dùng và giờ hoạt động."),
    )  # fmt: skip
    losses = NumberField(
        label=_("Tổn hao (%)"),
        required=False,
        lowest=0,
        highest=80,
        help_text=_("Bụi, dây dẫn, lệch tấm. Thường 14 %."),
    )
    inverter_efficiency = NumberField(
        label=_("Hiệu suất biến tần (%)"), required=False, lowest=50, highest=100, help_text=_("Thường 96 %.")
    )
    dc_ac = NumberField(
        label=_("Tỷ lệ tấm pin trên biến tần"),
        required=False,
        lowest=0.3,
        highest=4,
        help_text=_("Thường 1,1."),
    )
    temperature_model = forms.ChoiceField(label=_("Mô hình nhiệt độ"), required=False, choices=MODELS)
    weather = forms.FileField(
        label=_("Tệp thời tiết"), required=False,
        help_text=_(
            "EPW, TMY3, CSV của PVGIS hoặc CSV có 8.760 giờ. Để trống thì dùng bảng Tân Sơn Nhất kèm theo phần mềm."
        ),
    )  # fmt: skip

    MORE: Final = (
        "title", "million_per_kwp", "vnd_per_kwh", "group", "voltage", "sell", "self_percent", "losses",
        "inverter_efficiency", "dc_ac", "temperature_model", "weather",
    )  # fmt: skip

    def __init__(self, *args: Any, site: Site, known: Use | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roofs: Any = self.fields["roofs"]
        rows = list(site.roofs.all())
        roofs.choices = [(str(roof.pk), f"{roof.name} ({number_vi(roof.area_m2)} m²)") for roof in rows]
        if not rows:
            del self.fields["roofs"]
        use_by: Any = self.fields["use_by"]
        choices: list[tuple[str, Any]] = [
            ("bill", _("Tiền điện mỗi tháng (đồng)")),
            ("kwh", _("Số kWh mỗi tháng")),
        ]
        if known is not None:
            label = _("Theo %(count)s tháng hóa đơn đã nhập") % {"count": known.count}
            choices = [("bills", label), *choices]
        use_by.choices = [*choices, ("none", _("Chưa biết"))]
        bounds = {"low": PRICE.low // MILLION, "high": PRICE.high // MILLION, "usual": PRICE.usual // MILLION}
        self.fields["million_per_kwp"].help_text = (
            _("Để trống thì lấy %(usual)s; giá thường gặp từ %(low)s đến %(high)s triệu đồng.") % bounds
        )
        self.initial = {"kind": site.kind, "use_by": "bills" if known else "bill", **self.initial}

    def clean(self) -> dict[str, Any]:
        """Ask for the size and the use only where they are needed."""
        data = super().clean() or self.cleaned_data
        if not data.get("roofs") and data.get("size") is None and "size" not in self.errors:
            self.add_error("size", _("Hãy ghi diện tích mái hoặc công suất muốn lắp."))
        if data.get("use_by") in {"bill", "kwh"} and data.get("use") is None and "use" not in self.errors:
            self.add_error("use", _("Hãy ghi tiền điện hoặc số kWh một tháng, hoặc chọn “Chưa biết”."))
        if data.get("use_by") == "bill" and data.get("use") is not None and data["use"] < 1000:
            self.add_error("use", _("Số tiền quá nhỏ. Hãy ghi bằng đồng, ví dụ 12.500.000."))
        return data

    def asked(self) -> dict[str, Any]:
        """Return what the person said."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in {"title", "weather"} and value not in (None, "", [], False)
        }

    @property
    def more_open(self) -> bool:
        """Whether something folded away needs to be seen."""
        return any(name in self.errors for name in self.MORE)


class PlanNameForm(forms.Form):
    """Another name for a plan."""

    title = forms.CharField(label=_("Tên phương án"), max_length=150)
