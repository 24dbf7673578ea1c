"""Forms of support: the public request in two steps, and what officials enter. They shape input; rules live in services."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.numbers import NumberFormatError, parse_money
from khcn.orgs.enums import PartyKind
from khcn.orgs.models import Party, Unit
from khcn.programmes.enums import AssetState, Audience
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.human import HumanForm
from khcn.programmes.models.support import Asset
from khcn.programmes.rules.support import Grant, Line
from khcn.programmes.services.support_handover import Deed
from khcn.ui.fields import DayField, FilesField, MoneyField, WholeField

AREA: Final = forms.Textarea(attrs={"rows": 4})
ROW_FIELDS: Final = ("name", "specification", "unit", "quantity", "price", "source")


class UnitPick(forms.ModelChoiceField[Unit]):
    """One unit."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the unit."""
        return str(obj.name)


class AddressForm(HumanForm):
    """Step one: where the code goes."""

    address = forms.CharField(
        label=gettext_lazy("Số điện thoại hoặc thư điện tử của người liên hệ"), max_length=254,
        help_text=gettext_lazy("Chúng tôi gửi mã xác nhận đến đây. Kết quả cũng được báo về đây."),
    )  # fmt: skip
    field_order = ("address", "human")


class AskerForm(forms.Form):
    """Step two: the code, and who asks."""

    address = forms.CharField(widget=forms.HiddenInput, max_length=254)
    client_key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    code = forms.CharField(
        label=gettext_lazy("Mã xác nhận 6 số"), max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip
    organisation = forms.CharField(label=gettext_lazy("Tên trường, doanh nghiệp, tổ chức"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Loại"), widget=forms.RadioSelect)
    registration_code = forms.CharField(
        label=gettext_lazy("Mã số thuế hoặc mã trường"), max_length=40, required=False
    )
    organisation_address = forms.CharField(label=gettext_lazy("Địa chỉ"), max_length=300, required=False)
    contact_name = forms.CharField(label=gettext_lazy("Họ tên người liên hệ"), max_length=150)
    agree = forms.BooleanField(
        label=gettext_lazy("Tôi đồng ý để đơn vị tổ chức ghi thông tin liên hệ này để giải quyết đề nghị.")
    )

    def __init__(self, *args: Any, kinds: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # tells the type checker
        field.choices = [(one.value, one.label) for one in PartyKind if not kinds or one.value in kinds]


class PurposeForm(forms.Form):
    """What it is for; the items stand in rows beside."""

    purpose = forms.CharField(
        label=gettext_lazy("Dùng để làm gì"), max_length=5000, widget=AREA, required=False
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("Phục vụ cho"), choices=[("", "–"), *Audience.choices], required=False
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class FilesForm(forms.Form):
    """Quotations and papers."""

    uploads = FilesField(label=gettext_lazy("Báo giá, giấy tờ (PDF, Word, Excel, ảnh)"))


class SheetForm(forms.Form):
    """A filled sheet of items."""

    sheet = forms.FileField(
        label=gettext_lazy("Bảng đã điền (.xlsx hoặc .csv)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )  # fmt: skip


class ResultForm(forms.Form):
    """What came of it."""

    text = forms.CharField(label=gettext_lazy("Kết quả sử dụng"), max_length=10_000, widget=AREA)
    people = WholeField(label=gettext_lazy("Số người đã dùng"), required=False, min_value=0)
    uploads = FilesField(
        label=gettext_lazy("Ảnh, tệp"), required=False,
        help_text=gettext_lazy("Chụp thiết bị, sản phẩm; không chụp rõ mặt học sinh."),
    )  # fmt: skip


class CallForm(forms.Form):
    """The rules of a call."""

    is_open = forms.BooleanField(label=gettext_lazy("Đang nhận đề nghị"), required=False)
    task_code = forms.CharField(label=gettext_lazy("Mã nhiệm vụ của kế hoạch"), max_length=40, required=False)
    budget_year = forms.IntegerField(
        label=gettext_lazy("Năm ngân sách"), required=False, min_value=2000, max_value=2100
    )
    most_vnd = MoneyField(label=gettext_lazy("Mỗi đề nghị nhiều nhất"), required=False, positive=True)
    limit_vnd = MoneyField(label=gettext_lazy("Trưởng đơn vị đầu mối được duyệt đến"))
    apart_months = WholeField(
        label=gettext_lazy("Cách lần được hỗ trợ trước (tháng)"), min_value=0, max_value=120
    )
    party_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Ai được đề nghị"), choices=PartyKind.choices, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("Không chọn gì: mọi tổ chức."),
    )  # fmt: skip


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("Lý do"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class NoteForm(forms.Form):
    """What one adds."""

    note = forms.CharField(
        label=gettext_lazy("Ý kiến"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PlaceForm(forms.Form):
    """Which area and organisation a request belongs to."""

    unit = UnitPick(
        label=gettext_lazy("Địa bàn"), queryset=Unit.objects.none(), required=False, empty_label=gettext_lazy("Chưa rõ")
    )  # fmt: skip
    party = forms.ModelChoiceField(
        label=gettext_lazy("Tổ chức trong sổ"), queryset=Party.objects.none(), required=False,
        empty_label=gettext_lazy("Không gắn"),
        help_text=gettext_lazy("Chỉ hiện tổ chức trùng tên hoặc trùng mã số."),
    )  # fmt: skip

    def __init__(self, *args: Any, units: Any, parties: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("unit", units), ("party", parties)):
            field: Any = self.fields[name]
            field.queryset = rows


class HandoverForm(forms.Form):
    """One hand-over; quantities stand in rows beside."""

    handed_on = DayField(label=gettext_lazy("Ngày bàn giao"))
    place = forms.CharField(label=gettext_lazy("Nơi bàn giao"), max_length=200)
    giver = forms.CharField(label=gettext_lazy("Bên giao (họ tên, chức vụ)"), max_length=200)
    receiver = forms.CharField(label=gettext_lazy("Bên nhận (họ tên, chức vụ)"), max_length=200)
    amount = MoneyField(
        label=gettext_lazy("Số tiền thanh toán"), required=False, positive=True,
        help_text=gettext_lazy("Để trống: tính theo số lượng và giá đã duyệt."),
    )  # fmt: skip
    invoice = forms.CharField(label=gettext_lazy("Số hóa đơn, chứng từ"), max_length=120, required=False)
    photo = forms.FileField(
        label=gettext_lazy("Ảnh bàn giao"), required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("Ghi chú"), max_length=500, required=False)
    client_key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def deed(self, quantities: Mapping[int, int]) -> Deed:
        """Return what was entered."""
        data = {
            name: value for name, value in self.cleaned_data.items() if name not in {"photo", "client_key"}
        }
        return Deed(quantities=quantities, **data)


class AssetForm(forms.Form):
    """A new thing."""

    name = forms.CharField(label=gettext_lazy("Tên thiết bị"), max_length=200)
    serial = forms.CharField(label=gettext_lazy("Mã, số sê-ri"), max_length=60)
    unit = UnitPick(label=gettext_lazy("Đơn vị quản lý"), queryset=Unit.objects.none())
    condition = forms.CharField(label=gettext_lazy("Tình trạng"), max_length=300, required=False)


class LendForm(forms.Form):
    """Lending one thing."""

    borrower = forms.CharField(label=gettext_lazy("Bên mượn"), max_length=200)
    contact = forms.CharField(
        label=gettext_lazy("Điện thoại hoặc thư điện tử"), max_length=254, required=False
    )
    due_on = DayField(label=gettext_lazy("Hẹn trả"))


class AssetPick(forms.ModelChoiceField[Asset]):
    """One thing of the inventory."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the thing with its serial."""
        return f"{obj.name} ({obj.serial})"


class LendHereForm(forms.Form):
    """Lending one thing to whoever made a request."""

    asset = AssetPick(
        label=gettext_lazy("Thiết bị trong kho"), queryset=Asset.objects.none(), empty_label=gettext_lazy("Chọn thiết bị")
    )  # fmt: skip
    due_on = DayField(label=gettext_lazy("Hẹn trả"))

    def __init__(self, *args: Any, assets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["asset"]
        field.queryset = assets


class LoanForm(forms.Form):
    """Prolonging or taking back."""

    due_on = DayField(label=gettext_lazy("Gia hạn đến"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("Khi trả"), required=False,
        choices=[(one.value, one.label) for one in AssetState if one != AssetState.LENT],
    )  # fmt: skip
    condition = forms.CharField(label=gettext_lazy("Ghi chú"), max_length=300, required=False)


def number_in(text: str | None) -> int | None:
    """Return a whole number of an address or a hidden field; nonsense is ``None``."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else None


def quantities_in(data: Mapping[str, Any], items: Sequence[Any]) -> dict[int, int]:
    """Return how many of each item were typed, by its number. Raises ProgrammeError."""
    return {one.number: whole(str(data.get(f"quantity-{one.number}", "")) or "0", one.name) for one in items}


def whole(text: str, name: str) -> int:
    """Return a whole number as people type it. Raises ProgrammeError."""
    plain = text.strip().replace(".", "").replace("\u00a0", "")
    if not plain.isascii() or not plain.isdigit() or len(plain) > 9:
        raise ProgrammeError(
            _("“%(name)s”: số lượng phải là số nguyên.") % {"name": name[:60]}, field="items"
        )
    return int(plain)


def money(text: str, name: str) -> Decimal:
    """Return an amount as people type it. Raises ProgrammeError."""
    try:
        return parse_money(text)
    except NumberFormatError as error:
        raise ProgrammeError(f"“{name[:60]}”: {error.message}", field="items") from error


def lines_in(data: Mapping[str, Any], most: int) -> list[Line]:
    """Return the filled rows of a page: ``name-1``, ``quantity-1``... Empty rows are left out. Raises ProgrammeError."""
    lines = []
    for number in range(1, most + 1):
        row = {name: str(data.get(f"{name}-{number}", "")).strip() for name in ROW_FIELDS}
        if any(row.values()):
            name = row["name"] or str(number)
            lines.append(
                Line(row["name"], row["unit"], whole(row["quantity"], name), money(row["price"], name), row["specification"],
                     row["source"])
            )  # fmt: skip
    return lines


def grants_in(data: Mapping[str, Any], items: Sequence[Any]) -> dict[int, Grant]:
    """Return what was typed beside each item. Raises ProgrammeError."""
    found = {}
    for item in items:
        quantity = str(data.get(f"quantity-{item.number}", "")) or "0"
        price = str(data.get(f"price-{item.number}", "")) or "0"
        note = str(data.get(f"note-{item.number}", ""))
        found[item.number] = Grant(whole(quantity, item.name), money(price, item.name), note)
    return found
