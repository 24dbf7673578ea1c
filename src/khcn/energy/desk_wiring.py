"""What the energy programme offers to the desk, and the duty that keeps its pictures fresh."""

from datetime import timedelta

from khcn.core.jobs import job_retry_handlers
from khcn.core.tasks import register_periodic
from khcn.energy.desk_menu import ENERGY
from khcn.energy.services.prepared import charts_prepare
from khcn.energy.services.reports import KIND, retry_report
from khcn.ui.desk import desk_sections


def connect_desk() -> None:
    """Register the menu entries, the charts drawn ahead, and retries of reports."""
    if "energy" not in desk_sections:
        desk_sections.register("energy", ENERGY)
    if KIND not in job_retry_handlers:
        job_retry_handlers.register(KIND, retry_report)
    register_periodic("energy.charts", timedelta(hours=6), charts_prepare)
