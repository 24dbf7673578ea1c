"""Forms of the register: a new document, its steps, the check of any file."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.orgs.models import Unit, User
from khcn.plan.enums import DocumentState, SigningMode
from khcn.plan.models import Document
from khcn.plan.rules.register import MOST_NUMBER, type_choices
from khcn.ui.fields import DayField

DOCX: Final = ".docx,application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class DocxForm(forms.Form):
    """One DOCX."""

    file = forms.FileField(
        label=_("Tệp Word (.docx)"), widget=forms.ClearableFileInput(attrs={"accept": DOCX}),
    )  # fmt: skip


class CheckForm(DocxForm):
    """A DOCX to look at; nothing is kept."""

    file = forms.FileField(
        label=_("Tệp Word (.docx)"), widget=forms.ClearableFileInput(attrs={"accept": DOCX}),
        help_text=_("Tệp chỉ được đọc để kiểm tra, không lưu lại trên máy chủ."),
    )  # fmt: skip


class DocumentForm(forms.Form):
    """A new document of the register."""

    fieldsets: Final = [
        (_("Văn bản"), "", ["file", "type_code", "subject", "agency", "drafting_unit", "symbol"]),
        (
            _("Người ký"),
            _("Có thể để trống, ghi sau khi ký."),
            ["signing_mode", "signer_position", "signer_name"],
        ),
        (_("Nơi nhận"), "", ["recipients"]),
    ]
    file = forms.FileField(
        label=_("Bản dự thảo (.docx)"), widget=forms.ClearableFileInput(attrs={"accept": DOCX}),
    )  # fmt: skip
    type_code = forms.ChoiceField(label=_("Loại văn bản"))
    subject = forms.CharField(
        label=_("Trích yếu"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Nội dung chính của văn bản, ví dụ: Kết quả thực hiện nhiệm vụ 6 tháng đầu năm."),
    )  # fmt: skip
    agency = forms.ModelChoiceField(label=_("Cơ quan ban hành"), queryset=Unit.objects.none())
    drafting_unit = forms.ModelChoiceField(
        label=_("Đơn vị soạn thảo"), queryset=Unit.objects.none(), required=False
    )
    symbol = forms.CharField(
        label=_("Ký hiệu"), max_length=40, help_text=_("Phần sau dấu gạch chéo, ví dụ BC-UBND.")
    )
    signing_mode = forms.ChoiceField(label=_("Hình thức ký"), required=False, choices=SigningMode.choices)
    signer_position = forms.CharField(label=_("Chức vụ người ký"), max_length=150, required=False)
    signer_name = forms.CharField(label=_("Họ tên người ký"), max_length=150, required=False)
    recipients = forms.CharField(
        label=_("Nơi nhận"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Mỗi nơi một dòng."),
    )  # fmt: skip

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type_code"].choices = type_choices()  # type: ignore[attr-defined]  # a ChoiceField
        for name in ("agency", "drafting_unit"):
            self.fields[name].queryset = units  # type: ignore[attr-defined]  # a ModelChoiceField

    def lines(self) -> list[str]:
        """Return the recipients."""
        return [line.strip() for line in str(self.cleaned_data["recipients"]).splitlines() if line.strip()]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Lý do"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class SignForm(forms.Form):
    """Who signed outside."""

    signer = forms.ModelChoiceField(
        label=_("Tài khoản người ký"), queryset=User.objects.none(), required=False,
        help_text=_("Để trống nếu người ký không có tài khoản; khi đó ghi họ tên."),
    )  # fmt: skip
    name = forms.CharField(label=_("Họ tên người ký"), max_length=150, required=False)
    position = forms.CharField(label=_("Chức vụ"), max_length=150, required=False)
    mode = forms.ChoiceField(label=_("Hình thức ký"), required=False, choices=SigningMode.choices)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signer"].queryset = people  # type: ignore[attr-defined]  # a ModelChoiceField


class NumberForm(forms.Form):
    """The number and the day of a document."""

    number = forms.IntegerField(
        label=_("Số"), min_value=1, max_value=MOST_NUMBER, required=False,
        help_text=_("Để trống để lấy số kế tiếp."),
    )  # fmt: skip
    dated = DayField(label=_("Ngày văn bản"))
    reason = forms.CharField(
        label=_("Lý do bỏ trống số"), max_length=500, required=False,
        help_text=_("Chỉ ghi khi số đã cấp ở nơi khác nên phải nhảy số."),
    )  # fmt: skip


class SignedForm(forms.Form):
    """The signed file."""

    file = forms.FileField(
        label=_("Bản đã ký (PDF)"), widget=forms.ClearableFileInput(attrs={"accept": ".pdf,application/pdf"}),
        help_text=_("Gắn một lần, không thay được. Hệ thống lưu mã SHA-256 của tệp."),
    )  # fmt: skip


class ReplaceForm(ReasonForm):
    """Which document takes the place of this one."""

    by = forms.ModelChoiceField(label=_("Văn bản thay thế"), queryset=Document.objects.none())
    field_order = ("by", "reason")

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        issued = Document.objects.filter(agency_id=document.agency_id, state=DocumentState.ISSUED)
        self.fields["by"].queryset = issued.exclude(pk=document.pk)[:200]  # type: ignore[attr-defined]
