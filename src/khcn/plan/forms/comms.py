"""Forms of communication work: the entry of a minute, campaigns, invitations. They shape input; rules live in services."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.orgs.models import Unit
from khcn.plan.enums import Channel, EventKind, PartState
from khcn.plan.models import Campaign, Plan
from khcn.plan.rules.comms import AUDIENCES, Part
from khcn.plan.services.comms_campaigns import CampaignText
from khcn.plan.services.comms_events import Invitation
from khcn.plan.services.comms_outreach import Deed
from khcn.ui.fields import DayField, WholeField

PICTURE: Final = "image/png,image/jpeg,image/webp"
PAPER: Final = ".pdf,.docx,.odt,.doc,image/png,image/jpeg,image/webp"
KIT: Final = ".pdf,.docx,.xlsx,.pptx,.odt,.doc,.txt,image/png,image/jpeg,image/webp"


class UnitPick(forms.ModelChoiceField[Unit]):
    """One unit."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the unit."""
        return str(obj.name)


class UnitsPick(forms.ModelMultipleChoiceField[Unit]):
    """Units and groups of units."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        """Name the unit; a group says so."""
        return _("%(name)s (cả khối)") % {"name": obj.name} if obj.kind.is_group else str(obj.name)


class OutreachForm(forms.Form):
    """What was done: two taps and a number; the rest has a value already."""

    channel = forms.ChoiceField(
        label=gettext_lazy("Hình thức"), choices=Channel.choices, widget=forms.RadioSelect
    )
    people = WholeField(label=gettext_lazy("Số người tiếp cận"), required=False, min_value=0)
    count = WholeField(label=gettext_lazy("Số lượt, số bản"), min_value=1, initial=1)
    unit = UnitPick(label=gettext_lazy("Đơn vị"), queryset=Unit.objects.none())
    happened_on = DayField(label=gettext_lazy("Ngày"))
    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Đợt tuyên truyền"), queryset=Campaign.objects.none(), required=False,
        empty_label=gettext_lazy("Ngoài các đợt"),
    )  # fmt: skip
    people_counted = forms.BooleanField(
        label=gettext_lazy("Số người đếm được (không phải ước tính)"), required=False
    )
    place = forms.CharField(label=gettext_lazy("Nơi"), max_length=200, required=False)
    note = forms.CharField(label=gettext_lazy("Ghi chú"), max_length=500, required=False)
    link = forms.URLField(
        label=gettext_lazy("Đường dẫn bài đăng"), max_length=1000, required=False, assume_scheme="https"
    )
    photo = forms.FileField(
        label=gettext_lazy("Ảnh"), required=False, widget=forms.ClearableFileInput(attrs={"accept": PICTURE}),
        help_text=gettext_lazy(
            "Không cần thấy mặt ai: chụp tấm áp phích, cái loa, tờ rơi là đủ. Không chụp học sinh. Nơi chụp và máy chụp ghi trong ảnh được xóa khi lưu."
        ),
    )  # fmt: skip
    client_key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, units: Sequence[Unit], campaigns: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _queryset(self, "unit", Unit.objects.filter(pk__in=[unit.pk for unit in units]).alphabetical())
        _queryset(self, "campaign", campaigns)

    def deed(self) -> Deed:
        """Return what was entered."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in {"unit", "photo"}}
        return Deed(**data)


class WithdrawForm(forms.Form):
    """Why an entry is taken back."""

    reason = forms.CharField(label=gettext_lazy("Lý do rút"), max_length=300)


