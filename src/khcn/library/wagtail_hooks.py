"""The library in the back office: articles with a real editor, and the shelves (collections, subjects, audiences).

Saving goes through the library's services, so permission, audit and index are the same as everywhere. What happens
to an article after writing (submit, review, publish) is on the desk.
"""

from typing import Any

from django import forms
from django.contrib import messages as django_messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button
from wagtail.permission_policies.base import BlanketPermissionPolicy

from khcn.core.errors import KhcnError
from khcn.engines.text.fold import fold
from khcn.library import permissions
from khcn.library.enums import OPEN_STATES, WorkKind, WorkState
from khcn.library.errors import InvalidFieldError
from khcn.library.forms.back_office import ArticleForm, TermForm, term_form, web_link_feature
from khcn.library.models import Audience, Collection, Subject, Work
from khcn.library.services.works import work_create, work_update
from khcn.library.tables.back_office import CountLine, UnfinishedArticles, articles_of, desk_url
from khcn.library.tables.results import work_url


class LibraryPolicy(BlanketPermissionPolicy):
    """Who writes articles and keeps the shelves: by role, as everywhere in the library."""

    def __init__(self, model: type[Any], allowed: Any) -> None:
        super().__init__(model)
        self._allowed = allowed

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Return whether the role allows it. Nothing is ever deleted here: works are withdrawn instead."""
        return action in {"add", "change", "view"} and bool(self._allowed(user))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        """Return whether one of the actions is allowed."""
        return any(self.user_has_permission(user, action) for action in actions)


class _ServiceView:
    """Saves through a service, and shows its refusal as an error of the form."""

    request: HttpRequest
    submit_button_label = gettext_lazy("Lưu")
    submit_button_active_label = gettext_lazy("Đang lưu…")
    error_message = gettext_lazy("Chưa lưu được. Hãy sửa những chỗ báo lỗi bên dưới.")

    def form_valid(self, form: Any) -> Any:
        try:
            return super().form_valid(form)  # type: ignore[misc]  # a mixin for Wagtail's views
        except KhcnError as error:
            field = (
                error.field if isinstance(error, InvalidFieldError) and error.field in form.fields else None
            )
            form.add_error(field, error.message)
            self.produced_error_code = "validation_error"
            self.produced_error_message = self.error_message
            return self.form_invalid(form)  # type: ignore[attr-defined]


class ArticleIndex(generic.IndexView):
    """Articles that this person sees; each leads to its editor, or to the desk when it may not be changed."""

    page_title = gettext_lazy("Bài viết")
    add_item_label = gettext_lazy("Viết bài mới")
    default_ordering = "-updated_at"

    def get_base_queryset(self) -> Any:
        """Return articles only."""
        return articles_of(self.request.user).select_related("owner_unit").defer("body", "extra")

    def search_queryset(self, queryset: Any) -> Any:
        """Find by words of the title, with or without tone marks."""
        for word in fold(self.search_query or "").split()[:8] if self.is_searching else []:
            queryset = queryset.filter(slug__contains=word.strip("-/.,"))
        return queryset

    def get_edit_url(self, instance: Work) -> str:
        """Lead where the person can go on with this article."""
        if permissions.can_edit(self.request.user, instance):
            return str(super().get_edit_url(instance))
        return desk_url(instance)

    def get_list_more_buttons(self, instance: Work) -> list[Any]:
        """Offer the ways on from an article."""
        buttons = []
        if permissions.can_edit(self.request.user, instance):
            address = super().get_edit_url(instance)
            buttons.append(Button(_("Sửa bài"), url=address, icon_name="edit", priority=10))
        buttons.append(
            Button(_("Mở trên bàn làm việc"), url=desk_url(instance), icon_name="tasks", priority=20)
        )
        if instance.state == WorkState.PUBLISHED:
            buttons.append(
                Button(_("Xem trang công khai"), url=work_url(instance), icon_name="view", priority=30)
            )
        return buttons


class _ArticleView(_ServiceView):
    """What writing and changing an article have in common."""

    object: Work
    form: Any

    def get_form_kwargs(self) -> Any:
        """Name the writer."""
        return {**super().get_form_kwargs(), "for_user": self.request.user}  # type: ignore[misc]

    def get_success_url(self) -> str:
        """Stay with the article."""
        return reverse("bai-viet:edit", args=[self.object.pk])

    def get_success_message(self, *_args: Any) -> str:
        return _("Đã lưu bài viết.")

    def get_success_buttons(self) -> list[Any]:
        """Lead on to the desk, where the article is submitted."""
        open_still = self.object.state in OPEN_STATES
        label = _("Gửi duyệt trên bàn làm việc") if open_still else _("Mở trên bàn làm việc")
        return [messages.button(desk_url(self.object), label)]


class ArticleCreate(_ArticleView, generic.CreateView):
    """Write a new article."""

    def get_page_subtitle(self) -> str:
        return _("Viết bài mới")

    page_title = gettext_lazy("Bài viết mới")
    submit_button_label = gettext_lazy("Lưu bản nháp")

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

    def get_breadcrumbs_items(self) -> Any:
        return [
            *self.breadcrumbs_items,
            _crumb("bai-viet", _("Bài viết")),
            {"url": "", "label": _("Bài viết mới")},
        ]


class ArticleEdit(_ArticleView, generic.EditView):
    """Change an article."""

    page_title = gettext_lazy("Sửa bài viết")
    template_name = "library/back_office/article_edit.html"

    def get_queryset(self) -> Any:
        """Return the articles the person may see."""
        return articles_of(self.request.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the editor, or say why it stays closed."""
        work = self.get_object()
        if not permissions.can_edit(request.user, work):
            state = work.get_state_display()
            text = _("Bài viết đang ở trạng thái “%(state)s” nên bạn không sửa được.") % {"state": state}
            django_messages.warning(request, text)
            return redirect(desk_url(work))
        return super().get(request, *args, **kwargs)

    def save_instance(self) -> Work:
        """Change the work."""
        self.has_content_changes = self.form.has_changed()
        return work_update(actor=self.request.user, work=self.object, now=timezone.now(), **self.form.parts())

    def get_breadcrumbs_items(self) -> Any:
        return [
            *self.breadcrumbs_items,
            _crumb("bai-viet", _("Bài viết")),
            {"url": "", "label": self.object.title},
        ]

    def get_context_data(self, **kwargs: Any) -> Any:
        """Add where the article stands and the ways on."""
        work = self.object
        public = work_url(work) if work.state == WorkState.PUBLISHED else ""
        ways = {"desk_url": desk_url(work), "public_url": public, "still_open": work.state in OPEN_STATES}
        return {**super().get_context_data(**kwargs), **ways}


