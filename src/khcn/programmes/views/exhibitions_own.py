"""The exhibitor's own page behind its secret link: the code, text, products, contacts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.api.limits import client_address
from khcn.core.gate import costly
from khcn.programmes.exports.exhibitions import contacts_table
from khcn.programmes.forms.exhibitions import CodeForm, ExhibitorForm, ProductForm, WishForm, new_key
from khcn.programmes.models.exhibitions import Exhibitor, ProductPicture, VisitorContact
from khcn.programmes.selectors.exhibitions import consents_of, contacts_of, exhibitor_by_token
from khcn.programmes.services.exhibitions import (
    exhibitor_code,
    exhibitor_prove,
    exhibitor_update,
    exhibitor_withdraw,
)
from khcn.programmes.services.exhibitions_contacts import contact_reply, contact_wish
from khcn.programmes.services.exhibitions_products import picture_remove, product_remove, product_save
from khcn.ui.deeds import secret, sent, told

METHODS = ["GET", "HEAD", "POST"]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _gone(request: HttpRequest) -> HttpResponseBase:
    return secret(render(request, "programmes/exhibitions/gone.html", status=404))


@costly("programmes.exhibitor-own", per_minute=60)
@require_http_methods(METHODS)
def exhibitor_own(request: HttpRequest, token: str) -> HttpResponseBase:
    """The page; before the code was given it asks for it and shows nothing else."""
    row = exhibitor_by_token(token)
    if row is None:
        return _gone(request)
    if row.proven_at is None:
        return secret(_code_page(request, row))
    kind = request.GET.get("tep", "")
    contacts = list(contacts_of(row)[:2000])
    if kind in {"xlsx", "csv"}:
        return secret(contacts_table(kind, contacts))
    others = (
        Exhibitor.objects.filter(programme=row.programme_id)
        .shown()
        .exclude(pk=row.pk)
        .exclude(contact_address="")
    )
    text, wish = ExhibitorForm(initial=ExhibitorForm.initial_of(row)), WishForm(choices=others)
    deed, status, now = request.POST.get("viec", ""), 200, timezone.now()
    if request.method == "POST":
        status, done = 422, False
        if deed == "sua":
            text = ExhibitorForm(request.POST)
            done = text.is_valid() and _updated(row, text, now)
        elif deed == "hen":
            wish = WishForm(request.POST, choices=others)
            done = wish.is_valid() and _wished(row, wish, now)
        elif deed == "tra-loi":
            _replied(request, row, contacts, now)
            return secret(redirect("programmes:exhibitor-own", token=token))
        elif deed == "rut":
            exhibitor_withdraw(exhibitor=row, now=now)
            done = True
        if done:
            messages.success(request, _("Đã ghi."))
            return secret(redirect("programmes:exhibitor-own", token=token))
    products = list(row.products.prefetch_related("pictures"))
    context: dict[str, Any] = {
        "exhibitor": row, "programme": row.programme, "text": text, "wish": wish, "products": products, "contacts": contacts,
        "given": consents_of(products), "booths": row.booths.select_related("plan"), "others": others.exists(),
    }  # fmt: skip
    return secret(render(request, "programmes/exhibitions/own.html", context, status=status))


def _updated(row: Exhibitor, form: ExhibitorForm, now: datetime) -> bool:
    values = form.exhibitor()
    return sent(form, lambda: exhibitor_update(actor=None, exhibitor=row, values=values, now=now)) is not None


def _wished(row: Exhibitor, form: WishForm, now: datetime) -> bool:
    data = form.cleaned_data
    done = sent(
        form,
        lambda: contact_wish(
            sender=row, exhibitor=data["exhibitor"], message=data["message"], agreed=data["agreed"], now=now
        ),
    )
    return done is not None


def _replied(request: HttpRequest, row: Exhibitor, contacts: Sequence[VisitorContact], now: datetime) -> None:
    number, reply = request.POST.get("lien-he", ""), request.POST.get("reply", "")
    contact = next((one for one in contacts if str(one.pk) == number), None)
    if contact is None:
        messages.error(request, _("Khách đã rút liên hệ này."))
    elif told(request, lambda: contact_reply(exhibitor=row, contact=contact, reply=reply, now=now)):
        messages.success(request, _("Đã gửi trả lời."))


def _proven(row: Exhibitor, form: CodeForm, now: datetime) -> bool:
    digits = form.cleaned_data["code"]
    return sent(form, lambda: exhibitor_prove(exhibitor=row, digits=digits, now=now)) is not None


def _code_page(request: HttpRequest, row: Exhibitor) -> HttpResponseBase:
    form, status, now = CodeForm(), 200, timezone.now()
    if request.method == "POST" and request.POST.get("viec") == "gui-lai":
        told(request, lambda: exhibitor_code(exhibitor=row, visitor=client_address(request), now=now))
        return redirect("programmes:exhibitor-own", token=row.token)
    if request.method == "POST":
        form, status = CodeForm(request.POST), 422
        if form.is_valid() and _proven(row, form, now):
            messages.success(request, _("Đã gửi đăng ký. Ban tổ chức sẽ trả lời bạn."))
            return redirect("programmes:exhibitor-own", token=row.token)
    context = {"exhibitor": row, "programme": row.programme, "form": form}
    return render(request, "programmes/exhibitions/own_code.html", context, status=status)


@costly("programmes.exhibitor-own", per_minute=60)
@require_http_methods(METHODS)
def exhibitor_product(request: HttpRequest, token: str, pk: int = 0) -> HttpResponseBase:
    """Add or change a product, with pictures; take one away."""
    row = exhibitor_by_token(token)
    if row is None or row.proven_at is None:
        return _gone(request)
    product = get_object_or_404(row.products, pk=pk) if pk else None
    now, status = timezone.now(), 200
    if request.method == "POST" and product and request.POST.get("viec") == "xoa":
        product_remove(actor=None, product=product, now=now)
        messages.success(request, _("Đã xóa sản phẩm."))
        return secret(redirect("programmes:exhibitor-own", token=token))
    if request.method == "POST" and product and request.POST.get("viec") == "xoa-anh":
        picture = get_object_or_404(ProductPicture, product=product, pk=_number(request.POST.get("anh", "")))
        picture_remove(actor=None, picture=picture, now=now)
        return secret(redirect("programmes:exhibitor-product", token=token, pk=product.pk))
    given = consents_of([product])[product.pk] if product else set()
    initial = ProductForm.initial_of(product, given) if product else {"client_key": new_key()}
    form = ProductForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            done = sent(
                form,
                lambda: product_save(
                    actor=None, exhibitor=row, product=product, values=form.product(), pictures=form.cleaned_data["pictures"],
                    client_key=form.cleaned_data["client_key"], now=now,
                ),
            )  # fmt: skip
            if done is not None:
                messages.success(request, _("Đã lưu sản phẩm."))
                return secret(redirect("programmes:exhibitor-own", token=token))
    context = {"exhibitor": row, "programme": row.programme, "product": product, "form": form}
    return secret(render(request, "programmes/exhibitions/own_product.html", context, status=status))
