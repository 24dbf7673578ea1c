"""Forms of a market: its details, and its opening hours as one row a weekday (two spans a day at most)."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.engines.text.slug import slugify_vi
from khcn.markets.forms.boxes import UnitChoice, units_today
from khcn.markets.models import Market
from khcn.markets.rules.hours import OpenSpan
from khcn.markets.words import weekdays

TIME = {"type": "time"}


class MarketForm(forms.Form):
    """``market``: the one that is changed; its key and unit stay (the address and the rights hang on them)."""

    name = forms.CharField(label=gettext_lazy("Tên chợ"), max_length=150)
    key = forms.CharField(
        label=gettext_lazy("Mã trong địa chỉ"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Để trống: lấy từ tên. Đặt một lần, không đổi."),
    )
    unit = UnitChoice(label=gettext_lazy("Đơn vị quản lý"))
    address = forms.CharField(label=gettext_lazy("Địa chỉ"), max_length=300, required=False)
    capacity = forms.IntegerField(
        label=gettext_lazy("Sức chứa (người)"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=gettext_lazy("Số người cùng lúc mà chợ chứa thoải mái; quá số này thì báo đông."),
    )
    floor_width_m = forms.DecimalField(
        label=gettext_lazy("Chiều ngang mặt bằng (m)"),
        min_value=0,
        max_digits=6,
        decimal_places=2,
        required=False,
    )
    floor_depth_m = forms.DecimalField(
        label=gettext_lazy("Chiều sâu mặt bằng (m)"),
        min_value=0,
        max_digits=6,
        decimal_places=2,
        required=False,
    )
    is_public = forms.BooleanField(label=gettext_lazy("Có trang công khai"), required=False)
    public_minimum = forms.IntegerField(
        label=gettext_lazy("Ngưỡng che số nhỏ"),
        min_value=2,
        max_value=1000,
        initial=10,
        help_text=gettext_lazy("Trang công khai không hiện giờ có ít lượt khách hơn số này."),
    )

    fieldsets = [
        (gettext_lazy("Chợ"), "", ["name", "key", "unit", "address"]),
        (gettext_lazy("Mặt bằng"), "", ["capacity", "floor_width_m", "floor_depth_m"]),
        (gettext_lazy("Trang công khai"), "", ["is_public", "public_minimum"]),
    ]

    def __init__(self, *args: Any, market: Market | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        unit.queryset = units_today()
        if market:
            del self.fields["key"], self.fields["unit"]

    def clean_key(self) -> str:
        """Make the key from the name where none is given."""
        return (
            str(self.cleaned_data.get("key") or "")
            or slugify_vi(str(self.cleaned_data.get("name") or ""))[:60]
        )

    def values(self) -> dict[str, Any]:
        """Return the fields that the services take beside name, key and unit."""
        names = ("address", "capacity", "floor_width_m", "floor_depth_m", "is_public", "public_minimum")
        return {name: self.cleaned_data[name] for name in names}


class HoursForm(forms.Form):
    """When a market is open: two spans a weekday (the second for after a break at noon); empty: closed."""

    valid_from = forms.DateField(
        label=gettext_lazy("Áp dụng từ ngày"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=gettext_lazy("Để trống: cho cả các ngày đã qua. Có ngày: các ngày trước giữ giờ cũ."),
    )

    def __init__(self, *args: Any, spans: list[OpenSpan] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held: dict[int, list[OpenSpan]] = {}
        for span in spans or []:
            held.setdefault(span.weekday, []).append(span)
        for day, name in enumerate(weekdays()):
            for part in (0, 1):
                found = held.get(day, [])[part] if len(held.get(day, [])) > part else None
                for side, label in (("opens", _("mở cửa")), ("closes", _("đóng cửa"))):
                    words = (
                        f"{name}: {label}"
                        if part == 0
                        else _("%(day)s, buổi sau: %(label)s") % {"day": name, "label": label}
                    )
                    self.fields[f"{side}_{day}_{part}"] = forms.TimeField(
                        label=words,
                        required=False,
                        initial=getattr(found, side) if found else None,
                        widget=forms.TimeInput(TIME, "%H:%M"),
                    )

    def rows(self) -> list[tuple[str, list[tuple[Any, Any]]]]:
        """Return the fields by weekday, for the table of the page."""
        return [
            (name, [(self[f"opens_{day}_{part}"], self[f"closes_{day}_{part}"]) for part in (0, 1)])
            for day, name in enumerate(weekdays())
        ]

    def clean(self) -> dict[str, Any]:
        """Both ends or none."""
        data = super().clean() or self.cleaned_data
        for day in range(7):
            for part in (0, 1):
                opens, closes = data.get(f"opens_{day}_{part}"), data.get(f"closes_{day}_{part}")
                if (opens is None) != (closes is None) and not self.errors:
                    self.add_error(
                        f"closes_{day}_{part}", _("Hãy ghi cả giờ mở và giờ đóng, hoặc để trống cả hai.")
                    )
        return data

    def spans(self) -> list[OpenSpan]:
        """Return what was filled in."""
        found = []
        for day in range(7):
            for part in (0, 1):
                opens: time | None = self.cleaned_data[f"opens_{day}_{part}"]
                closes: time | None = self.cleaned_data[f"closes_{day}_{part}"]
                if opens is not None and closes is not None:
                    found.append(OpenSpan(day, opens, closes))
        return found
