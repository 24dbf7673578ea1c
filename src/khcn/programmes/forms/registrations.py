"""Forms of registering. They shape input; rules live in services."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.programmes.enums import Audience, ConsentBy, ConsentPurpose, Sex
from khcn.programmes.human import HumanForm
from khcn.programmes.models.consents import ConsentText
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.rules.questions import KINDS, NO, YES, condition_words
from khcn.programmes.rules.registrations import Person
from khcn.ui.fields import WholeField

PAPER = ".pdf,image/png,image/jpeg,image/webp"


class AddressForm(HumanForm):
    """First step: where the code goes."""

    address = forms.CharField(
        label=gettext_lazy("Số điện thoại hoặc thư điện tử"), max_length=254,
        help_text=gettext_lazy("Chúng tôi gửi một mã sáu chữ số đến đây. Ví dụ 0901234567."),
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    field_order = ("address", "human")


class PersonFields(forms.Form):
    """What is asked about a person, with the programme's own questions."""

    name = forms.CharField(
        label=gettext_lazy("Họ và tên"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    audience = forms.ChoiceField(label=gettext_lazy("Bạn là"), choices=Audience.choices)
    birth_year = WholeField(
        label=gettext_lazy("Năm sinh"),
        required=False,
        help_text=gettext_lazy("Học sinh cần ghi. Ví dụ 2009."),
    )
    sex = forms.ChoiceField(
        label=gettext_lazy("Giới tính"),
        choices=[("", gettext_lazy("Không ghi")), *Sex.choices],
        required=False,
    )
    organisation = forms.CharField(
        label=gettext_lazy("Trường, đơn vị, nơi làm việc"), max_length=250, required=False
    )
    class_name = forms.CharField(label=gettext_lazy("Lớp"), max_length=80, required=False)
    guardian_name = forms.CharField(
        label=gettext_lazy("Cha mẹ hoặc người giám hộ"), max_length=200, required=False,
        help_text=gettext_lazy("Chỉ khi người tham gia chưa đủ 18 tuổi."),
    )  # fmt: skip

    def __init__(self, *args: Any, programme: Programme, lenient: bool = False, **kwargs: Any) -> None:
        """``lenient``: lists and clerks, who need not know every answer."""
        super().__init__(*args, **kwargs)
        self.programme = programme
        audience = self.fields["audience"]
        allowed = programme.audience_list or Audience.values
        pairs = [(one, Audience(one).label) for one in allowed]
        assert isinstance(audience, forms.ChoiceField)  # noqa: S101  # tells the type checker
        audience.choices = pairs if len(pairs) == 1 else [("", _("Chọn")), *pairs]
        if Audience.PUPILS not in allowed:
            del self.fields["class_name"]
        if not {Audience.PUPILS, Audience.YOUNG, Audience.PUBLIC} & set(allowed):
            del self.fields["guardian_name"]
        for question in programme.questions:
            field = self.fields[f"q_{question['key']}"] = _field_of(question, programme.questions)
            field.required = bool(question["required"]) and not lenient

    def clean(self) -> dict[str, Any]:
        """Let the service say which required questions apply: it knows the audience and the other answers."""
        for question in self.programme.questions:
            name = f"q_{question['key']}"
            if self.has_error(name, "required"):
                del self.errors[name]
        return self.cleaned_data

    def person(self) -> Person:
        """Return who was described; the service says which answers apply."""
        data = self.cleaned_data
        answers = {one["key"]: data.get(f"q_{one['key']}") for one in self.programme.questions}
        names = ("name", "audience", "sex", "birth_year", "organisation", "class_name", "guardian_name")
        return Person(**{name: data[name] for name in names if name in data}, answers=answers)


def person_initial(row: Any) -> dict[str, Any]:
    """Return what a form about a registration begins with."""
    names = ("name", "audience", "sex", "birth_year", "organisation", "class_name", "guardian_name")
    answers = {f"q_{key}": value for key, value in row.answers.items()}
    return {name: getattr(row, name) for name in names} | answers


def _field_of(question: Mapping[str, Any], questions: Sequence[Mapping[str, Any]]) -> forms.Field:
    """Return the field of a question; required ones are checked by the service, which knows what applies."""
    common = {
        "label": question["label"],
        "required": False,
        "help_text": condition_words(question, questions),
    }
    when = next(iter((question.get("show_if") or {}).items()), None)
    attrs = {"data-when": f"q_{when[0]}={when[1]}"} if when else {}
    if question.get("audience"):
        attrs["data-for"] = " ".join(question["audience"])
    if question["kind"] == "many":
        pairs = [(one, one) for one in question["choices"]]
        return forms.MultipleChoiceField(
            **common, choices=pairs, widget=forms.CheckboxSelectMultiple(attrs=attrs)
        )
    if question["kind"] in {"choice", "yesno"}:
        yes_no = [(YES, _("Có")), (NO, _("Không"))]
        pairs = yes_no if question["kind"] == "yesno" else [(one, one) for one in question["choices"]]
        return forms.ChoiceField(
            **common, choices=[("", _("Chọn")), *pairs], widget=forms.Select(attrs=attrs)
        )
    return forms.CharField(**common, max_length=1000, widget=forms.TextInput(attrs=attrs))


def _session_field(sessions: Sequence[Session]) -> forms.ChoiceField:
    from khcn.ui.formats import format_datetime  # noqa: PLC0415  # used here only

    pairs = [(str(one.pk), f"{format_datetime(one.starts_at)} {one.title}".strip()) for one in sessions]
    return forms.ChoiceField(label=_("Buổi"), choices=pairs)


class SecondStep(forms.Form):
    """The second step of registering: the code, and what the first step proved."""

    code = forms.CharField(
        label=gettext_lazy("Mã xác nhận"), max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip
    stage = forms.CharField(widget=forms.HiddenInput, max_length=1000)
    client_key = forms.CharField(widget=forms.HiddenInput, max_length=40, min_length=16)

    def fit(self, programme: Programme, sessions: Sequence[Session], *, proven: bool) -> None:
        """Ask no code once it was proven; ask which session where seats are by session."""
        if proven:
            del self.fields["code"]
        if programme.by_session:
            self.fields["session"] = _session_field(sessions)


class RegisterForm(SecondStep, PersonFields):
    """Second step of a person: who comes; one unticked box a purpose."""

    def __init__(
        self,
        *args: Any,
        texts: Sequence[ConsentText],
        sessions: Sequence[Session],
        proven: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fit(self.programme, sessions, proven=proven)
        for text in texts:
            needed = text.purpose == ConsentPurpose.PROCESSING
            self.fields[f"ok_{text.purpose}"] = forms.BooleanField(
                label=text.text, required=needed, initial=False,
                help_text=_("Bản %(version)s. Bạn rút lại được bất cứ lúc nào.") % {"version": text.version},
                error_messages={"required": _("Không có sự đồng ý này, chúng tôi không được ghi thông tin của bạn.")},
            )  # fmt: skip
        self.order_fields(["code", "session", *self.fields])

    def consents(self) -> list[str]:
        """Return the purposes whose boxes were ticked."""
        return [name[3:] for name in self.fields if name.startswith("ok_") and self.cleaned_data[name]]


class GroupForm(SecondStep):
    """Second step of a group: who is in charge."""

    name = forms.CharField(label=gettext_lazy("Trường, đơn vị, doanh nghiệp"), max_length=250)
    label = forms.CharField(label=gettext_lazy("Lớp, tổ, đoàn"), max_length=120, required=False)
    contact_name = forms.CharField(label=gettext_lazy("Người phụ trách"), max_length=200)
    ok_processing = forms.BooleanField(
        label=gettext_lazy(
            "Tôi đồng ý để đơn vị tổ chức ghi tên và liên hệ của tôi để tổ chức hoạt động này."
        )
    )

    def __init__(
        self,
        *args: Any,
        programme: Programme,
        sessions: Sequence[Session],
        proven: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fit(programme, sessions, proven=proven)


class GroupNameForm(forms.Form):
    """How a group is called and who is in charge."""

    name = forms.CharField(label=gettext_lazy("Trường, đơn vị, doanh nghiệp"), max_length=250)
    label = forms.CharField(label=gettext_lazy("Lớp, tổ, đoàn"), max_length=120, required=False)
    contact_name = forms.CharField(label=gettext_lazy("Người phụ trách"), max_length=200, required=False)
    prefix = "doan"


def group_initial(row: Any) -> dict[str, Any]:
    """Return what the form about a group begins with."""
    return {name: getattr(row, name) for name in ("name", "label", "contact_name")}


class ListForm(forms.Form):
    """A filled list."""

    file = forms.FileField(
        label=gettext_lazy("Danh sách đã điền (.xlsx hoặc .csv)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )

    def __init__(self, *args: Any, sessions: Sequence[Session] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sessions:
            self.fields["session"] = _session_field(sessions)


class PaperForm(forms.Form):
    """Signed papers of people of a group."""

    people = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Những ai"), coerce=int, widget=forms.CheckboxSelectMultiple, required=False,
        help_text=gettext_lazy("Không chọn ai là cả đoàn."),
    )  # fmt: skip
    purposes = forms.MultipleChoiceField(
        label=gettext_lazy("Đồng ý việc gì"), widget=forms.CheckboxSelectMultiple
    )
    by = forms.ChoiceField(
        label=gettext_lazy("Ai đã ký"), choices=ConsentBy.choices, initial=ConsentBy.GUARDIAN
    )
    scan = forms.FileField(
        label=gettext_lazy("Ảnh chụp hoặc bản quét phiếu"), required=False,
        widget=forms.ClearableFileInput(attrs={"accept": PAPER}),
    )  # fmt: skip

    def __init__(self, *args: Any, people: Sequence[Any], programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who, what = self.fields["people"], self.fields["purposes"]
        assert isinstance(who, forms.ChoiceField)  # noqa: S101  # tells the type checker
        assert isinstance(what, forms.ChoiceField)  # noqa: S101
        who.choices = [(row.pk, row.name) for row in people]
        purposes = ["processing", *programme.purpose_list]
        what.choices = [(one, ConsentPurpose(one).label) for one in purposes if one in ConsentPurpose.values]


class ReasonForm(forms.Form):
    """Why a registration is refused."""

    reason = forms.CharField(label=gettext_lazy("Lý do (người đăng ký đọc câu này)"), max_length=300)


class HandForm(PersonFields):
    """A registration on paper that a clerk enters."""

    address = forms.CharField(
        label=gettext_lazy("Số điện thoại hoặc thư điện tử"), max_length=254, required=False
    )
    client_key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, sessions: Sequence[Session], **kwargs: Any) -> None:
        super().__init__(*args, lenient=True, **kwargs)
        if self.programme.by_session:
            self.fields["session"] = _session_field(sessions)


class QuestionForm(forms.Form):
    """One question in the editor."""

    label = forms.CharField(label=gettext_lazy("Câu hỏi"), max_length=300, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kiểu trả lời"),
        choices=list(zip(KINDS, (gettext_lazy("Gõ chữ"), gettext_lazy("Chọn một"), gettext_lazy("Chọn nhiều"),
                                 gettext_lazy("Có hoặc Không"), gettext_lazy("Gõ số")), strict=True)),
    )  # fmt: skip
    choices = forms.CharField(
        label=gettext_lazy("Các lựa chọn, mỗi dòng một"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    required = forms.BooleanField(label=gettext_lazy("Bắt buộc trả lời"), required=False)
    if_key = forms.CharField(
        label=gettext_lazy("Chỉ hỏi khi câu số"),
        required=False,
        max_length=2,
        help_text=gettext_lazy("Số của câu đứng trước."),
    )
    if_value = forms.CharField(label=gettext_lazy("trả lời là"), required=False, max_length=150)
    audience = forms.MultipleChoiceField(
        label=gettext_lazy("Chỉ hỏi người là"), choices=Audience.choices, required=False,
        help_text=gettext_lazy("Không chọn ai: hỏi mọi người."), widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=30)

    def __init__(self, *args: Any, audiences: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = {*audiences, *(self.initial.get("audience") or ())}
        field = self.fields["audience"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  # tells the type checker
        field.choices = [(value, label) for value, label in Audience.choices if value in shown]
        if len(shown) < 2:  # nothing to choose between: what is kept stays
            del self.fields["audience"]
