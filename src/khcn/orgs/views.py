"""Desk pages: people and roles, units, absences, the site's facts."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from khcn.core.errors import KhcnError
from khcn.orgs import permissions
from khcn.orgs.desk import actor_of, desk_page, errors_into
from khcn.orgs.enums import Role
from khcn.orgs.forms import (
    AbsenceForm,
    EndMembershipForm,
    MembershipForm,
    NewPersonForm,
    PersonForm,
    SiteForm,
    UnitForm,
)
from khcn.orgs.models import SiteProfile, Unit, User, memberships_of
from khcn.orgs.selectors import absences_visible_to, delegates_for, people, unit_tree
from khcn.orgs.services.absences import absence_cancel, absence_declare
from khcn.orgs.services.people import (
    login_unlock,
    membership_add,
    membership_end,
    password_set_temporary,
    temporary_password,
    user_create,
    user_set_active,
    user_update,
)
from khcn.orgs.services.profiles import site_update
from khcn.orgs.services.units import unit_create, unit_update

PAGE_SIZE = 50
manages = permissions.can_manage_organisation


def _units_for_choice(today: date) -> Any:
    return (
        Unit.objects.in_force(today)
        .filter(kind__is_group=False)
        .select_related("parent", "kind")
        .alphabetical()
    )


# People


@desk_page(permissions.can_view_users)
def people_list(request: HttpRequest) -> HttpResponse:
    """List the people one may see, by given name."""
    today, query = timezone.localdate(), request.GET.get("q", "").strip()
    found = people(request.user, today, query=query)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("trang"))
    context = {"page": page, "query": query, "manages": manages(memberships_of(actor_of(request), today))}
    return render(request, "orgs/people.html", context)


@never_cache
@desk_page(manages)
def person_new(request: HttpRequest) -> HttpResponse:
    """Make an account and show its first password, once."""
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = temporary_password()
        with errors_into(form):
            made = user_create(
                actor=actor_of(request), today=timezone.localdate(), password=password, **form.cleaned_data
            )
            return render(
                request, "orgs/password_once.html", {"person": made, "password": password, "new": True}
            )
    return render(request, "orgs/person_new.html", {"form": form})


def _person_page(request: HttpRequest, shown: User, *, status: int = 200, **forms: Any) -> HttpResponse:
    today = timezone.localdate()
    initial = {name: getattr(shown, name) for name in PersonForm.base_fields}
    context = {
        "person": shown,
        "form": PersonForm(initial=initial),
        "role_form": MembershipForm(units=_units_for_choice(today), prefix="moi"),
        "end_form": None,
        "memberships": shown.memberships.select_related("unit").order_by("valid_to", "valid_from", "pk"),
        "today": today,
        "manages": manages(memberships_of(actor_of(request), today)),
        "own": shown.pk == request.user.pk,
    }
    return render(request, "orgs/person.html", context | forms, status=status)


@desk_page(permissions.can_view_users)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person; the administrator edits."""
    today = timezone.localdate()
    shown = get_object_or_404(User.objects.visible_to(request.user, today), pk=pk)
    if request.method != "POST":
        return _person_page(request, shown)
    form = PersonForm(request.POST)
    if form.is_valid():
        with errors_into(form):
            user_update(actor=actor_of(request), today=today, user=shown, **form.cleaned_data)
            messages.success(request, _("Đã lưu."))
            return redirect("orgs:person", pk=pk)
    return _person_page(request, shown, form=form)


@require_POST
@desk_page(manages)
def role_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role."""
    today = timezone.localdate()
    shown = get_object_or_404(User, pk=pk)
    form = MembershipForm(request.POST, units=_units_for_choice(today), prefix="moi")
    if form.is_valid():
        data = form.cleaned_data | {"role": Role(form.cleaned_data["role"])}
        with errors_into(form):
            membership_add(actor=actor_of(request), today=today, user=shown, **data)
            messages.success(request, _("Đã giao vai trò."))
            return redirect("orgs:person", pk=pk)
    return _person_page(request, shown, role_form=form)


@require_POST
@desk_page(manages)
def role_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a role on a day."""
    shown = get_object_or_404(User, pk=pk)
    form = EndMembershipForm(request.POST, person=shown)
    if form.is_valid():
        with errors_into(form):
            membership_end(actor=actor_of(request), today=timezone.localdate(), **form.cleaned_data)
            messages.success(request, _("Đã ghi ngày kết thúc vai trò."))
            return redirect("orgs:person", pk=pk)
    return _person_page(request, shown, end_form=form)


