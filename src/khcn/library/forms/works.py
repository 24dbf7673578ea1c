"""Forms of the library's desk: files to hand in, the description of a work, the reason of a step."""

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from khcn.engines.records.ddc import ddc_of
from khcn.engines.records.pids import SCHEMES, WORK_SCHEMES, BadIdentifierError, normal_identifier
from khcn.library.enums import ADDRESS_KINDS, Rights, Visibility, WorkKind
from khcn.library.identifiers import bad_identifier_text, identifiers_with
from khcn.library.models import Audience, Collection, Subject, Work
from khcn.library.services.works import LEGAL_FIELDS, TERM_FIELDS
from khcn.orgs.models import Unit

DATE = {"type": "date"}
READER_FIELDS = ("visibility", "units", "embargo_until")


class ManyFilesInput(forms.ClearableFileInput):
    """A file input that takes several files at once."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files; the cleaned value is a list."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Check every file by itself."""
        files = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class PeopleField(forms.CharField):
    """One person or body a line, with an ORCID after a bar; the cleaned value is the list of records that works keep."""

    # The page's script puts a box below it that offers the names the library knows (js/pages/names.js).
    widget = forms.Textarea(attrs={"rows": 3, "data-names": reverse_lazy("library-desk:name-suggestions")})

    def prepare_value(self, value: Any) -> Any:
        """Show the names as lines, each with its ORCID."""
        if not isinstance(value, list):
            return value
        return "\n".join(
            f"{one['name']} | {one['orcid']}" if one.get("orcid") else str(one["name"])
            for one in value
            if one.get("name")
        )

    def to_python(self, value: Any) -> Any:
        """Return a record a line. :raises forms.ValidationError: for an ORCID that is none."""
        found = []
        for line in (super().to_python(value) or "").splitlines():
            name, _bar, orcid = (part.strip() for part in line.partition("|"))
            if not name:
                continue
            person = {"name": name}
            if orcid:
                try:
                    person["orcid"] = normal_identifier("orcid", orcid)
                except BadIdentifierError as error:
                    raise forms.ValidationError(bad_identifier_text(error)) from error
            found.append(person)
        return found


