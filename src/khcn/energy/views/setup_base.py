"""What every page of the set-up begins with: the record, whether this person may, and how refusals are shown.

Who may not read a site's figures gets 404 (it is as if it were not there); who reads but may not do this, 403.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.errors import PermissionDeniedError
from khcn.energy import permissions
from khcn.energy.models import Site
from khcn.ui import deeds
from khcn.ui.deeds import only

T = TypeVar("T")
Crumbs = list[tuple[str, str]]


def at(name: str, *args: Any) -> str:
    """Return the address of a page of the set-up (without its prefix)."""
    return reverse(f"energy-desk:setup-{name}", args=args)


def crumbs(*pairs: tuple[str, str], site: Site | None = None) -> Crumbs:
    """Return the way to a page: desk, sites, the site, and what is given."""
    way = [(_("Bàn làm việc"), reverse("desk:home")), (_("Công trình"), at("sites"))]
    if site is not None:
        way.append((site.name, at("site", site.key)))
    return [*way, *pairs]


def site_of(request: HttpRequest, key: str) -> Site:
    """Return the site with this key that the person may read. :raises Http404:"""
    return get_object_or_404(Site.objects.visible_to(request.user).select_related("unit"), key=key)


def row_of(request: HttpRequest, model: Any, pk: int, *related: str) -> Any:
    """Return a row of a site that the person may read. :raises Http404:"""
    return get_object_or_404(
        model.objects.visible_to(request.user).select_related("site__unit", *related), pk=pk
    )


def managers_only(request: HttpRequest, site: Site) -> Site:
    """Return the site when the person keeps its registers; else 403."""
    only(
        permissions.can_manage_site(request.user, site),
        _("Bạn xem được công trình này nhưng không sửa. Hãy nhờ người quản lý năng lượng của đơn vị."),
    )
    return site


def connectors_only(request: HttpRequest, site: Site) -> Site:
    """Return the site when the person connects its devices; else 403."""
    only(
        permissions.can_connect(request.user, site),
        _("Thiết bị của công trình này do kỹ thuật viên hoặc người quản lý năng lượng kết nối."),
    )
    return site


def planners_only(request: HttpRequest, site: Site) -> Site:
    """Return the site when the person may plan its roofs; else 403."""
    only(
        permissions.can_plan(request.user, site),
        _("Phương án do thủ trưởng hoặc người quản lý năng lượng của đơn vị lập."),
    )
    return site


def officers_only(request: HttpRequest) -> None:
    """Answer 403 to everybody but the programme's officers."""
    only(permissions.can_found(request.user), _("Việc này do cán bộ chương trình năng lượng làm."))


def sent(form: forms.BaseForm | None, write: Callable[[], T]) -> T | None:
    """Call a service; what it refuses is put beside its field, and ``None`` comes back. Without a form it is raised."""
    if form is not None:
        return deeds.sent(form, write)
    try:
        return write()
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error


def form_page(
    request: HttpRequest,
    form: forms.BaseForm,
    *,
    title: str,
    way: Crumbs,
    submit: str,
    template: str = "form",
    **context: Any,
) -> HttpResponse:
    """Show a page with one form."""
    values = {"form": form, "title": title, "crumbs": [*way, (title, "")], "submit": submit, **context}
    return render(request, f"energy/setup/{template}.html", values)


def posted_number(request: HttpRequest, name: str) -> int:
    """Return a row's number from the form; 0 for anything else."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
