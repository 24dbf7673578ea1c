"""The form of a request that came on paper; its items stand in rows below."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from khcn.orgs.enums import PartyKind
from khcn.orgs.models import Unit
from khcn.programmes.enums import Audience
from khcn.programmes.forms.support import AREA, UnitPick
from khcn.programmes.models.support import SupportCall
from khcn.programmes.rules.support import Line
from khcn.programmes.services.support_paper import PaperRequest
from khcn.programmes.services.support_requests import Asker
from khcn.ui.fields import DayField


class CallPick(forms.ModelChoiceField[SupportCall]):
    """One call."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the call."""
        return str(obj)


class PaperForm(forms.Form):
    """Who asks, and what for, as it stands on the paper."""

    call = CallPick(
        label=gettext_lazy("Đợt"), queryset=SupportCall.objects.none(), empty_label=gettext_lazy("Chọn đợt")
    )
    received_on = DayField(label=gettext_lazy("Ngày nhận giấy"))
    organisation = forms.CharField(label=gettext_lazy("Tên trường, doanh nghiệp, tổ chức"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Loại"), choices=PartyKind.choices, widget=forms.RadioSelect)
    unit = UnitPick(
        label=gettext_lazy("Địa bàn"), queryset=Unit.objects.none(), required=False, empty_label=gettext_lazy("Chưa rõ")
    )  # fmt: skip
    registration_code = forms.CharField(
        label=gettext_lazy("Mã số thuế hoặc mã trường"), max_length=40, required=False
    )
    organisation_address = forms.CharField(label=gettext_lazy("Địa chỉ"), max_length=300, required=False)
    contact_name = forms.CharField(label=gettext_lazy("Họ tên người liên hệ"), max_length=150)
    address = forms.CharField(
        label=gettext_lazy("Số điện thoại hoặc thư điện tử"), max_length=254, required=False,
        help_text=gettext_lazy("Có thì kết quả và đường dẫn theo dõi được gửi đến đây. Không có thì báo bằng giấy."),
    )  # fmt: skip
    purpose = forms.CharField(label=gettext_lazy("Dùng để làm gì"), max_length=5000, widget=AREA)
    audience = forms.ChoiceField(
        label=gettext_lazy("Phục vụ cho"), choices=[("", gettext_lazy("Chọn đối tượng")), *Audience.choices]
    )
    scan = forms.FileField(label=gettext_lazy("Bản chụp giấy đề nghị (PDF, ảnh)"), required=False)
    agreed = forms.BooleanField(
        label=gettext_lazy("Người liên hệ đã ký đồng ý trên giấy để đơn vị ghi thông tin liên hệ này.")
    )
    client_key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, calls: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("call", calls), ("unit", units)):
            field: Any = self.fields[name]
            field.queryset = rows

    def paper(self, lines: list[Line]) -> PaperRequest:
        """Return what was entered."""
        data = self.cleaned_data
        asker = Asker(
            organisation=data["organisation"], kind=data["kind"], contact_name=data["contact_name"],
            registration_code=data["registration_code"], address=data["organisation_address"], unit=data["unit"],
        )  # fmt: skip
        return PaperRequest(
            asker=asker, contact_address=data["address"], received_on=data["received_on"], purpose=data["purpose"],
            audience=data["audience"], lines=lines, agreed=data["agreed"],
        )  # fmt: skip
