"""Core's own periodic duties."""

from datetime import datetime, timedelta

from khcn.core.api.writes import answers_forget
from khcn.core.audit import audit_seal
from khcn.core.jobs import jobs_mark_stale
from khcn.core.outbox.services import outbox_deliver
from khcn.core.tasks import register_periodic


def _seal(_now: datetime) -> None:
    audit_seal()


def register_duties() -> None:
    """Register the duties of core; called once when the app is ready."""
    register_periodic("core.api_answers_forget", timedelta(hours=6), answers_forget)
    register_periodic("core.audit_seal", timedelta(minutes=1), _seal)
    register_periodic("core.jobs_mark_stale", timedelta(minutes=1), jobs_mark_stale)
    register_periodic("core.outbox_deliver", timedelta(seconds=20), outbox_deliver)
