"""Forms of programmes and sessions. They shape input; rules live in services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.orgs.models import Unit
from khcn.programmes.enums import WITH_SESSIONS, Audience, ProgrammeKind, RegistrationWay
from khcn.programmes.rules.calendar import Every
from khcn.programmes.services.calendar_programmes import ProgrammeText
from khcn.programmes.services.calendar_sessions import Recurrence, SessionText
from khcn.ui.fields import DayField, MomentField, WholeField

# fields of people who come to sessions
SEATS = ("by_session", "capacity", "waiting_list", "needs_approval", "threshold_percent")


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class TextForm(forms.Form):
    """What the public reads: all that an editor changes."""

    title = forms.CharField(label=_("Tên chương trình"), max_length=300)
    summary = forms.CharField(label=_("Tóm tắt một câu"), max_length=300, required=False)
    description = forms.CharField(label=_("Nội dung"), max_length=20_000, required=False, widget=_lines(6))
    eligibility = forms.CharField(
        label=_("Điều kiện tham gia"), max_length=5000, required=False, widget=_lines(3)
    )
    venue = forms.CharField(label=_("Nơi tổ chức"), max_length=200, required=False)
    address = forms.CharField(label=_("Địa chỉ nơi tổ chức"), max_length=300, required=False)
    contact = forms.CharField(
        label=_("Liên hệ"), max_length=300, required=False,
        help_text=_("Tên phòng, điện thoại cơ quan. Không ghi số riêng của cá nhân."),
    )  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0)

    def text(self) -> ProgrammeText:
        """Return what was entered."""
        left_out = {"revision", "unit", "client_key"}
        data = {name: value for name, value in self.cleaned_data.items() if name not in left_out}
        return ProgrammeText(**data)


class ProgrammeForm(TextForm):
    """A programme as a whole."""

    unit = forms.ModelChoiceField(label=_("Đơn vị tổ chức"), queryset=Unit.objects.none())
    kind = forms.ChoiceField(label=_("Loại"), choices=ProgrammeKind.choices)
    year = WholeField(label=_("Năm"), min_value=2000, max_value=2100)
    audiences = forms.MultipleChoiceField(
        label=_("Dành cho"), choices=Audience.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    task = forms.CharField(max_length=120, required=False, widget=forms.HiddenInput)
    client_key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    starts_on = DayField(
        label=_("Từ ngày"), required=False,
        help_text=_("Ngày bắt đầu nhận bài hoặc nhận đề nghị."),
    )  # fmt: skip
    ends_on = DayField(label=_("Đến ngày"), required=False)
    registration = forms.ChoiceField(label=_("Ai đăng ký"), choices=RegistrationWay.choices)
    by_session = forms.BooleanField(label=_("Đăng ký từng buổi"), required=False)
    opens_at = MomentField(label=_("Mở đăng ký"), required=False)
    closes_at = MomentField(label=_("Đóng đăng ký"), required=False)
    capacity = WholeField(
        label=_("Số chỗ"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=_("Để trống nếu không giới hạn."),
    )
    waiting_list = forms.BooleanField(label=_("Nhận danh sách chờ khi hết chỗ"), required=False, initial=True)
    needs_approval = forms.BooleanField(label=_("Duyệt từng đăng ký"), required=False)
    threshold_percent = WholeField(
        label=_("Dự ít nhất (%)"), min_value=0, max_value=100, initial=80,
        help_text=_("Ai dự ít hơn thì không được cấp giấy chứng nhận."),
    )  # fmt: skip
    fieldsets: tuple[tuple[Any, str, list[str]], ...] = (
        (_("Chương trình gì"), "", ["unit", "kind", "year", "title", "summary", "description"]),
        (_("Dành cho ai"), "", ["audiences", "eligibility"]),
        (_("Ở đâu, khi nào"), "", ["venue", "address", "starts_on", "ends_on", "contact"]),
        (
            _("Đăng ký"), "",
            ["registration", "by_session", "opens_at", "closes_at", "capacity", "waiting_list", "needs_approval", "threshold_percent"],
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, units: Any, kind: str, fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if fixed:
            del self.fields["unit"], self.fields["client_key"]
        else:
            self.fields["unit"].queryset = units  # type: ignore[attr-defined]
            if kind in ProgrammeKind.values:
                self.fields["kind"].widget = forms.HiddenInput()  # chosen on the page before
        for name in ("starts_on", "ends_on") if kind in WITH_SESSIONS else SEATS:
            del self.fields[name]  # what does not fit the kind is neither asked for nor read
        self.fieldsets = tuple(
            (legend, hint, [name for name in names if name in self.fields])
            for legend, hint, names in self.fieldsets
            if any(name in self.fields for name in names)
        )


class SessionForm(forms.Form):
    """A session, and how it comes again."""

    title = forms.CharField(label=_("Tên buổi"), max_length=200, required=False)
    starts_at = MomentField(label=_("Bắt đầu"))
    ends_at = MomentField(label=_("Kết thúc"))
    venue = forms.CharField(
        label=_("Nơi tổ chức"),
        max_length=200,
        required=False,
        help_text=_("Để trống nếu cùng nơi với chương trình."),
    )
    address = forms.CharField(label=_("Địa chỉ"), max_length=300, required=False)
    link = forms.URLField(
        label=_("Đường dẫn họp trực tuyến"), max_length=1000, required=False, assume_scheme="https"
    )
    capacity = WholeField(label=_("Số chỗ của buổi"), required=False, min_value=1, max_value=100_000)
    note = forms.CharField(label=_("Ghi chú"), max_length=500, required=False)
    every = forms.ChoiceField(
        label=_("Lặp lại"), required=False,
        choices=[("", _("Chỉ một buổi")), ("week", _("Hằng tuần")), ("fortnight", _("Hai tuần một lần")), ("month", _("Hằng tháng"))],
    )  # fmt: skip
    until = DayField(label=_("Lặp đến hết ngày"), required=False)
    count = WholeField(label=_("Hoặc số buổi"), required=False, min_value=1, max_value=60)
    following = forms.BooleanField(label=_("Sửa cả các buổi sau trong chuỗi"), required=False)

    def __init__(self, *args: Any, new: bool, series: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("following",) if new else ("every", "until", "count"):
            del self.fields[name]
        if not new and not series:
            del self.fields["following"]

    def text(self) -> SessionText:
        """Return what was entered."""
        more = {"every", "until", "count", "following"}
        return SessionText(**{name: value for name, value in self.cleaned_data.items() if name not in more})

    def recurrence(self) -> Recurrence | None:
        """Return how it comes again; ``None``: once."""
        every = self.cleaned_data.get("every")
        if not every:
            return None
        return Recurrence(Every(every), self.cleaned_data["until"], self.cleaned_data["count"])


class TrainerForm(forms.Form):
    """Who teaches or speaks, as the public reads it."""

    name = forms.CharField(label=_("Họ và tên"), max_length=150)
    title = forms.CharField(label=_("Chức danh"), max_length=150, required=False)
    organisation = forms.CharField(label=_("Nơi công tác"), max_length=200, required=False)
