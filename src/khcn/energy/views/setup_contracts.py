"""Contracts with the seller of electricity and their groups of prices."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.energy.enums import PriceGroup
from khcn.energy.forms.sites import ContractForm, TariffForm
from khcn.energy.models import Contract
from khcn.energy.services.contracts import contract_save, tariff_assign, tariff_remove
from khcn.energy.setup_errors import RegisterError
from khcn.energy.views.setup_base import (
    at,
    crumbs,
    form_page,
    managers_only,
    posted_number,
    row_of,
    sent,
    site_of,
)
from khcn.energy.views.setup_sites import GET_POST
from khcn.engines.energy.pv.presets import PRICE_GROUP


@login_required
@require_http_methods(GET_POST)
def contract_new(request: HttpRequest, key: str) -> HttpResponse:
    """Add a contract, then go on to its group of prices."""
    site = managers_only(request, site_of(request, key))
    form = ContractForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = sent(
            form,
            lambda: contract_save(
                actor=request.user, site=site, values=form.cleaned_data, now=timezone.now()
            ),
        )
        if done is not None:
            messages.success(request, _("Đã thêm hợp đồng. Hãy chọn nhóm giá để tính tiền."))
            return redirect(at("contract", done.pk))
    return form_page(
        request, form, title=_("Thêm hợp đồng mua điện"), way=crumbs(site=site), submit=_("Thêm hợp đồng")
    )


@login_required
@require_http_methods(GET_POST)
def contract_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a contract with its groups; a POST changes it, assigns a group from a day on, or takes one back."""
    contract = row_of(request, Contract, pk)
    site = managers_only(request, contract.site)
    deed = request.POST.get("viec", "")
    names = list(ContractForm.base_fields)
    form = ContractForm(
        request.POST if deed == "hop-dong" else None,
        initial={name: getattr(contract, name) for name in names},
    )
    group = PRICE_GROUP.get(site.kind, PriceGroup.PUBLIC_ADMIN)
    first = not contract.tariffs.exists()
    start = {"group": group, "valid_from": contract.valid_from if first else None}
    tariff = TariffForm(request.POST if deed == "nhom-gia" else None, initial=start)
    now = timezone.now()
    if deed == "bo-nhom-gia":
        row = get_object_or_404(contract.tariffs, pk=posted_number(request, "dong"))
        try:
            sent(None, lambda: tariff_remove(actor=request.user, tariff=row, now=now))
        except RegisterError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("Đã bỏ nhóm giá."))
        return redirect(at("contract", pk))
    done: object = None
    if form.is_bound and form.is_valid():
        done = sent(
            form,
            lambda: contract_save(
                actor=request.user, site=site, values=form.cleaned_data, contract=contract, now=now
            ),
        )
    elif tariff.is_bound and tariff.is_valid():
        done = sent(
            tariff,
            lambda: tariff_assign(actor=request.user, contract=contract, now=now, **tariff.cleaned_data),
        )
    if done is not None:
        messages.success(request, _("Đã lưu hợp đồng."))
        return redirect(at("contract", pk))
    context = {
        "contract": contract,
        "building": site,
        "form": form,
        "tariff": tariff,
        "tariffs": contract.tariffs.order_by("-valid_from"),
        "crumbs": crumbs((contract.customer_code, ""), site=site),
        "today": timezone.localdate(),
    }
    return render(request, "energy/setup/contract.html", context)
