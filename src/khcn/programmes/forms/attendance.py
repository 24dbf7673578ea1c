"""Forms of attendance: guests, a headcount, a link for a phone, a filled list."""

from django import forms
from django.utils.translation import gettext_lazy

from khcn.programmes.enums import Audience, Sex
from khcn.ui.fields import WholeField


class WalkInForm(forms.Form):
    """People without registration."""

    count = WholeField(label=gettext_lazy("Số người"), min_value=1, max_value=5000)
    name = forms.CharField(label=gettext_lazy("Họ và tên"), max_length=150, required=False)
    organisation = forms.CharField(
        label=gettext_lazy("Nơi làm việc, học tập"), max_length=200, required=False
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("Đối tượng"),
        choices=[("", gettext_lazy("Không rõ")), *Audience.choices],
        required=False,
    )
    sex = forms.ChoiceField(
        label=gettext_lazy("Giới tính"),
        choices=[("", gettext_lazy("Không ghi")), *Sex.choices],
        required=False,
    )
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)


class HeadcountForm(forms.Form):
    """How many were counted, without names."""

    headcount = WholeField(
        label=gettext_lazy("Số người đếm được"), min_value=0, max_value=5000, required=False,
        help_text=gettext_lazy("Đếm cả phòng, không cần tên. Để trống nếu không đếm."),
    )  # fmt: skip


class LinkForm(forms.Form):
    """For whom a link is."""

    label = forms.CharField(label=gettext_lazy("Giao cho ai, ở cửa nào"), max_length=100, required=False)


class FileForm(forms.Form):
    """A filled list."""

    file = forms.FileField(label=gettext_lazy("Tệp đã điền (.xlsx; danh sách thì cả .csv)"))
