"""The form of a camera. Addresses go in and never come out again: not on the page, not even after a mistake."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.errors import KhcnError
from khcn.core.secrets import SealBrokenError, seal, unseal
from khcn.engines.vision.sources.address import scrub
from khcn.markets.camera_sources import CameraAddressError, check_addresses
from khcn.markets.models import Box, Camera
from khcn.markets.rules.legal import default_purpose, default_sign_text
from khcn.markets.selectors.models import model_offers
from khcn.markets.services.cameras import RATES

KEPT = "markets.camera-form"  # seals what was typed while another field is mended


class BlindTextarea(forms.Textarea):
    """A text area that never shows what was typed, as a password field does."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Leave the value out."""
        return super().get_context(name, None, attrs)


class CameraForm(forms.Form):
    """A camera as a market manager describes it. ``camera``: the one that is changed, None for a new one."""

    name = forms.CharField(
        label=gettext_lazy("Tên camera"),
        max_length=150,
        help_text=gettext_lazy("Tên mà người trong chợ hiểu ngay, ví dụ: Cửa Đông."),
    )
    place = forms.CharField(label=gettext_lazy("Vị trí lắp"), max_length=200, required=False)
    addresses = forms.CharField(
        label=gettext_lazy("Địa chỉ lấy hình"),
        widget=BlindTextarea(
            attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
        ),
        required=False,
        max_length=4000,
    )
    kept = forms.CharField(widget=forms.HiddenInput, required=False)
    box = forms.ModelChoiceField(
        label=gettext_lazy("Máy đếm"),
        queryset=Box.objects.none(),
        required=False,
        empty_label=gettext_lazy("Chưa gắn vào máy đếm nào"),
        help_text=gettext_lazy("Máy đặt tại chợ, lấy hình từ camera và chỉ gửi con số về."),
    )
    model = forms.ChoiceField(label=gettext_lazy("Mô hình nhận người"), required=False)
    fps = forms.DecimalField(
        label=gettext_lazy("Số hình mỗi giây"),
        min_value=RATES[0],
        max_value=RATES[1],
        decimal_places=1,
        initial=5,
        help_text=gettext_lazy("5 là vừa cho cửa chợ; 10 khi người đi nhanh hoặc camera thấp."),
    )
    purpose = forms.CharField(label=gettext_lazy("Mục đích ghi hình"), max_length=300)
    controller = forms.CharField(
        label=gettext_lazy("Đơn vị chịu trách nhiệm"),
        max_length=200,
        help_text=gettext_lazy("Đơn vị quyết định việc ghi hình, ghi tên đầy đủ."),
    )
    contact = forms.CharField(
        label=gettext_lazy("Liên hệ"),
        max_length=200,
        help_text=gettext_lazy("Điện thoại hoặc thư điện tử để người dân hỏi."),
    )
    sign_text = forms.CharField(
        label=gettext_lazy("Nội dung bảng thông báo"),
        widget=forms.Textarea(attrs={"rows": 7}),
        max_length=2000,
    )
    sign_placed_on = forms.DateField(
        label=gettext_lazy("Ngày treo bảng"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=gettext_lazy("Ghi sau khi bảng đã treo ở lối vào vùng camera nhìn thấy."),
    )
    slit_scan_days = forms.IntegerField(
        label=gettext_lazy("Giữ ảnh vệt để kiểm đếm (ngày)"),
        min_value=1,
        max_value=30,
        initial=30,
        help_text=gettext_lazy("Ảnh vệt không nhận ra được mặt người. Hết số ngày này, ảnh tự xóa."),
    )
    active = forms.BooleanField(
        label=gettext_lazy("Camera đang được dùng để đếm"), required=False, initial=True
    )

    def __init__(
        self, *args: Any, boxes: Any, market: Any, camera: Camera | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.camera = camera
        self.offers = model_offers()
        box, model = self.fields["box"], self.fields["model"]
        assert isinstance(box, forms.ModelChoiceField) and isinstance(model, forms.ChoiceField)  # noqa: S101  # as declared
        box.queryset = boxes
        model.choices = [("", _("Mô hình có sẵn"))] + [
            (offer.name, self._model_label(offer)) for offer in self.offers
        ]
        if camera and camera.model and camera.model not in {offer.name for offer in self.offers}:
            model.choices = [*model.choices, (camera.model, camera.model)]
        self.fields["addresses"].help_text = _(
            "Mỗi dòng một địa chỉ rtsp:// hoặc http://, luồng phụ (hình nhỏ) trước, luồng chính sau. "
            "Địa chỉ chứa mật khẩu nên được mã hóa ngay và không bao giờ hiện lại."
        )
        if camera:
            self.fields["addresses"].label = _("Thay địa chỉ lấy hình")
            self.fields["addresses"].help_text = _(
                "Để trống nếu giữ địa chỉ đang có. Ghi mới thì toàn bộ địa chỉ cũ bị thay."
            )
        else:
            self._propose(market)

    @property
    def fieldsets(self) -> list[tuple[str, str, list[str]]]:
        """Group the fields as people think of them."""
        legal = _(
            "Luật Bảo vệ dữ liệu cá nhân (số 91/2025/QH15, Điều 32) cho ghi hình nơi công cộng khi người vào được "
            "báo rõ: ai ghi, để làm gì, hỏi ai. Điền xong là in được bảng thông báo có mã QR."
        )
        return [
            (_("Camera"), "", ["name", "place", "addresses", "box"]),
            (_("Cách đếm"), "", ["model", "fps", "active"]),
            (_("Thông báo cho người được ghi hình"), legal, ["purpose", "controller", "contact", "sign_text", "sign_placed_on", "slit_scan_days"]),
        ]  # fmt: skip

    @staticmethod
    def _model_label(offer: Any) -> str:
        licence = offer.licence or _("chưa rõ giấy phép")
        place = "" if offer.present else _(", chưa có trên máy chủ này")
        return f"{offer.title} ({licence}{place})"

    def _propose(self, market: Any) -> None:
        """Fill in what the law asks for, from the market and from the cameras it already has."""
        other = Camera.objects.filter(market=market).exclude(controller="").order_by("-pk").first()
        controller = other.controller if other else market.unit.name
        contact = other.contact if other else ""
        self.initial = {
            "purpose": other.purpose if other else default_purpose(),
            "controller": controller,
            "contact": contact,
            "sign_text": default_sign_text(market=market.name, controller=controller, contact=contact),
            **self.initial,
        }

    def clean(self) -> dict[str, Any]:
        """Check the addresses; what is fine is kept sealed while other fields are mended."""
        data = super().clean() or self.cleaned_data
        typed = str(data.get("addresses") or "").splitlines()
        if not any(line.strip() for line in typed):
            typed = self._unsealed(str(data.get("kept") or ""))
        try:
            found = check_addresses(typed)
        except CameraAddressError as error:
            self._keep("")
            self.add_error("addresses", error.message)
            return data
        if not found and self.camera is None and "addresses" not in self.errors:
            self.add_error("addresses", _("Hãy ghi ít nhất một địa chỉ của camera."))
        self._keep(seal("\n".join(found), purpose=KEPT) if found else "")
        if found and self.errors:
            self.kept_shown = [scrub(address) for address in found]
        data["addresses"] = found if found else None
        return data

    kept_shown: list[str] = []

    def _keep(self, sealed: str) -> None:
        copy: Any = self.data
        copy = copy.copy()  # a QueryDict of a request is frozen
        copy[self.add_prefix("kept")] = sealed
        copy[self.add_prefix("addresses")] = ""
        self.data = copy

    @staticmethod
    def _unsealed(sealed: str) -> list[str]:
        try:
            return unseal(sealed, purpose=KEPT).splitlines() if sealed else []
        except (SealBrokenError, KhcnError):
            return []

    def values(self) -> dict[str, Any]:
        """Return what the services take: the fields of a camera."""
        names = (
            "name", "place", "model", "fps", "active", "purpose", "sign_text", "sign_placed_on", "controller",
            "contact", "slit_scan_days",
        )  # fmt: skip
        return {name: self.cleaned_data[name] for name in names}
