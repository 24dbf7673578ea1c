"""Reads that every area begins with: one programme by reader, its sessions, whether it is over."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from khcn.programmes.models.programmes import Programme, Session


def programme_of(user: Any, pk: int, on: date | None = None) -> Programme | None:
    """Return a programme that ``user`` may read, with its unit; ``None`` when there is none."""
    return Programme.objects.visible_to(user, on).select_related("unit").filter(pk=pk).first()


def public_programme(key: str) -> Programme | None:
    """Return what everybody may see under an address."""
    return Programme.objects.public().select_related("unit").filter(key=key).first()


def sessions_of(programme: Programme) -> QuerySet[Session]:
    """Return the sessions of a programme by time, cancelled ones included."""
    return programme.sessions.order_by("starts_at", "pk")
