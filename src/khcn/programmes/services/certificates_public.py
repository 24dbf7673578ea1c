"""What the public page says about a certificate's code; a pupil's name only by initials unless both consents stand."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from khcn.programmes.enums import ConsentPurpose
from khcn.programmes.models.certificates import Certificate
from khcn.programmes.rules.certificates import initials
from khcn.programmes.services.consents import consents_standing, may_publish, subjects_of
from khcn.programmes.tokens import clean_code


@dataclass(frozen=True, slots=True)
class Verified:
    """What the public page says about a code: nothing but this leaves."""

    name: str
    organisation: str
    title: str
    programme: str
    unit: str
    decision: str
    decision_date: date | None
    issued_on: date | None
    revoked_on: Any = None
    replaced: bool = False
    shortened: bool = False


def certificate_verified(typed: str) -> Verified | None:
    """Return what a code proves; unknown codes, drafts and nonsense are all ``None``. Always one query to find it."""
    row = (
        Certificate.objects.issued()
        .select_related("batch__programme__unit", "registration")
        .filter(code=clean_code(typed[:200]))
        .first()
    )
    return None if row is None else _told(row)


def _told(row: Certificate) -> Verified:
    batch, name = row.batch, row.name
    hidden = row.registration.is_minor and not _consented(row)
    return Verified(
        name=initials(name) if hidden else name, shortened=hidden, organisation=row.organisation, title=batch.title,
        programme=batch.programme.title, unit=batch.programme.unit.name, decision=batch.decision_number,
        decision_date=batch.decision_date, issued_on=row.issued_on, revoked_on=row.revoked_at,
        replaced=row.superseded_by_id is not None,
    )  # fmt: skip


def _consented(row: Certificate) -> bool:
    (subject,) = subjects_of("registration", [row.registration_id])
    given = consents_standing([subject], ConsentPurpose.PUBLICATION)
    return may_publish(given.get(subject), is_minor=True)
