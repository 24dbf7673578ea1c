"""Small forms of the set-up: a recording, a reason to look, a count."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.markets.models import Gate
from khcn.markets.services.reviews import MOST


class ClipForm(forms.Form):
    """A recording to test the drawing on."""

    clip = forms.FileField(
        label=_("Đoạn ghi hình"),
        help_text=_("MP4, MKV, AVI hoặc TS, vài phút lúc đông khách, xuất từ chính camera này."),
        widget=forms.ClearableFileInput(attrs={"accept": ".mp4,.mkv,.avi,.ts,.mov,.m4v,.webm,.mts,.m2ts"}),
    )


class PreviewForm(forms.Form):
    """Why somebody looks."""

    reason = forms.CharField(
        label=_("Lý do xem"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Ví dụ: camera báo bị xoay lệch, cần xem để chỉnh lại vạch."),
    )


class CountForm(forms.Form):
    """What a reviewer counted in an hour."""

    true_in = forms.IntegerField(label=_("Số lượt vào bạn đếm được"), min_value=0, max_value=MOST)
    true_out = forms.IntegerField(label=_("Số lượt ra bạn đếm được"), min_value=0, max_value=MOST)
    note = forms.CharField(label=_("Ghi chú"), max_length=300, required=False)


class SittingForm(CountForm):
    """A count by hand over some minutes. Times are those of the wall clock here."""

    gate = forms.ModelChoiceField(label=_("Cửa"), queryset=Gate.objects.none(), empty_label=None)
    start = forms.DateTimeField(
        label=_("Bắt đầu"), widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    )
    end = forms.DateTimeField(
        label=_("Kết thúc"), widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    )
    clicked = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ("gate", "start", "end", "true_in", "true_out", "note")

    def __init__(self, *args: Any, gates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["gate"]
        field.queryset = gates
        self.initial["gate"] = self.initial.get("gate") or gates.first()
