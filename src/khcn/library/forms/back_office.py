"""Forms of the back office: an article with its editor, and a term (collection, subject, audience)."""

import re
from datetime import datetime
from typing import Any, Final

from django import forms
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.rich_text.converters.contentstate import link_entity
from wagtail.admin.rich_text.converters.html_to_contentstate import ExternalLinkElementHandler
from wagtail.admin.rich_text.editors.draftail import DraftailRichTextArea
from wagtail.admin.rich_text.editors.draftail.features import EntityFeature
from wagtail.rich_text import expand_db_html

from khcn.engines.records.ddc import ddc_of
from khcn.engines.text.slug import slugify_vi
from khcn.library.forms.works import LinesField, PeopleField, unit_choices
from khcn.library.models import Audience, Collection, Subject, Work
from khcn.library.selectors.desk import deposit_units
from khcn.library.services.taxonomy_edit import term_save

# ``web-link`` is the link to an address, without Wagtail's tree of pages (``web_link_feature``).
EDITOR_FEATURES: Final = [
    "h2", "h3", "h4", "bold", "italic", "superscript", "subscript", "code", "ol", "ul", "web-link", "hr", "blockquote",
]  # fmt: skip
# What an imported article may hold and the editor would drop without a word.
_BEYOND_EDITOR: Final = re.compile(r"<(?:table|pre|figure|figcaption)\b", re.IGNORECASE)
_EXTERNAL_LINK: Final = reverse_lazy("wagtailadmin_choose_page_external_link")
_UNREADABLE: Final = "\x00"  # refused by every CharField


class ArticleEditor(DraftailRichTextArea):  # type: ignore[misc]  # Wagtail ships no types
    """Wagtail's editor; what did not come from it is refused instead of breaking the page."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, features=EDITOR_FEATURES)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the text as HTML."""
        try:
            return super().value_from_datadict(data, files, name)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError):
            return _UNREADABLE


def web_link_feature(features: Any) -> None:
    """Let editors link to an address; there is no tree of pages here to choose from."""
    choosers = {"pageChooser": _EXTERNAL_LINK, "externalLinkChooser": _EXTERNAL_LINK}
    features.register_editor_plugin(
        "draftail",
        "web-link",
        EntityFeature(
            {
                "type": "LINK",
                "icon": "link",
                "description": gettext_lazy("Liên kết"),
                "attributes": ["url"],
                "allowlist": {"href": "^(http:|https:|mailto:|#|undefined$)"},
                "chooserUrls": {
                    **choosers,
                    "emailLinkChooser": reverse_lazy("wagtailadmin_choose_page_email_link"),
                    "phoneLinkChooser": reverse_lazy("wagtailadmin_choose_page_phone_link"),
                    "anchorLinkChooser": reverse_lazy("wagtailadmin_choose_page_anchor_link"),
                },
            },
            js=["wagtailadmin/js/page-chooser-modal.js"],
        ),
    )
    features.register_converter_rule(
        "contentstate",
        "web-link",
        {
            "from_database_format": {"a[href]": ExternalLinkElementHandler("LINK")},
            "to_database_format": {"entity_decorators": {"LINK": link_entity}},
        },
    )


class ArticleForm(forms.ModelForm[Work]):
    """An article as editors write it. ``for_user`` decides for which units."""

    unit = forms.TypedChoiceField(label=gettext_lazy("Viết thay cho đơn vị"), coerce=int)
    body = forms.CharField(
        label=gettext_lazy("Nội dung bài viết"),
        required=False,
        error_messages={
            "null_characters_not_allowed": gettext_lazy(
                "Không đọc được nội dung vừa gửi. Hãy tải lại trang rồi viết lại."
            )
        },
    )
    creators = PeopleField(
        label=gettext_lazy("Tác giả"),
        help_text=gettext_lazy("Mỗi dòng một người hoặc một cơ quan."),
        required=False,
    )
    seen_at = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Work
        fields = (
            "title",
            "abstract",
            "body",
            "creators",
            "unit",
            "audiences",
            "subjects",
            "collections",
            "rights",
            "rights_note",
        )
        labels = {"audiences": gettext_lazy("Dành cho"), "abstract": gettext_lazy("Tóm tắt")}
        help_texts = {"abstract": gettext_lazy("Hai ba câu, hiện trong kết quả tìm và ở đầu bài.")}
        error_messages = {"title": {"required": gettext_lazy("Hãy ghi nhan đề của bài viết.")}}
        widgets = {
            "title": forms.TextInput,
            "abstract": forms.Textarea(attrs={"rows": 3}),
            "audiences": forms.CheckboxSelectMultiple,
            "subjects": forms.CheckboxSelectMultiple,
            "collections": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, for_user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].widget = ArticleEditor()  # not earlier: its features are registered by hooks
        if not self.instance.pk:
            units: Any = self.fields["unit"]
            units.choices = unit_choices(deposit_units(for_user, timezone.localdate()))
            return
        del self.fields["unit"]
        self.initial["seen_at"] = _moment(self.instance.updated_at)
        if _BEYOND_EDITOR.search(self.instance.body):
            self.fields["body"].widget = forms.Textarea(attrs={"rows": 24, "spellcheck": "false"})
            self.fields["body"].help_text = _(
                "Bài này có bảng hoặc hình mà trình soạn thảo không giữ được, nên được sửa ở dạng HTML."
            )

    def clean(self) -> dict[str, Any]:
        """Refuse to write over what somebody else has saved meanwhile."""
        data = super().clean() or self.cleaned_data
        if self.instance.pk and data.get("seen_at") != _moment(self.instance.updated_at):
            raise forms.ValidationError(
                _(
                    "Trong lúc bạn viết, người khác đã lưu bài này. "
                    "Hãy chép phần bạn vừa viết, tải lại trang rồi ghi lại, để không ai mất bài."
                )
            )
        return data

    def _post_clean(self) -> None:
        """Leave the record alone: the services check and write it."""

    def parts(self) -> dict[str, Any]:
        """Return the arguments of ``work_create`` and ``work_update``: values and terms."""
        data = self.cleaned_data
        names = ("title", "abstract", "creators", "rights", "rights_note")
        values = {name: data[name] for name in names}
        terms = {name: [term.pk for term in data[name]] for name in ("audiences", "subjects", "collections")}
        return {"values": {**values, "body": expand_db_html(data["body"])}, "terms": terms}


