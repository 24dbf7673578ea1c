"""Charts drawn ahead: whoever opens the overview, a site's month or year finds the picture ready. Runs in the worker."""

from datetime import datetime
from typing import Final

from django.utils import timezone

from khcn.core.months import Month, months_between
from khcn.energy.charts import month_chart, programme_months, public_months, year_chart
from khcn.energy.evidence import evidence_chart
from khcn.energy.models import Finding, Site
from khcn.energy.selectors.months import months_of_sites
from khcn.energy.selectors.overview import programme_of
from khcn.energy.selectors.public import MONTHS_CHARTED, public_page, public_programme
from khcn.energy.selectors.site_page import days_of
from khcn.ui.charts.store import chart_request

MOST_EVIDENCE: Final = 200


def charts_prepare(now: datetime) -> int:
    """Ask for the pictures of the overview, of every site's running month and of its year; return how many."""
    today = timezone.localtime(now).date()
    sites = list(Site.objects.in_force(today).select_related("unit"))
    programme = programme_of(sites, now)
    charts = [programme_months(programme.by_month, today)]
    this = Month.of(today)
    year = months_between(Month(this.year, 1), this)
    stored = months_of_sites([site.pk for site in sites], year[0], this)
    for site in sites:
        mine = stored.get(site.pk, {})
        if not mine:
            continue
        shown = [(month, mine[month]) for month in year if month in mine]
        charts.append(year_chart(site.name, this.year, shown, today))
        charts.append(month_chart(site.name, this, days_of(site, this.first, this.last), today))
    published = public_programme(now)
    charts.append(public_months("", published.months))
    for line in published.sites:
        page = public_page(line.site.key, now)
        if page is not None:
            charts.append(public_months(line.site.name, page.months[:MONTHS_CHARTED][::-1]))
    for finding in Finding.objects.filter(site__in=sites).unsettled().select_related("site")[:MOST_EVIDENCE]:
        charts.append(evidence_chart(finding))
    wanted = [chart for chart in charts if chart is not None]
    for chart in wanted:
        chart_request(chart)
    return len(wanted)
