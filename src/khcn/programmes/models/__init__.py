"""The models of programmes, one module an area. Import them from their module; this only lets Django find them."""

from khcn.programmes.models import (
    attendance,
    certificates,
    consents,
    contests,
    curricula,
    curricula_runs,
    entries,
    evaluation,
    exhibitions,
    letters,
    programmes,
    readiness,
    registrations,
    support,
    topics,
    training,
)

__all__ = [
    "attendance",
    "certificates",
    "consents",
    "contests",
    "curricula",
    "curricula_runs",
    "entries",
    "evaluation",
    "exhibitions",
    "letters",
    "programmes",
    "readiness",
    "registrations",
    "support",
    "topics",
    "training",
]