class IdentifierField(forms.CharField):
    """Identifiers of one kind (DOI, ISBN ...), separated by semicolons; the cleaned value is a list in the one form."""

    def __init__(self, *args: Any, scheme: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scheme = scheme

    def prepare_value(self, value: Any) -> Any:
        """Show a list on one line."""
        return "; ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the identifiers. :raises forms.ValidationError: naming the one that is none."""
        parts = [part.strip() for part in (super().to_python(value) or "").split(";")]
        try:
            return [normal_identifier(self.scheme, part) for part in parts if part]
        except BadIdentifierError as error:
            raise forms.ValidationError(bad_identifier_text(error)) from error


def _identifier_hint(example: str) -> str:
    return gettext("Ví dụ: %(example)s. Nhiều mã thì ngăn bằng dấu chấm phẩy.") % {"example": example}


def _identifier_field(scheme: str) -> IdentifierField:
    known = SCHEMES[scheme]
    return IdentifierField(
        label=known.label,
        required=False,
        max_length=1000,
        scheme=scheme,
        help_text=lazy(_identifier_hint, str)(known.example),
    )


class LinesField(forms.CharField):
    """One value a line; the cleaned value is a list."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the lines that are not empty."""
        text = super().to_python(value) or ""
        return [line.strip() for line in text.splitlines() if line.strip()]


def unit_choices(units: Any) -> list[tuple[int, str]]:
    """Return units for a select."""
    return [(unit.pk, unit.label) for unit in units]


class DepositForm(forms.Form):
    """Files dropped in, for which unit, and where they belong. Everything else is read from the files."""

    documents = ManyFilesField(
        label=_("Tệp"),
        help_text=_("Kéo thả nhiều tệp một lần: PDF, DOCX, DOC, XLSX, PPTX, ODT, RTF, ảnh scan, ZIP."),
        widget=ManyFilesInput,
    )
    unit = forms.TypedChoiceField(label=_("Gửi thay cho đơn vị"), coerce=int)
    collection = forms.ModelChoiceField(
        label=_("Bộ sưu tập"),
        queryset=Collection.objects.all(),
        required=False,
        empty_label=_("Để thủ thư xếp"),
    )

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.choices = unit_choices(units)


class WorkForm(forms.ModelForm[Work]):
    """The description of a work. What the pipeline read from the file is filled in already."""

    creators = PeopleField(
        label=_("Tác giả"),
        help_text=_(
            "Mỗi dòng một người hoặc một cơ quan. Có ORCID thì ghi sau dấu gạch đứng: "
            "Nguyễn Văn A | 0000-0002-1825-0097"
        ),
        required=False,
    )
    contributors = PeopleField(label=_("Người đóng góp"), help_text=_("Mỗi dòng một người."), required=False)
    doi = _identifier_field("doi")
    isbn = _identifier_field("isbn")
    issn = _identifier_field("issn")
    handle = _identifier_field("handle")
    kind = forms.ChoiceField(label=_("Loại"), choices=WorkKind.choices)
    rights = forms.ChoiceField(label=_("Quyền sử dụng"), choices=Rights.choices)
    visibility = forms.ChoiceField(
        label=_("Ai được đọc"), choices=Visibility.choices, widget=forms.RadioSelect
    )
    language = forms.ChoiceField(
        label=_("Ngôn ngữ"), choices=[("vi", _("Tiếng Việt")), ("en", _("Tiếng Anh"))]
    )
    issued_date = forms.DateField(
        label=_("Ngày ban hành"), required=False, widget=forms.DateInput(DATE, "%Y-%m-%d")
    )
    embargo_until = forms.DateField(
        label=_("Chưa công bố trước ngày"), required=False, widget=forms.DateInput(DATE, "%Y-%m-%d")
    )
    collections = forms.ModelMultipleChoiceField(
        label=_("Bộ sưu tập"),
        queryset=Collection.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    subjects = forms.ModelMultipleChoiceField(
        label=_("Chủ đề"), queryset=Subject.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    audiences = forms.ModelMultipleChoiceField(
        label=_("Dành cho"),
        queryset=Audience.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    units = forms.ModelMultipleChoiceField(
        label=_("Các đơn vị được đọc"),
        help_text=_("Chỉ dùng khi chọn “Một số đơn vị”."),
        queryset=Unit.objects.all(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    fieldsets = [
        (_("Nội dung"), "", ["title", "kind", "abstract", "body", "url"]),
        (
            _("Ai viết, khi nào"),
            "",
            ["creators", "contributors", "publisher", "issued_date", "issued_year", "language"],
        ),
        (_("Mã định danh"), _("Mã do nơi khác cấp, nếu có."), ["doi", "isbn", "issn", "handle"]),
        (_("Xếp ở đâu"), "", ["collections", "subjects", "audiences", "ddc"]),
        (_("Ai được đọc"), "", ["visibility", "units", "embargo_until"]),
        (_("Quyền và nguồn"), "", ["rights", "rights_note", "source"]),
    ]

    class Meta:
        model = Work
        fields = (
            "title", "kind", "abstract", "body", "url", "creators", "contributors", "publisher", "issued_date",
            "issued_year", "language", "collections", "subjects", "audiences", "visibility", "units", "embargo_until",
            "rights", "rights_note", "source", "ddc",
        )  # fmt: skip
        widgets = {"body": forms.Textarea(attrs={"rows": 14}), "abstract": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known = {name: list(getattr(self.instance, name)) for name in ("creators", "contributors")}
        for scheme in WORK_SCHEMES:
            held = [one for one in self.instance.identifiers if str(one.get("type", "")).lower() == scheme]
            self.initial[scheme] = [str(one.get("value", "")) for one in held]
        kind = self.data.get("kind") or self.instance.kind
        if kind != WorkKind.ARTICLE:
            self.fields.pop("body")
        if kind not in ADDRESS_KINDS:
            self.fields.pop("url")

    def clean_ddc(self) -> str:
        """Bring a Dewey number to its one form."""
        said = str(self.cleaned_data.get("ddc") or "")
        number = ddc_of(said)
        if said.strip() and not number:
            raise forms.ValidationError(_("Số phân loại DDC gồm ba chữ số, ví dụ 621 hoặc 621.3124."))
        return number

    def work_values(self) -> dict[str, Any]:
        """Return the fields of the work for the service."""
        data = self.cleaned_data
        values = {name: value for name, value in data.items() if name not in {*TERM_FIELDS, *WORK_SCHEMES}}
        values["identifiers"] = identifiers_with(
            self.instance.identifiers, {scheme: data[scheme] for scheme in WORK_SCHEMES}
        )
        for name in ("creators", "contributors"):
            values[name] = _with_what_was_known(values[name], self._known[name])
        if values.get("issued_date") and "issued_year" in values:
            values.pop("issued_year")
        return values

    def work_terms(self) -> dict[str, list[int]]:
        """Return the ids of the terms for the service."""
        data = self.cleaned_data
        return {name: [term.pk for term in data[name]] for name in TERM_FIELDS if name in data}

    def keep_readers(self) -> None:
        """Leave out who may read the work: for who may change a published work but not that."""
        for name in READER_FIELDS:
            self.fields.pop(name)
        self.fieldsets = [part for part in self.fieldsets if set(part[2]) != set(READER_FIELDS)]


def _with_what_was_known(people: list[dict[str, Any]], known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give people of the same name back what the form does not show: role, kind."""
    by_name = {one.get("name"): one for one in known}
    return [
        {**{key: value for key, value in by_name.get(one["name"], {}).items() if key != "orcid"}, **one}
        for one in people
    ]


class LegalForm(forms.Form):
    """The fields of Decree 30/2020, annex VI, for an official document."""

    type_name = forms.CharField(label=_("Tên loại"), max_length=100, required=False)
    number = forms.CharField(
        label=_("Số, ký hiệu"), max_length=60, required=False, help_text=_("Ví dụ: 82/KH-UBND, 46/2019/QH14")
    )
    organ_name = forms.CharField(label=_("Cơ quan ban hành"), max_length=200, required=False)
    place = forms.CharField(label=_("Nơi ban hành"), max_length=100, required=False)
    signer_name = forms.CharField(label=_("Người ký"), max_length=50, required=False)
    signer_position = forms.CharField(label=_("Chức vụ người ký"), max_length=100, required=False)
    recipients = LinesField(label=_("Nơi nhận"), help_text=_("Mỗi dòng một nơi."), required=False)
    effective_date = forms.DateField(
        label=_("Có hiệu lực từ ngày"), required=False, widget=forms.DateInput(DATE, "%Y-%m-%d")
    )
    expired_date = forms.DateField(
        label=_("Hết hiệu lực từ ngày"), required=False, widget=forms.DateInput(DATE, "%Y-%m-%d")
    )
    fieldsets = [
        (
            _("Thông tin văn bản"),
            _("Theo Phụ lục VI Nghị định 30/2020/NĐ-CP. Phần máy đọc được đã điền sẵn; hãy đối chiếu với bản gốc."),
            [
                "type_name", "number", "organ_name", "place", "signer_name", "signer_position", "recipients",
                "effective_date", "expired_date",
            ],
        )
    ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Refuse a document that expires before it binds."""
        data = super().clean() or {}
        first, last = data.get("effective_date"), data.get("expired_date")
        if first and last and last < first:
            self.add_error("expired_date", _("Ngày hết hiệu lực phải sau ngày có hiệu lực."))
        return data

    def legal_values(self) -> dict[str, Any]:
        """Return the fields for the service."""
        return {name: value for name, value in self.cleaned_data.items() if name in LEGAL_FIELDS}


class NewWorkForm(forms.Form):
    """A work without a file: an article, a link, a video."""

    kind = forms.ChoiceField(
        label=_("Loại"),
        choices=[(kind.value, kind.label) for kind in (WorkKind.ARTICLE, WorkKind.LINK, WorkKind.VIDEO)],
        widget=forms.RadioSelect,
    )
    title = forms.CharField(label=_("Nhan đề"), max_length=500)
    unit = forms.TypedChoiceField(label=_("Gửi thay cho đơn vị"), coerce=int)

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.choices = unit_choices(units)


class ReasonForm(forms.Form):
    """Why, in words that others will read."""

    reason = forms.CharField(label=_("Lý do"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000)


class ScheduleForm(forms.Form):
    """When a work is published by itself."""

    publish_at = forms.DateTimeField(
        label=_("Đăng vào lúc"), widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    )


class TakedownDecisionForm(forms.Form):
    """The answer to a take-down request."""

    upheld = forms.TypedChoiceField(
        label=_("Quyết định"),
        choices=[("1", _("Chấp nhận yêu cầu")), ("0", _("Không chấp nhận"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    decision = forms.CharField(label=_("Trả lời người yêu cầu"), widget=forms.Textarea(attrs={"rows": 4}))
