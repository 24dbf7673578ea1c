"""Forms of the catalogue: a file to bring in, how to bring it in, a name, joining and parting names."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.library.enums import AuthorityKind
from khcn.library.forms.works import LinesField, unit_choices
from khcn.library.models import Authority, Collection, Work


class CatalogueUploadForm(forms.Form):
    """A file of catalogue records."""

    file = forms.FileField(
        label=_("Tệp danh mục"),
        help_text=_(
            "MARC 21 (.mrc), MARCXML (.xml) hoặc bảng Excel theo mẫu (.xlsx). Chữ TCVN3, VNI cũ được tự đổi."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".mrc,.marc,.xml,.xlsx,.txt,.iso"}),
    )
    unit = forms.TypedChoiceField(
        label=_("Tài liệu mới thuộc đơn vị"), coerce=int, required=False, empty_value=None
    )
    collection = forms.ModelChoiceField(
        label=_("Xếp tài liệu mới vào bộ sưu tập"),
        queryset=Collection.objects.all(),
        required=False,
        empty_label=_("Như trong tệp"),
    )

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.choices = [("", _("Không thuộc đơn vị nào")), *unit_choices(units)]


class CatalogueConfirmForm(forms.Form):
    """How a file is brought in."""

    publish = forms.BooleanField(
        label=_("Đăng ngay tài liệu mới"),
        required=False,
        help_text=_("Không chọn: tài liệu mới chờ duyệt như khi gửi qua biểu mẫu."),
    )
    doubles = forms.BooleanField(
        label=_("Nhập cả những bản ghi có thể trùng"),
        required=False,
        help_text=_("Chỉ chọn khi bạn đã xem danh sách bên dưới và chắc đó là tài liệu khác."),
    )


class AuthorityForm(forms.Form):
    """A name and what is known of who bears it."""

    heading = forms.CharField(label=_("Tên"), max_length=300)
    kind = forms.ChoiceField(label=_("Loại"), choices=AuthorityKind.choices, widget=forms.RadioSelect)
    qualifier = forms.CharField(
        label=_("Để phân biệt"),
        max_length=120,
        required=False,
        help_text=_("Chỉ khi có người trùng tên, ví dụ: kỹ sư điện."),
    )
    dates = forms.CharField(
        label=_("Năm sinh, năm mất"),
        max_length=60,
        required=False,
        help_text=_("Ví dụ: 1970- hoặc 1920-1998."),
    )
    variants = LinesField(
        label=_("Cách viết khác"), required=False, help_text=_("Mỗi dòng một cách viết, bút danh, tên cũ.")
    )
    orcid = forms.CharField(
        label="ORCID", max_length=60, required=False, help_text=_("Ví dụ: 0000-0002-1825-0097.")
    )
    isni = forms.CharField(label="ISNI", max_length=60, required=False)
    viaf = forms.CharField(label="VIAF", max_length=60, required=False)
    note = forms.CharField(
        label=_("Ghi chú"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Người đọc thấy ghi chú này."),
    )  # fmt: skip


class MergeForm(forms.Form):
    """Into which other name this one goes; the page finds it by its words."""

    target = forms.ModelChoiceField(
        label=_("Gộp vào tên"),
        queryset=Authority.objects.filter(merged_into__isnull=True),
        widget=forms.HiddenInput,
    )


class SplitForm(forms.Form):
    """Which works are somebody else's of the same name."""

    qualifier = forms.CharField(
        label=_("Điều phân biệt người kia"), max_length=120, help_text=_("Ví dụ: kỹ sư điện, sinh 1985.")
    )
    works = forms.ModelMultipleChoiceField(
        label=_("Tài liệu của người kia"), queryset=Work.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, works: list[Work], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["works"]
        field.queryset = Work.objects.filter(pk__in=[work.pk for work in works]).order_by("-id")
