"""Forms of certificates: what they say and who gets one, the decision's number, reasons. Rules live in services."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from khcn.programmes.models.registrations import Registration
from khcn.programmes.services.certificates import BatchText
from khcn.ui.fields import DayField


class BatchForm(forms.Form):
    """A batch; the people stand below as boxes with the name to print beside each."""

    title = forms.CharField(label=gettext_lazy("Tên giấy"), max_length=80)
    text = forms.CharField(
        label=gettext_lazy("Nội dung chứng nhận"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("In dưới tên người, ví dụ: Đã hoàn thành lớp tập huấn…, 5 buổi."),
    )  # fmt: skip
    place = forms.CharField(label=gettext_lazy("Nơi ký"), max_length=60, required=False)
    signer_position = forms.CharField(label=gettext_lazy("Chức vụ người ký"), max_length=150)
    signer_name = forms.CharField(label=gettext_lazy("Họ tên người ký"), max_length=100)

    def values(self) -> BatchText:
        """Return what was entered."""
        return BatchText(**self.cleaned_data)


class NumberForm(forms.Form):
    """Number and day of the decision."""

    decision_number = forms.CharField(
        label=gettext_lazy("Số quyết định"), max_length=60, help_text=gettext_lazy("Ví dụ 123/QĐ-UBND.")
    )
    decision_date = DayField(label=gettext_lazy("Ngày quyết định"))


class ReasonForm(forms.Form):
    """Why something is returned or taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Lý do"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class CodeForm(forms.Form):
    """A code that somebody types."""

    ma = forms.CharField(
        label=gettext_lazy("Mã trên giấy chứng nhận"), max_length=40,
        help_text=gettext_lazy("12 chữ và số, viết hoa hay thường, có hay không có dấu cách đều được."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip


def chosen_people(data: Any, rows: Sequence[Registration]) -> dict[int, str]:
    """Return the ticked registrations of a posted form with the names to print."""
    ticked = set(data.getlist("nguoi"))
    known = {str(row.pk): row.pk for row in rows}
    return {
        known.get(one, int(one) if one.isascii() and one.isdigit() and len(one) < 12 else 0): data.get(
            f"ten-{one}", ""
        )[:150]
        for one in ticked
    }
