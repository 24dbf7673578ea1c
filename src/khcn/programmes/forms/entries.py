"""Forms of teams and entries. They shape input; rules live in services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.programmes.enums import MemberPart, Sex
from khcn.programmes.human import HumanForm
from khcn.programmes.services.entries import EntryText
from khcn.programmes.services.entries_teams import Person, TeamWish
from khcn.ui.fields import FilesField, FilesInput

HEAVY = _("Tệp này lớn quá 50 MB. Với phim, hãy ghi đường dẫn vào ô “Đường dẫn phim”.")
ENTRY_KINDS = ".pdf,.docx,.doc,.odt,.xlsx,.xls,.ods,.pptx,.txt,image/png,image/jpeg,image/webp"


class TeamForm(HumanForm):
    """First step: the team and who answers for it; a code goes to the address."""

    name = forms.CharField(label=_("Tên đội"), max_length=200)
    organisation = forms.CharField(
        label=_("Trường, đơn vị, doanh nghiệp"), max_length=200, required=False,
        help_text=_("Để trống nếu dự thi với tư cách cá nhân."),
    )  # fmt: skip
    contact_name = forms.CharField(
        label=_("Người phụ trách"), max_length=150,
        help_text=_("Thầy cô, phụ huynh hoặc người lớn trong đội. Học sinh không cần tài khoản."),
    )  # fmt: skip
    address = forms.CharField(
        label=_("Số điện thoại hoặc thư điện tử của người phụ trách"), max_length=254,
        help_text=_("Chúng tôi gửi mã xác nhận và liên kết riêng của đội đến đây."),
    )  # fmt: skip
    processing = forms.BooleanField(
        label=_("Tôi đồng ý cho ban tổ chức ghi thông tin trên để tổ chức cuộc thi này.")
    )
    client_key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    field_order = ("name", "organisation", "contact_name", "address", "processing", "human")

    def wish(self) -> TeamWish:
        """Return what was asked for."""
        names = ("name", "organisation", "contact_name", "address", "client_key")
        return TeamWish(**{name: self.cleaned_data[name] for name in names})


class CodeForm(forms.Form):
    """Second step: the code; the first step's answers come along, signed."""

    code = forms.CharField(
        label=_("Mã xác nhận gồm 6 chữ số"), max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip
    wish = forms.CharField(widget=forms.HiddenInput)


class TeamNameForm(forms.Form):
    """What a team is called."""

    name = forms.CharField(label=_("Tên đội"), max_length=200)
    organisation = forms.CharField(label=_("Trường, đơn vị, doanh nghiệp"), max_length=200, required=False)
    contact_name = forms.CharField(label=_("Người phụ trách"), max_length=150)


class MemberForm(forms.Form):
    """One person of a team."""

    name = forms.CharField(label=_("Họ và tên"), max_length=150)
    part = forms.ChoiceField(label=_("Vai trò"), choices=MemberPart.choices, initial=MemberPart.MEMBER)
    birth_year = forms.IntegerField(
        label=_("Năm sinh"), required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"}), localize=False,
        help_text=_("Bắt buộc với thành viên."),
    )  # fmt: skip
    class_name = forms.CharField(label=_("Lớp"), max_length=60, required=False)
    sex = forms.ChoiceField(
        label=_("Giới tính"), choices=[("", _("Không ghi")), *Sex.choices], required=False
    )
    guardian_name = forms.CharField(
        label=_("Cha mẹ hoặc người giám hộ"),
        max_length=150,
        required=False,
        help_text=_("Bắt buộc với học sinh."),
    )
    agreed = forms.BooleanField(
        label=_("Người này (với học sinh: cả cha mẹ hoặc người giám hộ) đồng ý cho ghi thông tin để dự thi."),
        required=False,
    )

    def person(self) -> Person:
        """Return the person."""
        return Person(**self.cleaned_data)


class EntryForm(forms.Form):
    """The work: title, summary, files, a link to a film."""

    title = forms.CharField(label=_("Tên bài dự thi"), max_length=300)
    summary = forms.CharField(
        label=_("Tóm tắt"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Không ghi tên người, tên trường trong tên bài, tóm tắt và trong tệp: giám khảo chấm ẩn danh."),
    )  # fmt: skip
    video_link = forms.CharField(
        label=_("Đường dẫn phim"), max_length=500, required=False, widget=forms.URLInput(),
        help_text=_("Phim không gửi bằng tệp. Hãy đăng lên mạng, để chế độ ai có liên kết đều xem được, rồi chép địa chỉ vào đây."),
    )  # fmt: skip
    files = FilesField(  # type: ignore[assignment]  # a form has "files" of its own; fields are taken out of the class
        label=_("Thêm tệp"), required=False, widget=FilesInput(attrs={"accept": ENTRY_KINDS, "data-heavy": HEAVY}),
        help_text=_("PDF, Word, Excel, PowerPoint hoặc ảnh; mỗi tệp nhiều nhất 50 MB, mỗi bài nhiều nhất 10 tệp."),
    )  # fmt: skip
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput, localize=False)

    def text(self) -> EntryText:
        """Return the words."""
        data = self.cleaned_data
        return EntryText(data["title"], data["summary"], data["video_link"], data["revision"])


class PublishForm(forms.Form):
    """Who agrees that name and work are shown. No box is ticked before."""

    by_self = forms.BooleanField(label=_("Thành viên đồng ý công bố tên và bài dự thi"), required=False)
    by_guardian = forms.BooleanField(label=_("Cha mẹ hoặc người giám hộ đồng ý công bố"), required=False)
    guardian_name = forms.CharField(label=_("Tên cha mẹ hoặc người giám hộ"), max_length=150, required=False)
    paper = forms.FileField(
        label=_("Bản chụp giấy đồng ý có chữ ký"), required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,image/png,image/jpeg,image/webp"}),
    )  # fmt: skip

    def __init__(self, *args: Any, is_minor: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_minor:
            del self.fields["by_guardian"], self.fields["guardian_name"]


class SheetForm(forms.Form):
    """A filled list of teams."""

    file = forms.FileField(
        label=_("Bảng đã điền"), widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=_("Excel (.xlsx) hoặc CSV, kể cả CSV bảng mã Windows-1258."),
    )  # fmt: skip
    agreed = forms.BooleanField(
        label=_(
            "Những người trong bảng (với học sinh: cả cha mẹ hoặc người giám hộ) đã đồng ý cho ghi thông tin để dự thi."
        )
    )


class RejectForm(forms.Form):
    """Why an entry is left out."""

    reason = forms.CharField(
        label=_("Lý do"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Đội nhận được đúng câu này."),
    )  # fmt: skip


class AnonymousForm(forms.Form):
    """What jurors read."""

    title = forms.CharField(
        label=_("Tên bài cho giám khảo"),
        max_length=300,
        required=False,
        help_text=_("Để trống: dùng tên bài của đội."),
    )
    summary = forms.CharField(
        label=_("Tóm tắt cho giám khảo"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Để trống: dùng tóm tắt của đội."),
    )  # fmt: skip
