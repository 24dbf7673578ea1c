"""Registers: sites, roofs, systems."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.energy import permissions
from khcn.energy.enums import BuildingKind
from khcn.energy.forms.sites import ArrayFormSet, RoofForm, SiteForm, SystemForm
from khcn.energy.models import Roof, Site, System
from khcn.energy.selectors.setup import power_by_site, site_sheet, sites_listed
from khcn.energy.services.sites import roof_remove, roof_save, site_create, site_update, system_save
from khcn.energy.setup_errors import RegisterError
from khcn.energy.views.setup_base import (
    at,
    crumbs,
    form_page,
    managers_only,
    officers_only,
    row_of,
    sent,
    site_of,
)
from khcn.ui.deeds import only

GET_POST = ["GET", "HEAD", "POST"]
A_PAGE = 50


@login_required
@require_safe
def site_list(request: HttpRequest) -> HttpResponse:
    """Show the sites that this person reads, with what they have."""
    only(
        permissions.can_use_desk(request.user),
        _("Vai trò của bạn không có công trình nào trong chương trình."),
    )
    today = timezone.localdate()
    query, kind = request.GET.get("q", "").replace("\x00", "").strip()[:100], request.GET.get("loai", "")
    rows = sites_listed(request.user, today, query=query, kind=kind if kind in BuildingKind.values else "")
    page = Paginator(rows.order_by("sort_key", "name", "pk"), A_PAGE).get_page(request.GET.get("trang"))
    power = power_by_site([site.pk for site in page], today)
    context = {
        "page": page,
        "rows": [(site, power.get(site.pk)) for site in page],
        "query": query,
        "kind": kind,
        "kinds": BuildingKind.choices,
        "officer": permissions.can_found(request.user),
        "tables": permissions.can_keep_tables(request.user),
    }
    return render(request, "energy/setup/sites.html", context)


@login_required
@require_http_methods(GET_POST)
def site_new(request: HttpRequest) -> HttpResponse:
    """Add a site."""
    officers_only(request)
    form = SiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        site = sent(
            form,
            lambda: site_create(
                actor=request.user, unit=form.cleaned_data["unit"], values=form.values(), now=timezone.now()
            ),
        )
        if site is not None:
            messages.success(request, _("Đã thêm công trình. Làm tiếp các bước bên dưới khi có thông tin."))
            return redirect(at("site", site.key))
    return form_page(
        request, form, title=_("Thêm công trình"), way=crumbs(), submit=_("Thêm công trình"),
        lead=_("Một công trình là một nhà hoặc khuôn viên có đường điện riêng."),
    )  # fmt: skip


@login_required
@require_safe
def site_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show a site's registers and what is to do next."""
    site = site_of(request, key)
    sheet = site_sheet(request.user, site, timezone.now())
    return render(
        request,
        "energy/setup/site.html",
        {"building": site, "sheet": sheet, "crumbs": crumbs((site.name, ""))},
    )


@login_required
@require_http_methods(GET_POST)
def site_edit(request: HttpRequest, key: str) -> HttpResponse:
    """Change a site."""
    site = managers_only(request, site_of(request, key))
    officer = permissions.can_found(request.user)
    form = SiteForm(request.POST or None, site=site, officer=officer)
    if request.method == "POST" and form.is_valid():
        done = sent(
            form,
            lambda: site_update(
                actor=request.user, site=site, values=form.values(), unit=form.cleaned_data.get("unit"), now=timezone.now()
            ),
        )  # fmt: skip
        if done is not None:
            messages.success(request, _("Đã lưu công trình."))
            return redirect(at("site", key))
    return form_page(
        request,
        form,
        title=_("Sửa thông tin"),
        way=crumbs(site=site),
        submit=_("Lưu công trình"),
        heading=site.name,
    )


@login_required
@require_http_methods(GET_POST)
def roof_new(request: HttpRequest, key: str) -> HttpResponse:
    """Add a roof."""
    return _roof(request, managers_only(request, site_of(request, key)), None)


@login_required
@require_http_methods(GET_POST)
def roof_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change or remove a roof."""
    roof = row_of(request, Roof, pk)
    managers_only(request, roof.site)
    if request.method == "POST" and request.POST.get("viec") == "xoa":
        try:
            sent(None, lambda: roof_remove(actor=request.user, roof=roof, now=timezone.now()))
        except RegisterError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("Đã xóa mái."))
        return redirect(at("site", roof.site.key))
    return _roof(request, roof.site, roof)


def _roof(request: HttpRequest, site: Site, roof: Roof | None) -> HttpResponse:
    form = RoofForm(request.POST or None, roof=roof)
    if request.method == "POST" and form.is_valid():
        done = sent(
            form,
            lambda: roof_save(
                actor=request.user, site=site, values=form.values(), roof=roof, now=timezone.now()
            ),
        )
        if done is not None:
            messages.success(request, _("Đã lưu mái."))
            return redirect(at("site", site.key))
    return form_page(
        request, form, title=roof.name if roof else _("Thêm mái"), way=crumbs(site=site), submit=_("Lưu mái"),
        remove=_("Xóa mái này") if roof else "",
    )  # fmt: skip


@login_required
@require_http_methods(GET_POST)
def system_new(request: HttpRequest, key: str) -> HttpResponse:
    """Add a PV system."""
    return _system(request, managers_only(request, site_of(request, key)), None)


@login_required
@require_http_methods(GET_POST)
def system_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a PV system."""
    system = row_of(request, System, pk)
    return _system(request, managers_only(request, system.site), system)


def _system(request: HttpRequest, site: Site, system: System | None) -> HttpResponse:
    names = list(SystemForm.base_fields)
    start = {name: getattr(system, name) for name in names} if system else None
    form = SystemForm(request.POST or None, initial=start)
    rows: list[dict[str, Any]] = []
    if system:
        rows = [
            {name: getattr(array, name) for name in ("kwp", "tilt_deg", "azimuth_deg", "mounting", "roof")}
            for array in system.arrays.order_by("pk")
        ]
    arrays = ArrayFormSet(
        request.POST or None, initial=rows or None, prefix="dan", form_kwargs={"roofs": site.roofs.all()}
    )
    if request.method == "POST" and form.is_valid() and arrays.is_valid():
        values = arrays.values() or [{"kwp": form.cleaned_data["kwp"]}]
        done = sent(
            form,
            lambda: system_save(
                actor=request.user, site=site, values=form.values(), arrays=values, system=system, now=timezone.now()
            ),
        )  # fmt: skip
        if done is not None:
            messages.success(request, _("Đã lưu hệ thống điện mặt trời."))
            return redirect(at("site", site.key))
    return form_page(
        request, form, title=system.name if system else _("Thêm hệ thống điện mặt trời"), way=crumbs(site=site),
        submit=_("Lưu hệ thống"), template="system_form", arrays=arrays,
    )  # fmt: skip
