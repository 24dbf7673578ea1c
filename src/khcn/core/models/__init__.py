"""Core's tables."""

from khcn.core.models.audit import AuditEvent
from khcn.core.models.jobs import Job

__all__ = ["AuditEvent", "Job"]
