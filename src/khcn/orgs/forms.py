"""Forms of the desk pages. They shape input; rules live in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khcn.orgs.enums import APPROVING_ROLES, Role
from khcn.orgs.models import Membership, Unit, UnitKind, User

_LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]


def _day(label: Any, *, required: bool = False, hint: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=hint,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )


class OwnDetailsForm(forms.Form):
    """What people change themselves."""

    phone = forms.CharField(label=_("Điện thoại"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Ngôn ngữ giao diện"), choices=_LANGUAGES)


class PersonForm(forms.Form):
    """A person's record, as the administrator keeps it."""

    full_name = forms.CharField(label=_("Họ và tên"), max_length=150)
    email = forms.EmailField(
        label=_("Thư điện tử"), required=False, help_text=_("Để người này tự đặt lại mật khẩu khi quên.")
    )
    title = forms.CharField(label=_("Chức danh"), max_length=120, required=False)
    phone = forms.CharField(label=_("Điện thoại"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Ngôn ngữ giao diện"), choices=_LANGUAGES, initial="vi")


class NewPersonForm(PersonForm):
    """A new account."""

    username = forms.CharField(
        label=_("Tên đăng nhập"),
        max_length=150,
        help_text=_("Chữ không dấu, số và các dấu . _ - @; không đổi được."),
    )
    field_order = ["username", "full_name", "email", "title", "phone", "language"]


class UnitChoice(forms.ModelChoiceField[Unit]):
    """A list of units in Vietnamese order."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the unit and what it belongs to: many have a "Phòng Kinh tế"."""
        return f"{obj.name} ({obj.parent.label})" if obj.parent else str(obj.name)


class MembershipForm(forms.Form):
    """A role to give."""

    unit = UnitChoice(label=_("Đơn vị"), queryset=Unit.objects.none())
    role = forms.ChoiceField(label=_("Vai trò"), choices=Role.choices)
    valid_from = _day(_("Từ ngày"), hint=_("Để trống nếu có hiệu lực ngay."))
    valid_to = _day(_("Đến hết ngày"), hint=_("Để trống nếu chưa biết."))

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, UnitChoice)  # noqa: S101  # tells the type checker
        field.queryset = units


class EndMembershipForm(forms.Form):
    """The last day of a role."""

    membership = forms.ModelChoiceField(queryset=Membership.objects.none(), widget=forms.HiddenInput)
    last_day = _day(_("Ngày cuối cùng"), required=True)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["membership"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # tells the type checker
        field.queryset = Membership.objects.filter(user=person)


class PersonChoice(forms.ModelChoiceField[User]):
    """A list of people by given name."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the person and the title."""
        return f"{obj.get_full_name()} - {obj.title}" if obj.title else str(obj.get_full_name())


class AbsenceForm(forms.Form):
    """Days away, and who approves meanwhile."""

    delegate = PersonChoice(label=_("Người phê duyệt thay"), queryset=User.objects.none())
    role = forms.ChoiceField(
        label=_("Vai trò ủy quyền"),
        required=False,
        choices=[("", _("Mọi vai trò phê duyệt của tôi"))]
        + [(role.value, role.label) for role in Role if role in APPROVING_ROLES],
    )
    first_day = _day(_("Từ ngày"), required=True)
    last_day = _day(_("Đến hết ngày"), required=True)
    reason = forms.CharField(label=_("Lý do"), max_length=300, required=False)

    def __init__(self, *args: Any, delegates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["delegate"]
        assert isinstance(field, PersonChoice)  # noqa: S101  # tells the type checker
        field.queryset = delegates

    def clean_role(self) -> Role | None:
        """Return the role, or ``None`` for all."""
        value = self.cleaned_data["role"]
        return Role(value) if value else None


class UnitForm(forms.Form):
    """A unit, as the administrator keeps it."""

    name = forms.CharField(label=_("Tên đơn vị"), max_length=200)
    short_name = forms.CharField(label=_("Tên ngắn"), max_length=80, required=False)
    name_en = forms.CharField(label=_("Tên tiếng Anh"), max_length=200, required=False)
    kind = forms.ModelChoiceField(label=_("Loại đơn vị"), queryset=UnitKind.objects.none())
    parent = UnitChoice(label=_("Thuộc đơn vị"), queryset=Unit.objects.none(), required=False)
    electronic_id = forms.CharField(
        label=_("Mã định danh điện tử"), max_length=20, required=False, help_text=_("Ví dụ 000.00.19.H29.")
    )
    address = forms.CharField(label=_("Địa chỉ"), max_length=300, required=False)
    email = forms.EmailField(label=_("Thư điện tử"), required=False)
    phone = forms.CharField(label=_("Điện thoại"), max_length=40, required=False)
    is_listed = forms.BooleanField(label=_("Hiện trong danh sách công khai"), required=False, initial=True)
    valid_from = _day(_("Có hiệu lực từ ngày"))
    valid_to = _day(_("Hết ngày"), hint=_("Chỉ điền khi đơn vị đã kết thúc."))

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent, kind = self.fields["parent"], self.fields["kind"]
        assert isinstance(parent, UnitChoice) and isinstance(kind, forms.ModelChoiceField)  # noqa: S101
        parent.queryset, kind.queryset = units, UnitKind.objects.all()


class SiteForm(forms.Form):
    """The facts of the site."""

    site_name = forms.CharField(label=_("Tên trang"), max_length=150)
    logo_text = forms.CharField(label=_("Chữ trên biểu trưng"), max_length=40, required=False)
    tagline = forms.CharField(label=_("Dòng giới thiệu"), max_length=250, required=False)
    owner = forms.CharField(label=_("Cơ quan chủ quản"), max_length=200)
    responsible_title = forms.CharField(label=_("Chức danh người chịu trách nhiệm nội dung"), max_length=150)
    responsible_name = forms.CharField(
        label=_("Họ tên người chịu trách nhiệm nội dung"), max_length=150, required=False
    )
    address = forms.CharField(label=_("Địa chỉ"), max_length=300)
    email = forms.EmailField(label=_("Thư điện tử"))
    phone = forms.CharField(label=_("Điện thoại"), max_length=40)
    operator = UnitChoice(label=_("Đơn vị vận hành"), queryset=Unit.objects.none())
    contact_is_demo = forms.BooleanField(label=_("Thông tin liên hệ chỉ để minh họa"), required=False)

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["operator"]
        assert isinstance(field, UnitChoice)  # noqa: S101  # tells the type checker
        field.queryset = units
