"""The form of a take-down request."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.library.enums import TakedownReason


class TakedownForm(forms.Form):
    """What is wrong, and how to answer. ``website`` is a trap that people never see and robots fill."""

    reason = forms.ChoiceField(
        label=_("Vì sao bạn báo"), choices=TakedownReason.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("Nội dung"),
        help_text=_("Nói rõ trang nào, câu nào; nếu là quyền tác giả, cho biết tác phẩm gốc ở đâu."),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=5000,
    )
    name = forms.CharField(
        label=_("Họ tên của bạn"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    contact = forms.CharField(
        label=_("Thư điện tử hoặc điện thoại"),
        help_text=_("Chỉ thủ thư xem được, để trả lời bạn."),
        max_length=200,
    )
    website = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def is_robot(self) -> bool:
        """Whether the trap was filled."""
        return bool(self.cleaned_data.get("website"))

    def request_fields(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: self.cleaned_data[name] for name in ("reason", "text", "name", "contact")}
