"""What the market halls offer to the other rooms, registered when Django is ready."""

from datetime import timedelta

from khcn.core.api.shell import add_api_router
from khcn.core.demo import register_demo
from khcn.core.indicators import indicators
from khcn.core.references import resolvers
from khcn.core.tasks import register_periodic
from khcn.markets.api import router
from khcn.markets.desk_wiring import connect_desk
from khcn.markets.indicators import INDICATORS
from khcn.markets.selectors.references import MARKET_REFERENCE, resolve_markets
from khcn.markets.services.alerts import alerts_check
from khcn.markets.services.events import lunar_events_ensure
from khcn.markets.services.ingest import set_aside_take_in
from khcn.markets.services.rebalancing import occupancy_rebalance
from khcn.markets.services.retention import pictures_expire
from khcn.markets.services.rollups import rollups_refresh
from khcn.markets.setup_wiring import connect_setup


def connect() -> None:
    """Register the desk, periodic duties, the API, indicators and demo content."""
    connect_desk()
    connect_setup()
    resolvers.register(MARKET_REFERENCE, resolve_markets)
    add_api_router("/markets", router)
    for key, indicator in INDICATORS.items():
        indicators.register(key, indicator)
    register_periodic("markets.rollups", timedelta(minutes=1), rollups_refresh)
    register_periodic("markets.alerts", timedelta(minutes=2), alerts_check)
    register_periodic("markets.set_aside", timedelta(minutes=10), set_aside_take_in)
    register_periodic("markets.rebalancing", timedelta(hours=1), occupancy_rebalance)
    register_periodic("markets.pictures", timedelta(minutes=10), pictures_expire)
    register_periodic("markets.lunar", timedelta(days=1), lunar_events_ensure)
    register_demo("markets", 30, "khcn.markets.demo")
