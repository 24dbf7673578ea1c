"""Forms about the force of legal documents."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.library.services.legal import Decision

DATE_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"]


class DayForm(forms.Form):
    """On which day? Asked by anybody on the page of a document."""

    ngay = forms.DateField(
        label=_("Ngày"),
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def day(self) -> date | None:
        """Return the day asked, None when it is none or out of reason."""
        found = self.cleaned_data.get("ngay") if self.is_valid() else None
        return found if isinstance(found, date) and 1900 <= found.year <= 2200 else None


class ProposalForm(forms.Form):
    """How an editor accepts a proposal: dates and part as they are right."""

    effective_date = forms.DateField(
        label=_("Từ ngày"),
        required=False,
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until_date = forms.DateField(
        label=_("Đến trước ngày"),
        required=False,
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    part = forms.CharField(
        label=_("Phần được nhắc đến"),
        required=False,
        max_length=500,
        help_text=_("Ví dụ: khoản 2 Điều 5. Để trống nếu là cả văn bản."),
    )
    end_target = forms.BooleanField(label=_("Ghi luôn ngày hết hiệu lực vào văn bản kia"), required=False)

    def decision(self) -> Decision:
        """Return what the editor decided; the form is valid."""
        data: dict[str, Any] = self.cleaned_data
        return Decision(data["effective_date"], data["until_date"], data["part"].strip(), data["end_target"])
