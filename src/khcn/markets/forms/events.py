"""The form of an event."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.markets.enums import EventKind


class EventForm(forms.Form):
    """What makes some days unlike the usual."""

    kind = forms.ChoiceField(label=_("Loại"), choices=EventKind.choices)
    title = forms.CharField(
        label=_("Tên sự kiện"), max_length=200, help_text=_("Ví dụ: Hội chợ hàng Việt, ngập sau mưa.")
    )
    starts_on = forms.DateField(label=_("Từ ngày"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(label=_("Đến hết ngày"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Ghi chú"), max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        """Check the order of the days."""
        found = super().clean() or {}
        first, last = found.get("starts_on"), found.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("Ngày kết thúc đứng trước ngày bắt đầu. Hãy sửa một trong hai ngày."))
        return found
