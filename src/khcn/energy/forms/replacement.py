"""The form of a replaced meter."""

from datetime import datetime, tzinfo
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khcn.energy.forms.fields import NumberField


class ReplacementForm(forms.Form):
    """When the meter was changed and what both meters said. ``zone``: in which the moment is meant."""

    at = forms.DateTimeField(
        label=_("Thay lúc"),
        help_text=_("Giờ tại công trình. Nếu không nhớ giờ, ghi giờ máy thấy chỉ số đổi."),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", "%H:%M %d/%m/%Y"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    old_value = NumberField(label=_("Chỉ số cuối của công tơ cũ (kWh)"), required=False, lowest=0, unit="kWh")
    new_value = NumberField(label=_("Chỉ số đầu của công tơ mới (kWh)"), required=False, lowest=0, unit="kWh")
    note = forms.CharField(
        label=_("Ghi chú"),
        max_length=300,
        required=False,
        help_text=_("Ví dụ: biên bản thay công tơ số 12 ngày 05/03."),
    )

    def __init__(self, *args: Any, zone: tzinfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = zone

    def clean_at(self) -> datetime:
        """Return the moment in the site's zone."""
        found: datetime = self.cleaned_data["at"]
        wall = timezone.make_naive(found) if timezone.is_aware(found) else found
        return wall.replace(tzinfo=self._zone)

    def clean(self) -> dict[str, Any]:
        """Give plain floats to the service."""
        found = super().clean() or {}
        for name in ("old_value", "new_value"):
            if found.get(name) is not None:
                found[name] = float(found[name])
        return found
