"""Electricity bills: the year as a grid, one bill a screen, a sheet, a PDF that a person confirms, the baseline."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.models.jobs import Job
from khcn.energy.enums import BillSource
from khcn.energy.exports.bills import bill_columns, bills_response, bills_template
from khcn.energy.forms.bills import BillForm, FileForm
from khcn.energy.models import Bill, Contract, Site
from khcn.energy.selectors.bill_months import next_month
from khcn.energy.selectors.bill_reading import reading_of
from khcn.energy.selectors.bills import contracts_year, note_words, tariff_on, usual_dates, years_with_bills
from khcn.energy.selectors.setup import rights_of
from khcn.energy.services.bill_files import JOB_KIND, bill_file_drop, bill_upload
from khcn.energy.services.bills import bill_remove, bill_save, bills_take_in
from khcn.energy.views.setup_base import at, crumbs, managers_only, row_of, sent, site_of
from khcn.energy.views.setup_sheets import sheet_steps
from khcn.energy.views.setup_sites import GET_POST


def _way(site: Site, *pairs: tuple[str, str]) -> Any:
    return crumbs((_("Hóa đơn điện"), at("bills", site.key)), *pairs, site=site)


def _year(request: HttpRequest) -> int:
    text = request.GET.get("nam", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else timezone.localdate().year
    return year if 2000 <= year <= 2100 else timezone.localdate().year


@login_required
@require_safe
def bills(request: HttpRequest, key: str) -> HttpResponse:
    """Show the bills of a year as a grid of months, by contract."""
    site = site_of(request, key)
    year, today = _year(request), timezone.localdate()
    context = {
        "building": site,
        "rights": rights_of(request.user, site),
        "year": year,
        "years": years_with_bills(site, today),
        "contracts": contracts_year(site, year, today),
        "crumbs": crumbs((_("Hóa đơn điện"), ""), site=site),
    }
    return render(request, "energy/setup/bills.html", context)


@login_required
@require_http_methods(GET_POST)
def bill_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Type a bill of one month (``?thang=2026-03``)."""
    contract: Contract = row_of(request, Contract, pk)
    site = managers_only(request, contract.site)
    month = _month(request.GET.get("thang"))
    first, last = usual_dates(contract, month)
    tariff = tariff_on(contract, last)
    form = BillForm(
        request.POST or None,
        contracts=site.contracts.all(),
        timed=bool(tariff and tariff.time_of_use),
        fixed=True,
        initial={"starts_on": first, "ends_on": last},
    )
    if request.method == "POST" and form.is_valid():
        bill = sent(
            form,
            lambda: bill_save(
                actor=request.user, contract=contract, values=form.values(), now=timezone.now()
            ),
        )
        if bill is not None:
            _tell(request, bill)
            if request.POST.get("tiep"):
                return redirect(f"{at('bill-new', pk)}?thang={next_month(month):%Y-%m}")
            return redirect(f"{at('bills', site.key)}?nam={bill.ends_on.year}")
    context = {
        "building": site,
        "contract": contract,
        "month": month,
        "tariff": tariff,
        "form": form,
        "crumbs": _way(site, (_("Tháng %(m)s") % {"m": f"{month:%m/%Y}"}, "")),
    }
    return render(request, "energy/setup/bill.html", context)


def _month(text: str | None) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        today = timezone.localdate()
        return today.replace(day=1)


def _tell(request: HttpRequest, bill: Bill) -> None:
    messages.success(request, _("Đã lưu hóa đơn."))
    for note in bill.notes:
        messages.warning(request, note_words(note))


