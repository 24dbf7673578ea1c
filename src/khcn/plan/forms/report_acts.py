"""Small forms around a report."""

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.ui.fields import DayField


class ExceptionForm(forms.Form):
    """Until when a unit may hand in late, and why."""

    until = DayField(label=_("Được nộp đến hết ngày"))
    reason = forms.CharField(
        label=_("Lý do"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Hiện trong bảng theo dõi và trong nhật ký."),
    )  # fmt: skip


class FileForm(forms.Form):
    """One attachment."""

    file = forms.FileField(
        label=_("Thêm tệp kèm"), help_text=_("PDF, Word, Excel hoặc ảnh, mỗi tệp tối đa 20 MB.")
    )
