"""What every page of money begins with: the record or 404, the right or 403, refusals beside their field."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.plan.models import BudgetLine, Estimate, MoneyEntry
from khcn.plan.permissions import Reach, acting
from khcn.ui.deeds import sent

T = TypeVar("T")
Crumbs = list[tuple[str, str]]


def today() -> date:
    """Return the day on which this request is answered."""
    return timezone.localdate()


def money_reader(request: HttpRequest) -> Reach:
    """Return the reach of somebody who reads money at all. Raises PermissionDenied."""
    reach = acting(request.user, today())
    if not (reach.money or reach.units):
        raise PermissionDenied(_("Vai trò của bạn không xem kinh phí của kế hoạch."))
    return reach


def estimate_of(request: HttpRequest, pk: int) -> Estimate:
    """Return an estimate that the person may read. Raises PermissionDenied, Http404."""
    money_reader(request)
    return _found(
        Estimate.objects.visible_to(request.user, today()).select_related("plan").filter(pk=pk).first()
    )


def line_of(request: HttpRequest, pk: int) -> BudgetLine:
    """Return a line that the person may read. Raises PermissionDenied, Http404."""
    money_reader(request)
    lines = BudgetLine.objects.visible_to(request.user, today()).select_related("estimate__plan", "unit")
    return _found(lines.filter(pk=pk).first())


def entry_of(request: HttpRequest, pk: int) -> MoneyEntry:
    """Return an entry of a line that the person may read. Raises PermissionDenied, Http404."""
    money_reader(request)
    lines = BudgetLine.objects.visible_to(request.user, today())
    rows = MoneyEntry.objects.filter(line__in=lines).select_related(
        "line__estimate", "line__unit", "commitment", "proposed_by", "decided_by"
    )
    return _found(rows.filter(pk=pk).first())


def _found(row: T | None) -> T:
    if row is None:
        raise Http404
    return row


def did(form: forms.BaseForm, write: Callable[[], object]) -> bool:
    """Call a service for its deed alone; whether it was done (see :func:`sent`). Raises PermissionDenied."""
    return sent(form, lambda: (write(), True)) is not None


def at(name: str, *args: Any) -> str:
    """Return the address of a page of money."""
    return reverse(f"plan-desk:{name}", args=args)


def crumbs(
    *pairs: tuple[str, str], estimate: Estimate | None = None, line: BudgetLine | None = None
) -> Crumbs:
    """Return the way to a page: desk, money of the year, estimate, line, and what is given."""
    way = [(_("Bàn làm việc"), reverse("desk:home")), (_("Kinh phí"), at("money"))]
    held = line.estimate if line is not None else estimate
    if held is not None:
        way.append((f"{held.title} {held.year}", at("money-estimate", held.pk)))
    if line is not None:
        way.append((line.title[:60], at("money-line", line.pk)))
    return [*way, *pairs]


def form_page(
    request: HttpRequest,
    form: forms.BaseForm,
    *,
    title: str,
    way: Crumbs,
    submit: str,
    back: str,
    lead: str = "",
) -> HttpResponse:
    """Show a page with one form."""
    values = {
        "form": form,
        "title": title,
        "crumbs": [*way, (title, "")],
        "submit": submit,
        "back": back,
        "lead": lead,
    }
    return render(request, "plan/money/form.html", values)