@login_required
@require_http_methods(GET_POST)
def bill_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a bill with what is odd about it; a POST changes or removes it."""
    bill = get_object_or_404(Bill.objects.select_related("contract__site__unit"), pk=pk)
    site = site_of(request, bill.contract.site.key)
    manager = rights_of(request.user, site).manage
    tariff = tariff_on(bill.contract, bill.ends_on)
    timed = bool(tariff and tariff.time_of_use) or bool(bill.kwh_peak or bill.kwh_off)
    names = [name for name in BillForm.base_fields if name != "contract"]
    form = BillForm(
        request.POST or None, contracts=site.contracts.all(), timed=timed, fixed=True,
        initial={name: getattr(bill, name) for name in names},
    )  # fmt: skip
    if request.method == "POST":
        managers_only(request, site)
        back = f"{at('bills', site.key)}?nam={bill.ends_on.year}"
        if request.POST.get("viec") == "xoa":
            sent(None, lambda: bill_remove(actor=request.user, bill=bill, now=timezone.now()))
            messages.success(request, _("Đã xóa hóa đơn."))
            return redirect(back)
        if form.is_valid():
            done = sent(
                form,
                lambda: bill_save(
                    actor=request.user,
                    contract=bill.contract,
                    values=form.values(),
                    bill=bill,
                    now=timezone.now(),
                ),
            )
            if done is not None:
                _tell(request, done)
                return redirect(back)
    context = {
        "building": site,
        "contract": bill.contract,
        "bill": bill,
        "notes": [note_words(note) for note in bill.notes],
        "form": form,
        "manager": manager,
        "crumbs": _way(site, (f"{bill.ends_on:%m/%Y}", "")),
    }
    return render(request, "energy/setup/bill.html", context)


@login_required
@require_http_methods(GET_POST)
def bill_sheet(request: HttpRequest, key: str) -> HttpResponseBase:
    """Give the sheet (``?tep=mau`` empty, ``?tep=co`` filled), take it back, show a preview, take it in."""
    site = managers_only(request, site_of(request, key))
    if request.GET.get("tep") in {"mau", "co"}:
        return bills_template(site, filled=request.GET["tep"] == "co")
    return sheet_steps(
        request,
        columns=bill_columns(site.contracts.all()),
        take_in=lambda rows: bills_take_in(actor=request.user, site=site, rows=rows, now=timezone.now()),
        done=at("bills", site.key),
        context={
            "title": _("Nhập hóa đơn từ Excel"),
            "crumbs": _way(site, (_("Từ Excel"), "")),
            "blocked": ""
            if site.contracts.exists()
            else _("Công trình chưa có hợp đồng nào. Hãy ghi hợp đồng trước."),
        },
    )


@login_required
@require_safe
def bills_export(request: HttpRequest, key: str, kind: str) -> HttpResponseBase:
    """Give all bills of a site as CSV or XLSX."""
    site = site_of(request, key)
    if kind not in {"csv", "xlsx"}:
        raise Http404
    return bills_response(site, kind)


@login_required
@require_http_methods(GET_POST)
@never_cache
def bill_pdf(request: HttpRequest, key: str) -> HttpResponse:
    """Take a PDF in, show how far it is read (``?viec=``), then what was found; a person confirms it."""
    site = managers_only(request, site_of(request, key))
    job = _job(request, site)
    if job is None:
        return _upload(request, site)
    reading = reading_of(job, site) if not job.is_active else None
    contracts = site.contracts.all()
    form = None
    if reading is not None:
        timed = bool(reading.start.get("kwh_peak") or reading.start.get("kwh_off"))
        start = {
            **reading.start,
            "contract": reading.start["contract"] or getattr(contracts.first(), "pk", None),
        }
        form = BillForm(request.POST or None, contracts=contracts, timed=timed, initial=start)
        if request.method == "POST" and form.is_valid():
            bill = sent(form, lambda: _confirmed(request, form, reading.text))
            if bill is not None:
                bill_file_drop(actor=request.user, job=job)
                _tell(request, bill)
                return redirect(f"{at('bills', site.key)}?nam={bill.ends_on.year}")
    context = {
        "building": site,
        "job": job,
        "reading": reading,
        "form": form,
        "address": f"{at('bill-pdf', site.key)}?viec={job.pk}",
        "crumbs": _way(site, (_("Từ PDF"), "")),
    }
    return render(request, "energy/setup/bill_pdf.html", context)


def _confirmed(request: HttpRequest, form: BillForm, text: str) -> Bill:
    return bill_save(
        actor=request.user,
        contract=form.cleaned_data["contract"],
        values=form.values(),
        source=BillSource.PDF,
        raw=text,
        now=timezone.now(),
    )


def _job(request: HttpRequest, site: Site) -> Job | None:
    text = request.GET.get("viec", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    own = Job.objects.filter(kind=JOB_KIND, actor_id=request.user.pk, arguments__site=site.pk)
    return get_object_or_404(own, pk=int(text))


def _upload(request: HttpRequest, site: Site) -> HttpResponse:
    form = FileForm(
        request.POST or None, request.FILES or None, label=_("Hóa đơn PDF"), accept=".pdf,application/pdf",
        hint=_("Bản điện tử tải từ trang của điện lực. Tệp được giữ kín và xóa ngay khi bạn lưu hóa đơn."),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        job = sent(
            form,
            lambda: bill_upload(
                actor=request.user, site=site, file=form.cleaned_data["file"], now=timezone.now()
            ),
        )
        if job is not None:
            return redirect(f"{reverse('energy-desk:setup-bill-pdf', args=[site.key])}?viec={job.pk}")
    context = {"building": site, "upload": form, "crumbs": _way(site, (_("Từ PDF"), ""))}
    return render(request, "energy/setup/bill_pdf.html", context)
