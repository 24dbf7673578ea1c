"""Forms of training: surveys of needs, proposals, what programmes teach, the own record."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.orgs.models import Unit
from khcn.programmes.enums_training import Outcome, Priority, WishForm
from khcn.programmes.forms.training import HoursField, NamedPick
from khcn.programmes.human import HumanForm
from khcn.programmes.models.training import TrainingTopic
from khcn.programmes.services.training_proposals import CourseWish
from khcn.programmes.services.training_surveys import Wanted
from khcn.ui.fields import DayField, MoneyField, WholeField


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
                label=_("Ưu tiên"), required=False, coerce=int, empty_value=str(Priority.MIDDLE.value), choices=Priority.choices,
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
                int(data[f"priority-{one.pk}"]),
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
