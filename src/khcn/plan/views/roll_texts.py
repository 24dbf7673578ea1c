"""One heading of a consolidated report: the text to edit beside what the units wrote."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.errors import KhcnError
from khcn.engines.plans.gather import says_nothing
from khcn.plan.enums import RollState
from khcn.plan.errors import StaleError
from khcn.plan.models import Consolidation, RollText
from khcn.plan.permissions import can_consolidate, reach_of
from khcn.plan.services.rolls import roll_text_edit, roll_text_reset, text_mark
from khcn.plan.views.rolls import readable_roll, refused


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roll_text(request: HttpRequest, pk: int, order: int) -> HttpResponse:
    """Show or write one text."""
    roll = readable_roll(request, pk)
    text = get_object_or_404(RollText, roll=roll, order=order)
    mine = ""
    if request.method == "POST":
        try:
            return _write(request, roll, text)
        except StaleError as error:  # what was written stays in the form
            messages.error(request, error.message)
            mine = request.POST.get("loi", "")
            text.refresh_from_db()
        except KhcnError as error:
            refused(request, error)
            mine = request.POST.get("loi", "")
    orders = list(roll.texts.values_list("order", flat=True))
    later = [one for one in orders if one > order]
    earlier = [one for one in orders if one < order]
    context: dict[str, Any] = {
        "roll": roll,
        "text": text,
        "mine": mine,
        "shown": text_mark(text.text),
        "said": [{**one, "nothing": says_nothing(one["text"])} for one in text.gathered],
        "editable": roll.state == RollState.DRAFT and can_consolidate(reach_of(request.user)),
        "reports": reach_of(request.user).everything,
        "place": orders.index(order) + 1,
        "count": len(orders),
        "next": later[0] if later else None,
        "previous": earlier[-1] if earlier else None,
    }
    return render(request, "plan/rolls/text.html", context, status=409 if mine else 200)


def _write(request: HttpRequest, roll: Consolidation, text: RollText) -> HttpResponse:
    shown, now = request.POST.get("da-hien", ""), timezone.now()
    if request.POST.get("lam") == "lay-lai":
        roll_text_reset(actor=request.user, roll=roll, order=text.order, shown=shown, now=now)
        messages.success(request, _("Đã lấy lại lời gom từ các đơn vị."))
    else:
        words = request.POST.get("loi", "")
        roll_text_edit(actor=request.user, roll=roll, order=text.order, text=words, shown=shown, now=now)
        messages.success(request, _("Đã lưu phần “%(title)s”.") % {"title": text.title})
    later = roll.texts.filter(order__gt=text.order).order_by("order").first()
    if request.POST.get("lam") == "luu-tiep" and later is not None:
        return redirect("plan-desk:roll-text", pk=roll.pk, order=later.order)
    return redirect("plan-desk:roll-text", pk=roll.pk, order=text.order)
