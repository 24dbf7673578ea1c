"""Forms of exhibitions. They shape input; rules live in services."""

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.programmes.human import HumanForm
from khcn.programmes.models.exhibitions import Exhibitor, Product
from khcn.programmes.rules.exhibitions import ExhibitorKind, ExhibitorText, Place
from khcn.programmes.services.exhibitions_products import ProductText, record_address
from khcn.ui.fields import FilesField, FilesInput, WholeField

PICTURE = "image/png,image/jpeg,image/webp"


def new_key() -> str:
    """Return what makes a form sent twice one deed."""
    return secrets.token_hex(16)


class ExhibitorForm(forms.Form):
    """What an exhibitor says about itself."""

    name = forms.CharField(label=_("Tên đơn vị, trường, nhóm trưng bày"), max_length=200)
    kind = forms.ChoiceField(label=_("Bạn là"), choices=ExhibitorKind.choices)
    text = forms.CharField(
        label=_("Giới thiệu ngắn (mọi người đọc được)"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Không ghi tên hay số điện thoại riêng của ai ở đây."),
    )  # fmt: skip
    website = forms.CharField(
        label=_("Trang mạng"),
        max_length=300,
        required=False,
        help_text=_("Bắt đầu bằng https://, ví dụ https://vidu.vn."),
    )
    contact_name = forms.CharField(
        label=_("Người phụ trách"), max_length=150, required=False, help_text=_("Chỉ ban tổ chức thấy.")
    )

    def exhibitor(self) -> ExhibitorText:
        """Return what was entered."""
        data = self.cleaned_data
        return ExhibitorText(data["name"], data["kind"], data["text"], data["website"], data["contact_name"])

    @staticmethod
    def initial_of(row: Exhibitor) -> dict[str, Any]:
        """Return what is there."""
        return {name: getattr(row, name) for name in ("name", "kind", "text", "website", "contact_name")}


class ApplyForm(HumanForm, ExhibitorForm):
    """The application; ``website`` is the trap of the human check, so the site's address is ``site`` here."""

    site = forms.CharField(label=_("Trang mạng"), max_length=300, required=False)
    address = forms.CharField(
        label=_("Số điện thoại hoặc thư điện tử"), max_length=254,
        help_text=_("Chúng tôi gửi mã xác nhận tới đây. Chỉ ban tổ chức thấy."),
    )  # fmt: skip
    agreed = forms.BooleanField(
        label=_("Tôi đồng ý để ban tổ chức dùng thông tin liên hệ này để tổ chức trưng bày")
    )
    client_key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    field_order = ("name", "kind", "text", "site", "contact_name", "address", "agreed", "human")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["website"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.initial.setdefault("client_key", new_key())

    def exhibitor(self) -> ExhibitorText:
        """Return what was entered."""
        data = self.cleaned_data
        return ExhibitorText(data["name"], data["kind"], data["text"], data["site"], data["contact_name"])


class WriteInForm(ExhibitorForm):
    """An exhibitor that the organisers enter."""

    address = forms.CharField(label=_("Số điện thoại hoặc thư điện tử"), max_length=254, required=False)


class CodeForm(forms.Form):
    """The six digits."""

    code = forms.CharField(
        label=_("Mã gồm 6 chữ số"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class ProductForm(forms.Form):
    """A product with its pictures."""

    title = forms.CharField(label=_("Tên sản phẩm, tác phẩm"), max_length=200)
    text = forms.CharField(
        label=_("Mô tả"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    pictures = FilesField(
        label=_("Ảnh"), required=False, widget=FilesInput(attrs={"accept": PICTURE}),
        help_text=_("Nhiều nhất 4 ảnh. Chụp sản phẩm, không chụp mặt học sinh. Nơi chụp ghi trong ảnh được xóa khi lưu."),
    )  # fmt: skip
    by_pupils = forms.BooleanField(label=_("Do học sinh làm"), required=False)
    makers = forms.CharField(
        label=_("Tên người làm (nếu muốn hiện)"), max_length=300, required=False,
        help_text=_("Tên và ảnh sản phẩm của học sinh chỉ hiện khi có đủ hai ô đồng ý dưới đây."),
    )  # fmt: skip
    child = forms.BooleanField(label=_("Các học sinh đã đồng ý công bố"), required=False)
    guardian = forms.BooleanField(label=_("Cha mẹ hoặc người giám hộ đã đồng ý công bố"), required=False)
    record = forms.CharField(
        label=_("Tài liệu trong thư viện"),
        max_length=500,
        required=False,
        help_text=_("Chép địa chỉ trang của tài liệu trong thư viện vào đây; để trống nếu không có."),
    )
    client_key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def product(self) -> ProductText:
        """Return what was entered."""
        return ProductText(
            **{
                name: value
                for name, value in self.cleaned_data.items()
                if name not in {"pictures", "client_key"}
            }
        )

    @staticmethod
    def initial_of(row: Product, given: set[str]) -> dict[str, Any]:
        """Return what is there."""
        held = {name: getattr(row, name) for name in ("title", "text", "makers", "by_pupils", "record")}
        held["record"] = record_address(row.record)
        return held | {"child": "child" in given, "guardian": "guardian" in given}


class ContactForm(HumanForm):
    """What a visitor leaves for one exhibitor."""

    name = forms.CharField(label=_("Tên bạn"), max_length=150)
    address = forms.CharField(label=_("Số điện thoại hoặc thư điện tử"), max_length=254)
    message = forms.CharField(
        label=_("Bạn quan tâm điều gì"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    wants_meeting = forms.BooleanField(label=_("Tôi muốn hẹn gặp"), required=False)
    agreed = forms.BooleanField(
        label=_("Tôi đồng ý đưa tên và địa chỉ liên hệ này cho đơn vị trưng bày nói trên"), required=False
    )
    client_key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    field_order = ("name", "address", "message", "wants_meeting", "agreed", "human")


class WishForm(forms.Form):
    """One exhibitor asks another for a talk."""

    exhibitor = forms.ModelChoiceField(
        label=_("Đơn vị muốn gặp"), queryset=Exhibitor.objects.none(), empty_label=_("Chọn đơn vị")
    )
    message = forms.CharField(label=_("Muốn trao đổi điều gì"), max_length=1000, required=False)
    agreed = forms.BooleanField(
        label=_("Tôi đồng ý đưa thông tin liên hệ của mình cho đơn vị này"), required=False
    )

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["exhibitor"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # tells the type checker
        field.queryset = choices


class DecideForm(forms.Form):
    """The organisers' answer."""

    answer = forms.CharField(
        label=_("Lời nhắn gửi đơn vị"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Bắt buộc khi không nhận."),
    )  # fmt: skip


class PlanForm(forms.Form):
    """A plan: rows and columns of booths, on a picture or none."""

    title = forms.CharField(label=_("Tên sơ đồ"), max_length=150)
    columns = WholeField(label=_("Số gian mỗi hàng"), min_value=0, max_value=20, initial=6)
    rows = WholeField(label=_("Số hàng"), min_value=0, max_value=20, initial=3)
    picture = forms.FileField(
        label=_("Ảnh mặt bằng"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": PICTURE}),
    )


class BoothForm(forms.Form):
    """A booth: its number, place and exhibitor."""

    number = forms.CharField(label=_("Số gian"), max_length=12)
    exhibitor = forms.ModelChoiceField(
        label=_("Đơn vị trưng bày"),
        queryset=Exhibitor.objects.none(),
        required=False,
        empty_label=_("Còn trống"),
    )
    x = WholeField(label=_("Cách mép trái (%)"), min_value=0, max_value=100)
    y = WholeField(label=_("Cách mép trên (%)"), min_value=0, max_value=100)
    w = WholeField(label=_("Rộng (%)"), min_value=1, max_value=100)
    h = WholeField(label=_("Cao (%)"), min_value=1, max_value=100)

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["exhibitor"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # tells the type checker
        field.queryset = choices

    def place(self) -> Place:
        """Return where it stands."""
        data = self.cleaned_data
        return Place(data["number"], data["x"], data["y"], data["w"], data["h"])


class SheetForm(forms.Form):
    """A filled sheet."""

    file = forms.FileField(
        label=_("Tệp Excel hoặc CSV đã điền"), widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"})
    )
