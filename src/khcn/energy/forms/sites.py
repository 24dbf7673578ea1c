"""Forms of sites, roofs, systems, contracts and collectors. They shape input; rules live in the services."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.energy.enums import BuildingKind, GridKind, Mounting, PriceGroup, Voltage
from khcn.energy.forms.fields import NumberField, PlaceField, UnitChoice, units_today
from khcn.energy.models import Roof, Site
from khcn.ui.fields import DayField

MOST_ARRAYS: Final = 6
_NOTE: Final = {"rows": 2}


def _note(limit: int = 500) -> forms.CharField:
    return forms.CharField(
        label=_("Ghi chú"), max_length=limit, required=False, widget=forms.Textarea(attrs=_NOTE)
    )


class SiteForm(forms.Form):
    """A site. ``officer``: may name the unit."""

    name = forms.CharField(label=_("Tên công trình"), max_length=150, help_text=_("Ví dụ: Cơ sở chính."))
    unit = UnitChoice(label=_("Đơn vị"))
    kind = forms.ChoiceField(label=_("Loại công trình"), choices=BuildingKind.choices)
    address = forms.CharField(
        label=_("Địa chỉ"),
        max_length=300,
        required=False,
        help_text=_("Để trống thì lấy địa chỉ của đơn vị."),
    )
    place = PlaceField(
        label=_("Tọa độ"),
        required=False,
        help_text=_(
            "Mở bản đồ trên điện thoại, giữ ngón tay vào mái nhà rồi chép dòng số, dạng 10.7551, 106.6672."
        ),
    )
    floor_area_m2 = NumberField(
        label=_("Diện tích sàn (m²)"), required=False, lowest=1, highest=10_000_000, places=1,
        help_text=_("Để so sánh kWh mỗi m² giữa các đơn vị."),
    )  # fmt: skip
    people = NumberField(
        label=_("Số người sử dụng"), required=False, whole=True, lowest=0, highest=1_000_000,
        help_text=_("Học sinh và giáo viên, hoặc người làm việc thường xuyên."),
    )  # fmt: skip
    is_public = forms.BooleanField(
        label=_("Công bố tổng sản lượng của công trình trên trang công khai"), required=False
    )
    valid_from = DayField(label=_("Dùng từ ngày"), required=False)
    valid_to = DayField(label=_("Không dùng nữa từ sau ngày"), required=False)
    note = _note()

    def __init__(self, *args: Any, site: Site | None = None, officer: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        unit.queryset = units_today()
        if site is not None:
            names = [name for name in self.fields if hasattr(site, name)]
            self.initial = {**{name: getattr(site, name) for name in names}, **self.initial}
            self.initial["unit"] = site.unit_id
            if site.latitude is not None:
                self.initial["place"] = (site.latitude, site.longitude)
        if not officer:
            del self.fields["unit"]
        if site is None:
            del self.fields["valid_to"]

    def values(self) -> dict[str, Any]:
        """Return the fields of a site."""
        data = dict(self.cleaned_data)
        data.pop("unit", None)
        data["latitude"], data["longitude"] = data.pop("place") or (None, None)
        return data


class RoofForm(forms.Form):
    """A roof face."""

    name = forms.CharField(label=_("Tên mái"), max_length=100, help_text=_("Ví dụ: Mái dãy A, phía đường."))
    area_m2 = NumberField(label=_("Diện tích (m²)"), lowest=1, highest=100_000, places=1)
    usable_percent = NumberField(
        label=_("Phần lắp được (%)"), initial=70, whole=True, lowest=1, highest=100,
        help_text=_("Trừ lối đi, bồn nước, chỗ bị che. Thường là 70 %."),
    )  # fmt: skip
    tilt_deg = NumberField(
        label=_("Độ dốc (độ)"), initial=10, lowest=0, highest=90, help_text=_("Mái tôn thường 10 độ.")
    )
    azimuth_deg = NumberField(
        label=_("Hướng dốc xuống (độ)"), initial=180, lowest=0, highest=360,
        help_text=_("Tính từ hướng bắc theo chiều kim đồng hồ: đông 90, nam 180, tây 270."),
    )  # fmt: skip
    shading_percent = NumberField(label=_("Bị che bóng (%)"), initial=0, lowest=0, highest=100)
    mounting = forms.ChoiceField(label=_("Cách lắp"), choices=Mounting.choices)
    note = _note(300)

    def __init__(self, *args: Any, roof: Roof | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if roof is not None:
            self.initial = {name: getattr(roof, name) for name in self.fields}

    def values(self) -> dict[str, Any]:
        """Return the fields of a roof."""
        data = dict(self.cleaned_data)
        return {
            **data,
            **{name: float(data[name]) for name in ("tilt_deg", "azimuth_deg", "shading_percent")},
        }


class SystemForm(forms.Form):
    """A PV system without its arrays."""

    name = forms.CharField(label=_("Tên hệ thống"), max_length=150)
    kwp = NumberField(label=_("Công suất tấm pin (kWp)"), lowest=0.001, highest=100_000, places=3)
    ac_kw = NumberField(label=_("Công suất biến tần (kW)"), lowest=0.001, highest=100_000, places=3)
    valid_from = DayField(label=_("Vận hành từ ngày"), required=False)
    grid = forms.ChoiceField(label=_("Đấu nối"), choices=GridKind.choices, initial=GridKind.WITHOUT_SALE)
    notified_on = DayField(
        label=_("Ngày thông báo phát triển"), required=False,
        help_text=_("Ngày gửi thông báo cho cơ quan có thẩm quyền, để lập bảng tổng hợp của địa phương."),
    )  # fmt: skip
    battery_kwh = NumberField(
        label=_("Pin lưu trữ (kWh)"), required=False, lowest=0, highest=1_000_000, places=2
    )
    price_vnd = NumberField(
        label=_("Giá trị đầu tư (đồng)"), required=False, whole=True, lowest=0, highest=9_999_999_999_999
    )
    temperature_coefficient = NumberField(
        label=_("Hệ số nhiệt độ của tấm pin (%/°C)"), initial=-0.35, lowest=-1.5, highest=0,
        help_text=_("Ghi trên nhãn tấm pin, thường từ -0,30 đến -0,45."),
    )  # fmt: skip
    losses_percent = NumberField(label=_("Tổn hao (%)"), initial=14, lowest=0, highest=99)
    valid_to = DayField(label=_("Ngừng vận hành sau ngày"), required=False)
    note = _note()

    @property
    def fieldsets(self) -> list[tuple[Any, str, list[str]]]:
        """Group the fields."""
        return [
            ("", "", ["name", "kwp", "ac_kw", "valid_from"]),
            (_("Đấu nối và đầu tư"), "", ["grid", "notified_on", "price_vnd", "battery_kwh"]),
            (_("Kỹ thuật"), "", ["temperature_coefficient", "losses_percent", "valid_to", "note"]),
        ]

    def values(self) -> dict[str, Any]:
        """Return the fields of a system."""
        data = dict(self.cleaned_data)
        data["battery_kwh"] = data["battery_kwh"] or 0
        return {
            **data,
            "temperature_coefficient": float(data["temperature_coefficient"]),
            "losses_percent": float(data["losses_percent"]),
        }


class ArrayForm(forms.Form):
    """One group of modules that look the same way; an empty power leaves the row out."""

    kwp = NumberField(label=_("kWp"), required=False, lowest=0, highest=100_000, places=3)
    tilt_deg = NumberField(label=_("Độ dốc"), required=False, initial=10, lowest=0, highest=90)
    azimuth_deg = NumberField(label=_("Hướng"), required=False, initial=180, lowest=0, highest=360)
    mounting = forms.ChoiceField(label=_("Cách lắp"), choices=Mounting.choices, required=False)
    roof: Any = forms.ModelChoiceField(Roof.objects.none(), label=_("Mái"), required=False, empty_label="–")

    def __init__(self, *args: Any, roofs: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roof"].queryset = Roof.objects.none() if roofs is None else roofs  # type: ignore[attr-defined]


class ArrayRows(forms.BaseFormSet[ArrayForm]):
    """The arrays of a system."""

    def values(self) -> list[dict[str, Any]]:
        """Return the rows that have a power."""
        found = []
        for form in self.forms:
            data = form.cleaned_data
            if not data.get("kwp"):
                continue
            tilt, azimuth = data.get("tilt_deg"), data.get("azimuth_deg")
            found.append({
                "kwp": data["kwp"],
                "tilt_deg": 10.0 if tilt is None else float(tilt),
                "azimuth_deg": 180.0 if azimuth is None else float(azimuth),
                "mounting": data.get("mounting") or Mounting.ROOF,
                "roof": data.get("roof"),
            })  # fmt: skip
        return found


ArrayFormSet: Any = forms.formset_factory(
    ArrayForm,
    formset=ArrayRows,
    extra=3,
    max_num=MOST_ARRAYS,
    validate_max=True,
    absolute_max=MOST_ARRAYS + 20,
)


class ContractForm(forms.Form):
    """A contract with the seller of electricity."""

    customer_code = forms.CharField(
        label=_("Mã khách hàng"),
        max_length=20,
        help_text=_("In trên hóa đơn tiền điện, ví dụ PE0100001234567."),
    )
    supplier = forms.CharField(label=_("Bên bán điện"), max_length=150, required=False)
    valid_from = DayField(label=_("Hợp đồng từ ngày"), required=False)
    valid_to = DayField(label=_("Đến hết ngày"), required=False)
    note = forms.CharField(label=_("Ghi chú"), max_length=300, required=False)


class TariffForm(forms.Form):
    """By which group a contract is billed from a day on."""

    group = forms.ChoiceField(label=_("Nhóm khách hàng"), choices=PriceGroup.choices)
    voltage = forms.ChoiceField(
        label=_("Cấp điện áp"), choices=Voltage.choices, initial=Voltage.BELOW_6,
        help_text=_("Hầu hết trường học, trụ sở phường dùng dưới 6 kV."),
    )  # fmt: skip
    time_of_use = forms.BooleanField(
        label=_("Tính theo giờ cao điểm, thấp điểm"), required=False,
        help_text=_("Chỉ nhóm kinh doanh, sản xuất; hóa đơn có ba dòng kWh."),
    )  # fmt: skip
    valid_from = DayField(label=_("Áp dụng từ ngày"))


class CollectorForm(forms.Form):
    """A machine at a site that reads devices."""

    name = forms.CharField(
        label=_("Tên máy"), max_length=150, help_text=_("Ví dụ: Máy thu thập phòng kỹ thuật.")
    )
    unit = UnitChoice(label=_("Đơn vị"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        unit.queryset = units_today()