def _crumb(name: str, label: str) -> dict[str, str]:
    return {"url": reverse(f"{name}:index"), "label": label}


class LibraryViewSet(ModelViewSet):
    """List, add and edit; no addresses for deleting, copying, usage or Wagtail's own history."""

    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = False
    sort_order_field = None
    search_backend_name = None
    list_per_page = 25

    def get_common_view_kwargs(self, **kwargs: Any) -> Any:
        """Name no address that is not there."""
        closed = {"history_url_name": None, "usage_url_name": None, "delete_url_name": None}
        return super().get_common_view_kwargs(**{**closed, **kwargs})

    def get_urlpatterns(self) -> list[Any]:
        """Return the four addresses that there are."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("new/", self.add_view, name="add"),
            path("edit/<int:pk>/", self.edit_view, name="edit"),
        ]

    def register_permissions(self) -> None:
        """Offer nothing to Wagtail's groups: roles decide."""


class ArticleViewSet(LibraryViewSet):
    """Articles in the menu of the back office."""

    model = Work
    name = "bai-viet"
    url_prefix = "bai-viet"
    menu_label = gettext_lazy("Bài viết")
    icon = "doc-full-inverse"
    index_view_class = ArticleIndex
    add_view_class = ArticleCreate
    edit_view_class = ArticleEdit
    edit_template_name = ArticleEdit.template_name
    list_display = [
        "title",
        Column("state", label=gettext_lazy("Trạng thái"), accessor="get_state_display", sort_key="state"),
        Column(
            "unit",
            label=gettext_lazy("Đơn vị"),
            accessor=lambda work: work.owner_unit.label if work.owner_unit else "",
        ),
        DateColumn("updated_at", label=gettext_lazy("Sửa lần cuối"), sort_key="updated_at"),
    ]
    list_filter = ["state"]
    search_fields = ["title"]
    form_fields = ["title"]
    permission_policy = LibraryPolicy(Work, permissions.writes_articles)

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm[Work]]:
        """Return our form for both views."""
        return ArticleForm


