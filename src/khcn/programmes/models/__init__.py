"""The models of programmes, one module an area. Import them from their module; this only lets Django find them."""

from khcn.programmes.models import (
    attendance,
    certificates,
    consents,
    contests,
    entries,
    evaluation,
    exhibitions,
    letters,
    programmes,
    registrations,
    support,
)

__all__ = [
    "attendance",
    "certificates",
    "consents",
    "contests",
    "entries",
    "evaluation",
    "exhibitions",
    "letters",
    "programmes",
    "registrations",
    "support",
]
