"""The consent ledger: give, withdraw, ask what stands. One box a purpose; the text's version is kept with each."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.registry import Registry
from khcn.programmes.enums import ConsentBy, ConsentForm
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.consents import Consent, ConsentText
from khcn.programmes.models.programmes import Programme

withdrawal_followers: Registry[Any] = Registry("what follows a withdrawn consent")
"""Areas that show something by consent register ``follow(subject: str, purpose: str, now: datetime)``."""


def text_of(purpose: str, on: date) -> ConsentText:
    """Return the wording of a purpose in force on a day. :raises ProgrammeError: none is set."""
    row = ConsentText.objects.filter(purpose=purpose, valid_from__lte=on).order_by("-version").first()
    if row is None:
        raise ProgrammeError(_("Chưa có mẫu đồng ý cho mục đích này. Hãy báo quản trị."))
    return row


def consent_give(
    *,
    actor: Actor,
    programme: Programme | None,
    subject: str,
    purpose: str,
    now: datetime,
    subject_name: str = "",
    by: str = ConsentBy.SELF,
    by_name: str = "",
    form: str = ConsentForm.WEB,
    paper: str = "",
) -> Consent:
    """Enter one consent; the same again changes nothing. The caller checks rights or the secret link."""
    held = Consent.objects.filter(subject=subject, purpose=purpose, by=by, withdrawn_at=None)
    if (row := held.first()) is not None:
        return row
    try:
        with transaction.atomic():
            row = Consent.objects.create(
                programme=programme, subject=subject, subject_name=subject_name, purpose=purpose,
                text=text_of(purpose, local_date(now)), by=by, by_name=by_name, form=form, paper=paper,
                recorded_by_id=actor_id(actor), given_at=now,
            )  # fmt: skip
            audit_record(
                actor=actor, action="programmes.consent.give", target=row, after={"purpose": purpose}, at=now
            )
    except IntegrityError:  # the same form sent twice at once
        return held.get()
    return row


@transaction.atomic
def consent_withdraw(*, actor: Actor, subject: str, purpose: str, now: datetime, how: str = "") -> int:
    """Take back what stands of one purpose, whoever gave it; return how many rows. Pages and files follow at once."""
    rows = list(Consent.objects.filter(subject=subject, purpose=purpose, withdrawn_at=None))
    for row in rows:
        Consent.objects.filter(pk=row.pk, withdrawn_at=None).update(withdrawn_at=now, withdrawn_how=how[:60])
        audit_record(
            actor=actor, action="programmes.consent.withdraw", target=row, after={"purpose": purpose}, at=now
        )
    if rows:
        for follow in withdrawal_followers.all():
            follow(subject, purpose, now)
    return len(rows)


def consents_standing(subjects: Iterable[str], purpose: str) -> dict[str, set[str]]:
    """Return by subject who (:class:`ConsentBy`) has given a standing consent for a purpose. One query."""
    found: dict[str, set[str]] = {}
    rows = Consent.objects.filter(subject__in=list(subjects), purpose=purpose, withdrawn_at=None)
    for subject, by in rows.values_list("subject", "by"):
        found.setdefault(subject, set()).add(by)
    return found


def may_publish(given: set[str] | None, *, is_minor: bool) -> bool:
    """Whether a name or a picture may be shown: an adult's own word; a child's and its guardian's both."""
    held = given or set()
    if is_minor:
        return {ConsentBy.CHILD, ConsentBy.GUARDIAN} <= held
    return ConsentBy.SELF in held


def subjects_of(kind: str, pks: Iterable[int]) -> Sequence[str]:
    """Return the references of rows: ``subjects_of("registration", [1, 2])``."""
    return [f"programmes.{kind}:{pk}" for pk in pks]
