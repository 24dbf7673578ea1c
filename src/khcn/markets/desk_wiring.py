"""What the market halls offer to the desk, and the duties that keep its pages fresh."""

from datetime import timedelta

from khcn.core.jobs import job_retry_handlers
from khcn.core.tasks import register_periodic
from khcn.markets.desk_menu import MARKETS
from khcn.markets.services.prepared import charts_prepare, prepared_refresh
from khcn.markets.services.reports import KIND, retry_report
from khcn.ui.desk import desk_sections


def connect_desk() -> None:
    """Register the menu entries, the nightly results, the charts drawn ahead, and retries of reports."""
    if "markets" not in desk_sections:
        desk_sections.register("markets", MARKETS)
    if KIND not in job_retry_handlers:
        job_retry_handlers.register(KIND, retry_report)
    register_periodic("markets.prepared", timedelta(hours=24), prepared_refresh)
    register_periodic("markets.charts", timedelta(minutes=5), charts_prepare)
