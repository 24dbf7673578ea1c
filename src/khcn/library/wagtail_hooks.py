"""The library in the back office: articles with a real editor, and the shelves (collections, subjects, audiences).

Saving goes through the library's services, so permission, audit and index are the same as everywhere. What happens
to an article after writing (submit, review, publish) is on the desk.
"""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies.base import BlanketPermissionPolicy
from wagtail.rich_text import expand_db_html

from khcn.core.errors import KhcnError
from khcn.library import permissions
from khcn.library.enums import WorkKind
from khcn.library.forms.works import unit_choices
from khcn.library.models import Audience, Collection, Subject, Work
from khcn.library.selectors.desk import deposit_units
from khcn.library.services.taxonomy_edit import term_save
from khcn.library.services.works import work_create, work_update

FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "hr", "blockquote"]


class LibraryPolicy(BlanketPermissionPolicy):
    """Who writes articles and keeps the shelves: by role, as everywhere in the library."""

    def __init__(self, model: type[Any], allowed: Any) -> None:
        super().__init__(model)
        self._allowed = allowed

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Return whether the role allows it. Nothing is ever deleted here: works are withdrawn instead."""
        return action != "delete" and bool(self._allowed(user))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        """Return whether one of the actions is allowed."""
        return any(self.user_has_permission(user, action) for action in actions)


class ArticleForm(forms.ModelForm[Work]):
    """An article: what editors write. ``user`` decides for which units."""

    unit = forms.TypedChoiceField(label=gettext_lazy("Viết thay cho đơn vị"), coerce=int)
    body = forms.CharField(label=gettext_lazy("Nội dung bài viết"), required=False)

    class Meta:
        model = Work
        fields = (
            "title",
            "abstract",
            "body",
            "unit",
            "audiences",
            "subjects",
            "collections",
            "rights",
            "rights_note",
        )
        widgets = {
            "abstract": forms.Textarea(attrs={"rows": 3}),
            "audiences": forms.CheckboxSelectMultiple,
            "subjects": forms.CheckboxSelectMultiple,
            "collections": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, for_user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].widget = get_rich_text_editor_widget("default", features=FEATURES)
        field: Any = self.fields["unit"]
        field.choices = unit_choices(deposit_units(for_user, timezone.localdate()))
        if self.instance.pk:
            del self.fields["unit"]

    def _post_clean(self) -> None:
        """Leave the record alone: the services check and write it."""

    def parts(self) -> dict[str, Any]:
        """Return the arguments of the services."""
        data = self.cleaned_data
        values = {name: data[name] for name in ("title", "abstract", "rights", "rights_note")}
        terms = {name: [term.pk for term in data[name]] for name in ("audiences", "subjects", "collections")}
        return {"values": {**values, "body": expand_db_html(data["body"])}, "terms": terms}


class _ServiceView:
    """Saves through a service, and shows its refusal as an error of the form."""

    request: HttpRequest

    def form_valid(self, form: Any) -> Any:
        try:
            return super().form_valid(form)  # type: ignore[misc]  # a mixin for Wagtail's views
        except KhcnError as error:
            form.add_error(None, error.message)
            return self.form_invalid(form)  # type: ignore[attr-defined]

    def get_success_buttons(self) -> list[Any]:
        return []


class ArticleIndex(generic.IndexView):
    """Articles that this person handles."""

    def get_base_queryset(self) -> Any:
        """Return articles only, and only those the person may see on the desk."""
        return Work.objects.visible_to(self.request.user).filter(kind=WorkKind.ARTICLE)


class ArticleCreate(_ServiceView, generic.CreateView):
    """Write a new article."""

    def get_form_kwargs(self) -> Any:
        """Name the writer."""
        return {**super().get_form_kwargs(), "for_user": self.request.user}

    def save_instance(self) -> Work:
        """Make the draft."""
        parts = self.form.parts()
        return work_create(
            actor=self.request.user,
            kind=WorkKind.ARTICLE,
            title=parts["values"]["title"],
            unit_id=self.form.cleaned_data["unit"],
            now=timezone.now(),
            **parts,
        )


class ArticleEdit(_ServiceView, generic.EditView):
    """Change an article."""

    def get_queryset(self) -> Any:
        """Return the articles the person may see."""
        return Work.objects.visible_to(self.request.user).filter(kind=WorkKind.ARTICLE)

    def get_form_kwargs(self) -> Any:
        """Name the writer."""
        return {**super().get_form_kwargs(), "for_user": self.request.user}

    def save_instance(self) -> Work:
        """Change the work."""
        self.has_content_changes = self.form.has_changed()
        return work_update(actor=self.request.user, work=self.object, now=timezone.now(), **self.form.parts())

    def get_success_message(self) -> str:
        """Lead on to the desk, where the article is submitted."""
        address = reverse("library-desk:work", args=[self.object.pk])
        return format_html(
            '{} <a href="{}">{}</a>', _("Đã lưu bài viết."), address, _("Gửi duyệt trên bàn làm việc")
        )


class ArticleViewSet(ModelViewSet):
    """Articles in the menu of the back office."""

    model = Work
    name = "bai-viet"
    url_prefix = "bai-viet"
    menu_label = gettext_lazy("Bài viết")
    icon = "doc-full-inverse"
    add_to_reference_index = False
    index_view_class = ArticleIndex
    add_view_class = ArticleCreate
    edit_view_class = ArticleEdit
    list_display = ["title", "get_state_display", "updated_at"]
    list_per_page = 25
    copy_view_enabled = False
    search_fields = ["title"]
    search_backend_name = None
    form_fields = ["title"]
    permission_policy = LibraryPolicy(Work, permissions.writes_articles)

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm[Work]]:
        """Return our form for both views."""
        return ArticleForm


class TermForm(forms.ModelForm[Any]):
    """A shelf, subject or audience."""

    def save(self, commit: bool = True) -> Any:
        """Write through the service."""
        return term_save(term=self.instance, actor=self.for_user, now=timezone.now())

    for_user: Any = None


def term_viewset(
    term: type[Collection | Subject | Audience], slug: str, label: Any, sign: str
) -> ModelViewSet:
    """Return the pages of one kind of term."""

    class Create(_ServiceView, generic.CreateView):
        def get_form(self, *args: Any, **kwargs: Any) -> Any:
            form = super().get_form(*args, **kwargs)
            form.for_user = self.request.user
            return form

    class Edit(_ServiceView, generic.EditView):
        def get_form(self, *args: Any, **kwargs: Any) -> Any:
            form = super().get_form(*args, **kwargs)
            form.for_user = self.request.user
            return form

    class TermViewSet(ModelViewSet):
        model = term
        name = url_prefix = slug
        menu_label = label
        icon = sign
        add_to_reference_index = False
        add_view_class = Create
        edit_view_class = Edit
        list_display = ["name", "key", "position"]
        form_fields = ["name", "key", "description", "position"]
        copy_view_enabled = False
        search_fields = ["name"]
        search_backend_name = None
        permission_policy = LibraryPolicy(term, permissions.can_keep)

        def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm[Any]]:
            fields = self.form_fields
            return forms.modelform_factory(term, form=TermForm, fields=fields)

    return TermViewSet()


class LibraryGroup(ViewSetGroup):
    """The library's entry in the menu."""

    menu_label = gettext_lazy("Thư viện")
    menu_icon = "folder-open-inverse"
    menu_order = 100
    items = (
        ArticleViewSet(),
        term_viewset(Collection, "bo-suu-tap", gettext_lazy("Bộ sưu tập"), "folder-open-1"),
        term_viewset(Subject, "chu-de", gettext_lazy("Chủ đề"), "tag"),
        term_viewset(Audience, "doi-tuong", gettext_lazy("Đối tượng"), "group"),
    )


@hooks.register("register_admin_viewset")
def library_viewsets() -> LibraryGroup:
    """Offer the library's pages to the back office."""
    return LibraryGroup()
