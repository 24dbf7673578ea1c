"""Forms of training: topics, positions, people, rosters, records, surveys, proposals. They shape input; rules live in services."""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.numbers import number_vi
from khcn.orgs.enums import PartyKind
from khcn.orgs.models import Party, Unit
from khcn.programmes.enums_training import Level, Staff
from khcn.programmes.models.training import TrainingPosition, TrainingTopic
from khcn.programmes.services.training_people import PersonWish
from khcn.programmes.services.training_records import RecordWish
from khcn.programmes.services.training_setup import Required, TopicWish
from khcn.ui.fields import DayField, WholeField

SHEETS: Final = ".xlsx,.csv"
EVIDENCE: Final = ".pdf,image/*"
MOST_HOURS: Final = Decimal(2000)


class HoursField(forms.Field):
    """Hours: 7,5 and 7.5 are the same."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show hours with a comma."""
        return number_vi(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        """Return the hours. Raises ValidationError."""
        text = str(value or "").strip().replace(",", ".")
        if not text:
            return None
        try:
            hours = Decimal(text) if text.isascii() and len(text) < 10 else None
        except InvalidOperation:
            hours = None
        if hours is None or not hours.is_finite() or not 0 <= hours <= MOST_HOURS:
            raise ValidationError(_("Hãy ghi số từ 0 đến 2.000, ví dụ 7,5."))
        return hours.quantize(Decimal("0.1"))


class NamedPick(forms.ModelChoiceField[Any]):
    """One row of a list, by its name."""

    def label_from_instance(self, obj: Any) -> str:
        """Name it."""
        return str(obj.name)


class TopicForm(forms.Form):
    """A topic."""

    code = forms.CharField(
        label=gettext_lazy("Mã"), max_length=30, help_text=gettext_lazy("Ngắn gọn, ví dụ ATTT.")
    )
    name = forms.CharField(label=gettext_lazy("Tên chủ đề"), max_length=200)
    purpose = forms.CharField(
        label=gettext_lazy("Để làm gì"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    valid_months = WholeField(
        label=gettext_lazy("Có giá trị trong bao nhiêu tháng"), required=False, min_value=1, max_value=600,
        help_text=gettext_lazy("Để trống nếu học một lần là đủ."),
    )  # fmt: skip
    warn_days = WholeField(
        label=gettext_lazy("Báo trước khi hết hạn (ngày)"), min_value=0, max_value=730, initial=90
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("Dành cho"), required=False, choices=[("", gettext_lazy("Cả hai")), *Staff.choices]
    )
    is_active = forms.BooleanField(label=gettext_lazy("Đang dùng"), required=False, initial=True)

    def wish(self) -> TopicWish:
        """Return what was entered."""
        return TopicWish(**self.cleaned_data)


class PositionForm(forms.Form):
    """A position, with a choice and a number of months for each topic."""

    title = forms.CharField(label=gettext_lazy("Chức danh, vị trí"), max_length=150)
    audience = forms.ChoiceField(
        label=gettext_lazy("Là"), choices=Staff.choices, widget=forms.RadioSelect, initial=Staff.OFFICIALS
    )
    staff = WholeField(
        label=gettext_lazy("Số người theo biên chế"), required=False, min_value=0, max_value=9999
    )

    def __init__(
        self,
        *args: Any,
        topics: Iterable[TrainingTopic],
        position: TrainingPosition | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        held = {one.topic_id: one for one in position.requirements.all()} if position else {}
        if position is not None:
            self.initial.update(
                {"title": position.title, "audience": position.audience, "staff": position.staff}
            )
        self.topics = list(topics)
        for one in self.topics:
            rule = held.get(one.pk)
            self.fields[f"level-{one.pk}"] = forms.ChoiceField(
                label=one.name,
                required=False,
                choices=[("", _("Không yêu cầu")), *Level.choices],
                initial=rule.level if rule else "",
            )
            self.fields[f"within-{one.pk}"] = WholeField(
                label=_("Trong bao nhiêu tháng sau khi nhận nhiệm vụ"), required=False, min_value=0, max_value=120,
                initial=rule.within_months if rule else None,
            )  # fmt: skip

    @property
    def rows(self) -> list[tuple[TrainingTopic, Any, Any]]:
        """Return the fields of each topic."""
        return [(one, self[f"level-{one.pk}"], self[f"within-{one.pk}"]) for one in self.topics]

    def required(self) -> dict[int, Required]:
        """Return what was chosen, by topic."""
        data = self.cleaned_data
        return {
            one.pk: Required(data[f"level-{one.pk}"], data[f"within-{one.pk}"])
            for one in self.topics if data.get(f"level-{one.pk}")
        }  # fmt: skip


class PersonForm(forms.Form):
    """Somebody of a roster."""

    name = forms.CharField(label=gettext_lazy("Họ và tên"), max_length=150)
    position = forms.CharField(label=gettext_lazy("Chức danh, vị trí"), max_length=150)
    audience = forms.ChoiceField(
        label=gettext_lazy("Là"), choices=Staff.choices, widget=forms.RadioSelect, initial=Staff.OFFICIALS
    )
    party = NamedPick(
        label=gettext_lazy("Trường, tổ chức"), required=False, queryset=Party.objects.none(),
        help_text=gettext_lazy("Với giáo viên: trường trong sổ tổ chức."),
    )  # fmt: skip
    email = forms.CharField(
        label=gettext_lazy("Thư điện tử"), max_length=254, required=False,
        help_text=gettext_lazy("Để người đó tự xem kết quả của mình; mỗi người một địa chỉ."),
    )  # fmt: skip
    phone = forms.CharField(label=gettext_lazy("Điện thoại"), max_length=20, required=False)
    starts_on = DayField(label=gettext_lazy("Nhận nhiệm vụ từ ngày"))
    ends_on = DayField(label=gettext_lazy("Đến ngày"), required=False)

    def __init__(self, *args: Any, titles: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["party"]
        field.queryset = Party.objects.current().filter(kind=PartyKind.SCHOOL).alphabetical()
        if titles:
            self.fields["position"].help_text = _("Đã có: %(titles)s.") % {"titles": ", ".join(titles[:12])}

    def wish(self) -> PersonWish:
        """Return what was entered."""
        return PersonWish(**self.cleaned_data)


class RosterForm(forms.Form):
    """A filled roster."""

    file = forms.FileField(
        label=gettext_lazy("Danh sách đã điền (.xlsx hoặc .csv)"),
        widget=forms.ClearableFileInput(attrs={"accept": SHEETS}),
    )


class AccountForm(forms.Form):
    """The sign-in name of somebody."""

    username = forms.CharField(
        label=gettext_lazy("Tên đăng nhập"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Để trống để bỏ gắn."),
    )


class EndForm(forms.Form):
    """Until when somebody is with the unit."""

    ends_on = DayField(label=gettext_lazy("Thôi nhiệm vụ ở đơn vị từ sau ngày"))


class MoveForm(forms.Form):
    """To which unit somebody moves."""

    unit = NamedPick(label=gettext_lazy("Đơn vị mới"), queryset=Unit.objects.none())
    position = forms.CharField(label=gettext_lazy("Chức danh ở đơn vị mới"), max_length=150)
    starts_on = DayField(label=gettext_lazy("Từ ngày"))

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.queryset = units


class RecordForm(forms.Form):
    """A course of others."""

    client_key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    topic = NamedPick(label=gettext_lazy("Chủ đề"), queryset=TrainingTopic.objects.none())
    title = forms.CharField(label=gettext_lazy("Tên khóa"), max_length=300)
    organiser = forms.CharField(label=gettext_lazy("Nơi tổ chức"), max_length=200)
    held_on = DayField(label=gettext_lazy("Ngày hoàn thành"))
    hours = HoursField(label=gettext_lazy("Số tiết, giờ"))
    certificate_number = forms.CharField(
        label=gettext_lazy("Số giấy chứng nhận"), max_length=80, required=False
    )
    evidence = forms.FileField(
        label=gettext_lazy("Ảnh hoặc bản quét của giấy (PDF, ảnh)"), required=False,
        widget=forms.ClearableFileInput(attrs={"accept": EVIDENCE}),
    )  # fmt: skip

    def __init__(self, *args: Any, topics: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["topic"]
        field.queryset = topics

    def wish(self) -> RecordWish:
        """Return what was entered."""
        data = {
            key: value
            for key, value in self.cleaned_data.items()
            if key not in {"client_key", "evidence", "topic"}
        }
        return RecordWish(topic_id=self.cleaned_data["topic"].pk, **data)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=gettext_lazy("Lý do"), max_length=500)
