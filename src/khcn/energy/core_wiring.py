"""What the energy programme registers: API, periodic duties, indicators, demo content."""

from datetime import timedelta

from khcn.core.api.shell import add_api_router
from khcn.core.tasks import register_periodic
from khcn.energy.api import router
from khcn.energy.services.connection_tests import tests_expire
from khcn.energy.services.set_aside import set_aside_take_in


def connect_core() -> None:
    """Register this part."""
    add_api_router("/energy", router)
    register_periodic("energy.tests", timedelta(minutes=2), tests_expire)
    register_periodic("energy.set_aside", timedelta(minutes=10), set_aside_take_in)