def _queryset(form: forms.Form, name: str, rows: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # tells the type checker
    field.queryset = rows


def _plan_field() -> Any:
    return forms.ModelChoiceField(
        label=gettext_lazy("Theo kế hoạch"), queryset=Plan.objects.none(), required=False,
        empty_label=gettext_lazy("Không theo kế hoạch nào"),
    )  # fmt: skip


class CampaignForm(forms.Form):
    """A campaign with its texts."""

    title = forms.CharField(label=gettext_lazy("Tên đợt tuyên truyền"), max_length=300)
    starts_on = DayField(label=gettext_lazy("Từ ngày"))
    ends_on = DayField(label=gettext_lazy("Đến hết ngày"))
    plan = _plan_field()
    task_code = forms.CharField(
        label=gettext_lazy("Mã nhiệm vụ"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Ví dụ II.2-a."),
    )
    message = forms.CharField(
        label=gettext_lazy("Nội dung chính"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    kit_text = forms.CharField(
        label=gettext_lazy("Bài đọc loa, lời đăng sẵn"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("Đơn vị chép nguyên văn lên Zalo, Facebook hoặc đưa cho người đọc loa."),
    )  # fmt: skip
    units = UnitsPick(
        label=gettext_lazy("Đơn vị thực hiện"), queryset=Unit.objects.none(), required=False,
        help_text=gettext_lazy("Để trống nếu mọi đơn vị đều có thể ghi."),
    )  # fmt: skip
    tell = forms.BooleanField(label=gettext_lazy("Nhắn cho các đơn vị mới trong đợt"), required=False)
    fieldsets = [
        ("", "", ["title", "starts_on", "ends_on", "plan", "task_code"]),
        (gettext_lazy("Bộ tuyên truyền"), "", ["message", "kit_text"]),
        (gettext_lazy("Đơn vị"), "", ["units", "tell"]),
    ]

    def __init__(self, *args: Any, units: Any, plans: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _queryset(self, "units", units)
        _queryset(self, "plan", plans)

    def text(self) -> CampaignText:
        """Return what was entered."""
        return CampaignText(**{name: value for name, value in self.cleaned_data.items() if name != "tell"})


class KitForm(forms.Form):
    """One more file for a kit."""

    title = forms.CharField(label=gettext_lazy("Tên hiển thị"), max_length=200, required=False)
    file = forms.FileField(label=gettext_lazy("Tệp"), widget=forms.ClearableFileInput(attrs={"accept": KIT}))


class InvitationForm(forms.Form):
    """An invitation, typed in a minute."""

    title = forms.CharField(label=gettext_lazy("Tên hoạt động"), max_length=300)
    kind = forms.ChoiceField(
        label=gettext_lazy("Loại"),
        choices=EventKind.choices,
        widget=forms.RadioSelect,
        initial=EventKind.WORKSHOP,
    )
    organiser = forms.CharField(label=gettext_lazy("Đơn vị tổ chức"), max_length=200)
    starts_on = DayField(label=gettext_lazy("Diễn ra từ ngày"))
    ends_on = DayField(
        label=gettext_lazy("Đến hết ngày"),
        required=False,
        help_text=gettext_lazy("Để trống nếu chỉ một ngày."),
    )
    reply_by = DayField(label=gettext_lazy("Hạn cử người"), required=False)
    place = forms.CharField(label=gettext_lazy("Địa điểm"), max_length=300, required=False)
    seats = WholeField(label=gettext_lazy("Số người được mời"), required=False, min_value=1)
    document = forms.CharField(label=gettext_lazy("Số văn bản mời"), max_length=120, required=False)
    received_on = DayField(label=gettext_lazy("Nhận ngày"))
    plan = _plan_field()
    task_code = forms.CharField(label=gettext_lazy("Mã nhiệm vụ"), max_length=40, required=False)
    note = forms.CharField(
        label=gettext_lazy("Nội dung"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    scan = forms.FileField(
        label=gettext_lazy("Bản chụp thư mời"), required=False,
        widget=forms.ClearableFileInput(attrs={"accept": PAPER}),
    )  # fmt: skip

    def __init__(self, *args: Any, plans: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _queryset(self, "plan", plans)

    def invitation(self) -> Invitation:
        """Return what was entered."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "scan"}
        data["ends_on"] = data["ends_on"] or data["starts_on"]
        return Invitation(**data)


class PassForm(forms.Form):
    """To which units an invitation goes."""

    units = UnitsPick(label=gettext_lazy("Chuyển đến"), queryset=Unit.objects.none())

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _queryset(self, "units", units)


class PartForm(forms.Form):
    """What a unit says about its part. Counts only: no names."""

    state = forms.ChoiceField(label=gettext_lazy("Đơn vị"), widget=forms.RadioSelect)
    nominated = WholeField(label=gettext_lazy("Số người cử"), required=False, min_value=0)
    attended = WholeField(label=gettext_lazy("Số người đã dự"), required=False, min_value=0)
    audience = forms.ChoiceField(
        label=gettext_lazy("Đối tượng"), required=False, choices=[("", "–"), *AUDIENCES.items()]
    )
    awards = WholeField(label=gettext_lazy("Số giải"), required=False, min_value=0)
    award_text = forms.CharField(label=gettext_lazy("Giải thưởng"), max_length=500, required=False)
    note = forms.CharField(label=gettext_lazy("Ghi chú"), max_length=500, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, starts_on: date, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [PartState.NOMINATED, PartState.DECLINED]
        if starts_on <= today:
            states = [PartState.ATTENDED, PartState.ABSENT, *states]
        else:
            for name in ("attended", "awards", "award_text"):
                del self.fields[name]
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # tells the type checker
        field.choices = [(state.value, state.label) for state in states]

    def part(self) -> Part:
        """Return what was entered."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "revision"}
        return Part(**{**data, "awards": data.get("awards") or 0})


class SheetForm(forms.Form):
    """A filled sheet."""

    file = forms.FileField(
        label=gettext_lazy("Tệp Excel đã điền"), widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"})
    )
