"""Core's tables."""

from khcn.core.models.api import ApiAnswer, ApiToken
from khcn.core.models.audit import AuditEvent
from khcn.core.models.calendar import CalendarDay, CalendarYear
from khcn.core.models.jobs import Job
from khcn.core.models.outbox import Message
from khcn.core.models.periodic import PeriodicRun

__all__ = [
    "ApiAnswer",
    "ApiToken",
    "AuditEvent",
    "CalendarDay",
    "CalendarYear",
    "Job",
    "Message",
    "PeriodicRun",
]
