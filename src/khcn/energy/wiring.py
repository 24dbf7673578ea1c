"""What the energy programme offers to the other rooms, registered when Django is ready."""

from khcn.energy.core_wiring import connect_core
from khcn.energy.desk_wiring import connect_desk
from khcn.energy.setup_wiring import connect_setup


def connect() -> None:
    """Register duties, API, indicators, demo content, desk pages and set-up."""
    connect_core()
    connect_desk()
    connect_setup()
