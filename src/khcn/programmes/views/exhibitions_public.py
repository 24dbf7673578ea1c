"""Public pages of exhibitions: the showcase, one exhibitor, the application, contacts."""

from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.api.limits import client_address
from khcn.core.gate import costly
from khcn.core.references import Reference, resolve
from khcn.programmes.enums import WITH_EXHIBITORS
from khcn.programmes.forms.exhibitions import ApplyForm, CodeForm, ContactForm, new_key
from khcn.programmes.models.exhibitions import Exhibitor, FloorPlan, ProductPicture
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.exhibitions import ExhibitorKind
from khcn.programmes.selectors.exhibitions import (
    contact_by_token,
    exhibitor_shown,
    halls,
    products_shown,
    publishable,
    showcase,
)
from khcn.programmes.selectors.programmes import public_programme
from khcn.programmes.services.exhibitions import exhibitor_apply, takes_exhibitors
from khcn.programmes.services.exhibitions_contacts import (
    contact_code,
    contact_confirm,
    contact_leave,
    contact_withdraw,
    takes_contacts,
)
from khcn.programmes.services.exhibitions_plan import PLANS
from khcn.programmes.services.exhibitions_products import PICTURES_OF_PRODUCTS
from khcn.programmes.views.base import words_in
from khcn.ui.deeds import secret, sent, told

PAGE: Final = 30


def _exhibition(key: str) -> Programme:
    programme = public_programme(key)
    if programme is None or programme.kind not in WITH_EXHIBITORS:
        raise Http404
    return programme


@costly("programmes.showcase", per_minute=60)
@require_safe
def exhibition(request: HttpRequest, key: str) -> HttpResponseBase:
    """Show who shows what, with the plan of the hall; the page stays after closing."""
    programme = _exhibition(key)
    query, kind = words_in(request.GET, "q", 100), request.GET.get("loai", "")
    kind = kind if kind in ExhibitorKind.values else ""
    page = Paginator(showcase(programme, query, kind), PAGE).get_page(request.GET.get("trang"))
    context = {
        "programme": programme, "page": page, "query": query, "kind": kind, "kinds": ExhibitorKind.choices,
        "halls": halls(programme), "open": takes_exhibitors(programme, timezone.now()),
    }  # fmt: skip
    return render(request, "programmes/exhibitions/showcase.html", context)


@costly("programmes.showcase", per_minute=60)
@require_http_methods(["GET", "HEAD", "POST"])
def exhibition_one(request: HttpRequest, key: str, one: str) -> HttpResponseBase:
    """Show one exhibitor; take a contact for it."""
    programme = _exhibition(key)
    exhibitor = exhibitor_shown(programme, one)
    if exhibitor is None:
        raise Http404
    opened = takes_contacts(exhibitor)
    form = ContactForm(request.POST or None, initial={"client_key": new_key()}) if opened else None
    status = 200
    if request.method == "POST" and form is not None:
        status = 422
        if form.is_valid():
            if form.is_robot:
                return redirect("programmes:exhibition-one", key=key, one=one)
            data = form.cleaned_data
            row = sent(
                form,
                lambda: contact_leave(
                    exhibitor=exhibitor, name=data["name"], address=data["address"], message=data["message"],
                    agreed=data["agreed"], wants_meeting=data["wants_meeting"], visitor=client_address(request),
                    client_key=data["client_key"], now=timezone.now(),
                ),
            )  # fmt: skip
            if row is not None:
                return secret(redirect("programmes:exhibition-contact", token=row.token))
    shown = products_shown(exhibitor)
    records = {
        one.product.pk: resolve(Reference.parse(one.product.record), request.user)
        for one in shown
        if one.product.record
    }
    context = {
        "programme": programme, "exhibitor": exhibitor, "products": [(one, records.get(one.product.pk)) for one in shown],
        "form": form, "booths": exhibitor.booths.select_related("plan"),
    }  # fmt: skip
    return render(request, "programmes/exhibitions/exhibitor.html", context, status=status)


@costly("programmes.exhibitor-apply", per_minute=20)
@require_http_methods(["GET", "HEAD", "POST"])
def exhibition_apply(request: HttpRequest, key: str) -> HttpResponseBase:
    """Apply: what you show, how you are reached; the code follows on the next page."""
    programme = _exhibition(key)
    opened = takes_exhibitors(programme, timezone.now())
    form = ApplyForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if form.is_robot:
                return redirect("programmes:exhibition", key=key)
            data = form.cleaned_data
            row = sent(
                form,
                lambda: exhibitor_apply(
                    programme=programme, values=form.exhibitor(), address=data["address"], visitor=client_address(request),
                    client_key=data["client_key"], now=timezone.now(),
                ),
            )  # fmt: skip
            if row is not None:
                return secret(redirect("programmes:exhibitor-own", token=row.token))
    context = {"programme": programme, "form": form, "open": opened}
    return render(request, "programmes/exhibitions/apply.html", context, status=status)


@costly("programmes.exhibition-contact", per_minute=30)
@require_http_methods(["GET", "HEAD", "POST"])
def exhibition_contact(request: HttpRequest, token: str) -> HttpResponseBase:
    """The visitor's own page: the code, the exhibitor's answer, taking it back."""
    contact = contact_by_token(token)
    if contact is None:
        return secret(render(request, "programmes/exhibitions/gone.html", status=404))
    form, status, now = CodeForm(), 200, timezone.now()
    deed = request.POST.get("viec", "")
    if request.method == "POST" and deed == "rut":
        contact_withdraw(actor=None, contact=contact, now=now)
        messages.success(request, _("Đã rút. Đơn vị trưng bày không còn thấy thông tin của bạn."))
        return secret(redirect("programmes:exhibition-contact", token=token))
    if request.method == "POST" and deed == "gui-lai":
        told(request, lambda: contact_code(contact=contact, visitor=client_address(request), now=now))
        return secret(redirect("programmes:exhibition-contact", token=token))
    if request.method == "POST":
        form, status = CodeForm(request.POST), 422
        if form.is_valid():
            done = sent(
                form,
                lambda: (contact_confirm(contact=contact, digits=form.cleaned_data["code"], now=now), True)[
                    1
                ],
            )
            if done:
                messages.success(request, _("Đã gửi liên hệ của bạn tới đơn vị trưng bày."))
                return secret(redirect("programmes:exhibition-contact", token=token))
    context = {"contact": contact, "exhibitor": contact.exhibitor, "form": form}
    return secret(render(request, "programmes/exhibitions/contact.html", context, status=status))


@require_safe
def exhibition_picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the picture of a product that may be shown; an exhibitor's own by its link (``?k=``)."""
    row = ProductPicture.objects.select_related("product__exhibitor__programme").filter(pk=pk).first()
    if row is None:
        raise Http404
    exhibitor: Exhibitor = row.product.exhibitor
    public = exhibitor.state == "accepted" and exhibitor.programme.is_public
    shown = public and (not row.product.by_pupils or row.product.pk in publishable([row.product]))
    if not shown and request.GET.get("k") != exhibitor.token:
        raise Http404
    return PICTURES_OF_PRODUCTS.response(row.name, f"san-pham-{pk}", inline=True)


@require_safe
def exhibition_plan_picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the picture of a hall."""
    plan = FloorPlan.objects.select_related("programme").filter(pk=pk).first()
    visible = (
        plan is not None and Programme.objects.visible_to(request.user).filter(pk=plan.programme_id).exists()
    )
    if plan is None or not plan.picture or not visible:
        raise Http404
    response: HttpResponse | HttpResponseBase = PLANS.response(plan.picture, f"so-do-{pk}", inline=True)
    return response
