"""Forms of versions on the desk: what changed, new files, which file they replace."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.library.forms.works import ManyFilesField, ManyFilesInput


class VersionForm(forms.Form):
    """A new version: what changed, and the files that come with it."""

    note = forms.CharField(
        label=_("Có gì thay đổi"),
        help_text=_("Một hai câu cho người đã trích dẫn bản cũ, ví dụ: thay bảng 2 bằng số liệu năm 2025."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
    documents = ManyFilesField(
        label=_("Tệp mới"),
        help_text=_("Tệp cũ vẫn được giữ ở bản cũ."),
        widget=ManyFilesInput,
        required=False,
    )
    replaces = forms.TypedChoiceField(
        label=_("Thay cho tệp"), required=False, coerce=int, empty_value=None, choices=[]
    )
    expected = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, files: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["replaces"]
        field.choices = [("", _("Không thay, thêm vào")), *files]

    def clean_documents(self) -> list[Any]:
        """Return the files; none chosen is an empty list."""
        return [file for file in self.cleaned_data["documents"] if file]


class CorrectionForm(forms.Form):
    """A small correction inside the present version."""

    note = forms.CharField(
        label=_("Đã sửa gì"), help_text=_("Ví dụ: sửa lỗi chính tả trong tóm tắt."), max_length=500
    )
    expected = forms.IntegerField(widget=forms.HiddenInput)
