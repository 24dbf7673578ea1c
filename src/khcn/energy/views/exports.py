"""Downloads: of one site, and of everything that a person reads."""

from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.core.dates import span_between
from khcn.core.exports.tables import table_response
from khcn.energy.exports.programme import compare_listing, sites_listing
from khcn.energy.exports.series import (
    Listing,
    bills_listing,
    channels_listing,
    days_listing,
    events_listing,
    findings_listing,
    intervals_listing,
    kpis_listing,
    months_listing,
)
from khcn.energy.models import Site
from khcn.energy.selectors.compare import comparison
from khcn.energy.selectors.findings import findings_for
from khcn.energy.selectors.overview import KINDS, overview, visible_sites
from khcn.energy.tables.site_page import site_tabs
from khcn.energy.views.access import readable_site, require_desk
from khcn.energy.views.params import year_in

KIND_NAMES = ("csv", "xlsx")
LONGEST = 10 * 366
LONGEST_QUARTERS = {"csv": 3 * 366, "xlsx": 366}
_OF_SITE = {
    "ngay": days_listing,
    "khoang": intervals_listing,
    "kenh-do": channels_listing,
    "chi-so": kpis_listing,
    "hoa-don": bills_listing,
    "ghi-nhan": events_listing,
}


@login_required
@require_safe
def download_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show what can be downloaded of a site."""
    place = readable_site(request, key)
    today = timezone.localdate()
    context = {
        "place": place,
        "tabs": site_tabs(place, "downloads"),
        "first": today - timedelta(days=365),
        "today": today,
    }
    return render(request, "energy/desk/downloads.html", context)


@login_required
@require_safe
def site_export(request: HttpRequest, key: str, what: str, kind: str) -> HttpResponseBase:
    """Give days, months, quarters of an hour, channels, key figures, faults, bills or events of a site."""
    place = readable_site(request, key)
    if kind not in KIND_NAMES:
        raise Http404
    first, last = _span(request, LONGEST_QUARTERS[kind] if what == "khoang" else LONGEST)
    return _response(_of_site(request, place, what, first, last), kind)


def _of_site(request: HttpRequest, place: Site, what: str, first: date, last: date) -> Listing:
    if what == "thang":
        return months_listing([place], first, last, f"{place.key}-thang")
    if what == "su-co":
        rows = findings_for(request.user, site=place, box="tat-ca").filter(
            ends_at__date__gte=first, starts_at__date__lte=last
        )
        return findings_listing(rows, f"{place.key}-su-co")
    if what not in _OF_SITE:
        raise Http404
    return _OF_SITE[what](place, first, last)


def _span(request: HttpRequest, longest: int) -> tuple[date, date]:
    today = timezone.localdate()
    return span_between(
        request.GET.get("tu"),
        request.GET.get("den"),
        fallback=(today - timedelta(days=365), today),
        longest=longest,
    )


@login_required
@require_safe
def programme_export(request: HttpRequest, what: str, kind: str) -> HttpResponseBase:
    """Give the sites, their months, all faults, or the comparison."""
    require_desk(request)
    if kind not in KIND_NAMES:
        raise Http404
    today = timezone.localdate()
    if what == "cong-trinh":
        return _response(sites_listing(overview(request.user, timezone.now())), kind)
    if what == "thang":
        first, last = _span(request, LONGEST)
        sites = visible_sites(request.user, today)
        return _response(months_listing(sites, first, last, "nang-luong-thang"), kind)
    if what == "su-co":
        return _response(findings_listing(findings_for(request.user, box="tat-ca"), "nang-luong-su-co"), kind)
    if what == "so-sanh":
        group = request.GET.get("loai", "")
        year = year_in(request.GET.get("nam"), today.year) if request.GET.get("nam") else None
        found = comparison(
            request.user,
            today,
            year=None if year == today.year and today.month == 1 else year,
            kind=group if group in KINDS else "",
            by_unit=request.GET.get("gop", "") == "don-vi",
        )
        return _response(compare_listing(found), kind)
    raise Http404


def _response(listing: Listing, kind: str) -> HttpResponseBase:
    return table_response(kind, listing.columns, listing.rows, listing.name)
