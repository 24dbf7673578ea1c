"""What the set-up offers to the other rooms: its duties of tidying up."""

from datetime import timedelta

from khcn.core.tasks import register_periodic
from khcn.energy.services.plans import plans_revive
from khcn.energy.setup_store import sweep


def connect_setup() -> None:
    """Register the duties that remove forgotten uploads and start again plans whose worker died."""
    register_periodic("energy.uploads", timedelta(hours=1), sweep)
    register_periodic("energy.plans", timedelta(minutes=2), plans_revive)