@require_POST
@desk_page(manages)
def person_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Close or open an account."""
    shown = get_object_or_404(User, pk=pk)
    opening = request.POST.get("is_active") == "1"
    try:
        user_set_active(actor=actor_of(request), today=timezone.localdate(), user=shown, is_active=opening)
    except KhcnError as error:
        messages.error(request, error.message)
    else:
        done = _("Tài khoản đã hoạt động trở lại.") if opening else _("Đã ngừng tài khoản này.")
        messages.success(request, done)
    return redirect("orgs:person", pk=pk)


@require_POST
@never_cache
@desk_page(manages)
def person_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a password to tell the person, shown once."""
    shown = get_object_or_404(User, pk=pk)
    password = password_set_temporary(actor=actor_of(request), today=timezone.localdate(), user=shown)
    return render(request, "orgs/password_once.html", {"person": shown, "password": password})


@require_POST
@desk_page(manages)
def person_unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Lift the lock after failed sign-ins."""
    shown = get_object_or_404(User, pk=pk)
    login_unlock(actor=actor_of(request), today=timezone.localdate(), user=shown)
    messages.success(request, _("Đã mở khóa: người này đăng nhập lại được ngay."))
    return redirect("orgs:person", pk=pk)


# Units


@desk_page(permissions.can_view_all_units)
def units(request: HttpRequest) -> HttpResponse:
    """Show the tree of today with links for editing."""
    today = timezone.localdate()
    context = {
        "tree": unit_tree(request.user, today, groups=True),
        "ended": Unit.objects.filter(valid_to__lt=today).select_related("kind").alphabetical(),
        "manages": manages(memberships_of(actor_of(request), today)),
    }
    return render(request, "orgs/units.html", context)


@desk_page(manages)
def unit_new(request: HttpRequest) -> HttpResponse:
    """Add a unit."""
    today = timezone.localdate()
    form = UnitForm(request.POST or None, units=_units_for_choice(today))
    if request.method == "POST" and form.is_valid():
        with errors_into(form):
            unit_create(actor=actor_of(request), today=today, **form.cleaned_data)
            messages.success(request, _("Đã thêm đơn vị."))
            return redirect("orgs:units")
    return render(request, "orgs/unit_form.html", {"form": form, "unit": None})


@desk_page(manages)
def unit_edit(request: HttpRequest, key: str) -> HttpResponse:
    """Edit a unit."""
    today = timezone.localdate()
    unit = get_object_or_404(Unit, key=key)
    initial = {name: getattr(unit, name) for name in UnitForm.base_fields}
    choice = _units_for_choice(today).exclude(pk=unit.pk)
    form = UnitForm(request.POST or None, initial=initial, units=choice)
    if request.method == "POST" and form.is_valid():
        with errors_into(form):
            unit_update(actor=actor_of(request), today=today, unit=unit, **form.cleaned_data)
            messages.success(request, _("Đã lưu."))
            return redirect("orgs:units")
    return render(request, "orgs/unit_form.html", {"form": form, "unit": unit})


# Absence


@desk_page(lambda held: bool(tuple(held)))
def absences(request: HttpRequest) -> HttpResponse:
    """Show the absences that concern the person, and declare one's own."""
    today, actor = timezone.localdate(), actor_of(request)
    may_declare = permissions.can_declare_absence(memberships_of(actor, today), own=True)
    form = AbsenceForm(request.POST or None, delegates=delegates_for(actor, today))
    if request.method == "POST" and form.is_valid():
        with errors_into(form):
            absence_declare(actor=actor, today=today, user=actor, **form.cleaned_data)
            messages.success(request, _("Đã ghi ngày vắng và người phê duyệt thay."))
            return redirect("orgs:absences")
    context = {
        "form": form if may_declare else None,
        "rows": absences_visible_to(actor, today)[:100],
        "today": today,
    }
    return render(request, "orgs/absences.html", context)


@require_POST
@desk_page(lambda held: bool(tuple(held)))
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a delegation back."""
    actor, now = actor_of(request), timezone.now()
    today = timezone.localdate(now)
    row = get_object_or_404(absences_visible_to(actor, today), pk=pk)
    absence_cancel(actor=actor, today=today, now=now, absence=row)
    messages.success(request, _("Đã hủy ủy quyền."))
    return redirect("orgs:absences")


# The site


@desk_page(manages)
def site_facts(request: HttpRequest) -> HttpResponse:
    """Edit what stands in header and footer."""
    today = timezone.localdate()
    row = SiteProfile.objects.filter(pk=1).first()
    if row is None:
        messages.warning(request, _("Chưa nạp bộ dữ liệu nào. Hãy chạy lệnh “khcn profile load” trước."))
        return redirect("orgs:units")
    initial = {name: getattr(row, name) for name in SiteForm.base_fields}
    form = SiteForm(request.POST or None, initial=initial, units=_units_for_choice(today))
    if request.method == "POST" and form.is_valid():
        with errors_into(form):
            site_update(actor=actor_of(request), today=today, **form.cleaned_data)
            messages.success(request, _("Đã lưu."))
            return redirect("orgs:site")
    return render(request, "orgs/site.html", {"form": form})