def _moment(when: datetime) -> str:
    return str(round(when.timestamp() * 1_000_000))


class TermForm(forms.ModelForm[Any]):
    """A collection, subject or audience. The key is part of addresses, so it stays once it is there."""

    for_user: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        key = self.fields["key"]
        key.label = _("Mã trong địa chỉ")
        if self.instance.pk:
            key.disabled = True
            key.help_text = _("Địa chỉ đã công bố thì không đổi nữa.")
        else:
            key.required = False
            key.help_text = _("Chữ thường không dấu, nối bằng gạch ngang. Để trống: lấy từ tên.")
        self.fields["name"].error_messages["required"] = _("Hãy ghi tên.")
        self.fields["position"].help_text = _("Số nhỏ đứng trước; bằng nhau thì xếp theo tên.")

    def clean_key(self) -> str:
        """Make the key from the name where none is given."""
        key = str(self.cleaned_data.get("key") or "")
        key = key or slugify_vi(str(self.cleaned_data.get("name", "")))[:80].strip("-")
        if not key and "name" in self.cleaned_data:
            raise forms.ValidationError(_("Không lấy được mã từ tên này. Hãy ghi mã."))
        return key

    def save(self, commit: bool = True) -> Any:
        """Write through the service."""
        return term_save(term=self.instance, actor=self.for_user, now=timezone.now())


class SubjectForm(TermForm):
    """A subject, with its place among the others."""

    variants = LinesField(
        label=_("Tên khác"),
        required=False,
        help_text=_("Mỗi dòng một từ mà người đọc có thể tìm; từ đó dẫn tới chủ đề này."),
    )

    def clean_ddc(self) -> str:
        """Bring a Dewey number to its one form."""
        said = str(self.cleaned_data.get("ddc") or "")
        number = ddc_of(said)
        if said.strip() and not number:
            raise forms.ValidationError(_("Số phân loại DDC gồm ba chữ số, ví dụ 621 hoặc 621.3124."))
        return number

    def clean_parent(self) -> Subject | None:
        """Refuse a circle."""
        parent: Subject | None = self.cleaned_data.get("parent")
        above = parent
        for _step in range(100):
            if above is None:
                return parent
            if above.pk == self.instance.pk:
                break
            above = above.parent
        raise forms.ValidationError(_("Chủ đề rộng hơn không thể là chính nó hoặc một chủ đề nằm dưới nó."))

    def save(self, commit: bool = True) -> Any:
        """Write through the service, then its ties to other subjects."""
        term = super().save(commit)
        term.related.set([one for one in self.cleaned_data["related"] if one.pk != term.pk])
        return term


def term_form(model: type[Collection | Subject | Audience]) -> type[TermForm]:
    """Return the form of one kind of term."""
    if model is Subject:
        return _subject_form()
    form: type[TermForm] = forms.modelform_factory(  # type: ignore[assignment]  # it derives from ``form``
        model,
        form=TermForm,
        fields=["name", "key", "description", "position"],
        widgets={"description": forms.Textarea(attrs={"rows": 3})},
        error_messages={"key": {"unique": _("Mã này đã có. Hãy chọn mã khác.")}},
    )
    return form


def _subject_form() -> type[TermForm]:
    form: type[TermForm] = forms.modelform_factory(  # type: ignore[assignment]  # it derives from ``form``
        Subject,
        form=SubjectForm,
        fields=["name", "key", "description", "position", "parent", "ddc", "variants", "related"],
        widgets={"description": forms.Textarea(attrs={"rows": 3})},
        error_messages={"key": {"unique": _("Mã này đã có. Hãy chọn mã khác.")}},
    )
    return form
