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
from khcn.programmes.enums_training import Level, Outcome, Priority, Staff, WishForm
from khcn.programmes.human import HumanForm
from khcn.programmes.models.training import TrainingPosition, TrainingTopic
from khcn.programmes.services.training_people import PersonWish
from khcn.programmes.services.training_proposals import CourseWish
from khcn.programmes.services.training_records import RecordWish
from khcn.programmes.services.training_setup import Required, TopicWish
from khcn.programmes.services.training_surveys import Wanted
from khcn.ui.fields import DayField, MoneyField, WholeField

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
            self.initial |= {"title": position.title, "audience": position.audience, "staff": position.staff}
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


class SurveyForm(forms.Form):
    """A new survey."""

    year = forms.IntegerField(label=gettext_lazy("Năm"), min_value=2000, max_value=2100)
    title = forms.CharField(label=gettext_lazy("Tên khảo sát"), max_length=200, required=False)
    deadline = DayField(label=gettext_lazy("Hạn trả lời"))
    note = forms.CharField(
        label=gettext_lazy("Lời dặn"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("Hỏi về chủ đề"), widget=forms.CheckboxSelectMultiple
    )
    units = forms.MultipleChoiceField(label=gettext_lazy("Hỏi đơn vị"), widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, *args: Any, topics: Iterable[TrainingTopic], units: Iterable[Unit], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("topics", topics), ("units", units)):
            field: Any = self.fields[name]
            field.choices = [(str(one.pk), one.name) for one in rows]
            self.initial.setdefault(name, [value for value, _label in field.choices])


class DeadlineForm(forms.Form):
    """Another deadline."""

    deadline = DayField(label=gettext_lazy("Hạn trả lời mới"))


class AnswerForm(forms.Form):
    """What a unit needs: four fields a topic."""

    note = forms.CharField(
        label=gettext_lazy("Ý kiến khác"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, topics: Iterable[TrainingTopic], lines: Iterable[Any] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.topics = list(topics)
        held = {one.topic_id: one for one in lines}
        for one in self.topics:
            line = held.get(one.pk)
            self.fields[f"people-{one.pk}"] = WholeField(
                label=_("Số người cần"),
                required=False,
                min_value=0,
                max_value=5000,
                initial=line.people if line else None,
            )
            self.fields[f"priority-{one.pk}"] = forms.TypedChoiceField(
                label=_("Ưu tiên"), required=False, coerce=int, empty_value=Priority.MIDDLE, choices=Priority.choices,
                initial=line.priority if line else Priority.MIDDLE,
            )  # fmt: skip
            self.fields[f"time-{one.pk}"] = forms.CharField(
                label=_("Thời gian mong muốn"),
                required=False,
                max_length=100,
                initial=line.wish_time if line else "",
            )
            self.fields[f"form-{one.pk}"] = forms.ChoiceField(
                label=_("Hình thức"),
                required=False,
                choices=[("", "–"), *WishForm.choices],
                initial=line.wish_form if line else "",
            )

    @property
    def rows(self) -> list[tuple[TrainingTopic, list[Any]]]:
        """Return the fields of each topic."""
        return [
            (one, [self[f"{name}-{one.pk}"] for name in ("people", "priority", "time", "form")])
            for one in self.topics
        ]

    def lines(self) -> list[Wanted]:
        """Return what was entered."""
        data = self.cleaned_data
        return [
            Wanted(
                one.pk,
                data.get(f"people-{one.pk}") or 0,
                data[f"priority-{one.pk}"],
                data[f"time-{one.pk}"],
                data[f"form-{one.pk}"],
            )
            for one in self.topics
        ]


class ProposalForm(forms.Form):
    """A course of others and who should go."""

    client_key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    course = forms.CharField(label=gettext_lazy("Tên khóa"), max_length=200)
    topic = NamedPick(label=gettext_lazy("Chủ đề"), queryset=TrainingTopic.objects.none())
    organiser = forms.CharField(label=gettext_lazy("Nơi tổ chức"), max_length=200)
    place = forms.CharField(label=gettext_lazy("Địa điểm"), max_length=200, required=False)
    starts_on = DayField(label=gettext_lazy("Từ ngày"))
    ends_on = DayField(label=gettext_lazy("Đến ngày"))
    hours = HoursField(label=gettext_lazy("Số tiết, giờ"))
    cost_vnd = MoneyField(label=gettext_lazy("Kinh phí mỗi người"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Lý do cử đi học"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    people = forms.MultipleChoiceField(
        label=gettext_lazy("Cử những người"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, topics: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["topic"]
        field.queryset = topics
        choice: Any = self.fields["people"]
        choice.choices = [(str(pk), label) for pk, label in people]

    def wish(self) -> CourseWish:
        """Return the course."""
        data = {
            key: value
            for key, value in self.cleaned_data.items()
            if key not in {"client_key", "people", "topic"}
        }
        return CourseWish(
            topic_id=self.cleaned_data["topic"].pk, **(data | {"cost_vnd": data["cost_vnd"] or Decimal(0)})
        )

    def chosen(self) -> list[int]:
        """Return who was chosen."""
        return [int(one) for one in self.cleaned_data["people"]]


class GatherForm(forms.Form):
    """Approved proposals that go to the organiser together."""

    client_key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    title = forms.CharField(label=gettext_lazy("Tên đợt"), max_length=200)
    addressee = forms.CharField(label=gettext_lazy("Kính gửi"), max_length=200)
    proposals = forms.MultipleChoiceField(label=gettext_lazy("Đề nghị"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, proposals: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["proposals"]
        field.choices = [(str(one.pk), f"{one.unit.label}: {one.course}") for one in proposals]
        self.initial.setdefault("proposals", [value for value, _label in field.choices])


class ResultsForm(forms.Form):
    """What became of each person of a proposal."""

    held_on = DayField(
        label=gettext_lazy("Ngày hoàn thành"),
        required=False,
        help_text=gettext_lazy("Để trống: ngày kết thúc khóa."),
    )

    def __init__(self, *args: Any, people: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = list(people)
        for one in self.people:
            self.fields[f"outcome-{one.person_id}"] = forms.ChoiceField(
                label=one.person.name, choices=Outcome.choices, initial=one.outcome
            )

    def outcomes(self) -> dict[int, str]:
        """Return what was chosen, by person."""
        return {one.person_id: self.cleaned_data[f"outcome-{one.person_id}"] for one in self.people}


class TeachesForm(forms.Form):
    """Which topics a programme teaches, with hours."""

    def __init__(self, *args: Any, topics: Iterable[TrainingTopic], held: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topics = list(topics)
        for one in self.topics:
            self.fields[f"teaches-{one.pk}"] = forms.BooleanField(
                label=one.name, required=False, initial=one.pk in held
            )
            self.fields[f"hours-{one.pk}"] = HoursField(
                label=_("Số tiết, giờ: %(name)s") % {"name": one.name},
                initial=held[one.pk].hours if one.pk in held else None,
            )

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """Return the fields of each topic."""
        return [(self[f"teaches-{one.pk}"], self[f"hours-{one.pk}"]) for one in self.topics]

    def hours(self) -> dict[int, Decimal | None]:
        """Return what was ticked."""
        data = self.cleaned_data
        return {one.pk: data[f"hours-{one.pk}"] for one in self.topics if data[f"teaches-{one.pk}"]}


class AddressForm(HumanForm):
    """Who wants to see the own record."""

    address = forms.CharField(
        label=gettext_lazy("Thư điện tử hoặc điện thoại đã ghi trong danh sách của đơn vị"), max_length=254,
        help_text=gettext_lazy("Chúng tôi gửi mã xác nhận đến đây."),
    )  # fmt: skip
    field_order = ("address", "human")


class CodeForm(forms.Form):
    """The code that was sent."""

    address = forms.CharField(widget=forms.HiddenInput, max_length=254)
    code = forms.CharField(
        label=gettext_lazy("Mã xác nhận 6 số"), max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip
