"""What the set-up offers to the other rooms: its duty of tidying up, and retries."""

from datetime import timedelta

from khcn.core.jobs import job_retry_handlers
from khcn.core.tasks import register_periodic
from khcn.markets.selectors.setup import STILL_JOB
from khcn.markets.services.clips import clips_sweep
from khcn.markets.services.stills import retry_still


def connect_setup() -> None:
    """Register the duty that removes what killed workers left, and the retry of stills."""
    if STILL_JOB not in job_retry_handlers:
        job_retry_handlers.register(STILL_JOB, retry_still)
    register_periodic("markets.clips", timedelta(minutes=5), clips_sweep)
