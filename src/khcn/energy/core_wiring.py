"""What the energy programme registers: API, periodic duties, indicators, references, demo content."""

from datetime import timedelta

from khcn.core.api.shell import add_api_router
from khcn.core.demo import register_demo
from khcn.core.indicators import indicators
from khcn.core.references import resolvers
from khcn.core.tasks import register_periodic
from khcn.energy.api import router
from khcn.energy.indicators import INDICATORS
from khcn.energy.selectors.references import SITE_REFERENCE, resolve_sites
from khcn.energy.services.alerts import alerts_check
from khcn.energy.services.connection_tests import tests_expire
from khcn.energy.services.figures import days_finish, figures_refresh
from khcn.energy.services.findings import findings_hourly, findings_nightly
from khcn.energy.services.kpis import kpis_refresh
from khcn.energy.services.retention import readings_expire
from khcn.energy.services.seed import tables_seed
from khcn.energy.services.set_aside import set_aside_take_in


def connect_core() -> None:
    """Register this part."""
    resolvers.register(SITE_REFERENCE, resolve_sites)
    add_api_router("/energy", router)
    for key, indicator in INDICATORS.items():
        indicators.register(key, indicator)
    register_periodic("energy.figures", timedelta(minutes=1), figures_refresh)
    register_periodic("energy.alerts", timedelta(minutes=5), alerts_check)
    register_periodic("energy.tests", timedelta(minutes=2), tests_expire)
    register_periodic("energy.set_aside", timedelta(minutes=10), set_aside_take_in)
    register_periodic("energy.days", timedelta(hours=1), days_finish)
    register_periodic("energy.findings", timedelta(hours=1), findings_hourly)
    register_periodic("energy.survey", timedelta(days=1), findings_nightly)
    register_periodic("energy.kpis", timedelta(hours=1), kpis_refresh)
    register_periodic("energy.retention", timedelta(hours=1), readings_expire)
    register_periodic("energy.tables", timedelta(days=1), tables_seed)
    register_demo("energy", 40, "khcn.energy.demo")