class _TermView(_ServiceView):
    """What adding and changing a term have in common."""

    model: Any
    object: Any

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        """Name the librarian."""
        form: TermForm = super().get_form(*args, **kwargs)  # type: ignore[misc]  # a mixin for Wagtail's views
        form.for_user = self.request.user
        return form

    def save_instance(self) -> Any:
        """Write through the service; Wagtail's own log stays out of it."""
        self.has_content_changes = True
        return self.form.save()  # type: ignore[attr-defined]

    def get_success_message(self, *_args: Any) -> str:
        return _("Đã lưu “%(name)s”.") % {"name": self.object.name}

    def get_success_buttons(self) -> list[Any]:
        return []


class TermCreate(_TermView, generic.CreateView):
    """Add a term."""

    page_title = gettext_lazy("Thêm mới")


class TermEdit(_TermView, generic.EditView):
    """Change a term."""

    page_title = gettext_lazy("Sửa")


class TermIndex(generic.IndexView):
    """All terms of a kind."""

    add_item_label = gettext_lazy("Thêm mới")
    default_ordering = "position"

    def get_list_more_buttons(self, instance: Any) -> list[Any]:
        """Offer to change it."""
        return [Button(_("Sửa"), url=self.get_edit_url(instance), icon_name="edit", priority=10)]


def term_viewset(
    term: type[Collection | Subject | Audience], slug: str, label: Any, sign: str
) -> ModelViewSet:
    """Return the pages of one kind of term."""

    class TermViewSet(LibraryViewSet):
        model = term
        name = url_prefix = slug
        menu_label = label
        icon = sign
        index_view_class = TermIndex
        add_view_class = TermCreate
        edit_view_class = TermEdit
        list_display = ["name", "key", "position"]
        form_fields = ["name", "key", "description", "position"]
        search_fields = ["name"]
        permission_policy = LibraryPolicy(term, permissions.can_keep)

        def get_form_class(self, for_update: bool = False) -> type[TermForm]:
            return term_form(term)

    return TermViewSet()


TERMS = (
    (Collection, "bo-suu-tap", gettext_lazy("Bộ sưu tập"), "folder-open-1"),
    (Subject, "chu-de", gettext_lazy("Chủ đề"), "tag"),
    (Audience, "doi-tuong", gettext_lazy("Đối tượng"), "group"),
)


class LibraryGroup(ViewSetGroup):
    """The library's entry in the menu."""

    menu_label = gettext_lazy("Thư viện")
    menu_icon = "folder-open-inverse"
    menu_order = 100
    items = (ArticleViewSet(), *(term_viewset(*term) for term in TERMS))


@hooks.register("register_admin_viewset")
def library_viewsets() -> LibraryGroup:
    """Offer the library's pages to the back office."""
    return LibraryGroup()


hooks.register("register_rich_text_features", web_link_feature)


@hooks.register("register_admin_menu_item")
def desk_menu_item() -> MenuItem:
    """Lead back to the desk."""
    return MenuItem(_("Bàn làm việc"), reverse("desk:home"), name="desk", icon_name="tasks", order=50)


@hooks.register("construct_main_menu")
def only_what_works(request: HttpRequest, items: list[Any]) -> None:
    """Leave out Wagtail's own help, which describes pages that are not here, in English."""
    items[:] = [item for item in items if item.name != "help"]


@hooks.register("construct_homepage_summary_items")
def library_summary(request: HttpRequest, items: list[Any]) -> None:
    """Count what is here on the first page."""
    count = articles_of(request.user).count()
    items[:] = [CountLine(request, count, _("bài viết"), "bai-viet:index", "doc-full-inverse")]
    for model, name, label, icon in TERMS if permissions.can_keep(request.user) else ():
        number = model._default_manager.count()
        items.append(CountLine(request, number, str(label).lower(), f"{name}:index", icon))


@hooks.register("construct_homepage_panels")
def library_panels(request: HttpRequest, panels: list[Any]) -> None:
    """Show the library on the first page in place of Wagtail's pages."""
    panels[:] = [UnfinishedArticles(request)]
