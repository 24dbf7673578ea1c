"""Forms of the self-check. They shape input; rules live in services."""

import secrets
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.orgs.models import Unit
from khcn.programmes.forms.support import UnitPick
from khcn.programmes.human import HumanForm
from khcn.programmes.rules.readiness import SKIPPED, Choice, Dimension, Sheet
from khcn.programmes.services.readiness_checks import About


def new_key() -> str:
    """Return what makes a form sent twice one deed."""
    return secrets.token_hex(16)


def _pairs(choices: tuple[Choice, ...]) -> list[tuple[str, str]]:
    return [("", _("Không ghi")), *((one.key, one.label) for one in choices)]


class StartForm(forms.Form):
    """What somebody may say about the enterprise; everything may stay empty."""

    client_key = forms.CharField(max_length=40, min_length=8, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=gettext_lazy("Bạn làm ăn theo hình thức nào?"), required=False)
    sector = forms.ChoiceField(label=gettext_lazy("Bán hàng hay làm nghề gì?"), required=False)
    size = forms.ChoiceField(label=gettext_lazy("Có mấy người làm?"), required=False)
    ward = UnitPick(
        label=gettext_lazy("Ở địa bàn nào?"), queryset=Unit.objects.none(), required=False,
        empty_label=gettext_lazy("Không ghi"),
    )  # fmt: skip

    def __init__(self, *args: Any, sheet: Sheet, wards: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["kind"].choices = _pairs(sheet.kinds)
        fields["sector"].choices = _pairs(sheet.sectors)
        fields["size"].choices = _pairs(sheet.sizes)
        fields["ward"].queryset = wards
        if not sheet.ward_kinds:
            del self.fields["ward"]

    def about(self) -> About:
        """Return what was said."""
        data = self.cleaned_data
        return About(data["kind"], data["size"], data["sector"], data.get("ward"))


class StepForm(forms.Form):
    """The questions of one dimension."""

    def __init__(self, *args: Any, dimension: Dimension, answers: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dimension = dimension
        for one in dimension.questions:
            pairs = [(str(place), text) for place, text in enumerate(one.options)]
            if one.may_skip:
                pairs.append((str(SKIPPED), _("Không áp dụng với tôi")))
            self.fields[self._name(one.key)] = forms.ChoiceField(
                label=one.text, help_text=one.help, choices=pairs, widget=forms.RadioSelect,
                initial=str(answers[one.key]) if one.key in answers else None,
                error_messages={"required": _("Hãy chọn một câu trả lời.")},
            )  # fmt: skip

    @staticmethod
    def _name(key: str) -> str:
        return f"cau-{key}"

    def given(self) -> dict[str, int]:
        """Return the answers chosen so far, whether or not the step is complete."""
        self.is_valid()
        found = {one.key: self.cleaned_data.get(self._name(one.key)) for one in self.dimension.questions}
        return {key: int(value) for key, value in found.items() if value}


class CompareForm(forms.Form):
    """The link of an earlier check."""

    link = forms.CharField(
        label=gettext_lazy("Đường dẫn kết quả lần trước"), max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )  # fmt: skip


class CallForm(HumanForm):
    """Who wants to be called."""

    name = forms.CharField(
        label=gettext_lazy("Tên của bạn"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    address = forms.CharField(label=gettext_lazy("Số điện thoại hoặc thư điện tử"), max_length=254)
    wish = forms.CharField(
        label=gettext_lazy("Bạn muốn được giúp việc gì?"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    tells_level = forms.BooleanField(
        label=gettext_lazy("Cho người gọi biết mức của tôi (không kèm câu trả lời)"), required=False
    )
    agreed = forms.BooleanField(
        label=gettext_lazy("Tôi đồng ý để đơn vị đầu mối ghi tên và số này để gọi lại, giới thiệu hoạt động phù hợp."),
        required=False,
    )  # fmt: skip
    client_key = forms.CharField(max_length=40, min_length=8, widget=forms.HiddenInput)
    field_order = ("name", "address", "wish", "tells_level", "agreed", "human")


class UploadForm(forms.Form):
    """A new version of the questions."""

    file = forms.FileField(
        label=gettext_lazy("Tệp bộ câu hỏi (.json)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
    )
    note = forms.CharField(label=gettext_lazy("Bản này thay đổi gì"), max_length=300)


class CloseForm(forms.Form):
    """What came of a call."""

    note = forms.CharField(
        label=gettext_lazy("Kết quả cuộc gọi"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
