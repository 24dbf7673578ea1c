"""Forms of harvesting: an address to look at, and the settings of a source."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.engines.oai.types import Choice
from khcn.library.enums import Rights
from khcn.library.harvest_enums import Every
from khcn.library.models import Collection
from khcn.library.services.harvest_sources import MOST_ANSWER_MB, MOST_WORKS
from khcn.orgs.models import Unit


class AddressForm(forms.Form):
    """The address of a repository."""

    base_url = forms.CharField(
        label=_("Địa chỉ OAI-PMH của nguồn"),
        help_text=_("Ví dụ: https://thuvien.example.vn/oai. Bên quản lý nguồn cho biết địa chỉ này."),
        max_length=1000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )


class SourceForm(forms.Form):
    """What is taken from a source, how often, and what becomes of it."""

    name = forms.CharField(
        label=_("Tên nguồn"), help_text=_("Người đọc thấy tên này ở mỗi tài liệu lấy về."), max_length=200
    )
    metadata = forms.ChoiceField(
        label=_("Định dạng"),
        help_text=_("Định dạng được chọn sẵn là định dạng cho biết nhiều nhất về tài liệu."),
    )
    set_spec = forms.ChoiceField(
        label=_("Bộ"), help_text=_("Để “Tất cả” nếu muốn lấy toàn bộ."), required=False
    )
    every_hours = forms.TypedChoiceField(
        label=_("Lịch thu thập"), choices=Every.choices, coerce=int, initial="24"
    )
    at_hour = forms.TypedChoiceField(
        label=_("Bắt đầu lúc"), coerce=int, empty_value=None, required=False,
        choices=[("", _("Giờ nào cũng được")), *((hour, f"{hour}:00") for hour in range(24))],
        help_text=_("Chọn giờ đêm để không chiếm đường truyền giờ làm việc. Dùng cho lịch từ mỗi ngày trở lên."),
    )  # fmt: skip
    most_works = forms.IntegerField(
        label=_("Mỗi lần nhận nhiều nhất"), min_value=1, max_value=MOST_WORKS, required=False,
        help_text=_(
            "Số tài liệu mới hoặc thay đổi; đủ thì dừng sau trang đang đọc, lần tới đọc tiếp. Để trống: đọc đến hết."
        ),
    )  # fmt: skip
    answer_mb = forms.IntegerField(
        label=_("Một câu trả lời của nguồn lớn nhất (MB)"), min_value=1, max_value=MOST_ANSWER_MB, initial=32,
        help_text=_("Câu trả lời lớn hơn bị bỏ và báo lỗi, để một nguồn hỏng không làm đầy máy chủ."),
    )  # fmt: skip
    collection = forms.ModelChoiceField(
        label=_("Đưa vào bộ sưu tập"), queryset=Collection.objects.none(), required=False,
        empty_label=_("Không đưa vào bộ sưu tập nào"),
    )  # fmt: skip
    unit = forms.ModelChoiceField(
        label=_("Đơn vị phụ trách"),
        queryset=Unit.objects.none(),
        required=False,
        empty_label=_("Không ghi đơn vị"),
    )
    rights = forms.ChoiceField(
        label=_("Quyền sử dụng khi nguồn không nói rõ"), choices=Rights.choices, initial=Rights.UNKNOWN
    )
    publish = forms.ChoiceField(
        label=_("Tài liệu mới"),
        choices=[("", _("Chờ thủ thư duyệt từng tài liệu")), ("1", _("Đăng ngay khi lấy về"))],
        help_text=_("Tài liệu có dấu hiệu nhạy cảm luôn phải chờ thủ thư xem."),
        required=False, widget=forms.RadioSelect,
    )  # fmt: skip
    offer_again = forms.BooleanField(
        label=_("Cho nguồn khác lấy tiếp các tài liệu này từ thư viện của ta"),
        help_text=_("Chỉ chọn khi nguồn đồng ý."), required=False,
    )  # fmt: skip
    delete_percent = forms.IntegerField(
        label=_("Hỏi trước khi rút, nếu nguồn xoá quá (%)"), min_value=1, max_value=100, initial=10,
        help_text=_("Bảo vệ khi nguồn gặp sự cố và báo xoá hàng loạt."),
    )  # fmt: skip

    fieldsets = [
        (_("Lấy gì"), "", ["name", "metadata", "set_spec"]),
        (_("Khi nào"), "", ["every_hours", "at_hour"]),
        (_("Xếp ở đâu, ai duyệt"), "", ["collection", "unit", "rights", "publish", "offer_again"]),
        (_("Giới hạn"), "", ["most_works", "answer_mb", "delete_percent"]),
    ]

    def __init__(
        self, *args: Any, sets: Sequence[Choice], formats: Sequence[Choice], units: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._sets = {one.key: one.name for one in sets}
        fields: Any = self.fields
        fields["metadata"].choices = [(one.key, FORMAT_NAMES.get(one.key, one.key)) for one in formats]
        fields["set_spec"].choices = [("", _("Tất cả")), *((one.key, one.name or one.key) for one in sets)]
        fields["collection"].queryset = Collection.objects.order_by("position", "sort_key")
        fields["unit"].queryset = units

    def source_values(self) -> dict[str, Any]:
        """Return what the services take."""
        data = self.cleaned_data
        names = (
            "name",
            "set_spec",
            "every_hours",
            "rights",
            "publish",
            "offer_again",
            "delete_percent",
            "most_works",
            "answer_mb",
            "at_hour",
        )
        return {
            **{name: data[name] for name in names},
            "prefix": data["metadata"],
            "publish": bool(data["publish"]),
            "set_name": self._sets.get(data["set_spec"], "")[:300],
            "collection_id": data["collection"].pk if data["collection"] else None,
            "unit_id": data["unit"].pk if data["unit"] else None,
        }


FORMAT_NAMES: dict[str, Any] = {
    "oai_dc": _("Dublin Core (oai_dc): mọi nguồn đều có"),
    "oai_datacite": _("DataCite (oai_datacite)"),
    "datacite": _("DataCite (datacite)"),
    "marcxml": _("MARC 21 (marcxml)"),
    "marc21": _("MARC 21 (marc21)"),
    "khcn_legal": _("Văn bản có đủ số, ký hiệu, hiệu lực (khcn_legal)"),
}
